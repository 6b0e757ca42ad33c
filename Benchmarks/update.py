#!/usr/bin/env python3
"""What `slm update` fetches, and how long it takes, against fetching the new file as a whole.

    Benchmarks/update.py PATH/TO/fake_hub.py [SLM] [--size MIB] [--tensors N] [--work DIR] [--bps N] [--model FILE]

A model of one file (1,024 MiB in 300 tensors unless told otherwise) lies on a look-alike Hub, and later versions of it
on branches: with another chat template, with 10 tensors in 300 changed, and with all of them changed. For each the old
version is fetched, `main` is moved, and `slm update` is measured: bytes by its own count and by the server's, wall
time, and the SHA-256 of what is stored. The new file fetched into an empty store is what that is held against. With
`--model` a real GGUF file is used instead, whose chat template the `gguf` package from PyPI rewrites.

The bounds are those of the issue: header + 1 % of the file; the changed tensors + 3 %; a plain download + 2 %.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

REPO, FILE = "bench/model-GGUF", "model-Q8_0.gguf"
REF = "hf:bench/model-GGUF:Q8_0"


def text(value):
    value = value.encode()
    return struct.pack("<Q", len(value)) + value


def pair(key, value):
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    return text(key) + struct.pack("<I", 4) + struct.pack("<I", value)


def write(path, size, tensors, template, changed=frozenset()):
    """A GGUF file with F32 tensors of equal size; returns the length of its header."""
    rows = size // tensors // 4096 // 4
    count = rows * 4096
    metadata = [("general.architecture", "llama"), ("general.name", "Bench"), ("llama.block_count", tensors),
                ("tokenizer.chat_template", template)]
    header = b"GGUF" + struct.pack("<IQQ", 3, tensors, len(metadata)) + b"".join(pair(*item) for item in metadata)
    for index in range(tensors):
        header += text(f"blk.{index}.weight") + struct.pack("<IQQIQ", 2, 4096, rows, 0, index * count * 4)
    header += bytes(-len(header) % 32)
    with open(path, "wb") as file:
        file.write(header)
        for index in range(tensors):
            file.write(random.Random(f"{index}/{'new' if index in changed else 'old'}").randbytes(count * 4))
    return len(header)


def rewrite(source, target, template):
    """The same model with another chat template, written by the `gguf` package; returns the length of its header."""
    from gguf.scripts import gguf_new_metadata  # noqa: F401  (it is there, or the message says so)
    subprocess.run([sys.executable, "-m", "gguf.scripts.gguf_new_metadata", "--force", "--chat-template", template,
                    source, target], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    from gguf import GGUFReader
    return int(GGUFReader(target).data_offset)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Bench:
    def __init__(self, options, work):
        self.work, self.slm = work, options.slm.resolve()
        ready = work / "ready"
        self.hub = subprocess.Popen(
            [sys.executable, options.fake_hub, "--root", work / "root", "--max-seconds", "3600", "--ready-file", ready,
             "--hash-cache", work / "hashes"], stdout=subprocess.DEVNULL)
        for _ in range(6000):
            if ready.exists() and ready.read_text().endswith("\n"):
                break
            time.sleep(0.05)
        self.address = json.loads(ready.read_text())["hub"]
        if options.bps:
            self.control({"fault": "slow", "bps": options.bps, "server": "cdn"})

    def control(self, operation):
        data = json.dumps(operation).encode()
        urllib.request.urlopen(urllib.request.Request(self.address + "/__control", data=data), timeout=600).read()

    def sent(self):
        rows = json.load(urllib.request.urlopen(self.address + "/__log?server=cdn", timeout=60))
        return sum(row["sent"] for row in rows), len(rows)

    def run(self, store, *arguments):
        self.control({"op": "log_clear"})
        home = self.work / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "SLM_STORE": str(store),
                       "HF_ENDPOINT": self.address}
        started = time.monotonic()
        out = subprocess.run([self.slm, *arguments, "--json"], env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True)
        seconds = time.monotonic() - started
        if out.returncode not in (0, 1):
            sys.exit(f"slm {' '.join(arguments)}: {out.returncode} {out.stdout}")
        return json.loads(out.stdout), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fake_hub", type=Path)
    parser.add_argument("slm", nargs="?", type=Path, default=Path(".build/release/slm"))
    parser.add_argument("--size", type=int, default=1024, help="of the model, in MiB")
    parser.add_argument("--tensors", type=int, default=300)
    parser.add_argument("--work", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--bps", type=int, help="so many bytes a second on each connection")
    parser.add_argument("--model", type=Path, help="a real file instead")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="slm-update-", dir=options.work))
    bench = None
    failed = False
    try:
        def folder(branch=""):
            path = work / f"root/hf/{REPO}{branch}"
            path.mkdir(parents=True)
            return path / FILE
        old = folder()
        versions = []
        if options.model:
            shutil.copy(options.model, old)
            new = folder("@metadata")
            header = rewrite(old, new, "{{ bos_token }}" + "{# mended #}" * 200)
            versions.append(("chat template", "metadata", new, header + new.stat().st_size // 100))
        else:
            size, ten = options.size << 20, frozenset(range(7, options.tensors, options.tensors // 10))
            write(old, size, options.tensors, "short")
            new = folder("@metadata")
            header = write(new, size, options.tensors, "a longer one " * 300)
            versions.append(("chat template", "metadata", new, header + size // 100))
            new = folder("@ten")
            header = write(new, size, options.tensors, "a longer one " * 300, ten)
            changed = size * len(ten) // options.tensors
            versions.append(
                (f"{len(ten)} of {options.tensors} tensors", "ten", new, header + changed + size * 3 // 100))
            new = folder("@all")
            write(new, size, options.tensors, "a longer one " * 300, frozenset(range(options.tensors)))
            versions.append(("every tensor", "all", new, int(size * 1.02)))
        bench = Bench(options, work)
        bench.control({"op": "tag", "repo": REPO, "name": "first", "to": "main"})
        for name, branch, new, bound in versions:
            store = work / f"store-{branch}"
            store.mkdir()
            bench.control({"op": "move", "repo": REPO, "to": "first"})
            bench.run(store, "get", REF)
            bench.control({"op": "move", "repo": REPO, "to": branch})
            seen, _ = bench.run(store, "outdated")
            told = seen["models"][0]
            updated, seconds = bench.run(store, "update")
            row = updated["models"][0]
            sent, requests = bench.sent()
            stored = next(store.glob("bench/model-GGUF/*.gguf"))
            proven = digest(stored) == digest(new)
            shutil.rmtree(store)
            # Another name each time: an empty folder where a store was is taken for a disk that is not there.
            plain = work / f"plain-{branch}"
            plain.mkdir()
            _, whole = bench.run(plain, "get", REF)
            plain_sent, _ = bench.sent()
            shutil.rmtree(plain)
            holds = proven and sent <= bound and (branch == "all" or seconds < whole)
            failed = failed or not holds
            size = new.stat().st_size
            print(f"{'ok  ' if holds else 'FAIL'}  {name}: {sent:,} bytes sent in {requests} requests "
                  f"({sent / size:.2%} of {size:,}; told before: {told['fetchBytes']:,}), at most {bound:,}; "
                  f"{seconds:.2f} s, whole {plain_sent:,} bytes in {whole:.2f} s; "
                  f"reused {row['reusedBytes']:,}; SHA-256 {'equal' if proven else 'DIFFERENT'}", flush=True)
    finally:
        if bench:
            bench.hub.kill()
            bench.hub.wait()
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
