"""How the patient leaves, in the record's terms: home, to another hospital, or dead. Told once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.drafting.grammar import Node, alt, seq
from engine.drafting.items import LONG_LIST, MISSING, common_date, dated_on, listed
from engine.evidence import Claim, Evidence, Kind
from engine.evidence.language import capitalised, fold
from engine.evidence.quantities import date_forms, day_of

_MOVED = re.compile(r"(?:se )?traslad(?:ad[oa]|o|a)\b")
_REFERRED = re.compile(r"(?:se )?deriv(?:ad[oa]|acion|a)\b")
_HOME = re.compile(r"(?:alta )?(?:medica )?(?:al? )?(?:su )?((?:domicilio|hogar|casa|hospitalizacion domiciliaria)\b)")
_LEAVES = re.compile(r"(?:alta\b(?! voluntaria)|(?:se )?(?:decide|indica|da|va) (?:de |el )?alta\b|egresa\b)")
_REASON = re.compile(r"(?:alta )?(?:voluntaria|disciplinaria|administrativa|fuga|abandono)\b")


Way = tuple[str, str]  # what stands before the date and after it: («Egresa a domicilio», «»)


def build(evidence: Evidence) -> Node:
    """The leaving, its date and the discharge diagnoses, or «No consignado»."""
    claims = list(evidence.of(Kind.DISCHARGE_DIAGNOSIS))
    day = _day(evidence, claims)
    ways = tuple(_ways(evidence))
    if not claims:
        missing = f" Diagnóstico de egreso: {MISSING}."
        return seq(alt(*(_told(way, day) for way in ways), style="leaving"), ".", missing) if ways else missing
    diagnoses = listed(claims, fixed=1, shared=dated_on(claims, day))
    return seq(alt(*_openings(evidence, ways, len(claims), day), style="leaving"), diagnoses, ".")


def _openings(evidence: Evidence, ways: tuple[Way, ...], count: int, day: str | None) -> Iterator[Node]:
    """«Egresa trasladada a UCI el … con diagnósticos de», «Fallece el …. Diagnósticos de egreso:»."""
    noun = "diagnóstico" if count == 1 else "diagnósticos"
    title = f"{capitalised(noun)} de egreso: "
    simple: tuple[Way, ...] = () if ways or evidence.deceased else (("Egresa", ""), ("Se da de alta", ""))
    verbs = [w for w in ways if w[0].startswith("Egresa")] or simple[: 1 if evidence.transferred else 2]
    joined = [seq(_told(way, day), f" con {noun} de ") for way in verbs]
    titled: list[Node] = [seq(_told(way, day), f". {title}") for way in ways]
    if not ways:
        titled.append(_title(evidence, title, day))
        if day is None and _told_by_course(evidence):
            joined = []
    yield from (*titled, *joined) if count > LONG_LIST else (*joined, *titled)


def _title(evidence: Evidence, title: str, day: str | None) -> Node:
    """« Egresa el 11-10-2026. Diagnósticos de egreso: »; of the dead, whose course tells it, only the date."""
    if day is None:
        return f" {title}"
    if evidence.deceased:
        return seq(f" {title[:-2]} (", _date(day), "): ")
    return seq(" Egresa el ", _date(day), f". {title}")


def _told_by_course(evidence: Evidence) -> bool:
    """The last note already says that the patient leaves: «se decide alta con control ambulatorio»."""
    course = list(evidence.of(Kind.COURSE))
    return any(_LEAVES.match(fold(c.name)) for c in course if c.note == course[-1].note and c.required)


def _told(way: Way, day: str | None) -> Node:
    """« Egresa a domicilio el 11-10-2026», « Condición al egreso (11-10-2026): mejorado»."""
    before, after = way
    if day is None:
        return f" {before}{after}"
    return seq(f" {before} (", _date(day), f"){after}") if after else seq(f" {before} el ", _date(day))


def _ways(evidence: Evidence) -> Iterator[Way]:
    """The record's disposition as a verb; nothing where it says no more than «alta» or the course tells it."""
    claim = next((c for c in evidence.of(Kind.DISPOSITION) if c.required), None)
    if claim is None:
        return
    name, folded = claim.name, fold(claim.name)
    if folded.startswith("fallece"):
        yield capitalised(name), ""
    elif moved := _MOVED.match(folded):
        yield f"Egresa {_went(evidence, 'traslad', 'por traslado')}{name[moved.end() :]}", ""
    elif referred := _REFERRED.match(folded):
        yield f"Egresa {_went(evidence, 'deriv', 'por derivación')}{name[referred.end() :]}", ""
    elif home := _HOME.match(folded):
        yield f"Egresa a {name[home.start(1) :]}", ""
    elif _REASON.match(folded):
        yield f"Egresa por {name}", ""
    elif claim.pointers[0].endswith("destino"):
        yield "Destino al egreso", f": {_place(claim)}"
    else:
        yield "Condición al egreso", f": {name}"


def _place(claim: Claim) -> str:
    """«Hospital Clínico» keeps its capitals; «HOSPITALIZACION» and «Unidad coronaria» do not."""
    own = claim.forms[-1]
    return own if re.search(r" [A-ZÁÉÍÓÚÑ][a-záéíóúñ]", own) else claim.name


def _went(evidence: Evidence, stem: str, neutral: str) -> str:
    """The participle agrees with the recorded sex, or is not used."""
    if evidence.feminine is None:
        return neutral
    return f"{stem}{'ada' if evidence.feminine else 'ado'}"


def _day(evidence: Evidence, claims: list[Claim]) -> str | None:
    """The day of leaving; where the record lacks it, the date that all the discharge diagnoses share."""
    if evidence.case.stay.end:
        return day_of(evidence.case.stay.end.value)
    shared = common_date(claims)
    return shared.value if shared else None


def _date(day: str) -> Node:
    return alt(*date_forms(day)[:2], style="date")
