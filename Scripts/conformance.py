#!/usr/bin/env python3
"""Runs the built `slm` against a look-alike Hub (`fake_hub.py`) and holds what it does against the contract:
exit status, one clear sentence and a hint in English and Spanish, and a store that is as it was.

    Scripts/conformance.py PATH/TO/fake_hub.py [SLM]
"""
import json
import os
import shutil
import signal
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

passed, failed, skipped = 0, 0, 0
REPO = "demo/tiny-GGUF"
FILE = "tiny-15M-Q4_0.gguf"
REF = f"hf:{REPO}/{FILE}"


def check(what, holds, detail=""):
    global passed, failed
    if holds:
        passed += 1
        print("ok   ", what)
    else:
        failed += 1
        print("FAIL ", what, detail)


def skip(what):
    global skipped
    skipped += 1
    print("skip ", what)


class Hub:
    def __init__(self, work):
        root = work / "root"
        subprocess.run([sys.executable, FAKE_HUB, "--make-demo", root, "--demo-size", "2M"], check=True,
                       stdout=subprocess.DEVNULL)
        ready = work / "ready"
        self.process = subprocess.Popen(
            [sys.executable, FAKE_HUB, "--root", root, "--max-seconds", "900", "--ready-file", ready,
             "--watch-pid", str(os.getpid())], stdout=subprocess.DEVNULL)
        for _ in range(200):
            if ready.exists() and ready.read_text().strip():
                break
            time.sleep(0.05)
        info = json.loads(ready.read_text())
        self.address, self.token = info["hub"], info["token"]
        self.no_access = info["token_without_access"]

    def control(self, *operations):
        request = urllib.request.Request(self.address + "/__control", data=json.dumps(list(operations)).encode())
        return json.load(urllib.request.urlopen(request))

    def log(self, since=0, server="cdn"):
        return json.load(urllib.request.urlopen(f"{self.address}/__log?server={server}&since={since}"))

    def log_count(self):
        return json.load(urllib.request.urlopen(self.address + "/__control"))["log_n"]


def environment(work, hub, **more):
    home = work / "home"
    home.mkdir(exist_ok=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "HF_ENDPOINT": hub.address, "LC_ALL": "C.UTF-8",
           "SLM_STORE": str(work / "store")}
    env.update({key: str(value) for key, value in more.items()})
    return env


def slm(env, *arguments, timeout=120):
    return subprocess.run([SLM, *arguments], env=env, capture_output=True, text=True, timeout=timeout)


def files(store):
    return sorted(str(p.relative_to(store)) for p in store.rglob("*.gguf")) if store.exists() else []


def refused(what, env, arguments, status, words_en, words_es, store_before=None):
    """The same command fails alike in both languages and as JSON."""
    store = Path(env["SLM_STORE"])
    before = files(store) if store_before is None else store_before
    for language, words in (("en", words_en), ("es", words_es)):
        run = slm(env, *arguments, "--lang", language)
        lines = [line for line in run.stderr.strip().splitlines() if line]
        said = run.stderr
        check(f"{what} ({language}): exit status {status}", run.returncode == status,
              f"was {run.returncode}: {said!r}")
        check(f"{what} ({language}): one sentence and a hint",
              sum(line.startswith("error: ") for line in lines) == 1
              and any(line.startswith(("hint: ", "sugerencia: ", "pista: ")) for line in lines)
              and words.lower() in said.lower(), repr(said))
    run = slm(env, *arguments, "--json")
    try:
        answer = json.loads(run.stdout)
    except json.JSONDecodeError:
        answer = {}
    check(f"{what} (json): error object, same status",
          set(answer.get("error", {})) >= {"code", "message", "hint"} and run.returncode == status, run.stdout)
    check(f"{what}: the store is as it was", files(store) == before, files(store))


def main():
    work = Path(tempfile.mkdtemp(prefix="slm-conformance-"))
    hub = Hub(work)
    try:
        env = environment(work, hub)
        round_trip(work, hub, env)
        errors(work, hub, env)
        faults(work, hub)
        kills(work, hub)
        two_at_once(work, hub)
    finally:
        hub.process.send_signal(signal.SIGTERM)
        hub.process.wait()
        subprocess.run(["umount", work / "small"], stderr=subprocess.DEVNULL)
        subprocess.run(["umount", work / "readonly"], stderr=subprocess.DEVNULL)
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


