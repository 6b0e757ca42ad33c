#!/usr/bin/env python3
"""Works out from named test results which models are better at what, and writes it into a catalog.

    Scripts/quality-order.py Scripts/facts/quality*.json --catalog catalog.json --write

The rule is in `duels.py`. Of the facts only what is shown gets into the catalog: for each size and use its place with
and without thinking, how sure it is, one or two values, and the nearest model below that it beats. The same input gives
the same bytes: `test_quality_order.py` holds the catalog against the facts.

With `--leave-one-out` it says which of the first four of an order hang on one source. As of revision 2 none that keeps
any evidence moves by more than two places; but the first of chat, code and vision are all tested by Artificial Analysis
alone, of writing by LMArena, of embedding by MTEB: without that source nothing is known of them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from duels import USES, WAYS, Contestant, Order, Rule, Value

JSON: TypeAlias = dict[str, Any]


def read(path: Path) -> JSON:
    content: JSON = json.loads(path.read_text(encoding="utf-8"))
    return content


def read_facts(paths: Sequence[Path]) -> JSON:
    facts: JSON = {"sources": {}, "benchmarks": {}, "values": []}
    for path in paths:
        more = read(path)
        for part in ("sources", "benchmarks"):
            for key, fact in more.get(part, {}).items():
                if facts[part].setdefault(key, fact) != fact:
                    sys.exit(f"{path}: `{key}` in `{part}` differs from an earlier file")
        facts["values"] += more["values"]
    return facts


def sizes(catalog: JSON) -> Iterator[tuple[str, JSON]]:
    """Every size with its reference and with what its family says of all its sizes."""
    for family in catalog["families"]:
        for size in family["sizes"]:
            yield f"{family['id']}:{size['id']}", family | size


def upstreams(size: JSON) -> list[str]:
    return [name for name in size["upstream"].values() if name]


def references(ids: set[str], catalog: JSON, lists: Sequence[JSON]) -> dict[str, str]:
    """The catalog's reference of every id of the facts: by reference, by the original's repository, by name."""
    known = {ref for ref, _ in sizes(catalog)}
    by_repository = {name.lower(): ref for ref, size in sizes(catalog) for name in reversed(upstreams(size))}
    by_name = {name.split("/")[1]: ref for name, ref in by_repository.items()}
    by_name |= {name.lower(): ref for ref, size in sizes(catalog) for name in size.get("names", [])}
    listed = {model["id"]: (model.get("upstream") or "").lower() for models in lists for model in models["models"]}
    found = {}
    for name in sorted(ids):
        ref = name if name in known else by_repository.get(listed.get(name, "")) or by_name.get(name)
        if ref:
            found[name] = ref
    return found


def value_json(value: Value) -> JSON:
    number = int(value.value) if value.value.is_integer() else value.value
    return {
        "benchmark": value.benchmark, "value": number,
        **({"mode": value.mode} if value.mode else {}), "source": value.source,
        **({"measured_by": value.measured_by} if value.measured_by else {}),
    }


def entry_json(order: Order, who: Contestant, known: Collection[str]) -> JSON:
    place = order.contestants.index(who)
    entry: JSON = {"place": place + 1, "level_to": order.level_to(place) + 1, "evidence": order.evidence(who)}
    if beaten := order.beaten(who, among=known):
        (model, _), record = beaten
        entry["beats"] = {"model": model, "won": record.won, "tests": record.tests}
    entry["values"] = [value_json(value) for value in order.cited(who)]
    return entry


def section(facts: JSON, orders: Sequence[Order], known: Collection[str]) -> JSON:
    """What the catalog says of its sizes, by use and way; and the tests and sources that are cited."""
    models: dict[str, JSON] = {}
    for order in orders:
        for who in sorted(order.contestants):
            model, way = who
            if model in known:
                models.setdefault(model, {}).setdefault(order.use, {})[way] = entry_json(order, who, known)
    cited = [value for uses in models.values() for ways in uses.values() for entry in ways.values()
             for value in entry["values"]]
    tests = {value["benchmark"] for value in cited}
    sources = {value["source"] for value in cited}
    return {
        "benchmarks": {
            key: {part: facts["benchmarks"][key][part] for part in ("name", "measures", "scale")}
            for key in sorted(tests)
        },
        "sources": {key: facts["sources"][key] for key in sorted(sources)},
        "models": {ref: models[ref] for ref in sorted(models)},
    }


def one_line(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)}: {one_line(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(one_line, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def laid_out(value: Any, indent: int, lead: int = 0) -> str:
    """As the catalog is laid out: on one line what has room there, and always what is said of a use."""
    short = one_line(value)
    if not isinstance(value, dict) or "place" in value or indent + lead + len(short) < 120:
        return short
    pad, lines = " " * (indent + 2), []
    for key, item in value.items():
        name = f"{json.dumps(key)}: "
        lines.append(pad + name + laid_out(item, indent + 2, len(name)))
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"


def without_quality(catalog: JSON) -> JSON:
    plain = {key: value for key, value in catalog.items() if key != "quality"}
    plain["families"] = [
        family | {"sizes": [{key: value for key, value in size.items() if key != "quality"}
                            for size in family["sizes"]]}
        for family in catalog["families"]
    ]
    return plain


def write_into(text: str, quality: JSON) -> str:
    """The catalog's text with its `quality` fields replaced and every other byte as it was."""
    before = json.loads(text)
    text = re.sub(r'^( {10}|  )"quality": \{\n.*?^\1\},\n', "", text, flags=re.MULTILINE | re.DOTALL)
    refs = [ref for ref, _ in sizes(before)]
    pieces = re.split(r'^(?= {10}"files": )', text, flags=re.MULTILINE)
    if len(pieces) != len(refs) + 1:
        sys.exit("the catalog is not laid out as expected: every size's `files` on a line of its own, ten spaces in")
    for number, ref in enumerate(refs):
        if uses := quality["models"].get(ref):
            pieces[number] += f'{" " * 10}"quality": {laid_out(uses, 10, 11)},\n'
    text = "".join(pieces)
    shared = laid_out({key: quality[key] for key in ("benchmarks", "sources")}, 2, 11)
    head = f'  "quality": {shared},\n  "families": '
    text = re.sub(r'^  "families": ', lambda _: head, text, count=1, flags=re.MULTILINE)
    after = json.loads(text)
    written = {ref: size["quality"] for ref, size in sizes(after) if "quality" in size}
    if without_quality(after) != without_quality(before) or written != quality["models"]:
        sys.exit("the catalog was not changed: writing into it would have changed more than its `quality` fields")
    return text


