"""Orders models by duels on the tests that they share.

Two models duel on every test that both took under the same protocol; a Bradley-Terry fit makes one order of all
duels of a use, so that models that never met are linked through common opponents. A model that can think and can
leave it is two contestants of the same fit, one for each way, so that a thinking model and a quick one can be
compared; the two orders of a use are two views of it. A model that met nobody is in no order: it has no evidence.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Way: TypeAlias = Literal["quick", "thinking"]
Contestant: TypeAlias = tuple[str, Way]
WAYS: tuple[Way, Way] = ("quick", "thinking")

# The tests of each use, the most telling first: two of them are cited.
USES: dict[str, tuple[str, ...]] = {
    "chat": (
        "mmlu-pro-aa", "ifbench", "arena-text", "gpqa-diamond", "aa-omniscience-accuracy", "aa-lcr",
        "ifeval", "mmlu-pro-ollb2", "gpqa-ollb2", "mmlu-pro", "ifeval-p", "gpqa-diamond-p", "mmlu",
    ),
    "code": (
        "livecodebench-aa", "scicode", "arena-text-coding", "aider-edit", "swe-bench-verified", "humaneval-plus",
        "livecodebench-v6", "livecodebench-p", "humaneval-plus-p",
    ),
    "spanish": (
        "euroeval-mmlu-es", "global-mmlu-lite-es", "arena-text-spanish", "euroeval-hellaswag-es",
        "mmmlu-es", "mmlu-es", "mmmlu", "include",
    ),
    "writing": ("arena-text-spanish", "arena-text"),
    "vision": ("mmmu-pro", "mmmu-pro-p", "mmmu"),
    "embedding": (
        "mteb-miracl-hn-es", "mteb-belebele-es", "mteb-sts17-es", "mteb-sts22-es",
        "mteb-massive-intent-es", "mteb-ntrex-en-es",
    ),
}

# Values closer than this are a draw, in the unit of the test: points, or LMArena's rating.
DRAW = 2.0
DRAWS = {"arena-text": 15.0, "arena-text-coding": 20.0, "arena-text-spanish": 40.0}
# A validation split is up to two points easier or harder than the test.
SPLIT = 2.0

# Weight of what a maker or its rival measured, and of a value that stands in for the other way.
WEAK = 0.25
# One drawn duel with a middling model keeps the undefeated finite.
PRIOR = 1.0

# Tests that are collected from publishers' tables, besides those whose id ends in `-p`.
REPORTED = frozenset({"mmlu", "mmlu-pro", "mmmlu", "mmlu-es", "mmmlu-es", "mgsm", "include", "mmmu",
                      "livecodebench-v6", "aime-2025", "aime-2026"})
EFFORTS = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True)
class Value:
    """One value of the facts, with its mode taken apart."""

    model: str
    benchmark: str
    value: float
    mode: str | None
    source: str
    measured_by: Literal["publisher", "rival"] | None
    doubtful: bool
    way: Way | None
    effort: int
    split: bool
    setting: str

    @property
    def reported(self) -> bool:
        return self.measured_by is not None or self.benchmark in REPORTED or self.benchmark.endswith("-p")

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Value:
        way: Way | None = None
        effort, split, setting = 0, False, []
        for part in filter(None, re.split(r"[,;] *", row["mode"] or "")):
            level = EFFORTS.get(part.removesuffix(" effort"))
            if level is not None:
                way, effort = "thinking" if level else "quick", level
            elif part == "thinking":
                way = "thinking"
            elif part == "no thinking":
                way = "quick"
            elif part == "validation split":
                split = True
            elif not re.fullmatch(r"I?Q\d\w*|B?F(16|32)", part):
                setting.append(part)
        by: Literal["publisher", "rival"] | None = None
        if row["by_publisher"]:
            by = "publisher"
        elif "competing" in row.get("note", ""):
            by = "rival"
        return cls(row["model"], row["benchmark"], float(row["value"]), row["mode"], row["source"], by,
                   row.get("doubtful", False), way, effort, split, ", ".join(setting))


@dataclass(frozen=True)
class Entry:
    """A contestant's value on one test; it stands in where it was measured the other way."""

    value: Value
    stands_in: bool

    @property
    def weight(self) -> float:
        return WEAK if self.stands_in or self.value.reported else 1.0


@dataclass
class Record:
    """How one contestant did against another: tests of their own ways, and the weight of all duels."""

    won: int = 0
    drawn: int = 0
    tests: int = 0
    score: float = 0.0
    against: float = 0.0

    @property
    def lost(self) -> int:
        return self.tests - self.won - self.drawn


