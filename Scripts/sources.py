#!/usr/bin/env python3
"""Every source of models against a look-alike of each (`fake_hub.py`), in every variant of it: each reference resolves, fits
by its header alone, downloads, verifies and resumes; and no credential reaches a host, or a part of one, that it is not for.

    Scripts/sources.py PATH/TO/fake_hub.py [SLM]
"""
import base64
import hashlib
import json
import os
import shutil
import signal
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

FAKE_HUB = Path(sys.argv[1]).resolve()
os.chdir(Path(__file__).resolve().parent.parent)
if len(sys.argv) > 2:
    SLM = Path(sys.argv[2]).resolve()
else:
    SLM = Path(subprocess.check_output(["swift", "build", "--show-bin-path"], text=True).strip()) / "slm"

MIB = 1 << 20
REGISTRY_USER = "user:pass"
passed, failed = 0, 0


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
    else:
        failed += 1
        print("FAIL ", what, detail)


def fingerprint(secret):
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def header_size(path):
    """Where the tensors' data begin in a GGUF file."""
    with open(path, "rb") as file:
        def number(form):
            return struct.unpack("<" + form, file.read(struct.calcsize("<" + form)))[0]

        def skip(kind):
            if kind == 8:
                file.seek(number("Q"), 1)
            elif kind == 9:
                inner, count = number("I"), number("Q")
                for _ in range(count):
                    skip(inner)
            else:
                file.seek({0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}[kind], 1)

        file.seek(8)
        tensors, keys = number("Q"), number("Q")
        for _ in range(keys):
            skip(8)
            skip(number("I"))
        for _ in range(tensors):
            skip(8)
            file.seek(8 * number("I") + 12, 1)
        return file.tell()


class Server:
    """The look-alike, with one variant switched on."""

    def __init__(self, root, work, arguments, host):
        ready = work / "ready"
        ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, FAKE_HUB, "--root", root, "--max-seconds", "600", "--ready-file", ready, "--watch-pid",
             str(os.getpid()), "--hash-cache", work / "hashes", "--registry-user", REGISTRY_USER, "--public-host", host,
             "--cdn-host", "127.0.0.1" if host == "localhost" else "localhost", *arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (ready.exists() and ready.read_text().strip()):
            if self.process.poll() is not None:
                sys.exit("fake_hub.py does not start: " + " ".join(arguments))
            time.sleep(0.02)
        info = json.loads(ready.read_text())
        self.address, self.token, self.ca = info["hub"], info["token"], info["ca"]
        self.scheme, self.host = self.address.split("://")

    def ask(self, path, data=None):
        context = ssl._create_unverified_context() if self.scheme == "https" else None
        request = urllib.request.Request(self.address + path, data=data and json.dumps(data).encode())
        return json.load(urllib.request.urlopen(request, context=context))

    def control(self, *operations):
        self.ask("/__control", list(operations))

    def log(self):
        return self.ask("/__log?since=0")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Servers:
    """Each on a port of its own, so that nobody is asked with another's credential unseen."""

    def __init__(self, root, work, arguments):
        self.hub = Server(root, work, arguments, "127.0.0.1")
        self.registry = Server(root, work, arguments, "localhost")  # and plain addresses
        self.scope = Server(root, work, arguments, "localhost")
        self.all = [self.hub, self.registry, self.scope]
        self.ca = work / "ca.pem" if self.hub.ca else None
        if self.ca:
            self.ca.write_text("".join(Path(server.ca).read_text() for server in self.all))

    def control(self, *operations):
        for server in self.all:
            server.control(*operations)

    def log(self):
        return [{"at": server, **entry} for server in self.all for entry in server.log()]

    def stop(self):
        for server in self.all:
            server.stop()


