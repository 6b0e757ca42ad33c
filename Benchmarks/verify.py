#!/usr/bin/env python3
"""How fast stored files are checked, and what a large store costs.

    Benchmarks/verify.py [--slm PATH] [--rounds N] [--gib N] [--files N] [--adopted N]

- `slm verify` and `slm verify --fast` beside `openssl dgst -sha256`, on one file of N GiB and on as many of 1 GiB; all
  of it in the page cache, so that the hash is measured and not the disk,
- `slm verify` of N small files,
- processor time of `slm ls` and `slm path` in a store of N files, and of `slm ls` in one of N adopted files.

The contenders take turns; a ratio is the median of the rounds' own ratios. Needs openssl and free space of twice N GiB.
"""
import argparse
import hashlib
import json
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(command, environment=None):
    """Wall and processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run([str(part) for part in command], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command} ends with {done.returncode}: {done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def header():
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 0)


def large(path, mib):
    path.parent.mkdir(parents=True)
    block = os.urandom(1 << 20)
    with open(path, "wb") as file:
        file.write(header() + block[24:])
        for number in range(1, mib):
            file.write(struct.pack("<Q", number) + block[8:])


def record_name(ref):
    return "".join(chr(byte) if chr(byte) in "abcdefghijklmnopqrstuvwxyz0123456789-_." else f"%{byte:02X}"
                   for byte in ref.encode())


def small(store, count, has_records):
    """Files of 4 KiB, in a hundred publishers' folders; with the records that `get` writes, or found in the folder."""
    records = store / ".slm/records"
    records.mkdir(parents=True)
    for name in ("partial", "locks", "blocks", "pending"):
        (store / ".slm" / name).mkdir()
    for number in range(count):
        publisher, repository = f"maker{number % 100:03}", f"model-{number:05}-GGUF"
        name = f"model-{number:05}-Q4_K_M.gguf"
        path = store / publisher / repository / name
        path.parent.mkdir(parents=True)
        data = header() + hashlib.shake_128(str(number).encode()).digest(4072)
        path.write_bytes(data)
        if not has_records:
            continue
        ref = f"hf:{publisher}/{repository}/{name}"
        origin = {"hub": {"endpoint": "https://huggingface.co", "repository": f"{publisher}/{repository}",
                          "revision": "0123456789" * 4, "path": name}}
        record = {"ref": ref, "publisher": publisher, "repository": repository, "quantization": "Q4_K_M",
                  "license": "apache-2.0", "installedAt": "2026-01-01T00:00:00Z",
                  "verifiedAt": "2026-01-01T00:00:00Z", "state": "ready",
                  "files": [{"name": name, "size": len(data), "modified": path.stat().st_mtime_ns, "proof": "sha256",
                             "digest": hashlib.sha256(data).hexdigest(), "origin": origin}]}
        (records / f"{record_name(ref)}.json").write_text(json.dumps(record, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slm", type=Path, default=Path(__file__).resolve().parent.parent / "dist/slm")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gib", type=int, default=4)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--adopted", type=int, default=300)
    options = parser.parse_args()
    if not options.slm.exists():
        sys.exit("build it first: make release")
    slm = options.slm.resolve()
    work = Path(tempfile.mkdtemp(prefix="slm-verify-"))

    def environment(store):
        return {"PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C.UTF-8", "SLM_STORE": str(store)}

    def rounds(title, *commands):
        times = [[run(*command)[0] for command in commands] for _ in range(options.rounds)]
        for number, (name, *_) in enumerate(named):
            seconds = statistics.median(row[number] for row in times)
            ratio = statistics.median(row[0] / row[number] for row in times)
            print(f"  {title}, {name}: {seconds:.2f} s, {ratio:.2f} x the speed of openssl", flush=True)

    named = [("openssl dgst -sha256",), ("slm verify",), ("slm verify --fast",)]
    try:
        print(f"{os.cpu_count()} processors")
        for title, sizes in ((f"one file of {options.gib} GiB", [options.gib * 1024]),
                             (f"{options.gib} files of 1 GiB", [1024] * options.gib)):
            store = work / "large"
            paths = [store / f"maker/model{number}/model-{number}.gguf" for number in range(len(sizes))]
            for path, size in zip(paths, sizes):
                large(path, size)
            env = environment(store)
            run([slm, "verify"], env)
            rounds(title, (["openssl", "dgst", "-sha256", *paths],), ([slm, "verify"], env),
                   ([slm, "verify", "--fast"], env))
            shutil.rmtree(store)
        many, found = work / "many", work / "found"
        small(many, options.files, True)
        env = environment(many)
        run([slm, "ls"], env)
        wall = statistics.median(run([slm, "verify"], env)[0] for _ in range(3))
        print(f"  slm verify, {options.files} files of 4 KiB: {wall:.2f} s")
        wall = statistics.median(run([slm, "verify", "--fast"], env)[0] for _ in range(3))
        print(f"  slm verify --fast, the same: {wall:.2f} s")
        ref = "hf:maker007/model-00007-GGUF/model-00007-Q4_K_M.gguf"
        for command in (["ls"], ["path", ref]):
            spent = statistics.median(run([slm, *command], env)[1] for _ in range(11))
            print(f"  slm {command[0]}, {options.files} files stored: {spent * 1000:.0f} ms of processor time")
        small(found, options.adopted, False)
        env = environment(found)
        run([slm, "ls"], env)
        spent = statistics.median(run([slm, "ls"], env)[1] for _ in range(11))
        print(f"  slm ls, {options.adopted} adopted files: {spent * 1000:.0f} ms of processor time")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
