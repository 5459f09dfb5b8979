source "$TP_ROOT/tools/dev/common.sh"
name=${1:-}
[ $# -eq 0 ] || shift
if ! path=$(program_path "$name"); then
    echo "dev: no program '$name'; there are: $(programs | cut -d' ' -f1 | tr '\n' ' ')" >&2
    exit 2
fi
run_bazel build "$(programs | awk -v name="$name" '$1 == name { print $2 }')" >&2
exec "$path" "$@"
