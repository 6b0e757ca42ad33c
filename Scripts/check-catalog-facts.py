#!/usr/bin/env python3
"""Holds catalog.json against a folder of facts that were collected from public sources: every digest, size, revision,
context, date and count of weights that both have. Where the catalog follows another source it says here which and why.

    Scripts/check-catalog-facts.py FACTS_FOLDER [CATALOG]

Prints the figures of coverage. Exits 1 on a difference that is not explained below, on an explanation that explains
nothing any more, on a digest that no fact backs, and where the document breaks one of its own rules.
"""
import copy
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent

# What the catalog must reach, in parts of its sizes.
LEAST = {"sizes": 160, "date and type": 0.95, "languages": 0.85, "guide with size and digest": 17}

# (size, what): why the catalog differs from a fact.
EXPLAINED = {
    ("gemma3n:e2b", "context"): "32,768 by the publisher's own conversion; llmfit prints 131,072",
    ("gemma3n:e4b", "context"): "32,768 by the publisher's own conversion; llmfit prints 131,072",
    ("phi4-mini-reasoning:3.8b", "context"): "131,072 by config.json as litgpt has it; llmfit prints 16,384",
    ("deepseek-r1-distill-llama:8b", "context"): "131,072 as Llama 3.1; llmfit multiplies by the rope factor once more",
    ("gpt-oss:20b", "context"): "131,072 by config.json; llmfit multiplies by the rope factor once more",
    ("exaone4:1.2b", "date"): "announced on 2025-07-15; the repository is of 2025-07-11",
    ("granite4:h-micro", "date"): "announced with the series; the repository is of 2025-09-16",
    ("qwen2.5-coder:7b", "date"): "announced on 2024-09-19; the repository is of 2024-09-17",
    ("gemma4:26b-a4b", "date"): "announced with the series on 2026-04-02; the repository is of 2026-03-11",
    ("gemma4:31b", "date"): "announced with the series on 2026-04-02; the repository is of 2026-03-11",
    ("gemma3:27b", "date"): "announced with the series on 2025-03-12; the repository is of 2025-03-01",
}
for _ref in (
    "qwen3.5:0.8b qwen3.5:2b qwen3.5:4b qwen3.5:9b gemma3:4b gemma4:e2b gemma4:e4b qwen3-vl:2b qwen3-vl:4b qwen3-vl:8b "
    "smolvlm:256m smolvlm:500m"
).split():
    EXPLAINED[_ref, "parameters"] = "the fact counts a vision or audio encoder, which the GGUF file does not hold"
for _ref in (
    "smollm2:360m smollm2:1.7b qwen3:0.6b qwen3:1.7b granite3.3:2b granite4:3b gpt2:355m gpt-oss:20b"
).split():
    EXPLAINED[_ref, "parameters"] = "the fact counts a tied matrix twice or not at all; ours gives the files' sizes"

# Rows of the facts that the catalog leaves out, by the name of the file.
LEFT_OUT = {
    "gpt-oss-20b-Q4_K_M.gguf": "a requantization; the publisher's own weights are MXFP4, which is the default",
    "LFM2.5-350M-QAD-Q4_0.gguf": "the facts have the name to be checked",
    "LFM2.5-2.6B-QAD-Q4_0.gguf": "the facts have the name to be checked",
    "Phi-4-reasoning-plus-Q4_K_M.gguf": "another model",
    "mtp-Qwen3.8-27B-Q4_0.gguf": "layers that draft, in a file of their own: the catalog has no place for it yet",
    "gemma-4-e2b-it-Q8_0.gguf": "the name is gone; its digest is among the superseded ones",
}

# A family, its first size and that size's first file, damaged.
DAMAGES = {
    "a digest without source": lambda family, size, file: file.update(sources=[]),
    "a size of a file without source": lambda family, size, file: file.update(sources=[], sha256=None),
    "a digest in capitals": lambda family, size, file: file.update(sha256=file["sha256"].upper()),
    "a row that stands twice": lambda family, size, file: size["files"].append(dict(file)),
    "a licence that is no licence's id": lambda family, size, file: family.update(license="free for all!"),
    "a wrong class": lambda family, size, file: size.update(device_class="server"),
    "a made-up class": lambda family, size, file: size.update(device_class="watch"),
    "a size without sources": lambda family, size, file: size.pop("sources"),
    "a date without source": lambda family, size, file: size["sources"].pop("released"),
    "month 99": lambda family, size, file: size.update(released="2024-99"),
    "files without a default": lambda family, size, file: size.update(default_quant=None),
    "nothing to fetch": lambda family, size, file: size.update(
        files=[], default_quant=None, upstream={"instruct": None, "base": None}
    ),
    "a made-up type": lambda family, size, file: (size.update(type="oracle"), size["sources"].update(type=["role"])),
    "a type without source": lambda family, size, file: size.update(type="chat"),
    "a count of weights without basis": lambda family, size, file: size.pop("parameters_basis"),
    "Spanish among the languages and not known": lambda family, size, file: size.update(spanish=False),
    "a mode that is none": lambda family, size, file: (
        size.update(sampling=[{"mode": "loud"}]), size["sources"].update(sampling=["role"])
    ),
    "a projector without digest's source": lambda family, size, file: size.update(
        projector={**{k: file[k] for k in ("repo", "file", "bytes", "sha256", "revision")}, "sources": []}
    ),
    "one part of a split file": lambda family, size, file: file.update(
        parts=[{"file": file["file"], "bytes": file["bytes"], "sha256": file["sha256"]}]
    ),
    "an unknown field": lambda family, size, file: size.update(tested=True),
}

