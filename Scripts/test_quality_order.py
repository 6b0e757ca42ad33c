"""Tests of the order by duels: `python3 -m unittest` in this folder, or with `discover -s Scripts`."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from duels import Order, Rule

SPEC = importlib.util.spec_from_file_location("quality_order", HERE / "quality-order.py")
assert SPEC and SPEC.loader
script = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(script)


def row(model: str, benchmark: str, value: float, mode: str | None = None, **more: Any) -> dict[str, Any]:
    return {"model": model, "benchmark": benchmark, "value": value, "mode": mode, "by_publisher": False,
            "source": "board"} | more


def models(order: Order, way: Any = "quick") -> list[str]:
    return [model for model, _ in order.view(way)]


class Duels(unittest.TestCase):
    def test_a_cycle_is_level_and_finite(self) -> None:
        order = Rule([
            row("a", "ifbench", 60), row("b", "ifbench", 50),
            row("b", "gpqa-diamond", 60), row("c", "gpqa-diamond", 50),
            row("c", "aa-lcr", 60), row("a", "aa-lcr", 50),
        ]).order("chat")
        self.assertEqual(models(order), ["a", "b", "c"])
        for strength in order.strength.values():
            self.assertAlmostEqual(strength, 1)

    def test_who_beats_more_of_the_same_models_is_ahead(self) -> None:
        order = Rule([row(name, test, value) for test in ("ifbench", "aa-lcr")
                      for name, value in (("worst", 10), ("best", 90), ("middle", 50))]).order("chat")
        self.assertEqual(models(order), ["best", "middle", "worst"])
        self.assertLess(order.strength["best", "quick"], 1e6)

    def test_a_model_that_met_nobody_has_no_evidence(self) -> None:
        order = Rule([row("a", "ifbench", 60), row("b", "ifbench", 50), row("alone", "aa-lcr", 99)]).order("chat")
        self.assertEqual(models(order), ["a", "b"])

    def test_thinking_and_quick_runs_of_one_model_are_no_meeting(self) -> None:
        order = Rule([row("a", "ifbench", 60, "thinking"), row("a", "ifbench", 50, "no thinking")]).order("chat")
        self.assertEqual(order.contestants, [])

    def test_a_group_apart_goes_behind(self) -> None:
        order = Rule([
            row("a", "mmmu-pro", 60), row("b", "mmmu-pro", 50), row("c", "mmmu-pro", 40),
            row("x", "mmmu", 99), row("y", "mmmu", 10),
        ]).order("vision")
        self.assertEqual(models(order), ["a", "b", "c", "x", "y"])

    def test_close_values_are_a_draw(self) -> None:
        order = Rule([row("a", "ifbench", 50), row("b", "ifbench", 51.9),
                      row("a", "arena-text", 1210), row("b", "arena-text", 1200)]).order("chat")
        record = order.records[("a", "quick"), ("b", "quick")]
        self.assertEqual((record.won, record.drawn, record.tests), (0, 2, 2))
        self.assertTrue(order.level(("a", "quick"), ("b", "quick")))

    def test_two_points_are_no_draw(self) -> None:
        order = Rule([row("a", "ifbench", 52), row("b", "ifbench", 50)]).order("chat")
        self.assertEqual(order.records[("a", "quick"), ("b", "quick")].won, 1)

    def test_a_validation_split_needs_a_wider_lead(self) -> None:
        rows = [row("a", "euroeval-mmlu-es", 63, "few-shot, validation split"),
                row("b", "euroeval-mmlu-es", 60, "few-shot")]
        order = Rule(rows).order("spanish")
        self.assertEqual(order.records[("a", "quick"), ("b", "quick")].drawn, 1)

    def test_doubtful_values_are_left_out(self) -> None:
        rows = [row("a", "ifbench", 60), row("b", "ifbench", 50)]
        broken = row("b", "aa-lcr", 99, doubtful=True)
        order = Rule([*rows, broken, row("a", "aa-lcr", 1)]).order("chat")
        self.assertEqual(models(order), ["a", "b"])
        self.assertEqual(order.records[("a", "quick"), ("b", "quick")].tests, 1)

    def test_a_publishers_win_weighs_a_quarter(self) -> None:
        order = Rule([
            row("a", "ifbench", 60), row("b", "ifbench", 50),
            *(row(name, "mmlu", value, "5-shot", by_publisher=True) for name, value in (("a", 50), ("b", 60))),
        ]).order("chat")
        record = order.records[("a", "quick"), ("b", "quick")]
        self.assertEqual((record.score, record.against), (1, 0.25))
        self.assertEqual(models(order), ["a", "b"])

    def test_a_rivals_table_is_read_like_a_publishers(self) -> None:
        note = "table of a competing publisher"
        order = Rule([row("a", "swe-bench-verified", 60, "one try", note=note),
                      row("b", "swe-bench-verified", 50, "one try")]).order("code")
        self.assertEqual(order.records[("a", "quick"), ("b", "quick")].score, 0.25)


class Ways(unittest.TestCase):
    ROWS = (
        row("both", "ifbench", 70, "thinking"), row("both", "ifbench", 40, "no thinking"),
        row("plain", "ifbench", 50), row("always", "ifbench", 60, "thinking"),
    )

    def test_thinking_and_quick_are_two_orders(self) -> None:
        order = Rule(self.ROWS).order("chat")
        self.assertEqual(models(order, "thinking"), ["both", "always", "plain"])
        self.assertEqual(models(order, "quick"), ["plain", "both"])

    def test_places_of_both_ways_can_be_compared(self) -> None:
        order = Rule(self.ROWS).order("chat")
        self.assertEqual(order.contestants, [("both", "thinking"), ("always", "thinking"), ("plain", "quick"),
                                             ("both", "quick")])

    def test_measured_only_thinking_it_stands_in_at_a_quarter(self) -> None:
        rows = [row("both", "ifbench", 70, "thinking"), row("plain", "ifbench", 50)]
        order = Rule(rows, thinking={"both": "switchable"}).order("chat")
        record = order.records[("both", "quick"), ("plain", "quick")]
        self.assertEqual((record.score, record.tests), (0.25, 0))
        self.assertEqual(order.evidence(("both", "quick")), "fair")
        self.assertEqual(models(Rule(rows, thinking={"both": "always"}).order("chat")), ["plain"])

    def test_low_effort_is_the_quick_way(self) -> None:
        order = Rule([
            row("oss", "ifbench", 70, "thinking, high effort"), row("oss", "ifbench", 60, "thinking, low effort"),
            row("plain", "ifbench", 65),
        ], thinking={"oss": "always"}).order("chat")
        self.assertEqual(models(order, "thinking"), ["oss", "plain"])
        self.assertEqual(models(order, "quick"), ["plain", "oss"])

    def test_unmarked_runs_of_a_model_that_always_thinks_are_thinking(self) -> None:
        order = Rule([row("r1", "arena-text", 1300), row("plain", "arena-text", 1200)],
                     thinking={"r1": "always"}).order("chat")
        self.assertEqual(models(order, "quick"), ["plain"])


class Protocols(unittest.TestCase):
    def test_two_protocols_never_share_a_column(self) -> None:
        rule = Rule([
            row("a", "mmlu-pro-aa", 60), row("b", "mmlu-pro-ollb2", 50, "5-shot, normalised"),
            row("c", "mmlu-pro", 50, "0-shot", by_publisher=True),
            row("d", "mmlu-pro", 50, "5-shot, chain of thought", by_publisher=True),
            row("e", "humaneval-plus", 50, "pass@1, greedy"),
            row("f", "humaneval-plus", 40, "pass@1, greedy, completion"),
        ])
        self.assertEqual(rule.order("chat").contestants, [])
        self.assertEqual(rule.order("code").contestants, [])

    def test_an_unnamed_protocol_of_a_publisher_is_its_own(self) -> None:
        values = [row("a", "ifeval-p", 60, by_publisher=True, source="card a"),
                  row("b", "ifeval-p", 50, by_publisher=True, source="card b")]
        self.assertEqual(Rule(values).order("chat").contestants, [])
        for value in values:
            value["source"] = "collection"
        self.assertEqual(Rule(values).order("chat").contestants, [])
        self.assertEqual(models(Rule(values, makers={"a": "m", "b": "m"}).order("chat")), ["a", "b"])

    def test_file_type_and_thinking_are_no_protocol(self) -> None:
        order = Rule([row("a", "aider-edit", 60, "Q4_K_M"), row("b", "aider-edit", 50)]).order("code")
        self.assertEqual(models(order), ["a", "b"])


class Evidence(unittest.TestCase):
    def test_marks(self) -> None:
        tests = ("ifbench", "aa-lcr", "gpqa-diamond")
        order = Rule([
            *(row(name, test, value) for test in tests for name, value in (("a", 60), ("b", 50))),
            row("c", "ifbench", 40),
            *(row(name, "mmlu", 50, "5-shot", by_publisher=True) for name in ("a", "d")),
        ]).order("chat")
        marks = {model: order.evidence((model, "quick")) for model in "abcd"}
        self.assertEqual(marks, {"a": "strong", "b": "strong", "c": "fair", "d": "publisher"})

    def test_two_values_are_cited_independent_ones_first(self) -> None:
        order = Rule([
            *(row(name, "mmlu", 50, "5-shot", by_publisher=True) for name in ("a", "b")),
            *(row(name, test, 50) for test in ("aa-lcr", "ifbench", "gpqa-diamond") for name in ("a", "b")),
        ]).order("chat")
        self.assertEqual([value.benchmark for value in order.cited(("a", "quick"))], ["ifbench", "gpqa-diamond"])

    def test_the_reason_is_the_nearest_model_below_that_is_beaten(self) -> None:
        order = Rule([
            row("a", "ifbench", 60), row("b", "ifbench", 59), row("c", "ifbench", 30), row("d", "ifbench", 20),
            row("a", "aa-lcr", 60), row("b", "aa-lcr", 50), row("c", "aa-lcr", 30),
            row("a", "gpqa-diamond", 40), row("b", "gpqa-diamond", 39), row("c", "gpqa-diamond", 39),
        ]).order("chat")
        beaten = order.beaten(("a", "quick"), among="abcd")
        assert beaten
        self.assertEqual((beaten[0], beaten[1].won, beaten[1].tests), (("c", "quick"), 2, 3))
        self.assertIsNone(order.beaten(("a", "quick"), among="b"))
        self.assertIsNone(order.beaten(("d", "quick"), among="abcd"))

    def test_level_to_ends_where_somebody_is_beaten_two_to_one(self) -> None:
        order = Rule([
            *(row(name, "ifbench", value) for name, value in (("a", 51), ("b", 50), ("c", 20))),
            *(row(name, "aa-lcr", value) for name, value in (("a", 51), ("b", 50), ("c", 20))),
        ]).order("chat")
        self.assertEqual([order.level_to(place) for place in range(3)], [1, 1, 2])


class TheCatalog(unittest.TestCase):
    def test_its_order_is_what_the_facts_give(self) -> None:
        top = HERE.parent
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "catalog.json"
            text = (top / "catalog.json").read_text(encoding="utf-8")
            copy.write_text(text, encoding="utf-8")
            subprocess.run(
                [sys.executable, str(HERE / "quality-order.py"), *map(str, sorted((HERE / "facts").glob("quality*.json"))),
                 "--catalog", str(copy), "--write"], check=True, capture_output=True)
            self.assertTrue(copy.read_text(encoding="utf-8") == text, "run quality-order.py --write, see CONTRIBUTING.md")


CATALOG = """{
  "schema_version": 1,
  "families": [
    {
      "id": "alpha",
      "sizes": [
        {
          "id": "1b",
          "upstream": { "instruct": "Maker/Alpha-1B", "base": null },
          "files": []
        },
        {
          "id": "2b",
          "names": ["alpha-two"],
          "upstream": { "instruct": "Maker/Alpha-2B-Instruct", "base": null },
          "thinking": "never",
          "files": [
            { "repo": "a/b", "file": "c.gguf" }
          ]
        }
      ]
    },
    {
      "id": "beta",
      "thinking": "always",
      "sizes": [
        {
          "id": "3b",
          "upstream": { "instruct": "Other/BETA-3B-BF16", "base": null },
          "files": []
        }
      ]
    }
  ]
}
"""
FACTS: dict[str, Any] = {
    "sources": {"board": {"what": "a board", "address": "example.org", "date": "2026-07-10"},
                "unused": {"what": "nothing", "address": "example.org", "date": "2020"}},
    "benchmarks": {name: {"name": name, "measures": "something", "scale": "0-100 %", "higher_is_better": True}
                   for name in ("ifbench", "aa-lcr", "hle")},
    "values": [row("alpha:1b", "ifbench", 40), row("alpha-2b-instruct", "ifbench", 60),
               row("beta", "ifbench", 50.5, "thinking"), row("stranger", "ifbench", 45)],
}
LISTS = {"models": [{"id": "beta", "upstream": "Other/Beta-3B-bf16"}]}


class Writing(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "catalog.json").write_text(CATALOG, encoding="utf-8")
        (self.folder / "facts.json").write_text(json.dumps(FACTS), encoding="utf-8")
        (self.folder / "models.json").write_text(json.dumps(LISTS), encoding="utf-8")

    def run_script(self, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(HERE / "quality-order.py"), "facts.json", "--catalog", "catalog.json",
             "--models", "models.json", *more],
            cwd=self.folder, capture_output=True, text=True, check=True)

    def catalog(self) -> str:
        return (self.folder / "catalog.json").read_text(encoding="utf-8")

    def test_ids_are_found_by_reference_repository_and_name(self) -> None:
        names = {"alpha:1b", "alpha-2b-instruct", "alpha-two", "beta", "stranger"}
        self.assertEqual(script.references(names, json.loads(CATALOG), [LISTS]), {
            "alpha:1b": "alpha:1b", "alpha-2b-instruct": "alpha:2b", "alpha-two": "alpha:2b", "beta": "beta:3b"})

    def test_it_is_reproducible_to_the_byte(self) -> None:
        first = self.run_script().stdout
        backwards = FACTS | {"values": FACTS["values"][::-1]}
        (self.folder / "facts.json").write_text(json.dumps(backwards), encoding="utf-8")
        self.assertEqual(self.run_script().stdout, first)
        self.run_script("--write")
        once = self.catalog()
        self.run_script("--write")
        self.assertEqual(self.catalog(), once)

    def test_it_changes_nothing_but_the_quality_fields(self) -> None:
        result = self.run_script("--write")
        self.assertIn("not in the catalog: stranger", result.stderr)
        written = json.loads(self.catalog())
        self.assertEqual(script.without_quality(written), json.loads(CATALOG))
        self.assertEqual(list(written["quality"]["sources"]), ["board"])
        self.assertEqual(list(written["quality"]["benchmarks"]), ["ifbench"])
        self.assertEqual(written["families"][0]["sizes"][1]["quality"], {"chat": {"quick": {
            "place": 1, "level_to": 1, "evidence": "fair",
            "beats": {"model": "alpha:1b", "won": 1, "tests": 1},
            "values": [{"benchmark": "ifbench", "value": 60, "source": "board"}]}}})
        lines = iter(self.catalog().splitlines())
        self.assertTrue(all(line in lines for line in CATALOG.splitlines()), "a line of the catalog is gone")

    def test_a_catalog_of_another_layout_is_left_alone(self) -> None:
        (self.folder / "catalog.json").write_text(json.dumps(json.loads(CATALOG)), encoding="utf-8")
        with self.assertRaises(subprocess.CalledProcessError):
            self.run_script("--write")
        self.assertNotIn("quality", self.catalog())

    def test_leaving_out_the_only_source_takes_the_evidence(self) -> None:
        self.assertIn("chat quick, without board: alpha:2b 1 -> no evidence",
                      self.run_script("--leave-one-out").stdout)


if __name__ == "__main__":
    unittest.main()