def round_trip(work, hub, env):
    run = slm(env, "get", REF, "--json")
    check("get: exit status 0", run.returncode == 0, run.stderr)
    row = json.loads(run.stdout)["installed"][0]
    wanted = {"ref", "path", "sizeBytes", "sha256", "verified", "source", "fetchedBytes", "resumedFromBytes",
              "seconds", "averageBytesPerSecond"}
    check("get --json: the contract's fields", wanted <= set(row), row)
    check("get: verified by SHA-256", row["verified"] == "sha256", row)
    check("get: the file is there", Path(row["path"]).stat().st_size == row["sizeBytes"])
    since = hub.log_count()
    again = slm(env, "get", REF, "--json")
    check("get again: nothing is fetched", again.returncode == 0 and not hub.log(since), again.stdout)
    listed = json.loads(slm(env, "ls", "--json").stdout)["models"]
    check("ls --json: the contract's fields",
          len(listed) == 1 and {"ref", "path", "sizeBytes", "sha256", "source", "installedAt", "verifiedAt",
                                "state"} <= set(listed[0]), listed)
    path = slm(env, "path", REF).stdout
    check("path: alone on one line", path == row["path"] + "\n", path)
    check("verify: exit status 0", slm(env, "verify").returncode == 0)
    with open(row["path"], "r+b") as file:
        file.seek(row["sizeBytes"] // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 255]))
    run = slm(env, "verify", "--json")
    model = json.loads(run.stdout)["models"][0]
    check("verify: finds one wrong byte, exit status 1", run.returncode == 1 and model["state"] == "damaged", run.stdout)
    check("verify: says where", model["damagedRanges"] and model["damagedRanges"][0]["length"] > 0, model)
    run = slm(env, "verify", "--repair", "--json")
    check("verify --repair: mends it", run.returncode == 0
          and json.loads(run.stdout)["models"][0]["state"] == "ready", run.stdout + run.stderr)
    check("outdated: exit status 0 when nothing is new", slm(env, "outdated").returncode == 0)
    hub.control({"op": "commit", "repo": REPO, "files": {FILE: {"patch": [{"offset": 100000, "hex": "00ff00ff"}]}}})
    run = slm(env, "outdated", "--json")
    check("outdated: exit status 1 when main has moved", run.returncode == 1, run.stdout)
    run = slm(env, "update", "--json")
    model = json.loads(run.stdout)["models"][0]
    check("update --json: the contract's fields",
          {"ref", "changed", "fromSha256", "toSha256", "sizeBytes", "fetchedBytes", "reusedBytes"} <= set(model)
          and model["changed"] and model["fromSha256"] == row["sha256"], model)
    check("update: the new file is proven", slm(env, "verify").returncode == 0)
    check("rm: exit status 0", slm(env, "rm", REF, "--yes").returncode == 0)
    check("rm: nothing is left", files(Path(env["SLM_STORE"])) == [])


def errors(work, hub, env):
    refused("unknown name", env, ["get", "qwen2:1b"], 66, "qwen2:1.5b", "qwen2:1.5b")
    refused("unknown repository", env, ["get", "hf:demo/no-such-thing"], 66, "demo/no-such-thing", "no existe")
    refused("unknown file", env, ["get", f"hf:{REPO}/none.gguf"], 66, "none.gguf", "none.gguf")
    refused("unknown revision", env, ["get", f"hf:{REPO}@nowhere"], 66, "nowhere", "revisión")
    hub.control({"op": "repo", "repo": REPO, "opts": {"gated": "manual"}},
                {"op": "set", "gated_api": "closed"})
    refused("gated, no token", env, ["get", REF], 77, "gated", "restringido")
    refused("gated, token without access", dict(env, HF_TOKEN=hub.no_access), ["get", REF], 77, "gated", "restringido")
    hub.control({"op": "repo", "repo": REPO, "opts": {"gated": False}}, {"op": "set", "gated_api": "open"})
    refused("no network", dict(env, HF_ENDPOINT="http://127.0.0.1:9"), ["get", REF], 69, "127.0.0.1", "127.0.0.1")
    refused("not stored", env, ["path", "tinyllama"], 66, "not stored", "no está guardado")
    check("wrong usage: exit status 64", slm(env, "get").returncode == 64)
    check("no such option: exit status 64", slm(env, "list", "--frobnicate").returncode == 64)

    # A full disk and a folder that can only be read, on file systems of their own.
    small, readonly = work / "small", work / "readonly"
    small.mkdir()
    readonly.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], stderr=subprocess.DEVNULL).returncode:
        skip("full disk, read-only folder: this machine may not mount")
        return
    refused("full disk", dict(env, SLM_STORE=small / "slm"), ["get", REF], 73, "room", "sitio")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", readonly], check=True)
    refused("read-only folder", dict(env, SLM_STORE=readonly / "slm"), ["get", REF], 73, "readonly", "readonly")


