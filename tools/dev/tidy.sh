# clang-tidy over every C source, with the flags of its libraries; results are cached by content.
source "$TP_ROOT/tools/dev/common.sh"
generated=$cache_dir/tidy-proto
mkdir -p "$generated/proto" "$cache_dir/tidy"
protoc-c --proto_path=. --c_out="$generated" proto/*.proto
flags="-std=gnu17 -D_GNU_SOURCE -Wno-unknown-warning-option -I. -I$generated $(pkg-config --cflags libwebsockets \
    openssl libuv libprotobuf-c libsodium sqlite3 libcurl jansson inih cmocka gstreamer-webrtc-1.0 gstreamer-app-1.0 \
    gstreamer-video-1.0 gstreamer-sdp-1.0 gstreamer-rtp-1.0 nice pangocairo x11)"
headers=$(git ls-files -z '*.h' '*.proto' .clang-tidy | xargs -0 cat | sha256sum | cut -c1-16)
check_one() {
    local file=$1 key
    key=$cache_dir/tidy/$(cat "$file" <(echo "$headers $file") | sha256sum | cut -c1-40)
    [ ! -f "$key" ] || return 0
    # shellcheck disable=SC2086
    if clang-tidy --quiet "$file" -- $flags 2>/dev/null; then touch "$key"; else
        echo "clang-tidy: $file"
        return 1
    fi
}
export -f check_one
export cache_dir flags headers
git ls-files -z '*.c' | xargs -0 -P 2 -I{} bash -c 'check_one "$1"' _ {}
