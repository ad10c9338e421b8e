#!/usr/bin/env bash
# Builds every fuzz target with libFuzzer and runs each for the given seconds on its corpus. New
# inputs go to a scratch folder; one that crashes is kept in build/fuzz/crashes.
#   tests/fuzz.sh SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(find src -name '*_fuzz.cc' -printf '%f\n' | sed 's/\.cc$//' | sort)
fi
cmake --build --preset fuzz --target "${targets[@]}"
mkdir -p build/fuzz/crashes
failed=0
for target in "${targets[@]}"; do
  program=$(find build/fuzz -type f -perm -u+x -name "$target" | head -n 1)
  scratch=$(mktemp -d)
  if "$program" -max_total_time="$seconds" -max_len=70000 -timeout=20 -rss_limit_mb=4096 \
    -artifact_prefix=build/fuzz/crashes/"$target"- -print_final_stats=1 \
    "$scratch" "tests/corpus/${target%_fuzz}" >"build/fuzz/$target.log" 2>&1; then
    printf '%-28s %s runs\n' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log")"
  else
    echo "$target FAILED:" >&2
    tail -n 40 "build/fuzz/$target.log" >&2
    failed=1
  fi
  rm -rf "$scratch"
done
exit $failed