problems = []


def complain(where, what):
    problems.append(f"{where}: {what}")


def without_repeats(pairs):
    names = [name for name, _ in pairs]
    for name in {each for each in names if names.count(each) > 1}:
        complain("catalog", f"{name} stands twice in one object")
    return dict(pairs)


def entries(catalog):
    for family in catalog["families"]:
        for size in family["sizes"]:
            yield f"{family['id']}:{size['id']}", family, size


def filled(catalog):
    """A copy in which every field is there that a row may leave out."""
    catalog = copy.deepcopy(catalog)
    for family in catalog["families"]:
        family.setdefault("guide", None)
        for size in family["sizes"]:
            for key in ("parameters", "context_length", "released", "languages", "default_quant"):
                size.setdefault(key, None)
            size.setdefault("sources", {})
            for row in size["files"] + ([size["projector"]] if size.get("projector") else []):
                for key in ("bytes", "sha256", "revision"):
                    row.setdefault(key, None)
                row.setdefault("sources", [])
            for row in size.get("repositories", []):
                row.setdefault("sources", [])
    return catalog


class Facts:
    """The folder's documents, asked by the name of the original repository."""

    def __init__(self, folder):
        def read(name):
            return json.loads((folder / name).read_text(encoding="utf-8"))

        self.files, self.models, self.superseded = [], {}, set()
        found, guide = read("found_digests.json"), read("guide_families.json")
        for family in guide["families"]:
            for size in family["sizes"]:
                self.add_model(list(size["upstream"].values()), {**size, "released": size.get("release_date")})
                self.add_files(size["files"])
        for name in ("extra_models.json", "more_models.json", "more_models_2.json"):
            document = read(name)
            for model in document["models"] + document.get("fills_for_more_models", []):
                self.add_model([model.get("upstream")], model)
                self.add_files(model.get("files", []))
            self.add_files(document.get("files_for_listed_sizes", []))
        for row in found["missing_sizes"]:
            self.add_files(row["files"])
        self.add_files([row["file"] for row in found["guide_files_without_digest_now_found"]])
        for row in found["catalog_files_seen_again"]:
            self.add_files([{**row, **row["fills"]}])
        for digests in found["superseded_to_add"].values():
            self.superseded.update(digests)
        self.traits = read("model_traits.json")
        for row in self.traits["models"]:
            projector = (row.get("projector") or {}).get("value")
            if projector:
                self.add_files([{**projector, "gguf_repo": projector["repo"]}])

    def add_files(self, rows):
        for row in rows:
            self.superseded.update(row.get("superseded_sha256") or [])
            if row.get("file"):
                self.files.append(row)

    def add_model(self, originals, model):
        for original in originals:
            if original:
                self.models.setdefault(original, []).append(model)

    def values(self, originals):
        """Contexts, dates and counts that the folder has for a model."""
        out = {"context": set(), "date": set(), "parameters": set()}
        for original in originals:
            for model in self.models.get(original, []):
                out["context"].add((model.get("context_length") or {}).get("tokens"))
                released = model.get("released")
                out["date"].add(released.get("date") if isinstance(released, dict) else released)
                count = model.get("parameters") or {}
                out["parameters"].add(count.get("value", count.get("exact")))
        return {what: values - {None} for what, values in out.items()}

    def trait_dates(self, ref, original):
        family = self.traits["families"].get(ref.split(":")[0], {})
        own = [row for row in self.traits["models"] if row["ref"] == ref or row["upstream"] == original]
        if not any(row["list"] == "catalog" for row in own):
            family = {}
        for row in own + [family]:
            if row.get("released", {}).get("value"):
                return {row["released"]["value"]}
        return set()


