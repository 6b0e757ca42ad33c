#!/usr/bin/env python3
"""Damage in a stored file, found and mended, block by block.

    Scripts/damage.py [--size MIB] [--places N] [--seed N] [SLM [LOOPBACK_HUB]]

Stores one GGUF file of that size (1 GiB unless said) from a loopback hub, then hurts it, one way after the other:

- one bit flipped at a random place, N times (50),
- two bits at distant places,
- a hole of zeros across the border of two blocks,
- the file cut at a random place.

Each time `verify --json` has to name the 4 MiB blocks and a tensor that lies there, and `verify --repair` may fetch no
more than those blocks and has to leave the file as it was. A program that has the damaged file mapped meanwhile has to
see its own bytes to the end.
"""
import argparse
import hashlib
import json
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MIB = 1 << 20
BLOCK = 4 * MIB
REF = "hf:damage/model-GGUF:Q8_0"
NAME = "model-Q8_0.gguf"


def string(text):
    return struct.pack("<Q", len(text)) + text.encode()


def write_model(path, size, rng):
    """A GGUF file of F32 tensors of 12 MiB or less, and their places: (name, start, end)."""
    count = max(1, size // (12 * MIB))
    each = size // count // 32 * 32
    names = [f"blk.{number}.ffn_down.weight" for number in range(count)]
    header = b"GGUF" + struct.pack("<IQQ", 3, count, 1) + string("general.architecture") + struct.pack("<I", 8)
    header += string("llama")
    for number, name in enumerate(names):
        header += string(name) + struct.pack("<IQIQ", 1, each // 4, 0, number * each)
    header += bytes(-len(header) % 32)
    digest = hashlib.sha256(header)
    with open(path, "wb") as file:
        file.write(header)
        for _ in range(count):
            data = rng.randbytes(each)
            file.write(data)
            digest.update(data)
    places = [(name, len(header) + n * each, len(header) + (n + 1) * each) for n, name in enumerate(names)]
    return len(header), places, digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slm", nargs="?", type=Path)
    parser.add_argument("loopback_hub", nargs="?", type=Path)
    parser.add_argument("--size", type=int, default=1024, help="of the file, in MiB")
    parser.add_argument("--places", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    if not options.slm or not options.loopback_hub:
        folder = Path(__file__).resolve().parent.parent
        built = Path(subprocess.check_output(["swift", "build", "--show-bin-path"], text=True, cwd=folder).strip())
        options.slm = options.slm or built / "slm"
        options.loopback_hub = options.loopback_hub or built / "loopback-hub"
    rng = random.Random(options.seed)
    print(f"{options.size} MiB, {options.places} places, seed {options.seed}", flush=True)
    work = Path(tempfile.mkdtemp(prefix="slm-damage-"))
    hub = None
    try:
        source = work / "root/hf/damage/model-GGUF" / NAME
        source.parent.mkdir(parents=True)
        header, tensors, digest = write_model(source, options.size * MIB, rng)
        ready = work / "ready"
        ready.write_text("")
        hub = subprocess.Popen([options.loopback_hub.resolve(), "--root", work / "root", "--max-seconds", "3600",
                                "--ready-file", ready], stdout=subprocess.DEVNULL)
        while not ready.read_text().endswith("\n"):
            time.sleep(0.05)
        home = work / "home"
        home.mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8",
                       "SLM_STORE": str(work / "store"), "HF_ENDPOINT": json.loads(ready.read_text())["hub"]}

        def slm(*arguments, expects=0):
            done = subprocess.run([options.slm.resolve(), *arguments], env=environment, capture_output=True, text=True)
            if done.returncode != expects:
                sys.exit(f"`{' '.join(arguments)}` ends with {done.returncode}: {done.stderr}{done.stdout[:500]}")
            return done.stdout

        slm("get", REF, "-q")
        path = Path(slm("path", REF).strip())
        size = path.stat().st_size
        blocks = (size + BLOCK - 1) // BLOCK

        def flip(*offsets):
            with open(path, "r+b") as file:
                for offset in offsets:
                    file.seek(offset)
                    byte = file.read(1)[0]
                    file.seek(offset)
                    file.write(bytes([byte ^ 1 << rng.randrange(8)]))
            return {offset // BLOCK for offset in offsets}

        def hole():
            border = rng.randrange(1, blocks) * BLOCK
            with open(path, "r+b") as file:
                file.seek(border - 70000)
                file.write(bytes(140000))
            return {border // BLOCK - 1, border // BLOCK}

        def cut():
            length = rng.randrange(header, size)
            os.truncate(path, length)
            return set(range(length // BLOCK, blocks))

        kinds = [("one bit", lambda: flip(rng.randrange(size)))] * options.places
        kinds += [("two places", lambda: flip(rng.randrange(size // 3), rng.randrange(2 * size // 3, size))),
                  ("a hole of zeros", hole), ("a cut", cut)]
        fetched = {}
        for number, (kind, hurt) in enumerate(kinds):
            expected = hurt()
            checked = json.loads(slm("verify", "--json", expects=1))["models"][0]
            found = set()
            for damage in checked["damagedRanges"]:
                start, end = damage["offset"], damage["offset"] + damage["length"]
                found |= set(range(start // BLOCK, (end + BLOCK - 1) // BLOCK))
                there = [name for name, first, last in tensors if first < end and start < last]
                # Where the header itself is hurt, nobody may be able to read it.
                if damage["tensors"] != there and 0 not in expected:
                    sys.exit(f"{kind}: the tensors there are {there}, not {damage['tensors']}")
            if found != expected:
                sys.exit(f"{kind}: the damaged blocks are {sorted(expected)}, not {sorted(found)}")
            with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
                before = hashlib.sha256(mapped).digest()
                mended = json.loads(slm("verify", "--repair", "--json"))["models"][0]
                if hashlib.sha256(mapped).digest() != before:
                    sys.exit(f"{kind}: the bytes of who has the file mapped have changed")
            most = sum(min(BLOCK, size - block * BLOCK) for block in expected)
            if mended["state"] != "ready" or mended["repairedBytes"] > most:
                sys.exit(f"{kind}: {mended['state']}, {mended['repairedBytes']} bytes fetched, {most} were damaged")
            with open(path, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    sys.exit(f"{kind}: the file is not what it was")
            fetched[kind] = max(fetched.get(kind, 0), mended["repairedBytes"])
            print(f"\r{number + 1} of {len(kinds)}", end="", flush=True)
        print()
        for kind, most in fetched.items():
            print(f"{kind}: found by block and tensor, at most {most} bytes fetched, proven")
    finally:
        if hub:
            hub.kill()
            hub.wait()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