def sources(servers, root):
    """Name, reference, the files that come, more arguments of `get`."""
    hf, oci = root / "hf/demo", root / "oci"
    plain = root / "files/plain-15M-Q4_0.gguf"
    split = sorted((hf / "split-GGUF/Q4_K_M").iterdir())
    vision = [hf / "vision-GGUF/vision-15M-Q4_K_M.gguf", hf / "vision-GGUF/mmproj-vision-F16.gguf"]
    digest = hashlib.sha256(plain.read_bytes()).hexdigest()
    registry = servers.registry
    return [
        ("hf", "hf:demo/tiny-GGUF:Q4_0", [hf / "tiny-GGUF/tiny-15M-Q4_0.gguf"], []),
        ("hf, in parts", "hf:demo/split-GGUF:Q4_K_M", split, []),
        ("hf, with a projector", "hf:demo/vision-GGUF:Q4_K_M", vision, []),
        ("hf, a revision", "hf:demo/tiny-GGUF/tiny-15M-Q4_0.gguf@v2", [hf / "tiny-GGUF@v2/tiny-15M-Q4_0.gguf"], []),
        ("hf, gated", "hf:demo/gated-GGUF:Q4_0", [hf / "gated-GGUF/gated-15M-Q4_0.gguf"], []),
        ("hf, private", "hf:demo/private-GGUF:Q4_0", [hf / "private-GGUF/private-15M-Q4_0.gguf"], []),
        ("hf, renamed", "hf:demo/old-GGUF:Q4_0", [hf / "renamed-GGUF/renamed-15M-Q4_0.gguf"], []),
        ("ollama", "ollama:tinyq:0.5b", [root / "ollama/library/tinyq/0.5b/model.gguf"], []),
        ("oci, Docker's types", f"oci://{registry.host}/ai/tiny:15M-Q4_0", [oci / "ai/tiny/15M-Q4_0/tiny-15M-Q4_0.gguf"], []),
        ("oci, ModelPack", f"oci://{registry.host}/models/cncf:15M-Q4_0",
         [oci / "models/cncf/15M-Q4_0/tiny-15M-Q4_0.gguf"], []),
        ("oci, an index", f"oci://{registry.host}/models/indexed:15M-Q4_0",
         [oci / "models/indexed/15M-Q4_0/tiny-15M-Q4_0.gguf"], []),
        ("modelscope", "modelscope:demo/tiny-GGUF:Q4_K_M", [hf / "tiny-GGUF/tiny-15M-Q4_K_M.gguf"], []),
        ("modelscope, in parts", "modelscope:demo/split-GGUF:Q4_K_M", split, []),
        ("modelscope, with a projector", "modelscope:demo/vision-GGUF:Q4_K_M", vision, []),
        (registry.scheme, f"{registry.address}/files/plain-15M-Q4_0.gguf", [plain], ["--sha256", digest]),
    ]


def environment(servers, work, store):
    home = work / "home"
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(store, ignore_errors=True)
    (home / ".docker").mkdir(parents=True)
    login = base64.b64encode(REGISTRY_USER.encode()).decode()
    (home / ".docker/config.json").write_text(json.dumps({"auths": {servers.registry.host: {"auth": login}}}))
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "SLM_STORE": str(store),
           "HF_ENDPOINT": servers.hub.address, "HF_TOKEN": servers.hub.token, "OLLAMA_REGISTRY": servers.registry.address,
           "MODELSCOPE_ENDPOINT": servers.scope.address, "MODELSCOPE_API_TOKEN": "ms-1b9f-of-this-test"}
    if servers.ca:
        env["SSL_CERT_FILE"] = str(servers.ca)
    return env


def slm(env, *arguments):
    return subprocess.run([SLM, *arguments], env=env, capture_output=True, text=True, timeout=120)


def answer(run):
    try:
        return json.loads(run.stdout)
    except json.JSONDecodeError:
        return {}


def faults_of(variant):
    """What goes wrong on the wire besides, so that the variant is felt."""
    if variant == "cut":
        return [{"fault": "drop", "match": "*.gguf", "after": "700k", "times": 1}]
    if variant == "--url-ttl 1":  # the address is too old when the connection has been lost
        return [{"fault": "slow", "match": "*.gguf", "bps": "500k"},
                {"fault": "drop", "match": "*.gguf", "after": "550k", "times": 2}]
    return []


def credentials(what, servers, log):
    """Each credential only at the host, and at the part of it, that it is for."""
    token, login = fingerprint(servers.hub.token), fingerprint(base64.b64encode(REGISTRY_USER.encode()).decode())
    for entry in log:
        server, path, own = entry.pop("at"), entry["path"], entry.get("auth_fp")
        where = f"{entry['server']} {entry.get('host')}{path}"
        is_cdn = entry["server"] == "cdn"
        if own == token:
            check(f"{what}: the Hub's token at the Hub only", server is servers.hub and not is_cdn, where)
        elif own == login:
            check(f"{what}: the password at the registry's token service only",
                  server is servers.registry and not is_cdn and path == "/token", where)
        elif own is not None:
            check(f"{what}: a registry's token at the registry only",
                  server is servers.registry and not is_cdn and path.startswith("/v2/"), where)
        if entry.get("cookie"):
            check(f"{what}: ModelScope's token at ModelScope only", server is servers.scope and not is_cdn, where)


