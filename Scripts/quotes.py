#!/usr/bin/env python3
"""Holds the Swift that documents quote against the programs of Examples/, which are built and run.

A block of ```swift in a README or an article of a documentation catalog has to stand in one of them, line by line; blank
lines and indentation do not count. A manifest's lines, which no program has, are left out.
"""
import pathlib
import re
import sys

top = pathlib.Path(__file__).resolve().parent.parent


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


programs = ["\n".join(["", *lines(path.read_text()), ""]) for path in sorted(top.glob("Examples/**/*.swift"))]
pages = [*top.glob("README*.md"), *top.glob("docs/**/*.md"), *top.glob("Sources/**/*.docc/**/*.md")]
faults, count = 0, 0
for page in sorted(pages):
    for block in re.findall(r"^```swift\n(.*?)^```", page.read_text(), re.M | re.S):
        if block.lstrip().startswith((".package", ".product", ".target")):
            continue
        count += 1
        if not any("\n".join(["", *lines(block), ""]) in program for program in programs):
            faults += 1
            print(f"{page.relative_to(top)} quotes what no example has:\n{block}", file=sys.stderr)
print(f"{count} quotations of Swift stand in Examples/" if not faults else f"{faults} of {count} do not", file=sys.stderr)
sys.exit(1 if faults else 0)
