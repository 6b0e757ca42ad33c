#!/usr/bin/env python3
"""Writes catalog.json in its layout: two spaces a level, a value on one line where the whole line has at most 120
columns, lists of plain values and each row of `files` always on one line. What the document says stays as it is.

    Scripts/format-catalog.py [CATALOG]            rewrites it
    Scripts/format-catalog.py --check [CATALOG]    exits 1 where it is laid out otherwise
"""
import json
import sys
from pathlib import Path

WIDTH = 120


def one_line(value):
    if isinstance(value, dict):
        fields = ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {one_line(each)}" for key, each in value.items())
        return f"{{ {fields} }}" if fields else "{}"
    if isinstance(value, list):
        return f"[{', '.join(one_line(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)


def laid_out(value, level=0, lead=0, is_row=False):
    """`lead` counts the columns of a key before the value."""
    short = one_line(value)
    is_plain = isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value)
    # One column for the comma behind it.
    if not isinstance(value, (dict, list)) or not value or is_plain or is_row or level + lead + len(short) < WIDTH:
        return short
    pad = " " * (level + 2)
    if isinstance(value, list):
        lines = [pad + laid_out(each, level + 2) for each in value]
        return "[\n" + ",\n".join(lines) + "\n" + " " * level + "]"
    lines = []
    for key, each in value.items():
        name = json.dumps(key, ensure_ascii=False) + ": "
        if key == "files" and each:
            rows = ",\n".join(pad + "  " + laid_out(row, level + 4, is_row=True) for row in each)
            lines.append(f"{pad}{name}[\n{rows}\n{pad}]")
        else:
            lines.append(pad + name + laid_out(each, level + 2, len(name), key in ("projector", "quick", "thinking")))
    return "{\n" + ",\n".join(lines) + "\n" + " " * level + "}"


def without_repeats(pairs):
    names = [name for name, _ in pairs]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ValueError(f"twice in one object: {', '.join(sorted(repeated))}")
    return dict(pairs)


def main():
    arguments = [each for each in sys.argv[1:] if each != "--check"]
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent / "catalog.json"
    text = path.read_text(encoding="utf-8")
    try:
        document = json.loads(text, object_pairs_hook=without_repeats)
    except ValueError as error:
        sys.exit(f"{path}: {error}")
    wanted = laid_out(document) + "\n"
    if "--check" in sys.argv[1:]:
        if text != wanted:
            sys.exit(f"{path}: not in its layout, run Scripts/format-catalog.py")
    elif text != wanted:
        path.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