def leave_one_out(rule: Rule, orders: Sequence[Order], first: int = 4, allowed: int = 2) -> list[str]:
    """Which of the first models of each order move by more than `allowed` places without one source."""
    lines = []
    for order in orders:
        used = {value.source for value in rule.values if value.benchmark in USES[order.use] and not value.doubtful}
        for source in sorted(used):
            other = rule.order(order.use, without=source)
            for way in WAYS:
                now = [model for model, _ in other.view(way)]
                moved = []
                for place, (model, _) in enumerate(order.view(way)[:first]):
                    if model not in now:
                        moved.append(f"{model} {place + 1} -> no evidence")
                    elif abs(now.index(model) - place) > allowed:
                        moved.append(f"{model} {place + 1} -> {now.index(model) + 1}")
                if moved:
                    lines.append(f"{order.use} {way}, without {source}: {'; '.join(moved)}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("facts", nargs="+", type=Path, help="quality facts: sources, benchmarks, values")
    parser.add_argument("--catalog", required=True, type=Path)
    parser.add_argument("--models", nargs="*", default=[], type=Path,
                        help="lists of models whose ids the facts use, to find them in the catalog by repository")
    parser.add_argument("--write", action="store_true", help="put it into the catalog's `quality` fields")
    parser.add_argument("--output", type=Path, help="put it into a file of its own")
    parser.add_argument("--top", type=int, metavar="N", help="print the first N of each order")
    parser.add_argument("--leave-one-out", action="store_true", help="say which of the first four hang on one source")
    options = parser.parse_args()

    facts, text = read_facts(options.facts), options.catalog.read_text(encoding="utf-8")
    catalog = json.loads(text)
    by_ref = dict(sizes(catalog))
    ids = {row["model"] for row in facts["values"]}
    named = references(ids, catalog, [read(path) for path in options.models])
    for name in sorted(ids - named.keys()):
        print(f"not in the catalog: {name}", file=sys.stderr)
    rule = Rule(
        [row | {"model": named.get(row["model"], row["model"])} for row in facts["values"]],
        thinking={ref: size["thinking"] for ref, size in by_ref.items() if size.get("thinking")},
        makers={ref: names[0].split("/")[0] for ref, size in by_ref.items() if (names := upstreams(size))},
    )
    orders = [rule.order(use) for use in USES]

    if options.top:
        for order in orders:
            for way in WAYS:
                best = [f"{who[0]} ({order.evidence(who)})" for who in order.view(way)]
                print(f"{order.use} {way} ({len(best)}): {', '.join(best[: options.top])}")
    if options.leave_one_out:
        print("\n".join(leave_one_out(rule, orders)) or "nothing moves")
    quality = section(facts, orders, by_ref)
    if options.output:
        options.output.write_text(laid_out(quality, 0) + "\n", encoding="utf-8")
    if options.write:
        options.catalog.write_text(write_into(text, quality), encoding="utf-8")
    if not (options.top or options.leave_one_out or options.output or options.write):
        print(laid_out(quality, 0))


if __name__ == "__main__":
    main()
