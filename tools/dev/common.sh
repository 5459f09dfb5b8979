# Shared by the commands of ./dev: where things are, and Bazel with the project's options.
set -euo pipefail
: "${TP_ROOT:?run this through ./dev}"
cache_dir=${TP_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tongping}
mkdir -p "$cache_dir"

say() { echo "== $*" >&2; }

run_bazel() {
    local verb=$1
    shift
    bazel --host_jvm_args=-Xmx1500m ${TP_BAZEL_STARTUP:-} "$verb" \
        --disk_cache="$cache_dir/bazel" ${TP_BAZEL_OPTIONS:-} "$@"
}

# The programs that ./dev run knows, as NAME TARGET.
programs() {
    cat <<'LIST'
tp-coordinator //coordinator:tp-coordinator
tp-draw //expert-draw:tp-draw
tp-venue //venue-node:tp-venue
tp-media //media:tp-media
tongping //cli:tongping
tp-demo-gateway //demo/gateway:tp-demo-gateway
tp-demo-trading //demo/trading:tp-demo-trading
tp-demo-pool //demo/pool:tp-demo-pool
tp-demo-desktop //demo/desktop:tp-demo-desktop
LIST
}

build_programs() {
    # shellcheck disable=SC2046
    run_bazel build $(programs | cut -d' ' -f2) >&2
}

build_pages() {
    local stamp=$TP_ROOT/web/.built
    local now
    now=$(cd "$TP_ROOT/web" && find . \( -name node_modules -o -name dist -o -name .built \) -prune \
        -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && [ -f web/console/dist/index.html ] &&
        [ -f web/terminal/dist/index.html ]; then
        return
    fi
    say "building the pages"
    npm_packages web
    (cd "$TP_ROOT/web" && npm run --silent build >&2)
    echo "$now" >"$stamp"
}

# Installs FOLDER's npm packages when its lock file has changed since the last time.
npm_packages() {
    local folder=$TP_ROOT/$1
    local now
    now=$(sha256sum <"$folder/package-lock.json")
    if [ ! -f "$folder/node_modules/.installed" ] || [ "$(cat "$folder/node_modules/.installed")" != "$now" ]; then
        say "npm packages of $1"
        (cd "$folder" && npm ci --silent --no-audit --no-fund --ignore-scripts=false >&2)
        echo "$now" >"$folder/node_modules/.installed"
    fi
}

program_path() {
    local target
    target=$(programs | awk -v name="$1" '$1 == name { print $2 }')
    [ -n "$target" ] || return 1
    target=${target#//}
    echo "$(run_bazel info bazel-bin 2>/dev/null)/${target/://}"
}
