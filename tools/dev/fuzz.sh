# Fuzzes the named parsers (all unless told) for SECONDS each (60 unless told), one after the other:
#   ./dev fuzz [SECONDS] [NAME…]
# What was learned stays in the cache folder for the next time. Exits 1 when an input breaks a parser and says where it is kept.
source "$TP_ROOT/tools/dev/common.sh"
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
fi
if [ "$seconds" -lt 1 ] || [ "$seconds" -gt 86400 ]; then
    echo "dev fuzz: SECONDS is 1 to 86400" >&2
    exit 2
fi
known=$(sed -n '/^tp_fuzz_target(/,/^)/s/^    name = "\(.*\)",$/\1/p' tests/fuzz/BUILD.bazel)
names=${*:-$known}
for name in $names; do
    if ! grep -qx -- "$name" <<<"$known"; then
        echo "dev fuzz: there is no target '$name'; there are:" $known >&2
        exit 2
    fi
done
bash "$TP_ROOT/tools/dev/setup.sh"
# Clang's objects stand apart, so that no other build is thrown away.
export TP_BAZEL_STARTUP="${TP_BAZEL_STARTUP:-} --output_base=$cache_dir/bazel-fuzz"
export TP_BAZEL_OPTIONS="${TP_BAZEL_OPTIONS:-} --config=fuzz --symlink_prefix=/"
# shellcheck disable=SC2046
run_bazel build $(printf '//tests/fuzz:%s_fuzzer ' $names) >&2
programs=$(run_bazel info bazel-bin 2>/dev/null)/tests/fuzz

fuzz_one() {
    local name=$1 dir=$cache_dir/fuzz/$1
    local dictionary=tests/fuzz/dictionaries/$name.dict
    local options=(-max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1)
    mkdir -p "$dir/corpus" "$dir/crashes"
    [ ! -f "$dictionary" ] || options+=(-dict="$dictionary")
    "$programs/${name}_fuzzer" "${options[@]}" -artifact_prefix="$dir/crashes/" \
        "$dir/corpus" "tests/fuzz/seeds/$name" >"$dir/log" 2>&1
}

failed=0
lines=()
for name in $names; do
    say "$name, $seconds s"
    broken=0
    fuzz_one "$name" || broken=1
    log=$cache_dir/fuzz/$name/log
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o ' cov: [0-9]*' "$log" | tail -1 | tr -dc 0-9 || true)
    if [ "$broken" -ne 0 ]; then
        failed=$((failed + 1))
        grep -v '^#[0-9]*[[:space:]]' "$log" | tail -60 >&2
    fi
    lines+=("$(printf '%-16s %12s executions %6s edges %2d crashes' "$name" "${executions:-?}" "${coverage:-?}" "$broken")")
done
printf '%s\n' "${lines[@]}"
if [ "$failed" -gt 0 ]; then
    echo "the inputs are kept in $cache_dir/fuzz/NAME/crashes/"
    exit 1
fi
