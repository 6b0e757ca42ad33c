#!/usr/bin/env bash
# `slm share` from another host's view: a network namespace with a wire of its own. Needs root, iproute2, curl; with the
# argument --hf also python3 and pip, to fetch with the real `hf` from PyPI; with --browser Chromium, chromedriver and
# Python's selenium, to fetch as a phone does. LLAMA=PROGRAM names llama-completion, to fetch with its `-hf`.
#
#     SLM=.build/debug/slm Scripts/share-network.sh [--hf] [--browser]
set -euo pipefail
cd "$(dirname "$0")/.."

slm=${SLM:-.build/debug/slm}
asked=$*
work=$(mktemp -d)
name=slm-share-$$
host=10.213.7.1
phone=10.213.7.2
server=
fail() { echo "FAILED: $*" >&2; [ ! -s "$work/messages" ] || head -60 "$work/messages" >&2; exit 1; }
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    ip netns del "$name" 2>/dev/null || true
    ip link del "sh$$" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

ip netns add "$name"
ip link add "sh$$" type veth peer name "ph$$"
ip link set "ph$$" netns "$name"
ip addr add "$host/24" dev "sh$$"
ip link set "sh$$" up
ip -n "$name" addr add "$phone/24" dev "ph$$"
ip -n "$name" link set "ph$$" up
ip -n "$name" link set lo up
wants() { case " $asked " in *" $1 "*) ;; *) return 1 ;; esac; }
away() { ip netns exec "$name" env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u all_proxy "$@"; }

# A file of 200 MB in a Hub's repository: the header of a small model, and noise.
export SLM_STORE=$work/store HOME=$work/home
mkdir -p "$HOME" "$work/origin"
python3 - "$work/origin/noise-Q8_0.gguf" <<'PYTHON'
import os, struct, sys
with open(sys.argv[1], "wb") as file:
    file.write(b"GGUF" + struct.pack("<IQQ", 3, 0, 0))
    for _ in range(200):
        file.write(os.urandom(1_000_000))
PYTHON
"$slm" get --quiet "$work/origin/noise-Q8_0.gguf" >/dev/null
ref=$("$slm" ls --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["models"][0]["ref"])')
digest=$(sha256sum "$work/origin/noise-Q8_0.gguf" | cut -d" " -f1)

start() { # start ARGUMENTS...: sets server, url
    "$slm" share "$@" --address "$host" --json >"$work/answer.json" 2>"$work/messages" &
    server=$!
    for _ in $(seq 200); do
        url=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["url"])' "$work/answer.json" 2>/dev/null) && return
        sleep 0.05
    done
    fail "no address: $(cat "$work/messages")"
}
memory() { awk '/VmHWM/ {print $2}' "/proc/$server/status"; }