def compare_files(catalog, facts):
    rows = {}
    for ref, _, size in entries(catalog):
        for row in size["files"] + ([size["projector"]] if size.get("projector") else []):
            rows.setdefault((row["repo"], row["file"]), []).append((ref, row))
    known, backed = {}, set()
    for fact in facts.files:
        place = (fact.get("gguf_repo") or fact.get("repo"), fact["file"])
        if fact.get("sha256"):
            known.setdefault(place, set()).add(fact["sha256"])
        for what in ("bytes", "revision"):
            if fact.get(what):
                backed.add((place, what, fact[what], fact.get("sha256")))
    compared = 0
    repositories = {repo for repo, _ in rows}
    for repo, name in known:
        if repo in repositories and (repo, name) not in rows and name not in LEFT_OUT and "mmproj" not in name.lower():
            complain(repo, f"the facts have a digest of {name}, the catalog has no such file")
    for place, found in rows.items():
        for ref, row in found:
            digest = row["sha256"]
            older = set(row.get("superseded", []))
            if digest and digest not in known.get(place, set()):
                complain(ref, f"no fact has the digest of {row['file']}: {digest}")
            for other in known.get(place, set()) - {digest} - older - facts.superseded:
                complain(ref, f"{row['file']}: {digest} here, {other} in the facts")
            if digest:
                compared += 1
            sizes = {v for (p, what, v, d) in backed if p == place and what == "bytes" and d in (digest, None)}
            if row["bytes"] and sizes and row["bytes"] not in sizes:
                complain(ref, f"{row['file']}: {row['bytes']} bytes here, {sorted(sizes)} in the facts")
            if row["bytes"] is None and any(s for s in sizes):
                complain(ref, f"{row['file']}: the facts have its size, {sorted(sizes)}")
            pins = {v for (p, what, v, d) in backed if p == place and what == "revision" and d in (digest, None)}
            if row["revision"] and pins and row["revision"] not in pins:
                complain(ref, f"{row['file']}: revision {row['revision']} here, {sorted(pins)} in the facts")
            if row["revision"] is None and pins:
                complain(ref, f"{row['file']}: the facts have its revision, {sorted(pins)}")
    return compared


def compare_numbers(catalog, facts):
    used, counts = set(), {"context": 0, "date": 0, "parameters": 0}
    for ref, _, size in entries(catalog):
        originals = [each for each in size["upstream"].values() if each]
        values = facts.values(originals)
        values["date"] |= facts.trait_dates(ref, originals[0])
        ours = {"context": size["context_length"], "date": size["released"], "parameters": size["parameters"]}
        for what, value in ours.items():
            if value is None and values[what]:
                complain(ref, f"{what}: nothing here, {sorted(values[what])} in the facts")
            if value is None or not values[what]:
                continue
            counts[what] += 1
            if what == "date":
                agree = all(str(other).startswith(value) or value.startswith(str(other)) for other in values[what])
            elif what == "parameters":
                # A count in round hundreds of millions binds nobody.
                exact = {other for other in values[what] if other % 100_000_000}
                agree = not exact or any(abs(value - other) <= 0.01 * other for other in exact)
            else:
                agree = values[what] == {value}
            if agree:
                continue
            if (ref, what) in EXPLAINED:
                used.add((ref, what))
            else:
                complain(ref, f"{what}: {value} here, {sorted(values[what])} in the facts")
    for ref, what in set(EXPLAINED) - used:
        complain(ref, f"{what}: explained, but nothing differs")
    return counts


