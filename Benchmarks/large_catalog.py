#!/usr/bin/env python3
"""Makes a catalog of many sizes out of ours, and measures what it costs: processor time and peak memory.

    Benchmarks/large_catalog.py SLM [SIZES ...]

Without SIZES: the compiled-in catalog (0) and one of 100,000 sizes. Each family is copied under new names, with other
dates, file sizes and digests, so that a large catalog is as varied as a real one; test results stay with the models that
took the tests. Each command runs five times; the least of each figure counts, after one run that measures the machine
and one that makes the catalog's database, which is told apart.
"""
import copy
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
COMMANDS = [
    ["list", "--device", "laptop-16gb", "--top", "12"],
    ["list", "--top", "12"],
    ["search", "spanish", "phone"],
    ["search", "qwen2", "coder"],
    ["recommend", "--device", "laptop-16gb"],
    ["recommend"],
    ["show", "gemma2:2b"],
]


def earlier(date, days):
    """A date so many days before another; parts that are not known stay unknown."""
    if not date or len(date) < 10:
        return date
    return (datetime.date.fromisoformat(date) - datetime.timedelta(days=days % 900)).isoformat()


def families(count):
    """Ours, then copies of them, until there are so many sizes. One is in memory at a time."""
    ours = json.loads((TOP / "catalog.json").read_text(encoding="utf-8"))["families"]
    yield from ours
    sizes = sum(len(family["sizes"]) for family in ours)
    number = 0
    while sizes < count:
        number += 1
        for family in ours:
            if sizes >= count:
                return
            other = copy.deepcopy(family)
            other["id"] = f"{family['id']}-tune{number}"
            other["name"] = f"{family['name']} tune {number}"
            other["aliases"], other["guide"] = [], None
            other["sizes"] = other["sizes"][: count - sizes]
            for place, size in enumerate(other["sizes"]):
                size["names"] = []
                size.pop("quality", None)
                size["released"] = earlier(size.get("released"), number * 7 + place)
                for key in ("instruct", "base"):
                    if size["upstream"].get(key):
                        size["upstream"][key] += f"-tune{number}"
                for file in size["files"]:
                    owner, name = file["repo"].split("/")
                    file["repo"] = f"{owner}/{name}-tune{number}"
                    file["superseded"] = []
                    if file.get("bytes"):
                        file["bytes"] += number * 64
                    if file.get("sha256"):
                        file["sha256"] = f"{number:08x}" + file["sha256"][8:]
            sizes += len(other["sizes"])
            yield other


def write(path, count):
    document = json.loads((TOP / "catalog.json").read_text(encoding="utf-8"))
    document["families"] = []
    start = json.dumps(document, ensure_ascii=False)
    before, behind = start.split('"families": []')
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + '"families": [')
        for index, family in enumerate(families(count)):
            file.write((",\n" if index else "") + json.dumps(family, ensure_ascii=False, separators=(",", ":")))
        file.write("]" + behind)


def measured(program, arguments, environment):
    """Processor time in seconds, peak memory in MB, exit status and what was said."""
    run = subprocess.Popen(
        [program, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    said = run.stderr.read()
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, run.returncode, said


def main():
    program = str(Path(sys.argv[1]).resolve())
    counts = [int(text) for text in sys.argv[2:]] or [0, 100_000]
    with tempfile.TemporaryDirectory() as folder:
        environment = {"HOME": folder, "SLM_STORE": f"{folder}/store", "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        os.mkdir(f"{folder}/store")
        measured(program, ["recommend"], environment)
        for count in counts:
            size = (TOP / "catalog.json").stat().st_size
            if count:
                path = Path(folder) / f"{count}.json"
                write(path, count)
                size = path.stat().st_size
                environment["SLM_CATALOG"] = str(path)
            print(f"{count or 'our'} sizes, {size / 1e6:.1f} MB", flush=True)
            if count:
                seconds, memory, status, said = measured(program, ["catalog", "show"], environment)
                kept = sum(file.stat().st_size for file in Path(folder).glob(".cache/modelteca/catalog-*"))
                print(f"  first run: {seconds:.1f} s, {memory:.0f} MB; keeps {kept / 1e6:.0f} MB; {status} {said.strip()}")
            for command in COMMANDS:
                runs = [measured(program, command, environment) for _ in range(5)]
                failed = next((f"  failed: {run[3][:80]}" for run in runs if run[2] not in (0, 1)), "")
                print(
                    f"  {' '.join(command):42} {min(run[0] for run in runs) * 1000:6.0f} ms"
                    f" {min(run[1] for run in runs):6.0f} MB{failed}", flush=True)


if __name__ == "__main__":
    main()
