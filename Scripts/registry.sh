#!/usr/bin/env bash
# A real OCI registry (Debian's docker-registry) on loopback: plain, with a password, with tokens from another port, and with
# TLS and a password. `slm push` is stopped at half and goes on; what it wrote skopeo copies and oras pulls, and what skopeo
# and oras wrote `slm get oci://` fetches and verifies. Where docker-registry, skopeo or oras is missing it says so.
# Everything is in a temporary folder.
#
#     SLM=.build/debug/slm SIZE=1024 Scripts/registry.sh      # SIZE in MiB, 256 unless said
#     REGISTRY=~/go/bin/registry Scripts/registry.sh          # another build of distribution, such as version 3
set -euo pipefail
cd "$(dirname "$0")/.."

slm=$(realpath "${SLM:-.build/debug/slm}")
size=${SIZE:-256}
program=${REGISTRY:-docker-registry}
for tool in "$program" openssl python3 jq; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is missing (apt-get install docker-registry openssl python3 jq)"; exit 0; }
done
has_skopeo=$(command -v skopeo || true)
[ -n "$has_skopeo" ] || echo "without skopeo (apt-get install skopeo): its part is skipped"
has_oras=$(command -v oras || true)
[ -n "$has_oras" ] || echo "without oras (oras.land; Debian has it since 13): its part is skipped"

