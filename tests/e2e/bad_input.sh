#!/usr/bin/env bash
# What users get for input that is wrong: a clear line on standard error, the right exit code, and
# nothing lost of what was right.   bad_input.sh GNOMON
set -uo pipefail
gnomon=$(realpath "$1")
cd "$(dirname "$0")/../.."
signatures=$PWD/signatures
good=$PWD/pcaps/api/curl-tls13.pcap
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
passed=0 failed=0

# expect NAME CODE PATTERN COMMAND...: the exit code, and an extended regular expression that some
# line of standard error matches ("" for none wanted).
expect() {
  local name=$1 code=$2 pattern=$3 got
  shift 3
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
  got=$?
  if [ "$got" -eq "$code" ] && { [ -z "$pattern" ] || grep -qE -- "$pattern" "$scratch/err"; }; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name: exit code $got, wanted $code; standard error, wanted /$pattern/:"
    head -n 5 "$scratch/err"
  fi
}
replay() { rm -f "$scratch"/db*; "$gnomon" replay --db "$scratch/db" "$@"; }
flows() { sqlite3 "$1" "SELECT value FROM run_coverage WHERE name = 'flows'"; }

expect 'a good capture' 0 '' replay "$good"
expect 'no such file' 2 'nowhere.pcap' replay "$scratch/nowhere.pcap"
: >"$scratch/empty.pcap"
expect 'an empty file' 2 'empty.pcap' replay "$scratch/empty.pcap"
echo 'This is a text and not a capture.' >"$scratch/text.pcap"
expect 'not a capture' 2 'text.pcap.*offset 0' replay "$scratch/text.pcap"
head -c 24 "$good" >"$scratch/header.pcap"
expect 'a header and no packets' 0 '' replay "$scratch/header.pcap"

# Cut in the middle of any header or record: what came before is used.
for cut in 1 10 23 25 30 39 41 60 100 500 1000; do
  head -c "$cut" "$good" >"$scratch/cut.pcap"
  rm -f "$scratch"/db*
  "$gnomon" replay --db "$scratch/db" "$scratch/cut.pcap" >/dev/null 2>"$scratch/err"
  code=$?
  wanted=3
  [ "$cut" -lt 24 ] && wanted=2  # not even the header
  if [ "$code" -eq "$wanted" ] && grep -q 'cut.pcap: offset' "$scratch/err"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED cut after $cut bytes: exit code $code, wanted $wanted"
    head -n 3 "$scratch/err"
  fi
done

# Records made by hand: HEADER RECORD..., as hexadecimal.
make_pcap() { xxd -r -p >"$scratch/$1"; }
header=d4c3b2a102000400000000000000000000000400
frame=ffffffffffff0200000000010800450000200001000040110000c0000201c633640113881389000c0000414243440000000000000000000000000000
record=65000000010000003c0000003c000000$frame
earlier=05000000010000003c0000003c000000$frame
echo "${header}01000000${record}650000000100000000000000000000$(printf '00')${record}" | make_pcap zero.pcap
expect 'a packet of no bytes' 0 '' replay "$scratch/zero.pcap"
echo "${header}01000000${record}${earlier}" | make_pcap backwards.pcap
expect 'time that runs backwards' 0 '' replay "$scratch/backwards.pcap"
echo "${header}01000000${record}6500000001000000ffffff7fffffff7f" | make_pcap lying.pcap
expect 'a record longer than the file' 3 'lying.pcap: offset [0-9]+: ' replay "$scratch/lying.pcap"
echo "${header}e7030000${record}" | make_pcap link.pcap
expect 'a link type nobody knows' 0 '' replay "$scratch/link.pcap"
"$gnomon" replay --again --db "$scratch/db" "$scratch/link.pcap" 2>/dev/null | grep -q 'unknown_link_type\|link type' &&
  passed=$((passed + 1)) || { failed=$((failed + 1)); echo 'FAILED unknown link type: not in the summary'; }

mkdir "$scratch/folder"
cp "$good" "$scratch/folder/b.pcap"
cp "$scratch/text.pcap" "$scratch/folder/notes.txt"
expect 'a folder with foreign files' 0 'notes.txt' replay "$scratch/folder"
mkdir "$scratch/nothing"
mkdir -p "$scratch/many/below"
cp "$good" "$scratch/many/below/b.pcap"
for i in $(seq 13); do cp "$scratch/text.pcap" "$scratch/many/$i.txt"; done
expect 'a folder with many foreign files' 0 '3 further files in folders are not captures' \
  replay "$scratch/many"
expect 'a folder without captures' 2 'nothing' replay "$scratch/nothing"
expect 'good and bad together' 3 'text.pcap' replay "$good" "$scratch/text.pcap"
expect 'standard input' 0 '' bash -c "'$gnomon' replay --db '$scratch/db2' - <'$good'"

