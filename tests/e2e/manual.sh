#!/usr/bin/env bash
# The manual pages and bash's completion know every command and option that the program has.
#   manual.sh GNOMON
set -uo pipefail
gnomon=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() { echo "FAILED $*"; failed=1; }

# The program tells each help once: an unoptimised build takes long to start.
mkdir "$scratch/said"
cat >"$scratch/gnomon" <<EOF
#!/usr/bin/env bash
said="$scratch/said/\$*"
[ -e "\$said" ] || "$gnomon" "\$@" >"\$said" 2>/dev/null
cat "\$said"
EOF
chmod +x "$scratch/gnomon"
gnomon=$scratch/gnomon
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
# No pipe into grep -q: what is cut off by its early end would be a failure (pipefail).
offers() { grep -qx -- "$1" <<<"$(offered "${@:2}")"; }

offered gnomon '' >"$scratch/offered"
for command in "${commands[@]}"; do
  grep -q "^.SS fBgnomon $command" "$scratch/plain" || fail "$command is not in the manual"
  grep -qx -- "$command" "$scratch/offered" || fail "$command is not offered"
  offered gnomon "$command" -- >"$scratch/options"
  for option in $(options_of "$command"); do
    [ "$option" = --help ] && continue
    grep -q -- "fB$option" "$scratch/plain" || fail "$command $option is not in the manual"
    grep -qx -- "$option" "$scratch/options" || fail "$command $option is not offered"
  done
done
for option in $(options_of signatures check); do
  offers "$option" gnomon signatures check -- || fail "signatures check $option is not offered"
done
for action in check list test sign; do
  offers "$action" gnomon signatures '' || fail "signatures $action is not offered"
done
offers text gnomon show app --format '' || fail 'the format text is not offered'
offers --json gnomon config show -- || fail 'config show --json is not offered'
offers ./README.md gnomon inventory ./README || fail 'files are not offered'
for status in sanctioned tolerated unsanctioned under-review unreviewed; do
  offers "$status" gnomon review chatgpt --status '' || fail "the status $status is not offered"
done

if command -v mandoc >/dev/null; then
  mandoc -T lint -W warning "$scratch"/gnomon.*[15] || fail 'mandoc has warnings'
fi
[ "$failed" -eq 0 ] && echo "${#commands[@]} commands"
exit "$failed"