work=$(mktemp -d)
registry= push= giver=
finish() {
    [ -z "$push" ] || kill -9 "$push" 2>/dev/null || true
    [ -z "$giver" ] || kill "$giver" 2>/dev/null || true
    [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
fail() { echo "FAILED: $*" >&2; cat "$work/said" "$work/got" 2>/dev/null | tail -8 >&2; exit 1; }

export HOME=$work/home LC_ALL=C.UTF-8 NO_PROXY=127.0.0.1 OTEL_TRACES_EXPORTER=none
unset SLM_STORE SSL_CERT_FILE HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy HF_ENDPOINT SLM_CATALOG
mkdir -p "$HOME/.docker" "$work/mine"

# A GGUF file of one tensor, whose bytes no compression makes shorter.
python3 - "$work/big-F32.gguf" "$size" <<'PY'
import os, struct, sys
path, count = sys.argv[1], int(sys.argv[2]) << 18
text = lambda s: struct.pack("<Q", len(s)) + s.encode()
head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("general.architecture") + struct.pack("<I", 8) + text("llama")
head += text("token_embd.weight") + struct.pack("<IQIQ", 1, count, 0, 0)
with open(path, "wb") as file:
    file.write(head + b"\0" * (-len(head) % 32))
    for _ in range(count >> 18): file.write(os.urandom(1 << 20))
PY
wanted=$(sha256sum "$work/big-F32.gguf" | cut -d' ' -f1)
all=$(stat -c %s "$work/big-F32.gguf")
"$slm" get "$work/big-F32.gguf" --store "$work/mine" --json >"$work/got" 2>"$work/said" || fail "get of a local file"
ref=$(jq -r '.installed[0].ref' "$work/got")
echo "a file of $all bytes, SHA-256 ${wanted:0:12}…"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
host=127.0.0.1:$port

"$program" --version | head -1

# Who gives tokens, as "Registry token authentication" of docker/docs has it: for a password, signed with a key that the
# registry knows, and for what was asked for.
cat >"$work/tokens.py" <<'PY'
import base64, http.server, json, subprocess, sys, time, urllib.parse
folder, there = sys.argv[1:]
b64 = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
pem = open(f"{folder}/token.crt").read()
chain = ["".join(line for line in pem.splitlines() if "-----" not in line)]
class Tokens(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"ada:secret").decode():
            self.send_response(401)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        access = []
        for scope in " ".join(query.get("scope", [])).split():
            kind, rest = scope.split(":", 1)
            name, actions = rest.rsplit(":", 1)
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        now = int(time.time())
        claims = {"iss": "tokens", "sub": "ada", "aud": "registry", "exp": now + 60, "nbf": now - 5, "iat": now, "jti": str(time.time_ns()), "access": access}
        text = ".".join(b64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "RS256", "x5c": chain}, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", f"{folder}/token.pem"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
        body = json.dumps({"token": text + "." + b64(signature), "expires_in": 60}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
open(there, "w").write(str(server.server_address[1]))
server.serve_forever()
PY

start() { # start MODE: plain, password, token, or tls (with a password)
    local mode=$1
    rm -rf "$work/data" "$work/certs" "$HOME/.docker/config.json"
    mkdir -p "$work/certs"
    {
        printf 'version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n'
        printf 'storage:\n  filesystem: {rootdirectory: %s/data}\nhttp:\n  addr: %s\n  secret: loopback-only\n' "$work" "$host"
        if [ "$mode" = tls ]; then
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/key.pem" \
                -out "$work/certs/ca.crt" -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null
            printf '  tls: {certificate: %s/certs/ca.crt, key: %s/key.pem}\n' "$work" "$work"
        fi
        if [ "$mode" = token ]; then
            openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/token.pem" -out "$work/token.crt" -days 2 -subj /CN=tokens 2>/dev/null
            rm -f "$work/giver"
            python3 "$work/tokens.py" "$work" "$work/giver" >&2 &
            giver=$!
            for _ in $(seq 200); do [ ! -s "$work/giver" ] || break; sleep 0.05; done
            printf 'auth:\n  token: {realm: "http://127.0.0.1:%s/token", service: registry, issuer: tokens, rootcertbundle: %s/token.crt}\n' \
                "$(cat "$work/giver")" "$work"
        elif [ "$mode" != plain ]; then
            # `htpasswd -B` of ada and "secret".
            echo 'ada:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW' >"$work/htpasswd"
            printf 'auth:\n  htpasswd: {realm: test, path: %s/htpasswd}\n' "$work"
        fi
    } >"$work/config.yml"
    [ "$mode" = plain ] || printf '{"auths":{"%s":{"auth":"%s"}}}' "$host" "$(printf ada:secret | base64)" >"$HOME/.docker/config.json"
    "$program" serve "$work/config.yml" >"$work/log" 2>&1 &
    registry=$!
    for _ in $(seq 200); do
        (exec 3<>"/dev/tcp/${host%:*}/$port") 2>/dev/null && return
        kill -0 "$registry" 2>/dev/null || { cat "$work/log" >&2; fail "$program does not start"; }
        sleep 0.05
    done
    fail "$program does not listen"
}

stop_at_half() { # stop_at_half SIGNAL TARGET
    "$slm" push "$ref" "$2" --store "$work/mine" >"$work/said" 2>&1 &
    push=$!
    while kill -0 "$push" 2>/dev/null; do
        local here
        here=$(find "$work/data" -path '*_uploads*' -name data -printf '%s\n' 2>/dev/null | sort -n | tail -1 || true)
        [ "${here:-0}" -lt $((all / 2)) ] || break
        sleep 0.01
    done
    kill "-$1" "$push" 2>/dev/null || echo "  (it was done before it could be stopped)"
    wait "$push" 2>/dev/null || true
    push=
}

for mode in plain password token tls; do
    start "$mode"
    unset SSL_CERT_FILE
    flags=(--dest-tls-verify=false --src-tls-verify=false)
    if [ "$mode" = tls ]; then
        export SSL_CERT_FILE=$work/certs/ca.crt
        flags=(--dest-cert-dir "$work/certs" --src-cert-dir "$work/certs")
    fi
    echo "# $mode"
    for signal in TERM KILL; do
        target=oci://$host/class/$mode-${signal,,}:v1
        stop_at_half "$signal" "$target"
        "$slm" push "$ref" "$target" --store "$work/mine" --json >"$work/got" 2>"$work/said" || fail "push after $signal"
        echo "push stopped by SIG$signal at half: then $(jq -r '"\(.sentBytes) bytes sent, \(.skippedBytes) there"' "$work/got")"
    done
    source=$host/class/$mode-kill:v1
    if [ -n "$has_skopeo" ]; then
        skopeo copy -q --authfile "$HOME/.docker/config.json" "${flags[@]}" "docker://$source" "docker://$host/copy/$mode:v1" \
            2>"$work/said" || { [ "$mode" = plain ] && skopeo copy -q "${flags[@]}" "docker://$source" "docker://$host/copy/$mode:v1"; } \
            || fail "skopeo copies what slm pushed"
        source=$host/copy/$mode:v1
        echo "skopeo copied it"
    fi
    if [ -n "$has_oras" ]; then
        flags=(--plain-http)
        [ "$mode" != tls ] || flags=(--ca-file "$work/certs/ca.crt")
        oras pull --no-tty "${flags[@]}" -o "$work/pulled" "$host/class/$mode-kill:v1" >"$work/said" 2>&1 || fail "oras pulls what slm pushed"
        [ "$(find "$work/pulled" -name '*.gguf' -exec sha256sum {} + | cut -d' ' -f1)" = "$wanted" ] || fail "oras: other bytes came"
        rm -rf "$work/pulled"
        (cd "$work" && oras push --no-tty "${flags[@]}" --artifact-type application/vnd.cncf.model.manifest.v1+json \
            "$host/oras/$mode:v1" big-F32.gguf:application/vnd.cncf.model.weight.v1.raw) >"$work/said" 2>&1 || fail "oras pushes"
        mkdir "$work/oras-$mode"
        "$slm" get "oci://$host/oras/$mode:v1" --store "$work/oras-$mode" --json >"$work/got" 2>"$work/said" || fail "get of what oras pushed"
        [ "$(jq -r '.installed[0] | .sha256 + " " + .verified' "$work/got")" = "$wanted sha256" ] || fail "other bytes came from oras"
        rm -rf "$work/oras-$mode"
        echo "oras pulled it, and slm got what oras pushed"
    fi
    mkdir "$work/other-$mode"
    "$slm" get "oci://$source" --store "$work/other-$mode" --json >"$work/got" 2>"$work/said" || fail "get of oci://$source"
    [ "$(jq -r '.installed[0] | .sha256 + " " + .verified' "$work/got")" = "$wanted sha256" ] || fail "other bytes came"
    echo "slm got what came of it: $(jq -r '.installed[0] | "\(.fetchedBytes) bytes, verified by \(.verified)"' "$work/got")"
    rm -rf "$work/other-$mode"
    for process in $registry $giver; do kill "$process"; wait "$process" 2>/dev/null || true; done
    registry= giver=
done
