# Every test; ends with `N passed, N failed`. Suites: checks unit web integration e2e.
source "$TP_ROOT/tools/dev/common.sh"
bash "$TP_ROOT/tools/dev/setup.sh"

suites=("$@")
[ $# -gt 0 ] || suites=(checks unit web integration e2e)
results=$(mktemp -d "${TMPDIR:-/tmp}/tongping-test.XXXXXX")
trap 'rm -rf "$results"' EXIT
export TP_RESULTS=$results

# Each suite appends lines `SUITE PASSED FAILED` to $TP_RESULTS/counts.
: >"$results/counts"
broken=0
for suite in "${suites[@]}"; do
    if [ ! -f "$TP_ROOT/tools/dev/test-$suite.sh" ]; then
        echo "dev: there is no suite '$suite'" >&2
        exit 2
    fi
    say "suite $suite"
    before=$(wc -l <"$results/counts")
    start=$SECONDS
    if ! bash "$TP_ROOT/tools/dev/test-$suite.sh"; then
        # A suite that dies without a count is a failure, never silence.
        if [ "$(awk -v from="$before" 'NR > from { n += $3 } END { print n + 0 }' "$results/counts")" -eq 0 ]; then
            echo "$suite 0 1" >>"$results/counts"
        fi
        broken=1
    fi
    say "suite $suite took $((SECONDS - start)) s"
done

awk '{ printf "%-44s %5d passed %3d failed\n", $1, $2, $3 }' "$results/counts" >&2
passed=$(awk '{ n += $2 } END { print n + 0 }' "$results/counts")
failed=$(awk '{ n += $3 } END { print n + 0 }' "$results/counts")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$broken" -eq 0 ] && [ "$passed" -gt 0 ]
