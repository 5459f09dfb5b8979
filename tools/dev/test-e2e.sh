# The whole way of one session in Debian's Chromium, against the demo province.
source "$TP_ROOT/tools/dev/common.sh"
source "$TP_ROOT/tools/dev/node-tests.sh"
build_programs
build_pages
export TP_BIN
TP_BIN=$(run_bazel info bazel-bin 2>/dev/null)
run_node_tests tests/e2e
