#!/usr/bin/env bash
# tidy, backup and verify as users run them: exit codes, messages, what is left in the folder.
#   keeping.sh GNOMON
set -uo pipefail
gnomon=$(realpath "$1")
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

# expect NAME CODE PATTERN COMMAND...: the exit code, and what its output must match ("" for nothing).
expect() {
  local name=$1 code=$2 pattern=$3 got
  shift 3
  "$@" >"$scratch/out" 2>&1 </dev/null
  got=$?
  if [ "$got" -eq "$code" ] && { [ -z "$pattern" ] || grep -qE -- "$pattern" "$scratch/out"; }; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name: exit code $got, wanted $code; output, wanted /$pattern/:"
    head -n 5 "$scratch/out"
  fi
}
check() {
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name"; fi
}
db=$scratch/gnomon.db
"$gnomon" replay --db "$db" pcaps/api >/dev/null 2>"$scratch/err" || { cat "$scratch/err"; exit 1; }
rows() { sqlite3 "$1" 'SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM app_hour)'; }
before=$(rows "$db")

expect 'a sound inventory' 0 'ok +hours' "$gnomon" verify --db "$db"
expect 'quietly' 0 '' "$gnomon" verify -q --db "$db"
check 'quiet is quiet' test ! -s "$scratch/out"
expect 'verify: nothing there' 2 'nowhere.db' "$gnomon" verify --db "$scratch/nowhere.db"
# Keys alone can read what they were used for: nothing goes over them.
"$gnomon" replay --db "$scratch/y.db" --pseudonyms --key-file "$scratch/y.key" pcaps/sdk/openai.pcap \
  >/dev/null 2>&1
cp "$scratch/y.key" "$scratch/kept.key"
expect 'events over the key' 1 'one file' "$gnomon" replay --db "$scratch/y.db" --again --pseudonyms \
  --key-file "$scratch/y.key" --events "$scratch/y.key" pcaps/sdk/openai.pcap
expect 'an export over the key' 1 'the key of pseudonyms' "$gnomon" export csv --db "$scratch/y.db" -o "$scratch/y.key"
expect 'a copy over the key' 1 'the key of pseudonyms' "$gnomon" backup --db "$scratch/y.db" "$scratch/y.key" --force
check 'the key is as it was' cmp -s "$scratch/y.key" "$scratch/kept.key"
printf 'CLIENT_RANDOM %064d %096d\n' 1 2 >"$scratch/keys"
expect 'events over a key log' 1 'one file' "$gnomon" replay --db "$scratch/z.db" --keylog "$scratch/keys" \
  --events "$scratch/keys" pcaps/sdk/openai.pcap

expect 'verify: stray word' 1 'unexpected' "$gnomon" verify --db "$db" stray

expect 'a backup' 0 'copy.db' "$gnomon" backup "$scratch/copy.db" --db "$db"
check 'a backup is for its owner' test "$(stat -c %a "$scratch/copy.db")" = 600
check 'a backup holds the same' test "$(rows "$scratch/copy.db")" = "$before"
expect 'a backup is sound' 0 '' "$gnomon" verify --db "$scratch/copy.db"
expect 'a second backup' 2 'copy.db: .*--force' "$gnomon" backup "$scratch/copy.db" --db "$db"
expect 'a second backup, by force' 0 '' "$gnomon" backup "$scratch/copy.db" --db "$db" --force
expect 'a backup onto itself' 2 'itself' "$gnomon" backup "$db" --db "$db" --force
expect 'a backup to nowhere' 2 'nowhere' "$gnomon" backup "$scratch/nowhere/copy.db" --db "$db"
expect 'a backup of nothing' 2 'nowhere.db' "$gnomon" backup "$scratch/x.db" --db "$scratch/nowhere.db"
expect 'a backup without a name' 1 'FILE is missing' "$gnomon" backup --db "$db"
check 'no parts are left' bash -c "! ls '$scratch' | grep -q part"

# Days count from the last packet, however old the captures are.
expect 'nothing is too old' 0 'nothing is old enough' "$gnomon" tidy --db "$db"
check 'nothing went' test "$(rows "$db")" = "$before"
sqlite3 "$db" "UPDATE app_hour SET hour = hour - 24 * 500;
  UPDATE sighting SET first_seen_ns = first_seen_ns - 86400000000000 * 500"
expect 'what would go' 0 'hours: .* would be removed' "$gnomon" tidy --db "$db" --dry-run
check 'a dry run removes nothing' test "$(rows "$db")" = "$before"
expect 'hours go' 0 'hours: .* removed' "$gnomon" tidy --db "$db"
check 'hours went' test "$(sqlite3 "$db" 'SELECT count(*) FROM app_hour')" = 0
check 'it is counted' test "$(sqlite3 "$db" "SELECT rows_removed > 0 FROM v_retention WHERE subject = 'hours'")" = 1
expect 'still sound' 0 '' "$gnomon" verify --db "$db"
sqlite3 "$db" 'UPDATE sighting SET first_seen_ns = first_seen_ns - 86400000000000 * 1000,
  last_seen_ns = last_seen_ns - 86400000000000 * 1000'
expect 'sightings go' 0 'sightings: ' "$gnomon" tidy --db "$db"
check 'sightings went' test "$(sqlite3 "$db" 'SELECT count(*) FROM sighting')" = 0
expect 'from today' 0 '' "$gnomon" tidy --db "$db" --today
expect 'too few hours' 1 '30 days' "$gnomon" tidy --db "$db" --keep-hours '5 d'
expect 'no size' 1 'max-size' "$gnomon" tidy --db "$db" --max-size huge
expect 'longer than sightings' 1 'longer than the sightings' "$gnomon" tidy --db "$db" --keep-hours 0
printf 'keep:\n  hours: 20 d\n' >"$scratch/keep.yaml"
expect 'a configuration that cannot be meant' 1 '30 days' "$gnomon" tidy --db "$db" --config "$scratch/keep.yaml"
expect 'tidy: nothing there' 2 'nowhere.db' "$gnomon" tidy --db "$scratch/nowhere.db"

sqlite3 "$scratch/copy.db" 'UPDATE sighting SET grade = 9'
expect 'an inventory that is not sound' 3 'PROBLEM +grades' "$gnomon" verify --db "$scratch/copy.db"
sqlite3 "$db" 'PRAGMA user_version = 9999'
head -c 3000 "$db" >"$scratch/cut.db"
expect 'an inventory whose schema is cut off' 3 'PROBLEM +integrity' "$gnomon" verify --db "$scratch/cut.db"
for command in verify 'backup y.db' tidy; do
  # shellcheck disable=SC2086
  expect "$command: newer schema" 2 'newer Gnomon' "$gnomon" $command --db "$db"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