def run_variant(variant, arguments, root, work):
    servers = Servers(root, work, arguments)
    store = work / "store"
    known = sources(servers, root)
    seen, before = 0, failed
    try:
        for name, ref, files, more in known:
            what = f"{variant}: {name}"
            env = environment(servers, work, store)
            servers.control({"op": "log_clear"})
            fit = slm(env, "fit", ref, "--json")
            check(f"{what}: fits", fit.returncode == 0 and answer(fit).get("fit", {}).get("verdict") == "fits",
                  fit.stdout[-400:])
            log = servers.log()
            header = sum(map(header_size, files))
            read = sum(entry["sent"] for entry in log if entry.get("range"))
            check(f"{what}: no more than the headers ({header}) and 1 MiB are read", read <= header + MIB, read)
            credentials(what, servers, log)

            servers.control({"op": "log_clear"}, *faults_of(variant))
            get = slm(env, "get", ref, *more, "--json")
            log = servers.log()
            servers.control({"op": "clear"})
            row = answer(get).get("installed", [{}])[0]
            check(f"{what}: downloads and verifies", get.returncode == 0 and row.get("verified") == "sha256",
                  get.stdout[-400:] + get.stderr[-400:])
            listed = answer(slm(env, "ls", "--json")).get("models") or [{"files": []}]
            have = sorted(f.get("sha256") or "" for f in listed[0]["files"] if f["path"].endswith(".gguf"))
            want = sorted(hashlib.sha256(f.read_bytes()).hexdigest() for f in files)
            check(f"{what}: the very bytes", have == want, (have, want))
            size = sum(f.stat().st_size for f in files)
            sent = sum(entry["sent"] for entry in log if entry.get("range"))
            check(f"{what}: little is sent twice", sent <= size * 1.1, f"{sent} of {size}")
            redirects = [entry["path"] for entry in log if entry["status"] in (302, 307)]
            if variant == "--url-ttl 1" and redirects and size > MIB:
                check(f"{what}: an address that was too old was asked for again", len(redirects) > len(set(redirects)),
                      [(entry["server"], entry["status"]) for entry in log])
            verify = slm(env, "verify", ref, "--json")
            check(f"{what}: stays verified", verify.returncode == 0 and answer(verify)["models"][0]["state"] == "ready",
                  verify.stdout[-300:])
            seen += len(log)
            credentials(what, servers, log)
    finally:
        servers.stop()
    print(f"{'ok   ' if failed == before else 'FAIL '} {variant}: {len(known)} references, {seen} requests looked at", flush=True)


def refused(variant, arguments, root, work):
    """Where the certificate is not right, nothing comes, and no credential is told."""
    servers = Servers(root, work, arguments)
    store = work / "store"
    before = failed
    try:
        for name, ref, _, more in sources(servers, root):
            env = environment(servers, work, store)
            for command in (["fit", ref], ["get", ref, *more]):
                run = slm(env, *command, "--json")
                said = json.dumps(answer(run).get("error", {})).lower()
                check(f"{variant}: {name}: {command[0]} is refused", run.returncode == 69 and "certificate" in said,
                      f"{run.returncode} {run.stdout[-300:]}")
            check(f"{variant}: {name}: nothing is stored", not list(store.rglob("*.gguf")))
    finally:
        servers.stop()
    print(f"{'ok   ' if failed == before else 'FAIL '} {variant}: refused by all", flush=True)


def main():
    work = Path(tempfile.mkdtemp(prefix="slm-sources-"))
    root = work / "root"
    try:
        subprocess.run([sys.executable, FAKE_HUB, "--make-demo", root, "--demo-size", "2M"], check=True,
                       stdout=subprocess.DEVNULL)
        for variant in ["as it is", "cut", "--url-ttl 1", "--tree-page 2", "--gated-api closed", "--cdn-strict-auth",
                        "--registry-auth anonymous", "--registry-auth basic", "--registry-auth basic --registry-token-ttl 1",
                        "--registry-direct", "--hub-direct", "--xet off", "--xet header", "--tls ok"]:
            run_variant(variant, variant.split() if variant.startswith("--") else [], root, work)
        for variant in ["--tls expired", "--tls wrong-host"]:
            refused(variant, variant.split(), root, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} checks passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
