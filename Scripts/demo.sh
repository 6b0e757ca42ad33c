#!/usr/bin/env bash
# The main job, end to end, without Internet: a loopback Hub serves small real GGUF files, and `slm` does with them
# what it does with large ones. Everything happens in a temporary folder, which is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(swift build --show-bin-path)
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
hub=$(sed -n 's/.*"hub":"\([^"]*\)".*/\1/p' "$work/ready")

export HOME=$work/home SLM_STORE=$work/Downloads/slm HF_ENDPOINT=$hub LC_ALL=C.UTF-8 LANG=C.UTF-8
unset HF_TOKEN HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy SLM_CATALOG
mkdir -p "$HOME" "$work/Downloads"
slm=$bin/slm
model=hf:demo/tiny-llama-GGUF:Q4_K_M

show() { # show WHAT COMMAND…: as a person would type it
    printf '\n\033[1m# %s\033[0m\n$ slm %s\n' "$1" "${*:2}"
    "$slm" "${@:2}"
}
control() { # control JSON: tells the loopback hub to misbehave
    local address=${hub#http://}
    exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
    printf 'POST /__control HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
        "$address" "${#1}" "$1" >&3
    cat <&3 >/dev/null
    exec 3<&-
}

show "Which of the guide's models fit this device?" list --fits
show "And a phone with 4 GB, in Spanish?" list --device phone-4gb --lang es --max-size 2GB
show "Everything about one of them" show qwen2:0.5b
show "What does it need, part by part?" fit gemma2:2b --context 4096 --explain

control '{"op": "drop", "match": "*Q4_K_M*", "after": 400000, "times": 1, "server": "cdn"}'
show "Get a model; the connection is cut once on the way, and the download goes on" get "$model"
control '{"op": "clear"}'
show "What is stored" ls
show "Its path, for llama-cli -m" path "$model"
show "Its header" show "$("$slm" path "$model")"

printf '\n\033[1m# One byte of the stored file goes bad\033[0m\n'
file=$("$slm" path "$model")
printf 'X' | dd of="$file" bs=1 seek=300000 conv=notrunc status=none
show "The damage is found (exit status 1)" verify || [ $? -eq 1 ]
show "And mended" verify --repair
show "All is well" verify

control '{"op": "commit", "repo": "demo/tiny-llama-GGUF"}'
show "The publisher uploads a new version (exit status 1)" outdated || [ $? -eq 1 ]
show "Take it" update
show "Remove it" rm "$model" --yes
show "Nothing is left" ls
[ -z "$(find "$SLM_STORE" -name '*.gguf' -o -name '*.part' 2>/dev/null)" ]
printf '\nThe demo is over: every step did what it said.\n'
