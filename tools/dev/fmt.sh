source "$TP_ROOT/tools/dev/common.sh"
git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i