echo "== a page, a file, cut and resumed, and the end"
start "$ref"
page=$(away curl -sf -H "Accept-Language: es" "$url")
grep -q "$digest" <<<"$page" || fail "the page does not show the digest"
grep -q "Descargar" <<<"$page" || fail "the page is not in Spanish"
origin=${url%/*}
file=$origin$(grep -o 'href="[^"]*"' <<<"$page" | cut -d'"' -f2)
away curl -s --max-filesize 1G --limit-rate 40M --max-time 1 -o "$work/got" "$file" || true
kept=$(stat -c %s "$work/got")
[ "$kept" -gt 0 ] && [ "$kept" -lt 200000000 ] || fail "was not cut: $kept"
for path in / /x "/${url##*/}/x" "/${url##*/}/..%2f..%2fetc%2fpasswd" /.slm/index.sqlite; do
    [ "$(away curl -s --path-as-is -o /dev/null -w '%{http_code}' "$origin$path")" = 404 ] || fail "$path is there"
done

echo "== five who mean no good"
before=$(memory)
away python3 - "$host" "${origin##*:}" "/${file#"$origin"/}" <<'PYTHON' &
import resource, socket, sys, time
host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
held = []
def connect():
    s = socket.create_connection((host, port), 5); s.settimeout(0.2); held.append(s); return s
def send(s, data):
    try: s.sendall(data); return True
    except OSError: return False
for _ in range(20): send(connect(), b"GET / HTTP/1.1\r\nHost: a\r\nX: ")          # slow headers
s = connect(); send(s, b"GET / HTTP/1.1\r\nX: ")                                   # huge headers
sent = 0
while sent < 200 and send(s, b"a" * 1_000_000): sent += 1
assert sent < 200, "took 200 MB of header"
send(connect(), b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n")        # ..
for _ in range(3000):                                                              # thousands of connections
    try: connect()
    except OSError: pass
for _ in range(200):                                                               # ranges without end
    try: s = connect()
    except OSError: continue
    send(s, b"GET " + path.encode() + b" HTTP/1.1\r\nHost: a\r\nRange: bytes=" + b",".join(b"%d-" % n for n in range(900)) + b"\r\n\r\n")
    send(s, b"GET " + path.encode() + b" HTTP/1.1\r\nHost: a\r\nRange: bytes=0-\r\n\r\n" * 5)
time.sleep(2)
PYTHON
hostile=$!
sleep 1
[ "$(curl --noproxy '*' -s -o /dev/null -w '%{http_code}' "$url")" = 200 ] || fail "somebody else was stopped"
wait "$hostile" || fail "the hostile clients were served too well"
after=$(memory)
echo "   peak memory $before kB before, $after kB after"
[ $((after - before)) -lt 80000 ] || fail "memory grew by $((after - before)) kB"
kill -0 "$server" || fail "the server ended"

away curl -sf -C - -o "$work/got" "$file" || fail "could not resume"
[ "$(sha256sum "$work/got" | cut -d" " -f1)" = "$digest" ] || fail "another digest"
wait "$server" || fail "status $? after the download: $(cat "$work/messages")"
server=
cat "$work/messages"
away curl -s -o /dev/null --max-time 5 "$url" && fail "something still listens"

if wants --browser; then
    echo "== a phone's browser"
    start "$ref" --keep
    away python3 - "$url" "$work/phone" "$digest" <<'PYTHON' || fail "the browser"
import hashlib, pathlib, sys, time
from selenium import webdriver
from selenium.webdriver.common.by import By
url, folder, digest = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
folder.mkdir()
options = webdriver.ChromeOptions()
for option in ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=390,844", "--lang=es"]:
    options.add_argument(option)
options.add_experimental_option("prefs", {"intl.accept_languages": "es"})
chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
chrome.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
chrome.get(url)
text = chrome.find_element(By.TAG_NAME, "body").text
assert digest in text.replace("\n", "").replace(" ", ""), text
chrome.save_screenshot(str(folder.parent / "phone.png"))
assert chrome.execute_script("return document.documentElement.scrollWidth <= innerWidth"), "wider than a phone"
buttons = [link for link in chrome.find_elements(By.TAG_NAME, "a") if "Descargar" in link.text]
assert len(buttons) == 1, text
buttons[0].click()
file = folder / "noise-Q8_0.gguf"
for _ in range(600):
    if file.exists(): break
    time.sleep(0.05)
assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
chrome.quit()
print("   Chromium fetched it")
PYTHON
    [ -z "${PICTURE:-}" ] || cp "$work/phone.png" "$PICTURE"
    kill "$server"
    wait "$server" || true
    server=
fi

echo "== the store as a Hub"
start --hub
repository=$(away curl -sf "$url/api/models" | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
away env SLM_STORE="$work/other" HF_ENDPOINT="$url" "$slm" get --json "hf:$repository:Q8_0" >"$work/got.json"
python3 - "$work/got.json" "$digest" <<'PYTHON' || fail "another slm: $(cat "$work/got.json")"
import json, sys
row = json.load(open(sys.argv[1]))["installed"][0]
assert row["sha256"] == sys.argv[2] and row["verified"] == "sha256", row
PYTHON
if wants --hf; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" -q install huggingface_hub
    away env HF_ENDPOINT="$url" HF_HOME="$work/hf" HF_HUB_DISABLE_XET=1 "$work/venv/bin/hf" download "$repository" noise-Q8_0.gguf \
        --local-dir "$work/hf-got" >/dev/null
    [ "$(sha256sum "$work/hf-got/noise-Q8_0.gguf" | cut -d" " -f1)" = "$digest" ] || fail "hf: another digest"
    echo "   hf $("$work/venv/bin/hf" version 2>/dev/null | tail -1) fetched it"
fi
if [ -n "${LLAMA:-}" ]; then
    away env MODEL_ENDPOINT="$url" HF_ENDPOINT="$url" HF_HOME="$work/llama" HF_HUB_CACHE="$work/llama/hub" "$LLAMA" \
        -hf "$repository:Q8_0" -no-cnv -n 1 >"$work/llama.log" 2>&1 || true
    [ "$(find "$work/llama" -path '*blobs*' -type f -size +1M -exec sha256sum {} + | cut -d" " -f1)" = "$digest" ] \
        || fail "llama.cpp: $(tail -5 "$work/llama.log")"
    echo "   $LLAMA -hf fetched it"
fi
kill "$server"
wait "$server" || true
server=
away curl -s -o /dev/null --max-time 5 "$url/api/models" && fail "something still listens"
echo "all is well"
