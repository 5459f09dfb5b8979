# Installs what is missing: Debian packages (as root or with sudo) and, where asked, npm packages.
source "$TP_ROOT/tools/dev/common.sh"

mapfile -t wanted < <(grep -v '^#' "$TP_ROOT/tools/dev/packages.txt" | grep .)
missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
# A Node.js newer than Debian's serves as well.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "dev: run as root or install sudo; missing: ${missing[*]}" >&2
            exit 1
        }
        as_root=(sudo)
    fi
    say "installing: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${missing[@]}" >"$cache_dir/apt.log" 2>&1 || {
        tail -20 "$cache_dir/apt.log" >&2
        echo "dev: apt-get could not install the packages above" >&2
        exit 1
    }
fi