@dataclass(frozen=True)
class Column:
    """What may be compared: one test under one protocol. Publishers seldom say theirs; then it is theirs alone."""

    benchmark: str
    setting: str
    table: str


class Rule:
    """The facts' values, read once; what every model can do is known from all of them."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], thinking: Mapping[str, str] | None = None,
        makers: Mapping[str, str] | None = None,
    ) -> None:
        """`thinking`: never, switchable or always; where it is not said the values tell. `makers`: of the models."""
        self.values = [Value.read(row) for row in rows]
        self.makers = dict(makers or {})
        measured: defaultdict[str, set[Way | None]] = defaultdict(set)
        low: set[str] = set()
        own: defaultdict[str, set[str]] = defaultdict(set)
        for value in self.values:
            measured[value.model].add(value.way)
            if value.mode and "low" in re.split(r"[, ]+", value.mode):
                low.add(value.model)
            if value.measured_by == "publisher":
                own[value.source].add(self.makers.get(value.model, value.model))
        # A source where several makers' own values stand collects tables and is none itself.
        self.collections = {source for source, names in own.items() if len(names) > 1}
        self.ways: dict[str, tuple[Way, ...]] = {}
        self.unmarked: dict[str, Way] = {}
        for model, seen in measured.items():
            said = (thinking or {}).get(model)
            both = {"quick", "thinking"} <= seen or said == "switchable" or model in low
            always = said == "always" or (said is None and seen == {"thinking"})
            self.ways[model] = WAYS if both else ("thinking",) if always or "thinking" in seen else ("quick",)
            # Boards mark the runs that think; only a model that cannot help it thinks unmarked.
            self.unmarked[model] = "thinking" if always or self.ways[model] == ("thinking",) else "quick"

    def column(self, value: Value) -> Column:
        table = ""
        if value.reported and not value.setting:
            maker = self.makers.get(value.model, value.model)
            table = f"{value.source} {maker}" if value.source in self.collections else value.source
        return Column(value.benchmark, value.setting, table)

    def entries(self, use: str, without: str | None = None) -> dict[Column, dict[Contestant, Entry]]:
        """One value for each contestant and column: its own way before the other, independent before reported."""
        found: defaultdict[Column, defaultdict[Contestant, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for value in self.values:
            if value.benchmark not in USES[use] or value.doubtful or value.source == without:
                continue
            way = value.way or self.unmarked[value.model]
            for own in self.ways[value.model]:
                found[self.column(value)][value.model, own].append(Entry(value, stands_in=own != way))

        def preference(entry: Entry) -> tuple[bool, bool, bool, int, float]:
            value = entry.value
            return (not entry.stands_in, not value.reported, value.measured_by != "rival", value.effort, value.value)

        return {column: {who: max(several, key=preference) for who, several in takers.items()}
                for column, takers in found.items()}

    def order(self, use: str, without: str | None = None) -> Order:
        return Order(use, self.entries(use, without), self.ways)


class Order:
    """The contestants of one use, best first, and what is to be said of them."""

    def __init__(
        self, use: str, columns: Mapping[Column, Mapping[Contestant, Entry]], ways: Mapping[str, tuple[Way, ...]]
    ) -> None:
        self.use = use
        self.ways = ways
        self.records: defaultdict[tuple[Contestant, Contestant], Record] = defaultdict(Record)
        self.taken: defaultdict[Contestant, list[Entry]] = defaultdict(list)
        for column in sorted(columns, key=lambda it: (USES[use].index(it.benchmark), it.setting, it.table)):
            takers = columns[column]
            for one, other in itertools.combinations(sorted(takers), 2):
                if one[0] != other[0]:
                    self._duel(one, other, takers[one], takers[other])
            if len({model for model, _ in takers}) > 1:
                for who in sorted(takers):
                    self.taken[who].append(takers[who])
        self.strength = strengths({pair: record.score for pair, record in self.records.items()})
        group = groups(self.records)
        self.contestants = sorted(
            self.strength, key=lambda who: (group[who], -round(math.log(self.strength[who]), 6), who))

    def _duel(self, one: Contestant, other: Contestant, mine: Entry, theirs: Entry) -> None:
        margin = DRAWS.get(mine.value.benchmark, DRAW) + (SPLIT if mine.value.split != theirs.value.split else 0)
        lead = mine.value.value - theirs.value.value
        share = 0.5 if abs(lead) < margin else 1.0 if lead > 0 else 0.0
        weight = min(mine.weight, theirs.weight)
        for who, whom, part in ((one, other, share), (other, one, 1 - share)):
            record = self.records[who, whom]
            record.score += weight * part
            record.against += weight * (1 - part)
            if not (mine.stands_in or theirs.stands_in):
                record.won += part == 1
                record.drawn += part == 0.5
                record.tests += 1

    def view(self, way: Way) -> list[Contestant]:
        """Each model once: as it is used where there is time to think, or where there is not."""
        return [(model, own) for model, own in self.contestants if own == way or self.ways[model] == ("quick",)]

    def level(self, one: Contestant, other: Contestant) -> bool:
        """Whether neither beats the other two to one; where they never met, whether the order gives such odds."""
        record = self.records.get((one, other))
        mine, theirs = ((record.score, record.against) if record
                        else (self.strength[one], self.strength[other]))
        return max(mine, theirs) < 2 * min(mine, theirs)

    def level_to(self, place: int) -> int:
        """The last place (from 0) down to which no other model is told apart from the one at `place`."""
        one, last = self.contestants[place], place
        for below in range(place + 1, len(self.contestants)):
            other = self.contestants[below]
            if other[0] == one[0]:
                continue
            if not self.level(one, other):
                break
            last = below
        return last

    def beaten(self, who: Contestant, among: Container[str]) -> tuple[Contestant, Record] | None:
        """The nearest of these models below in its view that it beats on most tests that both took, two to one."""
        view = self.view(who[1])
        for other in view[view.index(who) + 1 :]:
            record = self.records.get((who, other)) if other[0] in among else None
            if record and 2 * record.won > record.tests and record.won >= 2 * record.lost:
                return other, record
        return None

    def evidence(self, who: Contestant) -> Literal["strong", "fair", "publisher"]:
        independent = [entry for entry in self.taken[who] if not entry.value.reported]
        own = {entry.value.benchmark for entry in independent if not entry.stands_in}
        return "strong" if len(own) >= 3 else "fair" if independent else "publisher"

    def cited(self, who: Contestant, count: int = 2) -> list[Value]:
        """Its most telling values: measured its own way before the other, independent before reported."""
        entries = sorted(self.taken[who], key=lambda entry: (entry.stands_in, entry.value.reported))
        first = {entry.value.benchmark: entry.value for entry in reversed(entries)}
        return [first[name] for name in dict.fromkeys(entry.value.benchmark for entry in entries)][:count]


def groups(pairs: Iterable[tuple[Contestant, Contestant]]) -> dict[Contestant, int]:
    """The number of each contestant's group, the largest first: between groups nobody met, directly or through others.

    A group that is not linked to the rest goes behind it: nothing says that it is better than anybody there.
    """
    met: defaultdict[Contestant, set[Contestant]] = defaultdict(set)
    for one, other in pairs:
        met[one].add(other)
    found: list[set[Contestant]] = []
    for start in sorted(met):
        if not any(start in group for group in found):
            group, waiting = {start}, [start]
            while waiting:
                new = met[waiting.pop()] - group
                group |= new
                waiting += new
            found.append(group)
    found.sort(key=lambda group: (-len(group), min(group)))
    return {who: number for number, group in enumerate(found) for who in group}


def strengths(scores: Mapping[tuple[Contestant, Contestant], float]) -> dict[Contestant, float]:
    """Bradley-Terry strengths by Newman's form of the minorize-maximize iteration (J. Mach. Learn. Res. 24, 2023).

    `scores` holds both directions of every pair. Swept in one fixed order until nothing moves by a billionth.
    """
    names = sorted({one for one, _ in scores})
    index = {name: number for number, name in enumerate(names)}
    duels: list[list[tuple[int, float, float]]] = [[] for _ in names]
    for pair in sorted(scores):
        duels[index[pair[0]]].append((index[pair[1]], scores[pair], scores[pair[1], pair[0]]))
    strength = [1.0] * len(names)
    for _ in range(100_000):
        moved = 0.0
        for number, met in enumerate(duels):
            mine = strength[number]
            won = lost = PRIOR / 2 / (mine + 1)
            for other, for_it, against in met:
                share = 1 / (mine + strength[other])
                won += for_it * strength[other] * share
                lost += against * share
            strength[number] = won / lost
            moved = max(moved, abs(math.log(won / lost / mine)))
        if moved < 1e-9:
            break
    return dict(zip(names, strength, strict=True))
