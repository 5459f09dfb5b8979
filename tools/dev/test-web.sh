# The pages: types, unit tests, build.
source "$TP_ROOT/tools/dev/common.sh"
npm_packages web
status=0
if (cd web && npm run --silent check >&2); then
    echo "web/types 1 0" >>"$TP_RESULTS/counts"
else
    echo "web/types 0 1" >>"$TP_RESULTS/counts"
    status=1
fi
report=$TP_RESULTS/vitest.json
(cd web && npx vitest run --reporter=default --reporter=json --outputFile="$report" >&2) || status=1
if [ -f "$report" ]; then
    node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1]));
        console.log(`web/unit ${r.numPassedTests} ${r.numFailedTests + (r.success ? 0 : r.numFailedTests ? 0 : 1)}`)' \
        "$report" >>"$TP_RESULTS/counts"
else
    echo "web/unit 0 1" >>"$TP_RESULTS/counts"
fi
build_pages || status=1
exit $status