def faults(work, hub):
    def fresh(name, **more):
        return environment(work, hub, SLM_STORE=work / ("store-" + name), **more)

    cdn = {"match": f"*{FILE}*", "server": "cdn"}
    hub.control({"fault": "corrupt", "offset": 70000, **cdn})
    refused("wrong SHA-256", fresh("corrupt"), ["get", REF], 65, "SHA-256", "SHA-256")
    hub.control({"op": "clear"}, {"fault": "html", **cdn})
    refused("a web page with status 200", fresh("html"), ["get", REF], 65, "web page", "página web")
    hub.control({"op": "clear"}, {"fault": "status", "code": 404, "match": f"*{FILE}*"})
    refused("a file that is gone", fresh("gone"), ["get", REF], 66, "404", "404")
    hub.control({"op": "clear"})

    passing = [
        ("drop", {"after": 300000, "times": 2}), ("reset", {"times": 2}), ("truncate", {"after": 200000, "times": 1}),
        ("ignore_range", {}), ("no_ranges", {}), ("wrong_range", {"delta": 7, "times": 1}),
        ("slow", {"bps": 3000000}), ("latency", {"ms": 50}), ("status", {"code": 503, "times": 2, "retry_after": 1}),
        ("status", {"code": 429, "times": 1, "retry_after": "date:1"}), ("status", {"code": 500, "times": 1}),
        ("wrong_length", {"delta": -1000, "times": 1}), ("etag", {"none": True}), ("etag", {"weak": True}),
        ("no_length", {}), ("close", {}), ("limit_conns", {"max": 1, "code": 503}),
        ("gzip", {"when": "always", "times": 1}), ("change", {"skip": 1, "times": 1}), ("ttl", {"seconds": 1}),
    ]
    for number, (name, parameters) in enumerate(passing):
        server = {} if name == "ttl" else {"server": "cdn"}
        hub.control({"op": "clear"}, {"fault": name, "match": f"*{FILE}*", **server, **parameters})
        env = fresh(f"passing-{number}")
        run = slm(env, "get", REF, "--json")
        check(f"{name} {parameters}: arrives whole", run.returncode == 0 and
              json.loads(run.stdout)["installed"][0]["verified"] == "sha256", run.stdout[:300] + run.stderr[:300])
        check(f"{name}: nothing is left in the store", leftovers(env) == [], leftovers(env))
    hub.control({"op": "clear"}, {"fault": "status", "code": 404, "match": f"/{REPO}/resolve/*"})
    env = fresh("modelscope", MODELSCOPE_ENDPOINT=hub.address)
    run = slm(env, "get", REF, "--json")
    check("gone from the Hub, there at ModelScope: arrives whole", run.returncode == 0 and
          json.loads(run.stdout)["installed"][0]["verified"] == "sha256", run.stdout[:300] + run.stderr[:300])
    hub.control({"op": "clear"})


def leftovers(env):
    partial = Path(env["SLM_STORE"]) / ".slm" / "partial"
    return sorted(p.name for p in partial.iterdir()) if partial.exists() else []


def until_partial(env):
    """Waits until some bytes are journalled."""
    partial = Path(env["SLM_STORE"]) / ".slm" / "partial"
    for _ in range(200):
        if any("[[" in p.read_text() for p in partial.glob("*.journal")):
            return
        time.sleep(0.05)


def kills(work, hub):
    """Killed again and again at odd moments: in the end the file is whole, and little was fetched twice."""
    hub.control({"fault": "slow", "bps": 1500000, "server": "cdn"})
    env = environment(work, hub, SLM_STORE=work / "store-kills")
    since = hub.log_count()
    for delay in (0.25, 0.5, 0.4, 0.3):
        process = subprocess.Popen([SLM, "get", REF, "--quiet", "--connections", "1"], env=env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.kill()
        process.wait()
    run = slm(env, "get", REF, "--json")
    row = json.loads(run.stdout)["installed"][0]
    sent = sum(entry["sent"] for entry in hub.log(since))
    check("kill -9, four times: arrives whole", run.returncode == 0 and row["verified"] == "sha256", run.stderr)
    check("kill -9: little is fetched twice", sent < row["sizeBytes"] * 2, f"{sent} of {row['sizeBytes']}")

    env = environment(work, hub, SLM_STORE=work / "store-interrupt")
    hub.control({"op": "clear"}, {"fault": "slow", "bps": 200000, "server": "cdn"})
    # A script in the background is started with SIGINT ignored, and hands that on: here it is to be heard.
    process = subprocess.Popen([SLM, "get", REF, "--connections", "1"], env=env, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    until_partial(env)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    check("Ctrl-C: exit status 130 within a second", process.returncode == 130 and time.monotonic() - start < 1.0,
          f"{process.returncode} after {time.monotonic() - start:.2f} s")
    check("Ctrl-C: says what is kept", "kept" in said, said)
    hub.control({"op": "clear"})


def two_at_once(work, hub):
    hub.control({"fault": "slow", "bps": 700000, "server": "cdn"})
    env = environment(work, hub, SLM_STORE=work / "store-two")
    since = hub.log_count()
    one = subprocess.Popen([SLM, "get", REF, "--json", "--connections", "1"], env=env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
    until_partial(env)
    two = subprocess.Popen([SLM, "get", REF], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, _ = one.communicate(timeout=60)
    said = "".join(two.communicate(timeout=60))
    row = json.loads(out)["installed"][0]
    # The run before was interrupted; its last requests may be logged only now.
    sent = sum(entry["sent"] for entry in hub.log(since) if not entry["aborted"])
    check("two at once: both succeed", one.returncode == 0 and two.returncode == 0, said)
    check("two at once: fetched once", sent <= row["sizeBytes"] * 1.1, f"{sent} of {row['sizeBytes']}")
    check("two at once: the second says that it waits", "wait" in said.lower(), said)
    hub.control({"op": "clear"})


main()
