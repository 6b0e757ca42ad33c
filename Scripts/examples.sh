#!/usr/bin/env bash
# Runs the programs of Examples/, as `swift build` has built them, against a loopback Hub, in a folder that is removed at
# the end; and holds the Swift that the documents quote against them.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 Scripts/quotes.py

bin=$(${SWIFT:-swift} build --show-bin-path)
work=$(mktemp -d)
hub_pid=
finish() {
    [ -z "$hub_pid" ] || kill "$hub_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
"$bin/loopback-hub" --max-seconds 600 --ready-file "$work/ready" >"$work/hub.log" &
hub_pid=$!
for _ in $(seq 100); do
    [ -s "$work/ready" ] && break
    sleep 0.1
done
HF_ENDPOINT=$(sed -n 's/.*"hub":"\([^"]*\)".*/\1/p' "$work/ready")
export HF_ENDPOINT HOME=$work/home SLM_STORE=$work/models
unset HF_TOKEN HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy XDG_CACHE_HOME XDG_DATA_HOME
mkdir -p "$HOME" "$SLM_STORE"
model=hf:demo/tiny-llama-GGUF:Q4_K_M

expect() { # expect WORDS COMMAND…: it ends well, and says this
    local said
    said=$("${@:2}")
    grep -qF -- "$1" <<<"$said" || {
        printf '%s: no "%s" in:\n%s\n' "$2" "$1" "$said" >&2
        exit 1
    }
}
expect 'qwen2:0.5b:q4_k_m: fits' "$bin/choose" qwen2:0.5b
expect 'verified by sha256' "$bin/fetch" "$model"
expect "$model" "$bin/keep"
expect 'llama.cpp allocates' "$bin/fits" "$SLM_STORE/demo/tiny-llama-GGUF/tiny-llama-Q4_K_M.gguf"
expect "removed $model" "$bin/keep" "$model"
expect 'no-repository' "$bin/fetch" hf:demo/nothing
