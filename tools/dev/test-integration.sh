# The real programs, driven through their sockets and killed for real.
source "$TP_ROOT/tools/dev/common.sh"
source "$TP_ROOT/tools/dev/node-tests.sh"
build_programs
run_bazel build //tests/venue/... >&2
build_pages
export TP_BIN
TP_BIN=$(run_bazel info bazel-bin 2>/dev/null)
status=0
for folder in tests/*/; do
    folder=${folder%/}
    case $folder in tests/e2e | tests/bench | tests/support) continue ;; esac
    run_node_tests "$folder" || status=1
done
exit $status
