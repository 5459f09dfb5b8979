# Form: clang-format, clang-tidy, shell syntax, the tree's own rules.
source "$TP_ROOT/tools/dev/common.sh"
status=0
record() {
    local name=$1
    shift
    if "$@" >&2; then echo "checks/$name 1 0" >>"$TP_RESULTS/counts"; else
        echo "checks/$name 0 1" >>"$TP_RESULTS/counts"
        status=1
    fi
}

format() {
    git ls-files -z '*.c' '*.h' | xargs -0 clang-format --dry-run --Werror
}

shell_syntax() {
    local file
    for file in dev .ci/run tools/dev/*.sh; do bash -n "$file" || return 1; done
}

nothing_left() {
    ! git grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -- '*.c' '*.h' '*.ts' '*.vue' '*.mjs' '*.bazel' '*.proto'
}

record format format
record shell shell_syntax
record nothing-left-for-later nothing_left
record tidy bash "$TP_ROOT/tools/dev/tidy.sh"
exit $status
