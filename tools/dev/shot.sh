# Screenshots of every page: the end-to-end session with the camera on.
source "$TP_ROOT/tools/dev/common.sh"
bash "$TP_ROOT/tools/dev/setup.sh"
build_programs
build_pages
npm_packages tests
export TP_BIN TP_SHOTS=$TP_ROOT/docs/images
TP_BIN=$(run_bazel info bazel-bin 2>/dev/null)
exec node --test --test-reporter=spec tests/e2e/session.test.mjs
