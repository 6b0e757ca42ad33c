#!/usr/bin/env python3
"""Makes a catalog of many sizes out of ours, and measures what it costs in processor time.

    Benchmarks/large_catalog.py SLM [SIZES ...]

Without SIZES: the compiled-in catalog and one of 9,000 sizes. Each family is
copied under new names, so that names, digests and texts are as different as in a real catalog. Each command runs five
times; the least of processor time counts, after one run that measures the machine.
"""
import copy
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LIMIT = 16 << 20
COMMANDS = [
    ["list", "--device", "laptop-16gb", "--top", "12"],
    ["search", "spanish", "phone"],
    ["recommend", "--device", "laptop-16gb"],
    ["show", "gemma2:2b"],
]


def enlarged(count):
    """Our catalog with copies of its families until it has so many sizes; without test results, which are half of it."""
    document = json.loads((TOP / "catalog.json").read_text(encoding="utf-8"))
    families = list(document["families"])
    sizes = sum(len(family["sizes"]) for family in families)
    number = 0
    while sizes < count:
        for family in families:
            if sizes >= count:
                break
            other = copy.deepcopy(family)
            other["id"] = f"{family['id']}-copy{number}"
            other["name"] = f"{family['name']} copy {number}"
            other["aliases"], other["guide"] = [], None
            for size in other["sizes"]:
                size["names"] = []
                size.pop("quality", None)
                for file in size["files"]:
                    if file.get("sha256"):
                        file["sha256"] = f"{number:08x}" + file["sha256"][8:]
                    file["superseded"] = []
            document["families"].append(other)
            sizes += len(other["sizes"])
        number += 1
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def measured(program, arguments, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, run


def main():
    program = str(Path(sys.argv[1]).resolve())
    counts = [int(text) for text in sys.argv[2:]] or [0, 9000]
    with tempfile.TemporaryDirectory() as folder:
        environment = {"HOME": folder, "SLM_STORE": f"{folder}/store", "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        measured(program, ["recommend"], environment)
        print(f"{'sizes':>8} {'MB':>6}  " + "  ".join(f"{command[0]:>9}" for command in COMMANDS))
        for count in counts:
            size = (TOP / "catalog.json").stat().st_size
            if count:
                text = enlarged(count)
                path = Path(folder) / f"{count}.json"
                path.write_text(text, encoding="utf-8")
                size = path.stat().st_size
                environment["SLM_CATALOG"] = str(path)
            else:
                environment.pop("SLM_CATALOG", None)
            cells = []
            for command in COMMANDS:
                best, failure = None, None
                for _ in range(5 if count < 1000 else 2):
                    seconds, run = measured(program, command, environment)
                    if run.returncode not in (0, 1):
                        failure = run.stderr.splitlines()[:1]
                    best = seconds if best is None else min(best, seconds)
                cells.append(f"{best * 1000:6.0f} ms" if not failure else str(failure[0])[:60])
            print(f"{count or 'ours':>8} {size / 1e6:6.1f}  " + "  ".join(f"{cell:>9}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