def keep_rules(catalog):
    """What a schema cannot say."""
    licenses, sources, used = set(catalog["licenses"]), set(catalog["sources"]), set()

    def cite(where, ids):
        used.update(ids)
        for each in set(ids) - sources:
            complain(where, f"no source {each}")

    refs, families = set(), set()
    bad = {row["sha256"] for row in catalog["known_bad_hashes"]}
    for family in catalog["families"]:
        if family["id"] in families:
            complain(family["id"], "a family stands twice")
        families.add(family["id"])
        cite(family["id"], family.get("license_sources", []))
        for ids in family.get("sources", {}).values():
            cite(family["id"], ids)
    for ref, family, size in entries(catalog):
        if ref in refs:
            complain(ref, "stands twice")
        refs.add(ref)
        for owner in (family, size):
            if owner.get("license", family["license"]) not in licenses:
                complain(ref, f"no licence {owner['license']}")
        cite(ref, size.get("license_sources", []))
        for ids in size["sources"].values():
            cite(ref, ids)
        for row in size.get("repositories", []):
            cite(ref, row["sources"])
        rows = size["files"] + ([size["projector"]] if size.get("projector") else [])
        for row in rows:
            cite(ref, row["sources"])
            if row["sha256"] in bad:
                complain(ref, f"{row['file']}: the digest of an error page")
        for what in ("type", "modalities"):
            if size.get(what, family.get(what)) is None:
                complain(ref, f"no {what}")
        if size.get("projector") and size.get("modalities", family.get("modalities")) == ["text"]:
            complain(ref, "a projector, and nothing to see or hear")
        labels = [row["quant"] for row in size["files"]]
        if labels and labels[0] != size["default_quant"]:
            complain(ref, "the default quantization does not come first")
        small = [each for each in labels if re.match(r"I?Q4|MXFP4|Q[1-5]_", each)]
        if small and not re.match(r"I?Q4|MXFP4|Q[1-5]_", size["default_quant"]):
            complain(ref, f"the default is {size['default_quant']} although {small[0]} is known")
    for each in sources - used:
        complain("sources", f"{each} backs nothing")
    # Within a family the default file of a smaller size is not larger than that of a bigger one.
    for family in catalog["families"]:
        defaults = [
            (size["parameters"], size["files"][0]["bytes"], size["id"])
            for size in family["sizes"]
            if size["parameters"] and size["files"] and size["files"][0]["bytes"]
        ]
        for count, length, name in defaults:
            for other, shorter, bigger in defaults:
                if count < 0.95 * other and length > shorter:
                    complain(family["id"], f"{name} takes {length} bytes, {bigger} {shorter}")


def validate(catalog, schema):
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        print("schema: not checked, the Python package jsonschema is missing")
        return
    validator = Draft202012Validator(schema)
    for error in list(validator.iter_errors(catalog))[:20]:
        complain("/".join(map(str, error.absolute_path)), error.message[:200])
    # What the schema must refuse, each tried on one family of the document.
    for name, damage in DAMAGES.items():
        small = copy.deepcopy({**catalog, "families": catalog["families"][:1]})
        damage(small["families"][0], small["families"][0]["sizes"][0], small["families"][0]["sizes"][0]["files"][0])
        if validator.is_valid(small):
            complain("schema", f"lets pass: {name}")


def cover(catalog):
    rows = list(entries(catalog))
    total = len(rows)

    def share(test):
        return sum(bool(test(family, size)) for _, family, size in rows) / total

    def has(name):
        return lambda family, size: size.get(name, family.get(name)) is not None

    def is_proven(size):
        return any(row["sha256"] and row["bytes"] for row in size["files"])

    guide = [size for _, family, size in rows if family["guide"]]
    figures = {
        "sizes": total,
        "date and type": share(lambda family, size: size["released"] and has("type")(family, size)),
        "languages": share(lambda family, size: size["languages"] or size.get("languages_count")),
        "guide with size and digest": sum(is_proven(size) for size in guide),
    }
    print(f"{len(catalog['families'])} families, {total} sizes, {sum(len(s['files']) for _, _, s in rows)} files")
    print(f"date and type {figures['date and type']:.1%}, languages {figures['languages']:.1%}")
    print(f"size and digest: {figures['guide with size and digest']} of {len(guide)} of the guide's,", end=" ")
    print(f"{sum(is_proven(size) for _, _, size in rows)} of {total} in all")
    for name in ("spanish", "thinking", "tools", "sampling", "min_llama_cpp_build", "active_parameters", "projector"):
        print(f"{name} {share(has(name)):.0%}", end=", " if name != "projector" else "\n")
    pinned = [row for _, _, size in rows for row in size["files"] if row["sha256"]]
    print(f"digests {len(pinned)}, of them pinned to a revision {sum(bool(row['revision']) for row in pinned)}")
    for name, least in LEAST.items():
        if figures[name] < least:
            complain("coverage", f"{name} {figures[name]:.3g}, at least {least}")


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__.strip())
    path = Path(sys.argv[2]) if len(sys.argv) == 3 else HERE / "catalog.json"
    catalog = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=without_repeats)
    facts = Facts(Path(sys.argv[1]))
    validate(catalog, json.loads((HERE / "catalog.schema.json").read_text(encoding="utf-8")))
    catalog = filled(catalog)
    keep_rules(catalog)
    digests = compare_files(catalog, facts)
    counts = compare_numbers(catalog, facts)
    cover(catalog)
    print(f"compared: {digests} digests, " + ", ".join(f"{count} of {what}" for what, count in counts.items()))
    for ref, what in sorted(EXPLAINED):
        print(f"explained: {ref} {what}: {EXPLAINED[ref, what]}")
    for each in problems:
        print(f"wrong: {each}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
