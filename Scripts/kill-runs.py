#!/usr/bin/env python3
"""Downloads that are killed with SIGKILL at random moments, under random faults, and started again until they are done.

    Scripts/kill-runs.py [--seed N] [--jobs N] [--size MIB] [--fake-hub PATH/TO/fake_hub.py] RUNS [SLM]

A run holds when every file arrives with the right digest, nothing is left in the store's folder for partial files, and
the origin has sent at most 1.1 times the size plus what was in flight at each kill: the bytes of the answers that were
not at their end when the signal was sent, as the origin's own log counts them, and at most CONNECTIONS x SEGMENT.
Without --fake-hub the repository's own loopback-hub is the origin. Faults that make an origin send the same bytes again
(ranges ignored, other content, damaged bytes) are not drawn: no client can keep to such a limit then.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MIB = 1 << 20
# As in SegmentTable.swift: no request asks for more than this, and the socket buffers of a connection hold some more.
LONGEST_SEGMENT = 16 * MIB
# Stopped for this long by the machine's load or the origin's faults, a run counts as one that never ends, in seconds.
PATIENCE = 180
# How often one run is started without being killed before it counts as one that never ends.
MOST_STARTS = 8
# Exit statuses after which "start it again" is the answer: the origin keeps failing, or the store is busy.
AGAIN = {69, 75}


class Breach(Exception):
    pass


class Origin:
    """A hub process with one file and one model of three shards; what differs between the two kinds is here."""

    def __init__(self, root, fake_hub, loopback_hub):
        self.is_fake = fake_hub is not None
        self.ready = Path(tempfile.mkstemp(prefix="ready-", dir=root.parent)[1])
        program = [sys.executable, fake_hub, "--watch-pid", str(os.getpid())] if self.is_fake else [loopback_hub]
        self.process = subprocess.Popen(
            [*program, "--root", root, "--max-seconds", "7200", "--ready-file", self.ready], stdout=subprocess.DEVNULL)
        for _ in range(600):
            text = self.ready.read_text()
            if text.endswith("\n"):
                break
            if self.process.poll() is not None:
                raise SystemExit("the origin did not start")
            time.sleep(0.05)
        self.address = json.loads(text)["hub"]

    def stop(self):
        self.process.kill()
        self.process.wait()

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return json.load(answer)

    def control(self, *operations):
        data = json.dumps(list(operations)).encode()
        with urllib.request.urlopen(urllib.request.Request(self.address + "/__control", data=data), timeout=60) as answer:
            return json.load(answer)

    def fault(self, name, **parameters):
        self.control({"fault" if self.is_fake else "op": name, **parameters})

    def pause(self, seconds):
        return {"seconds": seconds} if self.is_fake else {"ms": int(seconds * 1000)}

    def expire(self):
        self.control({"op": "expire_urls" if self.is_fake else "expire"})

    def begin(self):
        """Forgets the faults and the requests of the run before."""
        self.control({"op": "clear"})
        self.settle()
        self.since = self.mark()

    def mark(self):
        """A place in the log: what is counted after it was not finished before it."""
        if self.is_fake:
            return self.get("/__control")["log_n"]
        return {line["n"] for line in self.get("/__log") if line["finished"]}

    def bodies(self, mark):
        """The bytes of each answer with a file's bytes that was not finished at `mark`."""
        if self.is_fake:
            lines = self.get(f"/__log?since={mark}")
        else:
            lines = [line for line in self.get("/__log") if line["n"] not in mark]
        return [line["sent"] for line in lines if line["method"] == "GET" and ".gguf" in self.name(line)
                and line["status"] in (200, 206)]

    @staticmethod
    def name(line):
        return " ".join(str(line.get(key) or "") for key in ("path", "query", "name"))

    def settle(self):
        """Waits until the origin has noticed that nobody listens any longer."""
        for _ in range(400):
            if self.is_fake:
                busy = bool(self.get("/__control")["active"])
            else:
                busy = any(not line["finished"] for line in self.get("/__log") if line["method"] == "GET"
                           and not line["path"].startswith("/__"))
            if not busy:
                return
            time.sleep(0.025)


