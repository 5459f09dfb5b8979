source "$TP_ROOT/tools/dev/common.sh"
bash "$TP_ROOT/tools/dev/setup.sh"
build_programs
build_pages
run_bazel build //tests/bench/... >&2
npm_packages tests
export TP_BIN
TP_BIN=$(run_bazel info bazel-bin 2>/dev/null)
exec node tests/bench/run.mjs "$@"
