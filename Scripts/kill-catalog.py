#!/usr/bin/env python3
"""`slm catalog update` killed with SIGKILL at random moments, of a catalog large enough to be kept as a database.

    Scripts/kill-catalog.py [--seed N] [--jobs N] [--sizes N] RUNS [SLM]

Each run has one signed catalog in use and updates to the next, killed up to three times. It holds when after each kill
the catalog is the old one or the new one, as `catalog show`, `list`, `show` and `search` see it, each whole; when
the same command, not killed, then ends with the new one; and when nothing is left beside it but one database, and those
of killed runs, which the next that is made an hour later removes.
"""
import argparse
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "Benchmarks"))
import large_catalog  # noqa: E402

OLD, NEW = 1001, 1002


class Breach(Exception):
    pass


def publish(work, sizes):
    """Two signed catalogs of so many sizes; each family names its own number."""
    key, public = work / "private.pem", work / "public.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    for revision in (OLD, NEW):
        plain = work / f"{revision}.json"
        large_catalog.write(plain, sizes)
        document = json.loads(plain.read_text(encoding="utf-8"))
        document["revision"] = revision
        for family in document["families"]:
            family["developer"] += f" {revision}"
        plain.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        subprocess.run([sys.executable, TOP / "Scripts/sign-catalog.py", "sign", key, plain, work / f"{revision}.signed"],
                       check=True)
    last = document["families"][-1]
    return f"{last['id']}:{last['sizes'][-1]['id']}", sum(len(family["sizes"]) for family in document["families"])


class Run:
    def __init__(self, number, options, home):
        self.rng = random.Random(f"{options.seed}/{number}")
        self.options, self.home, self.kills = options, home, 0
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}

    def command(self, *arguments, timeout=None):
        process = subprocess.Popen([self.options.slm, *arguments], env=self.environment, stdout=subprocess.PIPE,
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
            raise Breach(f"`{' '.join(arguments)}` ends with {status}: {err.strip()}{out.strip()[:300]}")
        return out

    def update(self, revision, timeout=None):
        return self.command("catalog", "update", self.options.work / f"{revision}.signed", "--key",
                            self.options.work / "public.pem", timeout=timeout)

    def check(self, allowed):
        """What the next processes see; the revision."""
        shown = json.loads(self.well("catalog", "show", "--json"))
        revision, sizes = shown["revision"], shown["sizes"]
        if revision not in allowed or sizes != self.options.count:
            raise Breach(f"the catalog is {revision} with {sizes} sizes")
        if str(revision) not in self.well("show", self.options.last, "--json"):
            raise Breach(f"`show` is not of {revision}")
        if self.options.last not in self.well("search", self.options.last.split(":")[0], "--json"):
            raise Breach("`search` does not find the last size")
        self.well("list", "--top", "5", "--json")
        return revision

    def go(self):
        for _ in range(self.rng.randint(1, 3)):
            before = self.check([OLD, NEW])
            if self.update(NEW, timeout=self.rng.uniform(0.005, self.options.longest))[0] is None:
                self.kills += 1
            else:
                self.check([NEW])
            if self.check([OLD, NEW]) < before:
                raise Breach("it went back")
        status, out, err = self.update(NEW)
        if status != 0:
            raise Breach(f"at last it ends with {status}: {err.strip()}")
        self.check([NEW])
        data = sorted(path.name for path in (self.home / ".local/share/slm").iterdir())
        if data != ["catalog.lock", "catalog.signed"]:
            raise Breach(f"left behind: {data}")
        caches = [path.name for path in (self.home / ".cache/modelteca").iterdir() if path.name.endswith(".sqlite")]
        if len(caches) != 1:
            raise Breach(f"databases: {caches}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int)
    parser.add_argument("slm", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sizes", type=int, default=800)
    options = parser.parse_args()
    if not options.slm:
        folder = subprocess.check_output(["swift", "build", "--show-bin-path"], text=True, cwd=TOP).strip()
        options.slm = Path(folder) / "slm"
    options.slm = options.slm.resolve()
    options.work = Path(tempfile.mkdtemp(prefix="slm-kill-"))
    held, kills, lock = [], [], threading.Lock()
    started = time.monotonic()
    try:
        options.last, options.count = publish(options.work, options.sizes)
        template = options.work / "template"
        template.mkdir()
        first = Run(-1, options, template)
        began = time.monotonic()
        if first.update(OLD)[0] != 0:
            sys.exit("the first update fails")
        # As long as an update takes: the moments are spread over all of it.
        options.longest = (time.monotonic() - began) * 1.1
        size = (options.work / f"{NEW}.json").stat().st_size
        print(f"{options.runs} runs, seed {options.seed}, {options.count} sizes, {size / 1e6:.1f} MB, an update takes "
              f"{options.longest / 1.1:.2f} s", flush=True)

        def run(number):
            home = options.work / f"home-{number}"
            # The database is made of a file in its place: each home makes its own first.
            shutil.copytree(template, home, ignore=shutil.ignore_patterns("*.sqlite"))
            one = Run(number, options, home)
            try:
                one.go()
                with lock:
                    held.append(number)
            except Breach as breach:
                with lock:
                    print(f"run {number}: {breach}", flush=True)
            finally:
                with lock:
                    kills.append(one.kills)
                shutil.rmtree(home)

        with ThreadPoolExecutor(max(1, min(options.jobs, options.runs))) as pool:
            for _ in pool.map(run, range(options.runs)):
                pass
    finally:
        shutil.rmtree(options.work)
    print(f"{len(held)} of {options.runs} runs hold, {sum(kills)} kills, {time.monotonic() - started:.0f} s")
    sys.exit(0 if len(held) == options.runs else 1)


if __name__ == "__main__":
    main()
