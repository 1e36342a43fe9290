"""What the model writes on its own, without the grammar, and what it writes under it, on records it has not seen.

`python packaging/model/evaluate.py packaging/model/mini.toml --model FILE.gguf|FOLDER/onnx/FILE.onnx [CORPUS.jsonl…]
[--records 500] [--limit N] [--free]`, with the program's own environment (`make setup`), adds rows to `evaluation.json`
beside the checkpoint: greedy decoding without a grammar, then (unless `--free`) the program's own way at its usual
temperature. The samples of resources/samples and `--records` generated records are always read.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import free
import project
from examples import seeds
from records import generate

from engine import evidence, services
from engine.cancellation import CancelToken
from engine.drafting import grammar, prompt
from engine.drafting.items import item
from engine.evidence import Claim, Evidence, Kind
from engine.evidence.language import fold
from tests.helpers.facts import count

_DRUGS = (Kind.TREATMENT, Kind.PRESCRIPTION)
_BREAK = re.compile(r"[\r\n]")


@dataclass(slots=True)
class Tally:
    """Counts over all the records; `shares` gives them as shares from 0 to 1."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, **counted: int) -> None:
        self.counts.update(counted)

    def share(self, part: str, whole: str) -> float:
        return round(self.counts[part] / max(self.counts[whole], 1), 5)


def corpus(settings: project.Settings, files: list[Path], generated: int) -> dict[str, list[bytes]]:
    """The raw records by the name of their source."""
    drawn = [generate(seed, plain=True) for seed in seeds(settings, "evaluation")[:generated]]
    return {
        "samples": [p.read_bytes() for p in sorted((project.ROOT / "resources" / "samples").glob("*.json"))],
        "generated": [json.dumps(record, ensure_ascii=False).encode() for record in drawn],
        **{file.stem: list(_lines(file)) for file in files},
    }


def _lines(file: Path) -> Iterator[bytes]:
    for line in file.read_text(encoding="utf-8").splitlines():
        value = json.loads(line)
        yield json.dumps(value.get("input", value), ensure_ascii=False).encode()


def unconstrained(records: list[bytes], write: free.Write) -> dict[str, float]:
    """Greedy texts without grammar, correction or fallback, counted against the raw record."""
    tally = Tally()
    for data in records:
        facts = evidence.build(services.read(data))
        text, ended = write(prompt.messages(facts, "narrator"))
        found = count(json.loads(data.decode("utf-8", "replace")), text)
        exact, drugs = drug_lines(facts, text)
        tally.add(
            records=1,
            ended=ended,
            paragraphs=not _BREAK.search(text.strip()),
            required=found.recorded,
            told=found.recorded - len(found.missing_codes),
            codes=found.written,
            invented=len(found.foreign_codes),
            drugs=drugs,
            exact=exact,
        )
    return {
        "codesTold": tally.share("told", "required"),
        "codesInvented": tally.share("invented", "codes"),
        "drugLinesExact": tally.share("exact", "drugs"),
        "oneParagraph": tally.share("paragraphs", "records"),
        "ended": tally.share("ended", "records"),
    }


def drug_lines(facts: Evidence, text: str) -> tuple[int, int]:
    """How many drugs stand in the text whole, as one stretch with all that the record gives; how many there are."""
    claims = list(facts.of(*_DRUGS))
    return sum(re.search(pattern(item(claim)), text, re.IGNORECASE) is not None for claim in claims), len(claims)


def pattern(node: grammar.Node) -> str:
    """The tree of an item as a regular expression."""
    if isinstance(node, str):
        return re.escape(node)
    if isinstance(node, grammar.Alt):
        return f"(?:{'|'.join(map(pattern, node.options))})"
    if isinstance(node, grammar.Seq):
        return "".join(map(pattern, node.parts))
    raise TypeError("an item holds no series")


def constrained(records: list[bytes], model: Path) -> dict[str, float]:
    """The program's own drafts: the share whose first attempt passes the checker, and of the course's clauses told."""
    tally, options = Tally(), services.DraftOptions(model=str(model))
    for data in records:
        case = services.read(data)
        draft, _ = services.drafted(case, options, CancelToken())
        clauses = list(evidence.build(case).of(Kind.COURSE))
        said = fold(draft.text)
        tally.add(
            records=1,
            first=draft.report.ok and draft.attempts == 1 and not draft.fallback,
            clauses=len(clauses),
            conveyed=sum(any(fold(form) in said for form in _told(claim)) for claim in clauses),
        )
    return {"firstAttemptPasses": tally.share("first", "records"), "clausesTold": tally.share("conveyed", "clauses")}


def _told(claim: Claim) -> Iterator[str]:
    """The forms of a clause, and of one with a label those in which a verb or «con» stands for its colon."""
    for form in claim.forms:
        yield from (form.replace(": ", way, 1) for way in (": ", " muestra ", " con "))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("settings", type=Path)
    options.add_argument("corpora", type=Path, nargs="*")
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--records", type=int, default=500, help="generated records that the model never saw")
    options.add_argument("--limit", type=int, help="at most so many records of each source")
    options.add_argument("--free", action="store_true", help="only without the grammar")
    args = options.parse_args()
    settings = project.load(args.settings)
    writer = free.writer(args.model, settings.template, settings.context)
    for name, records in corpus(settings, args.corpora, args.records).items():
        row: dict[str, object] = {"file": args.model.name, "source": name, "records": len(records[: args.limit])}
        row |= unconstrained(records[: args.limit], writer)
        if not args.free:
            row |= constrained(records[: args.limit], args.model)
        print(json.dumps(row), flush=True)
        keep(settings.work / "evaluation.json", row)


def keep(path: Path, row: dict[str, object]) -> None:
    """Adds the row, in the place of an earlier one of the same file and source."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    others = [r for r in rows if (r["file"], r["source"]) != (row["file"], row["source"])]
    path.write_text(json.dumps([*others, row], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
