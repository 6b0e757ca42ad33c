#!/usr/bin/env bash
# Two small promises, measured: the processor time of `slm list`, and the peak memory of a 1 GiB download.
#
#     Benchmarks/footprint.sh [SLM]
#
# Needs GNU time (Debian: time) and Python 3; the loopback hub of this repository serves the file.
set -euo pipefail
cd "$(dirname "$0")/.."
slm=$(realpath "${1:-dist/slm}")
[ -x "$slm" ] || { echo "build it first: make release" >&2; exit 1; }
[ -x /usr/bin/time ] || { echo "GNU time is needed: apt-get install time" >&2; exit 1; }
# The same settings as `make release`, so that nothing is built twice.
build=(swift build -c release)
[ "$(uname -s)" != Linux ] || build+=(--static-swift-stdlib)
"${build[@]}" --product loopback-hub >/dev/null
hub_program=$("${build[@]}" --show-bin-path)/loopback-hub

work=$(mktemp -d)
hub_pid=
trap '[ -z "$hub_pid" ] || kill "$hub_pid" 2>/dev/null; rm -rf "$work"' EXIT
export HOME=$work/home SLM_STORE=$work/store LC_ALL=C.UTF-8
mkdir -p "$HOME" "$work/root/files"

echo "slm list, 11 runs, user + system seconds:"
for _ in $(seq 11); do
    /usr/bin/time -f '%U %S' -a -o "$work/list" "$slm" list >/dev/null
done
awk '{ print $1 + $2 }' "$work/list" | sort -n | awk '{ v[NR] = $1 } END { printf "  min %.2f  median %.2f  max %.2f\n", v[1], v[int((NR + 1) / 2)], v[NR] }'

# 1 GiB that is no hole: a block of random bytes, repeated.
python3 - "$work/root/files/large.gguf" <<'PYTHON'
import os, sys
block = os.urandom(1 << 20)
with open(sys.argv[1], "wb") as file:
    file.write(b"GGUF")
    file.write(block[4:])
    for _ in range(1023):
        file.write(block)
PYTHON
"$hub_program" --root "$work/root" --ready-file "$work/ready" --max-seconds 300 >/dev/null &
hub_pid=$!
until [ -s "$work/ready" ]; do sleep 0.1; done
hub=$(sed -n 's/.*"hub":"\([^"]*\)".*/\1/p' "$work/ready")
digest=$(sha256sum "$work/root/files/large.gguf" | cut -d' ' -f1)

echo "slm get of 1 GiB, proven by SHA-256:"
for connections in 1 8 16; do
    rm -rf "$SLM_STORE"
    /usr/bin/time -f "  $connections connections: peak %M KiB, %e s wall, %U s user, %S s system" \
        "$slm" get "$hub/files/large.gguf" --sha256 "$digest" --connections "$connections" --quiet
done
