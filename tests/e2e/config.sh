#!/usr/bin/env bash
# The configuration, from the sample to what a command makes of it.   config.sh GNOMON
set -uo pipefail
gnomon=$(realpath "$1")
cd "$(dirname "$0")/../.."
capture=$PWD/pcaps/api/curl-tls13.pcap
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
# expect NAME CODE PATTERN COMMAND...: exit code, and what some line of the output matches.
expect() {
  local name=$1 code=$2 pattern=$3 got
  shift 3
  "$@" >"$scratch/out" 2>&1 </dev/null
  got=$?
  if [ "$got" -ne "$code" ] || { [ -n "$pattern" ] && ! grep -qE -- "$pattern" "$scratch/out"; }; then
    failed=1
    echo "FAILED $name: exit code $got, wanted $code; output, wanted /$pattern/:"
    head -n 5 "$scratch/out"
  fi
}

"$gnomon" config sample >"$scratch/sample.yaml"
expect 'the sample is good' 0 'sample.yaml: good' "$gnomon" config check "$scratch/sample.yaml"
sed -E 's/^  #([a-z])/  \1/' "$scratch/sample.yaml" >"$scratch/all.yaml"
expect 'and with every setting written out' 0 good "$gnomon" config check "$scratch/all.yaml"
# What is shown, loaded again, shows the same values.
strip() { sed -E 's/ +#.*//'; }
"$gnomon" config show --config "$scratch/all.yaml" | strip >"$scratch/shown.yaml"
"$gnomon" config show --config "$scratch/shown.yaml" | strip | cmp - "$scratch/shown.yaml" || failed=1
expect 'where it comes from' 0 'max: 2000000 +# .*all.yaml:[0-9]+' "$gnomon" config show --config "$scratch/all.yaml"
expect 'an option over it' 0 'max: 5000 +# --set' "$gnomon" config show --config "$scratch/all.yaml" --set flows.max=5000
expect 'as JSON' 0 '"flows.max": \{"value":"2000000"' "$gnomon" config show --json --config "$scratch/all.yaml"
"$gnomon" config show --json --config "$scratch/all.yaml" | python3 -c 'import json,sys; json.load(sys.stdin)' || failed=1

cat >"$scratch/bad.yaml" <<'YAML'
flows:
  max: many
  maks: 7
log:
  level: loud
capture:
  filter: tcp porto 443
YAML
expect 'all problems at once' 1 'bad.yaml:2: .*whole number' "$gnomon" config check "$scratch/bad.yaml"
for said in "bad.yaml:3: .*'flows.max' meant" 'bad.yaml:5: .*debug, info' 'bad.yaml:7: .*filter'; do
  grep -qE "$said" "$scratch/out" || { failed=1; echo "FAILED not said: $said"; cat "$scratch/out"; }
done
expect 'a command refuses it' 1 'bad.yaml:2' "$gnomon" replay --config "$scratch/bad.yaml" --db "$scratch/db" "$capture"
[ -e "$scratch/db" ] && { failed=1; echo 'FAILED an inventory was made all the same'; }
# What a capture reads and would refuse is read by the check as well, and --set counts.
mkdir "$scratch/local"
echo 'apps: [' >"$scratch/local/own.yaml"
expect 'broken local signatures' 1 'local/own.yaml' "$gnomon" config check --set "signatures.local=$scratch/local" "$scratch/sample.yaml"
expect 'broken local detectors' 1 'local/own.yaml' "$gnomon" config check --set "content.local_detectors=$scratch/local" "$scratch/sample.yaml"
expect 'a broken learnt table' 1 'learnt_table.*own.yaml' "$gnomon" config check --set "content.learnt_table=$scratch/local/own.yaml" "$scratch/sample.yaml"
expect 'broken learnt documents' 1 'learnt_documents.*own.yaml' "$gnomon" config check --set "content.learnt_documents=$scratch/local/own.yaml" "$scratch/sample.yaml"
expect 'no such setting' 1 'foo.bar' "$gnomon" config check --set foo.bar=1 "$scratch/sample.yaml"
expect 'a value that is out of range' 1 'flows.max' "$gnomon" config check --set flows.max=1 "$scratch/sample.yaml"
expect 'a folder that is not there' 1 '/nowhere: No such' "$gnomon" config check --set events.file=/nowhere/eve.json "$scratch/sample.yaml"
expect 'no such file' 1 'nowhere.yaml: No such file' "$gnomon" config check "$scratch/nowhere.yaml"
expect 'a folder' 1 'is a folder' "$gnomon" config check "$scratch"
expect 'no such word' 1 "'chek' is none of" "$gnomon" config chek
expect 'too many words' 1 'unexpected argument' "$gnomon" config show one

# A setting does what it says.
printf 'events:\n  file: %s\ninventory:\n  database: %s\n' "$scratch/eve.json" "$scratch/own.db" >"$scratch/good.yaml"
expect 'a replay with it' 0 '' "$gnomon" replay --config "$scratch/good.yaml" "$capture"
[ -s "$scratch/eve.json" ] && [ -s "$scratch/own.db" ] || { failed=1; echo 'FAILED the settings were not used'; }
expect 'an option wins' 0 '' "$gnomon" replay --config "$scratch/good.yaml" --events "$scratch/other.json" --db "$scratch/two.db" "$capture"
[ -s "$scratch/other.json" ] && [ -s "$scratch/two.db" ] || { failed=1; echo 'FAILED the options were not used'; }

# Nobody runs.
expect 'status of nobody' 2 'no sensor runs' "$gnomon" status --set "service.status_socket=$scratch/none.sock"
exit $failed