expect 'a database in no folder' 1 'nowhere' "$gnomon" replay --db "$scratch/nowhere/db" "$good"
expect 'no such file and no inventory for it' 2 'nowhere.pcap: No such file' replay "$scratch/nowhere.pcap"
[ ! -e "$scratch/db" ] && passed=$((passed + 1)) ||
  { failed=$((failed + 1)); echo 'FAILED an inventory was made for a capture that is not there'; }
replay "$good" >"$scratch/out" 2>&1
once=$(flows "$scratch/db")
cp "$good" "$scratch/copy.pcap"
expect 'one capture under two names' 0 '' replay "$good" "$scratch/copy.pcap"
[ "$once" = "$(flows "$scratch/db")" ] && passed=$((passed + 1)) ||
  { failed=$((failed + 1)); echo 'FAILED one capture under two names is counted twice'; }
echo '{"id": 1, "text": "key AKIAQ3EGRZ7K5MP2XW4T"}' >"$scratch/texts.jsonl"
expect 'lines to classify from a file' 0 '' "$gnomon" classify --jsonl "$scratch/texts.jsonl"
grep -q '"id":1,"findings":\[{"detector":"aws' "$scratch/out" && passed=$((passed + 1)) ||
  { failed=$((failed + 1)); echo 'FAILED lines of a file were not classified'; }
expect 'lines to classify from nowhere' 2 'nowhere.jsonl: No such file' \
  "$gnomon" classify --jsonl "$scratch/nowhere.jsonl"
cp "$good" "$scratch/kept.pcap"
expect 'events over a capture' 1 'kept.pcap: holds a capture, and is not written over' \
  replay --events "$scratch/kept.pcap" "$good"
expect 'events over the capture that is read' 1 'are one file: .*kept.pcap' \
  replay --events "$scratch/kept.pcap" "$scratch/kept.pcap"
cmp -s "$good" "$scratch/kept.pcap" && passed=$((passed + 1)) ||
  { failed=$((failed + 1)); echo 'FAILED a capture named as --events was written over'; }
"$gnomon" replay --db "$scratch/kept.db" "$good" >"$scratch/out" 2>&1
expect 'an export over the inventory' 1 'kept.db: holds an inventory' \
  "$gnomon" export json --db "$scratch/kept.db" -o "$scratch/kept.db"
expect 'events over the inventory' 1 'are one file: .*kept.db' \
  "$gnomon" replay --db "$scratch/kept.db" --events "$scratch/kept.db" "$good"
capture=$(ls pcaps/unknown/lumenwrite.pcap*)
"$gnomon" replay --db "$scratch/candidates.db" "$capture" >"$scratch/out" 2>&1
host=$(sqlite3 "$scratch/candidates.db" 'SELECT host FROM candidate ORDER BY host LIMIT 1')
mkdir "$scratch/local"
expect 'a candidate accepted under the id of an app' 1 "app 'chatgpt' already" "$gnomon" review "$host" \
  --db "$scratch/candidates.db" --candidate accept --id chatgpt --local-signatures "$scratch/local"
expect 'events that go nowhere' 1 'nowhere/e.json' \
  "$gnomon" replay --db "$scratch/not-made.db" --events "$scratch/nowhere/e.json" "$good"
[ ! -e "$scratch/not-made.db" ] && passed=$((passed + 1)) ||
  { failed=$((failed + 1)); echo 'FAILED a replay that was refused left an inventory behind'; }
expect 'a candidate accepted' 0 '' "$gnomon" review "$host" --db "$scratch/candidates.db" \
  --candidate accept --local-signatures "$scratch/local"
echo 'This is a text and no database.' >"$scratch/foreign.db"
expect 'a file that is no database' 1 'foreign.db' "$gnomon" replay --db "$scratch/foreign.db" "$good"
sqlite3 "$scratch/other.db" 'CREATE TABLE wine (name TEXT)'
expect 'a database of another program' 1 'other.db' "$gnomon" replay --db "$scratch/other.db" "$good"
replay "$good" >/dev/null
sqlite3 "$scratch/db" 'PRAGMA user_version = 9999'
expect 'a database of a newer schema' 1 'newer' "$gnomon" replay --db "$scratch/db" "$good"
expect 'reading a newer schema' 2 'newer' "$gnomon" inventory --db "$scratch/db"
expect 'no inventory yet' 2 'nowhere.db' "$gnomon" inventory --db "$scratch/nowhere.db"

cp -r "$signatures" "$scratch/signatures"
sed -i 's/^\( *\)category: .*/\1category: chta/' "$scratch"/signatures/apps/o/openai.yaml
expect 'a mistake in a signature' 1 'openai.yaml:[0-9]+: .*category' \
  replay --signatures "$scratch/signatures" "$good"
