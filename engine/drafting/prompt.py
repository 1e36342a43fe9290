"""What the model reads: a system text by prompt profile and the record as plain lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from engine.domain import Violation
from engine.drafting.grammar import preferred
from engine.drafting.items import item
from engine.evidence import Claim, Evidence, Kind, selection
from engine.evidence.quantities import date_forms
from engine.inference.catalog import system_text
from engine.inference.protocol import Message, Prompt

Profile = Literal["narrator", "instruct"]

_LINES = (
    ("Paciente", (Kind.PATIENT,)),
    ("Motivo", (Kind.REASON,)),
    ("Diagnósticos de ingreso", (Kind.ADMISSION_DIAGNOSIS,)),
    ("Antecedentes", (Kind.HISTORY,)),
    ("Cirugías previas", (Kind.SURGERY,)),
    ("Fármacos habituales", (Kind.HABITUAL,)),
    ("Alergias", (Kind.ALLERGY,)),
    ("Procedimientos", (Kind.PROCEDURE,)),
    ("Tratamientos", (Kind.TREATMENT,)),
    ("Evolución", (Kind.COURSE,)),
    ("Exámenes", (Kind.OBSERVATION,)),
    ("Egreso", (Kind.DISPOSITION,)),
    ("Diagnósticos de egreso", (Kind.DISCHARGE_DIAGNOSIS,)),
    ("Fármacos al alta", (Kind.PRESCRIPTION,)),
    ("Controles", (Kind.FOLLOW_UP,)),
    ("Cuidados", (Kind.CARE,)),
    ("Signos de alarma", (Kind.ALARM_SIGN,)),
)


def prompts(evidence: Evidence, profile: Profile, corrections: Sequence[Violation] = ()) -> tuple[Prompt, ...]:
    """The whole record, then shorter ones for a model whose context it does not fit, the least needed left out first.

    The text loses nothing: the grammar holds every required item, whatever the model has read.
    """
    told = frozenset(c.id for c in selection.candidates(list(evidence.of(Kind.COURSE))))
    rest = tuple(c for c in evidence.claims if c.kind is not Kind.COURSE)
    ways: tuple[tuple[tuple[str, ...], tuple[Claim, ...]], ...] = (
        ((), evidence.claims),
        (("course_rest",), tuple(c for c in evidence.claims if c.kind is not Kind.COURSE or c.id in told)),
        (("course",), rest),
        (("course", "results"), tuple(c for c in rest if c.kind is not Kind.OBSERVATION)),
    )
    return tuple(
        Prompt(messages(replace(evidence, claims=claims), profile, corrections), without) for without, claims in ways
    )


def messages(evidence: Evidence, profile: Profile, corrections: Sequence[Violation] = ()) -> tuple[Message, ...]:
    """System and user turn. Corrections name what a rejected attempt must not say again."""
    user = "\n".join(_record(evidence))
    if corrections:
        user += "\nCorregir: " + " ".join(v.reason for v in corrections)
    return Message("system", system_text(profile)), Message("user", user)


def _record(evidence: Evidence) -> Iterator[str]:
    stay = evidence.case.stay
    for title, leaf in (("Ingreso", stay.start), ("Alta", stay.end)):
        if leaf:
            yield f"{title}: {date_forms(leaf.value)[0]}"
    for title, kinds in _LINES:
        claims = list(evidence.of(*kinds))
        if claims:
            told = _course(claims) if kinds == (Kind.COURSE,) else _items([preferred(item(c)) for c in claims])
            yield f"{title}: {told}"


def _items(told: list[str]) -> str:
    """With «y» before the last one: who writes the list down reads there, item by item, whether another follows."""
    return "; ".join([*told[:-1], f"y {told[-1]}"] if told[1:] else told)


def _course(claims: Sequence[Claim]) -> str:
    notes = itertools.groupby(claims, key=lambda c: c.note)
    return " | ".join(_note(list(group)) for _, group in notes)


def _note(claims: Sequence[Claim]) -> str:
    claim = claims[0]
    moments = (date_forms(claim.date)[0] if claim.date else f"día {claim.day}" if claim.day is not None else "",)
    head = " ".join(filter(None, (*moments, f"({claim.heading})" if claim.heading else "")))
    return f"{head}: " * bool(head) + ", ".join(c.name for c in claims)
