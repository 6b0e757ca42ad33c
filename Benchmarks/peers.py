#!/usr/bin/env python3
"""Measures `slm get` beside its peers, in turn and paired (A B C, A B C, …). Called by run.sh, which starts the origins.

Wall time is from start to exit. Processor time and peak memory are of the client alone, all its processes together
(peak memory: of the largest). Before each run the files of the one before are removed and the disk has come to rest.
"""
import argparse
import hashlib
import itertools
import os
import platform
import random
import shlex
import shutil
import signal
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20
SMALL_FILES = 40


def make(root, size):
    """The files that are fetched: one large, many small ones, each as a plain file and in a repository of the Hub."""
    source = random.Random(1)
    small = [f"small-{n:02}.gguf" for n in range(SMALL_FILES)]
    for name, length in [("large.gguf", size * MIB), *((name, MIB) for name in small)]:
        plain = root / "files" / name
        folder = root / "hf" / "bench" / ("large-GGUF" if name == "large.gguf" else "small-GGUF")
        plain.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        with plain.open("wb") as file:
            file.write(b"GGUF" + (3).to_bytes(4, "little") + bytes(16) + source.randbytes(MIB - 24))
            for _ in range(length // MIB - 1):
                file.write(source.randbytes(MIB))
        os.link(plain, folder / name)


@dataclass
class Contender:
    """A command for the shell, run in an empty folder."""
    name: str
    command: str
    # What has to be there first: called with the folder.
    prepare: object = None
    rounds: int | None = None
    runs: list = field(default_factory=list)

    def median(self, what):
        return statistics.median(run[what] for run in self.runs) if self.runs else None


@dataclass
class Case:
    name: str
    title: str
    contenders: list
    # Files that have to be there after each run: {name: sha256}.
    expected: dict
    note: str = ""


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = Path(options.work)
        self.numbers = itertools.count(1)
        self.slm = shlex.quote(str(Path(options.slm).resolve()))
        self.hf = shlex.quote(str(Path(options.hf).absolute()))
        files = self.work / "root" / "files"
        self.digests = {}
        for path in sorted(files.iterdir()):
            with path.open("rb") as file:
                self.digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
        self.large = self.digests["large.gguf"]
        self.large_size = (files / "large.gguf").stat().st_size
        self.small = [name for name in self.digests if name.startswith("small")]
        self.environment = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HF_ENDPOINT": options.hub, "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}

    # What is compared

    def cases(self):
        o, slm, hf = self.options, self.slm, self.hf
        url, limited, slow = o.nginx + "/large.gguf", o.nginx + "/limited/large.gguf", o.slow_hub + "/files/large.gguf"
        check = "openssl dgst -sha256"
        get = f"{slm} get --quiet --sha256 {self.large}"
        aria = f"aria2c --quiet -x16 -s16 --checksum=sha-256={self.large}"
        one = {"large.gguf": self.large}
        many = {name: self.digests[name] for name in self.small}
        names = " ".join(self.small)
        size = f"{self.large_size // MIB} MiB"

        def curl(address):
            return f"curl -s -o large.gguf {address} && {check} large.gguf"

        hub_get = f"{slm} get --quiet hf:bench/large-GGUF/large.gguf"
        hub_download = f"{hf} download bench/large-GGUF large.gguf --local-dir . && {check} large.gguf"
        return [
            Case("large", f"one file of {size}, nginx, not throttled", [
                Contender("slm get", f"{get} {url}"),
                Contender("curl, openssl dgst", curl(url)),
                Contender("aria2c -x16", f"{aria} {url}"),
                Contender("aria2c -x16, falloc", f"{aria} --file-allocation=falloc {url}")], one),
            Case("limited", f"one file of {size}, nginx, 20 MB/s for each connection", [
                Contender("slm get --connections 16", f"{get} --connections 16 {limited}"),
                Contender("aria2c -x16", f"{aria} {limited}"),
                Contender("curl, a 16th", f"curl -s -r 0-{self.large_size // 16 - 1} -o part {limited}")], one,
                note="nginx lets the first second's worth (20 MB) of each request pass at once: short requests gain. curl "
                f"alone, with its one connection, would take {self.large_size // 20_000_000} s."),
            Case("slow", f"one file of {size}, loopback-hub, 20 MB/s for each connection without a burst", [
                Contender("slm get --connections 16", f"{get} --connections 16 {slow}"),
                Contender("aria2c -x16", f"{aria} {slow}"),
                Contender("ideal: curl, a 16th", f"curl -s -r 0-{self.large_size // 16 - 1} -o part {slow}")], one,
                note="The ideal is one connection's sixteenth of the file, unchecked: what the origin really gives."),
            Case("hub", f"one file of {size}, loopback-hub as the Hub, not throttled", [
                Contender("slm get", hub_get), Contender("hf download, openssl dgst", hub_download)], one),
            Case("small", f"{SMALL_FILES} files of 1 MiB, nginx", [
                Contender("slm get", f"{slm} get --quiet {' '.join(f'{o.nginx}/{name}' for name in self.small)}"),
                Contender("curl, openssl dgst", f"curl -s --remote-name-all "
                          f"{' '.join(f'{o.nginx}/{name}' for name in self.small)} && {check} {names}"),
                Contender("aria2c -x16 -j16", "aria2c --quiet -x16 -j16 -i list",
                          prepare=lambda folder: (folder / "list").write_text("".join(
                              f"{o.nginx}/{name}\n  checksum=sha-256={self.digests[name]}\n" for name in self.small)))],
                many),
            Case("small-hub", f"{SMALL_FILES} files of 1 MiB of one repository, loopback-hub as the Hub", [
                Contender("slm get", f"{slm} get --quiet {' '.join(f'hf:bench/small-GGUF/{n}' for n in self.small)}"),
                Contender("hf download, openssl dgst",
                          f"{hf} download bench/small-GGUF --local-dir . && {check} {names}")], many),
            Case("resume", f"one file of {size}, nginx, half of it there from an earlier run", [
                Contender("slm get", f"{get} {url}", prepare=lambda folder: self.half(
                    folder, f"exec {get} --limit-rate {self.half_rate} {url}")),
                Contender("curl -C -, openssl dgst", f"curl -s -C - -o large.gguf {url} && {check} large.gguf",
                          prepare=self.half_by_hand),
                Contender("aria2c -x16", f"{aria} {url}", prepare=lambda folder: self.half(
                    folder, f"exec {aria} --file-allocation=falloc --max-overall-download-limit={self.half_rate} {url}"))],
                one),
            Case("resume-hub", f"one file of {size}, loopback-hub as the Hub, half of it there from an earlier run", [
                Contender("slm get", hub_get, prepare=lambda folder: self.half(
                    folder, f"exec {slm} get --quiet --limit-rate {self.half_rate} hf:bench/large-GGUF/large.gguf")),
                Contender("hf download, openssl dgst", hub_download, prepare=lambda folder: self.half(
                    folder, f"exec {hf} download bench/large-GGUF large.gguf --local-dir ."))], one),
            Case("memory", f"one file of {size}, nginx, by number of connections", [
                Contender(f"slm get --connections {n}", f"{get} --connections {n} {url}", rounds=min(2, o.rounds))
                for n in (1, 8, 16, 64)], one),
        ]

    # Half a file

    @property
    def half_rate(self):
        """In bytes a second: half of the file takes two seconds."""
        return self.large_size // 4

    def half_by_hand(self, folder):
        with (self.work / "root" / "files" / "large.gguf").open("rb") as file:
            with (folder / "large.gguf").open("wb") as half:
                shutil.copyfileobj(_Limited(file, self.large_size // 2), half, MIB)

    def half(self, folder, command):
        """Lets a program fetch half of the file, as the kernel counts what it writes, and stops it as Ctrl-C does."""
        process = subprocess.Popen(["sh", "-c", command], cwd=folder, env=self.in_folder(folder),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            written = 0
            try:
                for line in Path(f"/proc/{process.pid}/io").read_text().splitlines():
                    if line.startswith("wchar:"):
                        written = int(line.split()[1])
            except OSError:
                continue
            if written >= self.large_size // 2:
                process.send_signal(signal.SIGINT)
                break
            time.sleep(0.002)
        process.wait()

    # Measuring

    def in_folder(self, folder):
        return {**self.environment, "HOME": str(folder / "home"), "HF_HOME": str(folder / "home" / "hf"),
                "SLM_STORE": str(folder / "store")}

    def run(self, case, contender):
        folder = self.work / "runs" / str(next(self.numbers))
        (folder / "home").mkdir(parents=True)
        if contender.prepare:
            contender.prepare(folder)
        os.sync()
        figures = self.work / "figures"
        # GNU time as the parent: the peak memory of a child includes what its parent had when it was forked.
        command = ["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", str(figures), "sh", "-c", contender.command]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=self.in_folder(folder), stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        wall = time.perf_counter() - started
        if done.returncode != 0:
            raise SystemExit(f"{contender.name} failed with status {done.returncode}: {done.stderr[-2000:]}")
        if "-o part" not in contender.command:
            self.check(folder, case.expected, contender)
        user, system, peak = figures.read_text().split()[-3:]
        contender.runs.append({"wall": wall, "cpu": float(user) + float(system), "peak": int(peak) / 1024})
        # Large files have to go; many small ones stay until all is measured: ext4 without a journal looks past every file
        # that was removed in the last minutes when it makes one, and each would pay for the files of the one before.
        for path in folder.rglob("*"):
            if path.is_file() and path.stat().st_size > 16 * MIB:
                path.unlink()

    @staticmethod
    def check(folder, expected, contender):
        found = {path.name: path for path in folder.rglob("*.gguf") if ".slm" not in path.parts}
        for name, digest in expected.items():
            with found[name].open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise SystemExit(f"{contender.name} brought a wrong {name}")

    def measure(self, case):
        for round in range(self.options.rounds):
            for contender in case.contenders:
                if round < (contender.rounds or self.options.rounds):
                    self.run(case, contender)


class _Limited:
    """The first bytes of a stream."""

    def __init__(self, file, length):
        self.file, self.left = file, length

    def read(self, count):
        data = self.file.read(min(count, self.left))
        self.left -= len(data)
        return data


# What was found

def table(case):
    first = case.contenders[0]
    lines = ["| | wall, s | (min to max) | slm's wall to it | processor, s | slm's to it | peak memory, MiB |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    for contender in case.contenders:
        walls = [run["wall"] for run in contender.runs]
        # Pair by pair: what a load on the machine does to a round, it does to both.
        pairs = list(zip(first.runs, contender.runs))
        ratio = statistics.median(a["wall"] / b["wall"] for a, b in pairs)
        cpu = statistics.median(a["cpu"] / max(b["cpu"], 0.01) for a, b in pairs)
        own = contender is first or case.name == "memory"
        lines.append(
            f"| `{contender.name}` | {contender.median('wall'):.2f} | {min(walls):.2f} to {max(walls):.2f} | "
            f"{'' if own else f'{ratio:.2f}'} | {contender.median('cpu'):.2f} | {'' if own else f'{cpu:.2f}'} | "
            f"{max(run['peak'] for run in contender.runs):.0f} |")
    return "\n".join(lines)


def said(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        return lines[0].strip() if lines else "?"
    except OSError:
        return "?"


def machine(work):
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    kind = said("stat", "-f", "-c", "%T", str(work))
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}, files on {kind}"


def versions(options):
    hf = said(str(Path(options.hf).with_name("python")), "-c",
              "import huggingface_hub; print('huggingface_hub', huggingface_hub.__version__)")
    nginx = said(shutil.which("nginx") or "/usr/sbin/nginx", "-v").removeprefix("nginx version: ")
    curl = " ".join(said("curl", "--version").split()[:2])
    return ", ".join([said(options.slm, "--version"), curl, " ".join(said("openssl", "version").split()[:2]),
                      said("aria2c", "--version"), nginx, hf])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("do", choices=["make", "measure"])
    parser.add_argument("work", type=Path)
    parser.add_argument("--size", type=int, default=1024, help="of the large file, in MiB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="one case, or several with commas between")
    parser.add_argument("--quick", action="store_true", help="small files: shows that it works, not how fast")
    for name in ("slm", "hf", "nginx", "hub", "slow-hub", "results"):
        parser.add_argument("--" + name)
    options = parser.parse_args()
    if options.do == "make":
        return make(options.work, options.size)

    bench = Bench(options)
    wanted = options.only.split(",") if options.only else None
    load = os.getloadavg()[0]
    quick = "Small files and few rounds: this shows that it runs, not how fast it is.\n\n" if options.quick else ""
    text = (f"# Measured beside its peers\n\nWritten by `make bench`. Medians of {options.rounds} rounds, each round one "
            f"after the other; ratios are medians of the rounds' own.\n\n{quick}"
            f"- {time.strftime('%Y-%m-%d', time.gmtime())}; load when it began: {load:.1f}\n- {machine(bench.work)}\n"
            f"- {versions(options)}\n")
    print(text, flush=True)
    for case in bench.cases():
        if wanted and case.name not in wanted:
            continue
        bench.measure(case)
        part = f"\n## {case.title[0].upper() + case.title[1:]}\n\n{table(case)}\n" + (f"\n{case.note}\n" if case.note else "")
        print(part, flush=True)
        text += part
        Path(options.results).write_text(text)


if __name__ == "__main__":
    main()
