# Whole sessions with kill -9 of each program at random moments, ROUNDS times (3 unless told, at most 200).
source "$TP_ROOT/tools/dev/common.sh"
rounds=${1:-3}
if ! [[ $rounds =~ ^[0-9]+$ ]] || [ "$rounds" -lt 1 ] || [ "$rounds" -gt 200 ]; then
    echo "dev chaos: ROUNDS is 1 to 200" >&2
    exit 2
fi
bash "$TP_ROOT/tools/dev/setup.sh"
build_programs
npm_packages tests
export TP_BIN
TP_BIN=$(run_bazel info bazel-bin 2>/dev/null)
failed=0
for ((round = 1; round <= rounds; round++)); do
    say "round $round of $rounds"
    node --test --test-reporter=spec tests/flow/kill.test.mjs tests/coordinator/kill.test.mjs tests/flow/push.test.mjs >&2 || failed=$((failed + 1))
done
echo "$((rounds - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
