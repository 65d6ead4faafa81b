# Running tests and counting what they said. Sourced by scripts/test.sh.

PASSED=0 FAILED=0 SKIPPED=0 BROKEN=()

# The whole check counts as one test.
run_check() {
  if npm run --silent check >"$results/check.txt" 2>&1; then
    PASSED=$((PASSED + 1))
    note 'types, lint and format are clean'
  else
    FAILED=$((FAILED + 1))
    BROKEN+=(check)
    tail -n 60 "$results/check.txt"
  fi
}

# run_tap NAME FILE...: one tap run; files one after another where they share the engine.
run_tap() {
  local name=$1 status=0 line options=(--jobs=1 --timeout=1800)
  shift
  [[ $name != unit ]] || options=(--jobs="$(nproc)")
  [[ $name != long-* ]] || options=(--jobs=1 --timeout=0)
  node_modules/.bin/tap "${options[@]}" --reporter=silent --output-file="$results/$name.tap" "$@" || status=$?
  line=$(grep -aE '^# \{ total: ' "$results/$name.tap" | tail -n 1) || line=
  local passed failed skipped
  passed=$(count_of pass "$line") failed=$(count_of fail "$line") skipped=$(($(count_of skip "$line") + $(count_of todo "$line")))
  # A run that broke without a failing assertion (a crash, a time-out, no test at all) is a failure too.
  if ((failed == 0 && (status != 0 || passed == 0))); then failed=1; fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
  local ignored=
  ((skipped == 0)) || ignored=", $skipped skipped"
  note "$name: $passed passed, $failed failed$ignored"
  if ((failed)); then
    BROKEN+=("$name")
    grep -anE '^ *not ok ' "$results/$name.tap" | head -n 40 || true
    grep -a -A 25 -E '^ *not ok .*' "$results/$name.tap" | head -n 120 || true
  fi
}

count_of() { [[ $2 =~ $1:\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo 0; }

# Ends the run with the line that people and machines read.
report() {
  say ''
  ((${#BROKEN[@]} == 0)) || say "broken: ${BROKEN[*]} (details in logs/test/)"
  if ((SKIPPED)); then say "$PASSED passed, $FAILED failed, $SKIPPED skipped"; else say "$PASSED passed, $FAILED failed"; fi
  ((FAILED == 0)) || exit 1
  exit 0
}
