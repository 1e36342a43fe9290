"""Provenance: how much of what a text says is mapped to the fields of the record, and whether the pointers hold.

    python -m tests.benchmarks.provenance [--free FILE.jsonl …] [--writers model,template] [--show N]
        [--sample N --seed N --out FILE.jsonl] CORPUS…

A corpus is a JSON record or a JSONL file of records (in the field `input`, `case` or the line itself); each is told by
the bundled model and by the template. `--free` adds texts by hand, a line each with `case` and `text`. What carries
facts is decided by `fact_words.py`, which asks nothing of the checker. *Mapped* means inside a span with a pointer;
*marked*, inside a span without one or inside a violation; *silent* is the rest. A pointer is *wrong* here where it does
not resolve in the raw record, or where a digit of the span neither stands in the pointed values nor follows from them.
`--show` prints what is not mapped, and what is wrong. `--sample` writes spans drawn at random, with the values that
their pointers have, for a reader to judge.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Report, Span
from tests.benchmarks.fact_words import code_holds, digits_hold, fact_bearing, resolved

_AROUND = 60  # characters of context on each side of a sampled span


@dataclass(frozen=True)
class Told:
    """A text with its raw record and its report."""

    writer: str
    source: str
    record: Any
    text: str
    report: Report


def records(path: Path) -> Iterator[tuple[str, Any, bytes]]:
    """Name, parsed record and bytes."""
    if path.suffix != ".jsonl":
        data = path.read_bytes()
        yield path.stem, _parsed(data), data
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        record = row.get("input") or row.get("case") or row
        yield f"{path.stem}:{number}", record, json.dumps(record, ensure_ascii=False).encode()


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        return json.loads(data.decode("cp1252"))


def texts(corpora: list[Path], frees: list[Path], writers: list[str]) -> Iterator[Told]:
    for path in corpora:
        for source, record, data in records(path):
            case = services.read(data)
            for writer in writers:
                backend = "template" if writer == "template" else "llama"
                draft, _ = services.drafted(case, services.DraftOptions(backend=backend), CancelToken())
                yield Told(writer, source, record, draft.text, draft.report)
    for path in frees:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            case = services.read(json.dumps(row["case"], ensure_ascii=False).encode())
            source = str(row.get("id", path.stem))
            yield Told("free", source, row["case"], row["text"], services.check(case, row["text"]))


def values(record: Any, span: Span) -> list[str] | None:
    """What the record has at each pointer; None where one does not resolve to a value."""
    out = []
    for pointer in span.evidence:
        try:
            value = resolved(record, pointer)
        except (LookupError, ValueError):
            return None
        if isinstance(value, dict | list) or value is None:
            return None
        out.append(str(value))
    return out


class Tally:
    """Characters and pointers of one run, by writer."""

    def __init__(self, shown: int) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.left = shown

    def add(self, told: Told) -> None:
        count = self.counts.setdefault(told.writer, Counter())
        count["texts"] += 1
        mapped = [(s.start, s.end) for s in told.report.spans if s.evidence]
        marked = [(s.start, s.end) for s in told.report.spans if not s.evidence]
        marked += [(v.start, v.end) for v in told.report.violations]
        for start, end in fact_bearing(told.text):
            for place in range(start, end):
                count["facts"] += 1
                count["mapped" if _inside(place, mapped) else "marked" if _inside(place, marked) else "silent"] += 1
            if not _inside(start, mapped):
                self._show(told, start, end, marked=_inside(start, marked))
        for span in told.report.spans:
            count["spans"] += 1
            count["wrong"] += self._is_wrong(told, span)

    def _is_wrong(self, told: Told, span: Span) -> bool:
        said, held = told.text[span.start : span.end], values(told.record, span)
        holds = code_holds if span.kind == "code" else digits_hold
        wrong = held is None or (bool(span.evidence) and not holds(said, held))
        if wrong and self.left > 0:
            print(f"WRONG {told.source} {told.writer}: {span.kind} «{said}» {span.evidence} {held}")
        return wrong

    def _show(self, told: Told, start: int, end: int, *, marked: bool) -> None:
        if self.left > 0:
            self.left -= 1
            before, after = told.text[max(0, start - _AROUND) : start], told.text[end : end + _AROUND]
            state = "marked" if marked else "silent"
            print(f"{state} {told.source} {told.writer}: {before}⟦{told.text[start:end]}⟧{after}")

    def report(self) -> None:
        for writer, c in self.counts.items():
            share = {k: f"{100 * c[k] / max(1, c['facts']):.2f} %" for k in ("mapped", "marked", "silent")}
            print(
                f"{writer}: {c['texts']} texts, {c['facts']} fact-bearing characters: {share['mapped']} mapped, "
                f"{share['marked']} marked, {share['silent']} silent; {c['spans']} spans, {c['wrong']} wrong by machine"
            )


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(s <= place < e for s, e in spans)


def drawn(told: list[Told], size: int, seed: int) -> Iterator[dict[str, object]]:
    """Spans with a pointer, as many of each writer as may be, for a reader: the verdict is left empty."""
    rng = random.Random(seed)
    writers = sorted({t.writer for t in told})
    for n, writer in enumerate(writers):
        pool = [(t, s) for t in told if t.writer == writer for s in t.report.spans if s.evidence]
        share = size // len(writers) + (n < size % len(writers))
        for t, span in rng.sample(pool, min(share, len(pool))):
            before, after = t.text[max(0, span.start - _AROUND) : span.start], t.text[span.end : span.end + _AROUND]
            yield {
                "source": t.source,
                "writer": writer,
                "kind": span.kind,
                "span": t.text[span.start : span.end],
                "context": f"{before}⟦{t.text[span.start : span.end]}⟧{after}",
                "evidence": dict(zip(span.evidence, values(t.record, span) or [], strict=False)),
                "verdict": "",
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--free", nargs="*", type=Path, default=[])
    parser.add_argument("--writers", default="model,template")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("provenance-sample.jsonl"))
    options = parser.parse_args()
    tally, told = Tally(options.show), []
    for text in texts(options.corpus, options.free, options.writers.split(",")):
        tally.add(text)
        told.append(text)
    tally.report()
    if options.sample:
        rows = drawn(told, options.sample, options.seed)
        options.out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
