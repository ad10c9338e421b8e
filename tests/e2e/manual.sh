#!/usr/bin/env bash
# The manual pages and bash's completion know every command and option that the program has.
#   manual.sh GNOMON
set -uo pipefail
gnomon=$(realpath "$1")
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() { echo "FAILED $*"; failed=1; }

python3 packaging/man/make_man.py --gnomon "$gnomon" --output "$scratch" --date 2026-01-01 || exit 1
tr -d '\\' <"$scratch/gnomon.1" >"$scratch/plain"
mapfile -t commands < <("$gnomon" --help | sed -n '/^Commands$/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
[ ${#commands[@]} -ge 10 ] || fail "only ${#commands[@]} commands found"
options_of() { "$gnomon" "$@" --help | sed -n 's/^  \(-. \[ \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p'; }
# What TAB offers behind these words.
offered() {
  bash -c '. packaging/completion/gnomon.bash; PATH=$1:$PATH; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gnomon; printf "%s\n" "${COMPREPLY[@]}"' \
    _ "$(dirname "$gnomon")" "$@"
}

offered gnomon '' >"$scratch/offered"
for command in "${commands[@]}"; do
  grep -q "^.SS fBgnomon $command" "$scratch/plain" || fail "$command is not in the manual"
  grep -qx -- "$command" "$scratch/offered" || fail "$command is not offered"
  for option in $(options_of "$command"); do
    [ "$option" = --help ] && continue
    grep -q -- "fB$option" "$scratch/plain" || fail "$command $option is not in the manual"
    offered gnomon "$command" -- >"$scratch/options"
    grep -qx -- "$option" "$scratch/options" || fail "$command $option is not offered"
  done
done
for option in $(options_of signatures check); do
  offered gnomon signatures check -- | grep -qx -- "$option" || fail "signatures check $option is not offered"
done
for action in check list test sign; do
  offered gnomon signatures '' | grep -qx "$action" || fail "signatures $action is not offered"
done
offered gnomon inventory ./README | grep -qx ./README.md || fail 'files are not offered'
offered gnomon review chatgpt --status '' | grep -qx sanctioned || fail 'states of reviews are not offered'

if command -v mandoc >/dev/null; then
  mandoc -T lint -W warning "$scratch"/gnomon.*[15] || fail 'mandoc has warnings'
fi
[ "$failed" -eq 0 ] && echo "${#commands[@]} commands"
exit "$failed"
