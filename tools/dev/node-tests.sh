# Sourced: runs one folder's *.test.mjs with Node's test runner and counts its cases.
run_node_tests() {
    local folder=$1 status=0
    local tap=$TP_RESULTS/$(echo "$folder" | tr '/' '-').tap
    npm_packages tests
    [ ! -f "$TP_ROOT/$folder/package.json" ] || npm_packages "$folder"
    local files=("$TP_ROOT/$folder"/*.test.mjs)
    [ -f "${files[0]}" ] || return 0
    node --test --test-concurrency=1 --test-reporter=tap "${files[@]}" >"$tap" 2>&1 || status=1
    local passed failed
    passed=$(awk '/^# pass / { n = $3 } END { print n + 0 }' "$tap")
    failed=$(awk '/^# (fail|cancelled) / { n += $3 } END { print n + 0 }' "$tap")
    if [ "$status" -ne 0 ]; then
        cat "$tap" >&2
        [ "$failed" -gt 0 ] || failed=1
    fi
    echo "$folder $passed $failed" >>"$TP_RESULTS/counts"
    return $status
}