printf 'apps: [\n' >"$scratch"/signatures/apps/o/openai.yaml
expect 'broken YAML' 1 'openai.yaml:[0-9]+' replay --signatures "$scratch/signatures" "$good"
expect 'no folder of signatures' 1 'nowhere' replay --signatures "$scratch/nowhere" "$good"

expect 'a filter that is none' 1 '--filter' replay --filter 'tcp and and' "$good"
expect 'an unknown option' 1 'colour' replay --colour "$good"
expect 'no capture named' 1 'FILE' replay
expect 'an unknown command' 1 'replya' "$gnomon" replya
expect 'no command' 1 '' "$gnomon"
expect 'too many workers' 1 'workers' replay --workers 17 "$good"
expect 'events into no folder' 1 'nowhere' replay --events "$scratch/nowhere/e.json" "$good"

# What is asked of an inventory in words that there are not.
replay pcaps/sdk/openai.pcap >/dev/null
asks() { "$gnomon" "$1" --db "$scratch/db" "${@:2}"; }
expect 'a decision on no usage' 1 "no usage 'web_chat'.*web-chat" \
  asks review openai-api --usage web_chat --status sanctioned
printf 'app,usage,status\nopenai-api,web_chat,sanctioned\n' >"$scratch/decisions.csv"
expect 'an import on no usage' 1 'decisions.csv:2: usage: .*web-chat' asks review --import "$scratch/decisions.csv"
expect 'a decision on a usage' 0 '' asks review openai-api --usage upload --status sanctioned
expect 'a list for no role' 1 "'webui' is not 'web-ui'" \
  asks export edl --status any --role webui --signatures "$signatures"
expect 'a list for a role' 0 '' asks export edl --status any --role api --signatures "$signatures"
expect 'a negative limit' 1 "--limit: '-1'" asks inventory --limit -1
expect 'a negative limit of alerts' 1 "--limit: '-1'" asks alert list --limit -1
expect 'findings of no app' 1 'openai-api' asks inventory --findings --app openai-ap
expect 'findings of an app, by name' 0 '' asks inventory --findings --app 'OpenAI API Platform'
expect 'sightings shorter than hours' 1 '--keep-hours' asks tidy --keep-sightings '365 d' --dry-run

# The same bytes again change nothing, whatever the file is called.
replay "$good" >/dev/null
before=$(sqlite3 "$scratch/db" .dump | sha256sum)
cp "$good" "$scratch/renamed.pcap"
for input in "$scratch/renamed.pcap" -; do
  "$gnomon" replay --db "$scratch/db" $input <"$good" >"$scratch/out" 2>&1
  code=$?
  if [ $code -eq 0 ] && grep -q already "$scratch/out" &&
    [ "$(sqlite3 "$scratch/db" .dump | sha256sum)" = "$before" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED the same capture twice, as $input: exit code $code, or the inventory changed"
  fi
done
first=$(flows "$scratch/db")
"$gnomon" replay --again --db "$scratch/db" "$scratch/renamed.pcap" >/dev/null 2>&1
if [ -n "$first" ] && [ "$(flows "$scratch/db")" = "$first" ]; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
  echo 'FAILED the same capture again, as asked: it is counted twice'
fi

# Two captures of one run: one of them again would count twice.
replay "$good" "$PWD/pcaps/unknown/lumenwrite.pcap" >/dev/null 2>&1
expect 'half of a run again' 1 'recorded in one run with .*lumenwrite' \
  "$gnomon" replay --again --db "$scratch/db" "$good"
expect 'all of a run again' 0 '' \
  "$gnomon" replay --again --db "$scratch/db" "$good" "$PWD/pcaps/unknown/lumenwrite.pcap"

# A file of events is begun anew by a replay that takes place alone.
replay --events "$scratch/events.json" "$good" >/dev/null
expect 'events: a filter that is none' 1 '--filter' \
  replay --events "$scratch/events.json" --filter 'tcp and and' "$good"
expect 'events: an inventory that is none' 1 'foreign.db' \
  "$gnomon" replay --events "$scratch/events.json" --db "$scratch/foreign.db" "$good"
expect 'events: a kind that is none' 1 "findng' is not 'alert'" \
  replay --syslog udp://127.0.0.1:9 --syslog-events finding,findng "$good"
expect 'events are still there' 0 '' test -s "$scratch/events.json"

# Output that finds no room is no success, and decisions are not written over an inventory.
replay "$good" >/dev/null
expect 'no room for a list' 1 'standard output: No space' \
  bash -c "'$gnomon' inventory --format csv --db '$scratch/db' >/dev/full"
expect 'decisions over an inventory' 1 'holds an inventory' \
  "$gnomon" review --db "$scratch/db" --export "$scratch/db"
expect 'the inventory is still there' 0 '' "$gnomon" verify -q --db "$scratch/db"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
