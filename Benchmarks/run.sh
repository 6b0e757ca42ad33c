#!/usr/bin/env bash
# Measures `slm get` beside its peers on loopback and writes Benchmarks/RESULTS.md. `make bench` builds slm and calls this.
#
#     Benchmarks/run.sh [--quick] [--rounds N] [--only CASE,…] [--slm PATH] [--hub PATH]
#
# What is missing is installed: nginx, aria2 and GNU time from Debian, huggingface_hub from PyPI in .build/bench. The files
# lie in a temporary folder (TMPDIR), the same file system for everybody: 4 GiB have to be free there.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=5 size=1024 only= quick= slm=dist/slm hub_program=
while [ $# -gt 0 ]; do
    case "$1" in
    --quick) quick=yes rounds=2 size=64; shift ;;
    --rounds) rounds=$2; shift 2 ;;
    --only) only=$2; shift 2 ;;
    --slm) slm=$2; shift 2 ;;
    --hub) hub_program=$2; shift 2 ;;
    *) sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,4p >&2; exit 64 ;;
    esac
done
slm=$(realpath "$slm")
[ -x "$slm" ] || { echo "build it first: make release" >&2; exit 1; }

missing=()
needs() { PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null || missing+=("$2"); }
needs nginx nginx-light
needs aria2c aria2
needs curl curl
needs openssl openssl
needs python3 python3-venv
[ -x /usr/bin/time ] || missing+=(time)
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
    root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo)
    echo "installing ${missing[*]}" >&2
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
venv=.build/bench/venv
if [ ! -x "$venv/bin/hf" ]; then
    echo "installing huggingface_hub" >&2
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check huggingface_hub
fi
if [ -z "$hub_program" ]; then
    # The same flags as `make release`, so that its build is used again.
    static=()
    [ "$(uname -s)" != Linux ] || static=(--static-swift-stdlib)
    swift build -c release --product loopback-hub "${static[@]}" >/dev/null
    hub_program=$(swift build -c release --show-bin-path "${static[@]}")/loopback-hub
fi

work=$(mktemp -d)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

python3 Benchmarks/peers.py make "$work/root" --size "$size"

mkdir "$work/nginx"
# Its workers have another user when root starts it.
chmod 755 "$work" "$work/root"
for port in $(seq 18600 18699); do
    sed -e "s|@ROOT@|$work/root/files|g; s|@PORT@|$port|g; s|@DIR@|$work/nginx|g" Benchmarks/nginx.conf.in \
        >"$work/nginx/nginx.conf"
    PATH="$PATH:/usr/sbin" nginx -c "$work/nginx/nginx.conf" -g 'daemon off;' 2>"$work/nginx/start.log" &
    nginx_pid=$!
    for _ in $(seq 50); do
        [ -s "$work/nginx/nginx.pid" ] && break 2
        kill -0 "$nginx_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill "$nginx_pid" 2>/dev/null || true
done
[ -s "$work/nginx/nginx.pid" ] || { cat "$work/nginx/start.log" >&2; exit 1; }
pids+=("$nginx_pid")

start_hub() { # start_hub NAME [OPTION…]: prints the address
    "$hub_program" --root "$work/root" --ready-file "$work/$1" --max-seconds 7200 "${@:2}" >/dev/null &
    pids+=($!)
    until [ -s "$work/$1" ]; do
        kill -0 "${pids[-1]}" || exit 1
        sleep 0.1
    done
}
address() { sed -n 's/.*"hub":"\([^"]*\)".*/\1/p' "$work/$1"; }
start_hub hub
start_hub slow --slow 20000000

python3 Benchmarks/peers.py measure "$work" --slm "$slm" --hf "$venv/bin/hf" --nginx "http://127.0.0.1:$port" \
    --hub "$(address hub)" --slow-hub "$(address slow)" --rounds "$rounds" ${only:+--only "$only"} \
    ${quick:+--quick} --results "${RESULTS:-Benchmarks/RESULTS.md}"