def make_files(root, size):
    """The files that are fetched: {name below the origin: (size, digest)}."""
    files = {}
    source = random.Random(size)
    shards = [f"three-{n:05}-of-00003.gguf" for n in (1, 2, 3)]
    for folder, name, length in [("files", "one.gguf", size), ("hf/kill/runs-GGUF", "one.gguf", size),
                                 *(("hf/kill/shards-GGUF", shard, size // 3) for shard in shards)]:
        path = root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = b"GGUF" + (3).to_bytes(4, "little") + bytes(16) + source.randbytes(length - 24)
        path.write_bytes(data)
        files[f"{folder}/{name}"] = (length, hashlib.sha256(data).hexdigest())
    return files


def draw_faults(rng, origin, size, connections):
    """Switches random faults on and gives their names."""
    # Slow enough that a kill falls into the transfer: the whole takes one to three seconds.
    speed = int(size / rng.uniform(1.0, 3.0) / min(connections, 8))
    origin.fault("slow", bps=max(speed, 256 * 1024), match="*.gguf")
    drawn = [f"slow {speed // 1000} kB/s"]
    length = size // 8

    def draw(name, **parameters):
        parameters = {"times": rng.randint(1, 4), "skip": rng.randint(0, 6), "match": "*.gguf", **parameters}
        origin.fault(name, **parameters)
        drawn.append(name)

    choices = {
        "drop": lambda: draw("drop", after=rng.randrange(length), how="fin"),
        "cut with RST": lambda: draw("drop", after=rng.randrange(length), how="rst"),
        "reset": lambda: draw("reset"),
        "latency": lambda: draw("latency", ms=rng.randint(50, 800)),
        "503": lambda: draw("status", code=503),
        "503 later": lambda: draw("status", code=503, retry_after=1),
        "429": lambda: draw("status", code=429, retry_after=1),
        "500": lambda: draw("status", code=500),
        "truncate": lambda: draw("truncate", after=rng.randrange(length), mode=rng.choice(["length", "chunked"])),
        "expire": origin.expire,
        "stall": lambda: draw("stall", after=rng.randrange(length), **origin.pause(rng.uniform(0.2, 1.5))),
        "close": lambda: draw("close"),
        "limit_conns": lambda: draw("limit_conns", max=rng.randint(1, 4), times=rng.randint(4, 16)),
    }
    for name in rng.sample(sorted(choices), rng.randint(1, 4)):
        choices[name]()
        if name == "expire":
            drawn.append(name)
    return drawn


def one_run(rng, slm, origin, work, files):
    origin.begin()
    store, home = work / "store", work / "home"
    home.mkdir(exist_ok=True)
    what = rng.choice(["plain", "hub", "shards"])
    wanted = {name: file for name, file in files.items()
              if name.startswith({"plain": "files/", "hub": "hf/kill/runs", "shards": "hf/kill/shards"}[what])}
    size = sum(length for length, _ in wanted.values())
    connections = rng.choice([None, 1, 4, 8, 16])
    faults = draw_faults(rng, origin, size, connections or 8)
    arguments = {"plain": [f"{origin.address}/files/one.gguf", "--sha256", wanted.get("files/one.gguf", (0, ""))[1]],
                 "hub": ["hf:kill/runs-GGUF/one.gguf"],
                 "shards": ["hf:kill/shards-GGUF/three-00001-of-00003.gguf"]}[what]
    if connections:
        arguments += ["--connections", str(connections)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "SLM_STORE": str(store)}
    # Below the Hub's own address every path is a repository.
    if what != "plain":
        environment["HF_ENDPOINT"] = origin.address

    kills, in_flight, spare = rng.randint(1, 4), [], MOST_STARTS
    while True:
        process = subprocess.Popen([slm, "get", *arguments, "--quiet"], env=environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        try:
            _, said = process.communicate(timeout=rng.uniform(0.02, 2.0) if len(in_flight) < kills else PATIENCE)
        except subprocess.TimeoutExpired:
            mark = origin.mark()
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if len(in_flight) >= kills:
                raise Breach(f"not done in {PATIENCE} s; faults: {faults}")
            origin.settle()
            in_flight.append(min(sum(origin.bodies(mark)), (connections or 8) * LONGEST_SEGMENT))
            if rng.random() < 0.2:
                origin.expire()
            continue
        if process.returncode == 0:
            break
        spare -= 1
        if process.returncode not in AGAIN or spare == 0:
            raise Breach(f"exit status {process.returncode}: {said.strip()}; faults: {faults}")

    origin.settle()
    sent = sum(origin.bodies(origin.since))
    check_store(store, wanted)
    allowed = 1.1 * size + sum(in_flight)
    if sent > allowed:
        raise Breach(f"{sent} bytes were sent for {size}, {sum(in_flight)} of them in flight at {len(in_flight)} kills; "
                     f"{what}, {connections} connections, faults: {faults}")
    return {"kills": len(in_flight), "over": (sent - sum(in_flight)) / size, "ratio": sent / size, "faults": faults}


def check_store(store, wanted):
    arrived = {path.name: path for path in store.rglob("*.gguf") if ".slm" not in path.parts}
    for name, (length, digest) in wanted.items():
        path = arrived.pop(name.rsplit("/", 1)[1], None)
        if path is None:
            raise Breach(f"{name} is not in the store")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise Breach(f"{name} has another digest than was published")
    left = [*arrived.values(), *(store / ".slm" / "partial").glob("*")]
    if left:
        raise Breach("left behind: " + ", ".join(path.name for path in left))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int)
    parser.add_argument("slm", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--jobs", type=int, default=4, help="runs at a time, each with an origin of its own")
    parser.add_argument("--size", type=int, default=32, help="of a file, in MiB")
    parser.add_argument("--fake-hub", type=Path)
    parser.add_argument("--loopback-hub", type=Path, help="default: what `swift build` has made")
    options = parser.parse_args()
    fake_hub = options.fake_hub and options.fake_hub.resolve()
    built = None
    if not options.slm or not (fake_hub or options.loopback_hub):
        folder = Path(__file__).resolve().parent.parent
        built = Path(subprocess.check_output(["swift", "build", "--show-bin-path"], text=True, cwd=folder).strip())
    slm = options.slm.resolve() if options.slm else built / "slm"
    loopback_hub = options.loopback_hub.resolve() if options.loopback_hub else built and built / "loopback-hub"

    print(f"{options.runs} runs, seed {options.seed}, {options.size} MiB, "
          f"{'fake_hub.py' if fake_hub else 'loopback-hub'}", flush=True)
    work = Path(tempfile.mkdtemp(prefix="slm-kill-"))
    files = make_files(work / "root", options.size * MIB)
    results, breaches, lock, origins = [], [], threading.Lock(), []
    here = threading.local()

    def run(number):
        if not hasattr(here, "origin"):
            here.origin = Origin(work / "root", fake_hub, loopback_hub)
            with lock:
                origins.append(here.origin)
        folder = work / f"run-{number}"
        folder.mkdir()
        try:
            result = one_run(random.Random(f"{options.seed}/{number}"), slm, here.origin, folder, files)
            with lock:
                results.append(result)
        except Breach as breach:
            with lock:
                breaches.append(number)
                print(f"run {number}: {breach}", flush=True)
        finally:
            shutil.rmtree(folder)

    started = time.monotonic()
    try:
        with ThreadPoolExecutor(max(1, min(options.jobs, options.runs))) as pool:
            for done in pool.map(run, range(options.runs)):
                pass
    finally:
        for origin in origins:
            origin.stop()
        shutil.rmtree(work)
    kills = sum(result["kills"] for result in results)
    over = max((result["over"] for result in results), default=0)
    ratio = max((result["ratio"] for result in results), default=0)
    names = sorted({name.split()[0] for result in results for name in result["faults"]})
    print(f"{len(results)} of {options.runs} runs hold, {kills} kills, {time.monotonic() - started:.0f} s; "
          f"faults: {', '.join(names)}")
    print(f"bytes sent over size, at worst: {over:.3f} without what was in flight at a kill (limit 1.100), "
          f"{ratio:.3f} with it")
    sys.exit(1 if breaches or len(results) < options.runs else 0)


if __name__ == "__main__":
    main()
