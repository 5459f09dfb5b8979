# C tests under Bazel: cases are counted from cmocka's own lines.
source "$TP_ROOT/tools/dev/common.sh"
status=0
run_bazel test --keep_going --build_tests_only //... 1>&2 || status=$?
# Bazel's 4 means that no test target exists, 3 that some failed.
logs=$(run_bazel info bazel-testlogs 2>/dev/null)
while read -r target; do
    log=$logs/$(echo "${target#//}" | tr ':' '/')/test.log
    if [ -f "$log" ]; then
        passed=$(grep -c '^\[       OK \]' "$log" || true)
        failed=$(grep -c '^\[  FAILED  \] [a-z]' "$log" || true)
        [ "$((passed + failed))" -gt 0 ] || failed=1
        # A crash after the last case still fails the target.
        if [ "$failed" -eq 0 ] && ! grep -q '^\[  PASSED  \]' "$log"; then failed=1; fi
    else
        passed=0 failed=1
    fi
    echo "$target $passed $failed" >>"$TP_RESULTS/counts"
done < <(run_bazel query 'kind(cc_test, //...)' 2>/dev/null)
exit $status
