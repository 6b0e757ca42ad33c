#!/usr/bin/env python3
"""What changes a store, killed with SIGKILL at random moments: `rm`, `update`, `verify --repair`, `update` by tensors,
`rollback`, `import`, `import --move`, `store move`, `prune`, and a `get` of many small models at once.

    Scripts/kill-changes.py [--seed N] [--jobs N] [--size MIB] [--only KIND] RUNS [SLM [LOOPBACK_HUB]]

KIND is rm, update, repair, tensors, rollback, import (with files that stay), import-move, move, prune or many.

Each run stores three models: one file alone, one of three parts, and one that shares its file with a pinned revision.
It then makes the change to the first two and kills it up to three times. A run holds when at every moment, as the next
process sees the store,

- a model that the change does not concern is there, byte for byte, and ready,
- each of the others is what it was, or what it is to become, byte for byte, or is not listed at all (`rm`), and `ls`
  calls nothing ready that is not,

- what is imported is whole where it was or in the store, and while the store moves to another disk (in /dev/shm) one of
  the two folders has all of it,
- of many small models that are fetched together each is there as a whole, or not at all,
- of two versions one is the model and the other is kept, both byte for byte, however a `rollback` ended,

and when the same command, not killed, then ends well with the store as wanted and nothing left over in `.slm/partial`
and `.slm/pending`.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MIB = 1 << 20
PATIENCE = 120
# Where the new content differs, in bytes from a file's start.
PATCH = 65536
KINDS = ["rm", "update", "repair", "tensors", "rollback", "import", "import-move", "move", "prune", "many"]
ONE, PARTS, PINNED = "hf:kill/one-GGUF:Q8_0", "hf:kill/parts-GGUF:Q8_0", "hf:kill/other-GGUF:Q8_0"


class Breach(Exception):
    pass


def content(seed, size):
    return b"GGUF" + (3).to_bytes(4, "little") + bytes(16) + random.Random(seed).randbytes(size - 24)


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def model(seed, size, template, changed=None):
    """A GGUF file of eight tensors; other weights in the one that has changed."""
    rows = size // 8 // 4096 // 4
    pairs = [("general.architecture", "llama"), ("tokenizer.chat_template", template)]
    head = b"GGUF" + struct.pack("<IQQ", 3, 8, len(pairs))
    head += b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in pairs)
    for index in range(8):
        head += text(f"blk.{index}.weight") + struct.pack("<IQQIQ", 2, 4096, rows, 0, index * rows * 16384)
    head += bytes(-len(head) % 32)
    return head + b"".join(
        random.Random(f"{seed}/{index}/{index == changed}").randbytes(rows * 16384) for index in range(8))


def patched(data):
    return data[:PATCH] + b"changed upstream" + data[PATCH + 16:]


class Run:
    def __init__(self, number, options, work):
        self.rng = random.Random(f"{options.seed}/{number}")
        self.kind = options.only or KINDS[number % len(KINDS)]
        self.slm, self.work = options.slm, work
        self.store = work / "store"
        size = options.size * MIB
        parts = [f"three-Q8_0-{n:05}-of-00003.gguf" for n in (1, 2, 3)]
        self.old = {ONE: {"one-Q8_0.gguf": content(1, size)},
                    PARTS: {part: content(part, size // 3) for part in parts},
                    PINNED: {"other-Q8_0.gguf": content(3, size // 4)}}
        self.patched = {ONE: "one-Q8_0.gguf", PARTS: parts[1]}
        self.new = {ref: {**self.old[ref], name: patched(self.old[ref][name])} for ref, name in self.patched.items()}
        root = work / "root"
        if self.kind in ("tensors", "rollback", "prune"):
            for ref, name in self.patched.items():
                own = size if ref == ONE else max(size // 3, 5 * MIB)
                self.old[ref][name] = model(name, own, "short")
                self.new[ref] = {**self.old[ref], name: model(name, own, "a longer one" * 50, self.rng.choice([None, 3]))}
                new = root / "files" / name
                new.parent.mkdir(parents=True, exist_ok=True)
                new.write_bytes(self.new[ref][name])
        self.many = {f"hf:kill/many-GGUF/m{n:02}.gguf": content(f"m{n}", MIB // 2) for n in range(24)}
        small = {ref: {ref.rsplit("/", 1)[1]: data} for ref, data in self.many.items() if self.kind == "many"}
        for ref, files in [*self.old.items(), *small.items()]:
            for name, data in files.items():
                path = root / "hf" / ref[3:].split(":")[0].removesuffix(f"/{name}") / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        self.sources = {"local/one/one-Q8_0.gguf": [work / "one/one-Q8_0.gguf"],
                        f"local/parts/{parts[0]}": [work / "parts" / part for part in parts]}
        self.target = Path(tempfile.mkdtemp(prefix="slm-kill-", dir="/dev/shm")) / "store" if self.kind == "move" else None
        ready = work / "ready"
        ready.write_text("")
        self.hub = subprocess.Popen(
            [options.loopback_hub, "--root", root, "--max-seconds", "600", "--ready-file", ready],
            stdout=subprocess.DEVNULL)
        for _ in range(600):
            if ready.read_text().endswith("\n"):
                break
            time.sleep(0.05)
        self.address = json.loads(ready.read_text())["hub"]
        home = work / "home"
        home.mkdir()
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8",
                            "SLM_STORE": str(self.store), "HF_ENDPOINT": self.address}
        self.kills = 0

    def command(self, *arguments, timeout=PATIENCE):
        process = subprocess.Popen([self.slm, *arguments], env=self.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            out, err = process.communicate(timeout=timeout)
            return process.returncode, out, err
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return None, "", ""

    def well(self, *arguments):
        status, out, err = self.command(*arguments)
        if status != 0:
            raise Breach(f"{self.kind}: `{' '.join(arguments)}` ends with {status}: {err.strip()}{out.strip()[:300]}")
        return out

    def commit(self):
        def change(name):
            if self.kind == "update":
                return {"patch": [{"offset": PATCH, "hex": b"changed upstream".hex()}]}
            return {"copy": f"files/{name}"}
        operations = [{"op": "commit", "repo": ref[3:].split(":")[0], "files": {name: change(name)}}
                      for ref, name in self.patched.items()]
        data = json.dumps(operations).encode()
        urllib.request.urlopen(urllib.request.Request(self.address + "/__control", data=data), timeout=60).read()

    def damage(self):
        for ref in (ONE, PARTS):
            for name in self.old[ref]:
                path = self.find(ref, name)
                with open(path, "r+b") as file:
                    offset = self.rng.randrange(24, path.stat().st_size)
                    file.seek(offset)
                    byte = file.read(1)
                    file.seek(offset)
                    file.write(bytes([byte[0] ^ 255]))

    def find(self, ref, name):
        return self.store / ref[3:].split(":")[0] / name

    def listed(self):
        """The models by reference, once those that the change does not concern are seen to be what they were."""
        listed = {model["ref"]: model for model in json.loads(self.well("ls", "--json"))["models"]}
        pinned = [model for ref, model in listed.items() if ref.startswith("hf:kill/other-GGUF")]
        if len(pinned) != 2 or any(model["state"] != "ready" for model in pinned):
            raise Breach(f"{self.kind}: models that it does not concern: {pinned}")
        for model in pinned:
            if Path(model["path"]).read_bytes() != self.old[PINNED]["other-Q8_0.gguf"]:
                raise Breach(f"{self.kind}: {model['ref']} has other bytes")
        return listed

    def check(self, is_done=False):
        listed = self.listed()
        for ref in (ONE, PARTS):
            model = listed.get(ref)
            changes = self.kind in ("update", "tensors", "rollback", "prune")
            allowed = [self.old[ref], self.new[ref]] if changes else [self.old[ref]]
            if is_done and self.kind == "rollback":
                # Each way back that came to its end turns round once more.
                allowed = [self.old[ref]] if ref == ONE else [self.new[ref]]
            elif is_done and changes:
                allowed = allowed[1:]
            if self.kind == "rm" and model is None:
                if self.find(ref, next(iter(self.old[ref]))).exists():
                    raise Breach(f"rm: {ref} is not listed, but its file is there")
                continue
            if model is None or (is_done and self.kind == "rm"):
                raise Breach(f"{self.kind}: {ref} is {'still' if model else 'not'} listed")
            if model["state"] != "ready":
                if is_done:
                    raise Breach(f"{self.kind}: {ref} is {model['state']} at the end")
                continue
            if not any(all(self.same(ref, name, data) for name, data in files.items()) for files in allowed):
                raise Breach(f"{self.kind}: {ref} is called ready and is not what it was, nor what it is to be")

    def same(self, ref, name, data):
        path = self.find(ref, name)
        return path.exists() and path.read_bytes() == data

    def go(self):
        if self.kind.startswith("import") or self.kind == "many":
            self.well("get", PINNED, "-q")
        else:
            self.well("get", ONE, PARTS, PINNED, "-q")
        self.well("get", PINNED + "@main", "-q")
        if self.kind in ("update", "tensors", "rollback", "prune"):
            self.commit()
        if self.kind == "many":
            return self.fetch_many()
        if self.kind == "rollback":
            return self.go_back()
        if self.kind.startswith("import"):
            return self.take_in()
        if self.kind == "move":
            return self.move()
        if self.kind == "prune":
            return self.prune()
        if self.kind == "repair":
            self.damage()
        arguments = {"rm": ["rm", "--yes", ONE, PARTS], "update": ["update", ONE, PARTS],
                     "tensors": ["update", "--keep", ONE, PARTS], "repair": ["verify", "--repair"]}[self.kind]
        longest = {"rm": 0.12, "update": 0.8, "tensors": 0.8, "repair": 1.2}[self.kind]
        status = None
        for _ in range(self.rng.randint(1, 3)):
            status, out, err = self.command(*arguments, timeout=self.rng.uniform(0.01, longest))
            if status is not None:
                break
            self.kills += 1
            self.check()
        if status is None:
            status, out, err = self.command(*arguments)
        # What a killed `rm` had removed before is not there to be removed.
        if status != 0 and not (self.kind == "rm" and status == 66):
            raise Breach(f"{self.kind}: at last it ends with {status}: {err.strip()}{out.strip()[:300]}")
        if status == 66:
            for ref in (ONE, PARTS):
                self.command("rm", "--yes", ref)
        self.finish()

    def check_both(self, ref):
        """One of the two versions is the model, and the other is the one that its record of kept ones names."""
        name = self.patched[ref]
        for present, kept in ((self.old, self.new), (self.new, self.old)):
            if self.same(ref, name, present[ref][name]):
                break
        versions = self.store / ".slm/versions"
        records = [json.loads(path.read_text()) for path in versions.glob("*.json")]
        digests = {file["name"]: file["digest"] for record in records if record["ref"] == ref
                   for file in record["files"]}
        for file, data in kept[ref].items():
            digest = hashlib.sha256(data).hexdigest()
            path = versions / digest
            if digests.get(file) != digest or not path.exists() or path.read_bytes() != data:
                raise Breach(f"rollback: the version of {ref} that is not in use is not kept")

    def go_back(self):
        """Updates that keep the old version, then ways back that are killed until one comes to its end."""
        self.well("update", "--keep", ONE, PARTS)
        self.check_both(ONE)
        for _ in range(self.rng.randint(1, 3)):
            if self.command("rollback", ONE, timeout=self.rng.uniform(0.005, 0.12))[0] is None:
                self.kills += 1
            self.check()
            for ref in (ONE, PARTS):
                self.check_both(ref)
        if not self.same(ONE, self.patched[ONE], self.old[ONE][self.patched[ONE]]):
            self.well("rollback", ONE)
        # Both versions are still here: there and back again.
        self.well("rollback", ONE)
        self.well("rollback", ONE)
        self.finish()

    def killed(self, longest, *arguments):
        """Runs a command until it comes to its end or has been killed three times. True if it came to its end."""
        for _ in range(self.rng.randint(1, 3)):
            if self.kind == "move" and not (self.work / "store").exists():
                return True
            # A way that was gone to its end and killed then is not there to be gone again.
            if self.kind.startswith("import") and not all(any(Path(folder).iterdir()) for folder in arguments[1:]
                                                 if not folder.startswith("--")):
                return False
            status, out, err = self.command(*arguments, timeout=self.rng.uniform(0.01, longest))
            if status is not None:
                if status != 0:
                    raise Breach(f"{self.kind}: it ends with {status}: {err.strip()}{out.strip()[:300]}")
                return True
            self.kills += 1
            self.check()
        return False

    def take_in(self):
        """Imports files, moved or not, whose contents are those of the models that others are fetched as."""
        contents = {path: self.old[ref][path.name] for ref, paths in zip((ONE, PARTS), self.sources.values())
                    for path in paths}
        for path, data in contents.items():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        mode = ["--move"] if self.kind == "import-move" else self.rng.choice([[], ["--copy"]])

        def check(is_done=False):
            listed = self.listed()
            for ref, paths in self.sources.items():
                files = {Path(file["path"]).name: Path(file["path"]) for file in listed.get(ref, {}).get("files", [])}
                for path in paths:
                    stored = files.get(path.name)
                    if stored and stored.read_bytes() != contents[path]:
                        raise Breach(f"import: {stored} has other bytes")
                    if not stored and (is_done or path.read_bytes() != contents[path]):
                        raise Breach(f"import: {path} is neither where it was nor stored")
                if ref in listed and listed[ref]["state"] != "ready":
                    raise Breach(f"import: {ref} is {listed[ref]['state']}")
                if is_done and any(path.exists() == (mode == ["--move"]) for path in paths):
                    raise Breach(f"import {mode}: the files are {'still' if mode == ['--move'] else 'not'} where they were")
        self.check = check

        def folders():
            return [str(path) for path in (self.work / "one", self.work / "parts") if any(path.iterdir())]
        while folders() and not self.killed(0.4, "import", *mode, *folders()):
            # What had all been moved is not there to be named.
            if folders():
                self.well("import", *mode, *folders())
            break
        self.tidy()

    def fetch_many(self):
        """Fetches small models together, which are kept together; each of them is there as a whole or not at all."""
        def check(is_done=False):
            listed = self.listed()
            for ref, data in self.many.items():
                model = listed.get(ref)
                if model and model["state"] == "ready" and Path(model["path"]).read_bytes() != data:
                    raise Breach(f"many: {ref} is called ready and has other bytes")
                if model and model["state"] not in ("ready", "partial"):
                    raise Breach(f"many: {ref} is {model['state']}")
                if is_done and (model or {}).get("state") != "ready":
                    raise Breach(f"many: {ref} is not there at the end")
        self.check = check
        self.killed(0.35, "get", "-q", *self.many)
        self.well("get", "-q", *self.many)
        self.tidy()

    def move(self):
        def live():
            moved = (self.work / "store/.slm/moved.json").exists() or not (self.work / "store/.slm").exists()
            return self.target if moved and not (self.target / ".slm/moving.json").exists() else self.work / "store"
        plain = self.check

        def check(is_done=False):
            self.store = live()
            self.environment["SLM_STORE"] = str(self.store)
            plain(is_done)
            self.environment["SLM_STORE"] = str(self.work / "store")
        self.check = check
        self.killed(0.5, "store", "move", str(self.target))
        # Who dies when all is done has nothing left to be told of.
        if (self.work / "store").exists():
            self.well("store", "move", str(self.target))
        if live() != self.target or (self.work / "store").exists():
            raise Breach("move: the old folder is still there")
        check(is_done=True)
        self.environment["SLM_STORE"] = str(self.target)
        self.check = plain
        self.tidy()

    def prune(self):
        self.well("update", "--keep", ONE, PARTS)
        (self.store / ".slm/partial/adopt-dead.part").write_bytes(bytes(MIB))
        self.killed(0.08, "prune", "--yes")
        self.tidy()

    def tidy(self):
        self.well("prune", "--yes")
        left = json.loads(self.well("prune", "--dry-run", "--json"))["removed"]
        if left:
            raise Breach(f"{self.kind}: after a prune there is {left}")
        self.well("verify")
        self.finish()

    def finish(self):
        self.check(is_done=True)
        left = [*(self.store / ".slm/partial").glob("*"), *(self.store / ".slm/pending").glob("*")]
        if left:
            raise Breach(f"{self.kind}: left behind: {', '.join(path.name for path in left)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int)
    parser.add_argument("slm", nargs="?", type=Path)
    parser.add_argument("loopback_hub", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--size", type=int, default=12, help="of a model, in MiB")
    parser.add_argument("--only", choices=KINDS)
    options = parser.parse_args()
    if not options.slm or not options.loopback_hub:
        folder = Path(__file__).resolve().parent.parent
        built = Path(subprocess.check_output(["swift", "build", "--show-bin-path"], text=True, cwd=folder).strip())
        options.slm = options.slm or built / "slm"
        options.loopback_hub = options.loopback_hub or built / "loopback-hub"
    options.slm, options.loopback_hub = options.slm.resolve(), options.loopback_hub.resolve()
    print(f"{options.runs} runs, seed {options.seed}, {options.size} MiB", flush=True)
    work = Path(tempfile.mkdtemp(prefix="slm-kill-"))
    held, kills, lock = [], [], threading.Lock()

    def run(number):
        folder = work / f"run-{number}"
        folder.mkdir()
        one = None
        try:
            one = Run(number, options, folder)
            one.go()
            with lock:
                held.append(number)
                kills.append(one.kills)
        except Breach as breach:
            with lock:
                print(f"run {number}: {breach}", flush=True)
        finally:
            if one:
                one.hub.kill()
                one.hub.wait()
                if one.target:
                    shutil.rmtree(one.target.parent, ignore_errors=True)
            shutil.rmtree(folder)

    started = time.monotonic()
    try:
        with ThreadPoolExecutor(max(1, min(options.jobs, options.runs))) as pool:
            for _ in pool.map(run, range(options.runs)):
                pass
    finally:
        shutil.rmtree(work)
    print(f"{len(held)} of {options.runs} runs hold, {sum(kills)} kills, {time.monotonic() - started:.0f} s")
    sys.exit(0 if len(held) == options.runs else 1)


if __name__ == "__main__":
    main()
