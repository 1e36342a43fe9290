"""The sentence plan of the five sections for one record (clinical.md, «The text»)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.drafting import course, leaving
from engine.drafting.grammar import Node, Seq, alt, seq
from engine.drafting.items import (
    LONG_LIST,
    MISSING,
    chronological,
    common_date,
    dated_on,
    in_order,
    listed,
    nearest_first,
    written,
)
from engine.evidence import Claim, Evidence, Kind, Section, openings
from engine.evidence.language import capitalised, fold
from engine.evidence.quantities import date_forms, day_of

Plan = tuple[tuple[Section, Node], ...]
_DENIAL = re.compile(r"(?:sin|no|niega)\b.*\balergi")
_ACCOUNT = re.compile(
    r"(?:pacientes?|pcte|pte|se|es|no|sin|con|a|en|refiere|consulta|presenta|acude|ingresa|derivad[oa]|traid[oa]|"
    r"politraumatizad[oa]|desorientad[oa]|confus[oa]|somnolient[oa]|febril|embarazad[ao]|gestante|puerpera|primigesta|"
    r"multipara|descompensad[oa]|cursando|usuari[oa]|portador[oa]?)\b"
)
_PLANNED = (
    (Kind.FOLLOW_UP, " Controles: ", " Seguimiento: "),
    (Kind.CARE, " Recomendaciones: ", " Indicaciones generales: "),
    (Kind.ALARM_SIGN, " Signos de alarma: ", " Como signos de alarma se indican: "),
)


def build(evidence: Evidence) -> Plan:
    """One tree for each section; together they are every text that the record allows."""
    return (
        (Section.ADMISSION, _admission(evidence)),
        (Section.STAY, _stay(evidence)),
        (Section.COURSE, course.build(evidence)),
        (Section.DISCHARGE, leaving.build(evidence)),
        (Section.PLAN, _care_plan(evidence)),
    )


def _count(claims: Sequence[object], singular: str, plural: str) -> str:
    return singular if len(claims) == 1 else plural


def _orders(sentences: Sequence[Node]) -> Node:
    """Sentences in the usual order or with the first two exchanged."""
    if len(sentences) < 2:
        return seq(*sentences)
    return alt(seq(*sentences), seq(sentences[1], sentences[0], *sentences[2:]), style="sentences")


def _date(iso: str) -> Node:
    return alt(*date_forms(iso)[:2], style="date")


def _admission(evidence: Evidence) -> Node:
    told = [s for s in (_history(evidence), _allergies(evidence)) if s is not None]
    return seq(_opening(evidence), _orders(told))


def _opening(evidence: Evidence) -> Node:
    """Who is admitted, when, why and with which diagnoses."""
    diagnoses = list(evidence.of(Kind.ADMISSION_DIAGNOSIS))
    reason = next(evidence.of(Kind.REASON), None)
    if not reason and not diagnoses:
        subject = seq(_subject(evidence), ". ") if any(evidence.of(Kind.PATIENT)) else ""
        return seq(subject, f"Motivo y diagnóstico de ingreso: {MISSING}.")
    missing = f"Diagnóstico de ingreso: {MISSING}."
    if reason and _is_account(reason):
        why = seq(_arrival(evidence), ". Motivo de ingreso: ", _name(reason), ". ")
        return seq(why, _titled(diagnoses, evidence) if diagnoses else missing)
    if reason:
        why = _planned(evidence, reason) or seq(_arrival(evidence), " por ", _name(reason))
        return seq(why, _with_diagnosis(diagnoses, evidence)) if diagnoses else seq(why, ". ", missing)
    return seq(_arrival(evidence), _by_diagnosis(diagnoses), _diagnoses(diagnoses, evidence))


def _name(claim: Claim) -> Node:
    return alt(*written(claim), style="name")


def _is_account(reason: Claim) -> bool:
    """A reason of several sentences, or one that tells how the patient was: «por» does not fit before it."""
    return bool(re.search(r"[;:]", reason.name) or _ACCOUNT.match(fold(reason.name)))


def _subject(evidence: Evidence) -> Node:
    facts = {c.id: c.name for c in evidence.of(Kind.PATIENT)}
    sex, age = facts.get("sexo"), facts.get("edad")
    if sex and age:
        return alt(f"Paciente de {sex} de {age}", f"Paciente de {age} y {sex}", style="subject")
    return f"Paciente de {sex or age}" if sex or age else "Paciente"


def _planned(evidence: Evidence, reason: Claim) -> Seq | None:
    """«Paciente con ingreso electivo para cirugía, que se hospitaliza el 03-05-2020»: nobody «ingresa por ingreso», and
    the date is not that of the surgery."""
    if not fold(reason.name).startswith("ingreso "):
        return None
    start = evidence.case.stay.start
    return seq(
        _subject(evidence), " con ", _name(reason), seq(", que se hospitaliza el ", _date(start.value)) if start else ""
    )


def _arrival(evidence: Evidence) -> Node:
    """The verb agrees with the recorded sex, or needs no agreement."""
    verbs = [" ingresa", " se hospitaliza"]
    if evidence.feminine is not None:
        verbs.append(" es hospitalizada" if evidence.feminine else " es hospitalizado")
    start = evidence.case.stay.start
    when = seq(" el ", _date(start.value)) if start else ""
    return seq(_subject(evidence), alt(*verbs, style="verb"), when)


def _diagnoses(diagnoses: Sequence[Claim], evidence: Evidence) -> Node:
    """The list with its full stop; a date that they share is told once, that of the admission not again."""
    start = evidence.case.stay.start
    known = dated_on(diagnoses, day_of(start.value) if start else None)
    shared = None if known else common_date(diagnoses)
    when = seq(", con fecha ", _date(shared.value)) if shared else ""
    return seq(listed(diagnoses, fixed=1, shared=known or shared), when, ".")


def _by_diagnosis(diagnoses: Sequence[Claim]) -> Node:
    noun = _count(diagnoses, "diagnóstico", "diagnósticos")
    return alt(" por ", f" con {noun} de ", style="diagnosis")


def _with_diagnosis(diagnoses: Sequence[Claim], evidence: Evidence) -> Node:
    """A long list is easier to read after a title."""
    noun = _count(diagnoses, "diagnóstico", "diagnósticos")
    joined = seq(f", con {noun} de ", _diagnoses(diagnoses, evidence))
    titled = seq(". ", _titled(diagnoses, evidence))
    ways = (titled, joined) if len(diagnoses) > LONG_LIST else (joined, titled)
    return alt(*ways, style="diagnosis")


def _titled(diagnoses: Sequence[Claim], evidence: Evidence) -> Node:
    return seq(f"{_count(diagnoses, 'Diagnóstico', 'Diagnósticos')} de ingreso: ", _diagnoses(diagnoses, evidence))


def _history(evidence: Evidence) -> Node | None:
    sentences: list[Node] = []
    for kind, openers in (
        (Kind.HISTORY, (" Antecedentes: ", " Antecedentes médicos: ")),
        (Kind.SURGERY, (" Antecedentes quirúrgicos: ", " Cirugías previas: ")),
        (Kind.HABITUAL, (" Fármacos habituales: ", " Tratamiento habitual: ")),
    ):
        claims = list(evidence.of(kind))
        if claims:
            sentences.append(seq(alt(*openers, style="history"), listed(claims), "."))
    return seq(*sentences) if sentences else None


def _allergies(evidence: Evidence) -> Node | None:
    """«Alergias: penicilina.»; a denial that names them stands alone: «Niega alergias a medicamentos.»"""
    claims = list(evidence.of(Kind.ALLERGY))
    if not claims:
        return None
    if len(claims) == 1 and _DENIAL.match(fold(claims[0].name)):
        return f" {capitalised(claims[0].name)}."
    return seq(alt(" Alergias: ", " Alergias registradas: ", style="allergy"), listed(claims), ".")


def _stay(evidence: Evidence) -> Node:
    procedures = chronological(evidence.of(Kind.PROCEDURE))
    treatments = list(evidence.of(Kind.TREATMENT))
    sentences = [s for s in (_procedures(procedures), _treatments(treatments, evidence)) if s is not None]
    if not sentences:
        return f" Procedimientos y tratamientos: {MISSING}."
    return _orders(sentences)


def _procedures(claims: Sequence[Claim]) -> Node | None:
    """A date that they share stands before them all."""
    if not claims:
        return None
    verb = _count(claims, "realizó", "realizaron")
    shared = common_date(claims) if len(claims) > 1 else None
    if shared:
        date = _date(shared.value)
        opener = alt(seq(" El ", date, f" se {verb} "), seq(f" Se {verb} el ", date, ": "), style="procedure")
        return seq(opener, listed(claims, shared=shared), ".")
    told = listed(claims, fixed=in_order(claims))
    other = _count(claims, "efectuó", "efectuaron")
    title = _count(claims, "Procedimiento", "Procedimientos")
    return seq(alt(f" Se {verb} ", f" Se {other} ", f" {title}: ", style="procedure"), told, ".")


def _treatments(claims: Sequence[Claim], evidence: Evidence) -> Node | None:
    if not claims:
        return None
    verbs = [" Recibió ", " Durante la hospitalización recibió ", " Tratamiento intrahospitalario: "]
    if evidence.feminine is not None:
        verbs.append(" Fue tratada con " if evidence.feminine else " Fue tratado con ")
    return seq(alt(*verbs, style="treatment"), listed(claims), ".")


def _care_plan(evidence: Evidence) -> Node:
    drugs = list(evidence.of(Kind.PRESCRIPTION))
    others = [s for s in (_items(evidence, *kind) for kind in _PLANNED) if s is not None]
    moment = "egreso" if evidence.deceased or evidence.transferred else "alta"
    if not drugs and not others:
        return f" Indicaciones al {moment}: {MISSING}."
    first = _prescriptions(drugs, evidence, moment) if drugs else f" Fármacos al {moment}: {MISSING}."
    return seq(first, _orders(others))


def _prescriptions(claims: Sequence[Claim], evidence: Evidence, moment: str) -> Node:
    """For somebody who died no verb says that anything is indicated: the record's conflict is told as a list."""
    if evidence.deceased:
        return seq(f" Fármacos registrados al {moment}: ", listed(claims), ".")
    verb = _count(claims, "se indica", "se indican")
    openers = (
        f" Al {moment} {verb} ",
        f" {capitalised(verb)} al {moment} ",
        f" Indicaciones al {moment}: ",
        f" Fármacos al {moment}: ",
    )
    return seq(alt(*openers, style="prescription"), listed(claims), ".")


def _items(evidence: Evidence, kind: Kind, *openers: str) -> Node | None:
    """The indications of one kind; those that open alike («consultar ante …») share one opening."""
    claims = list(evidence.of(kind)) if kind is not Kind.FOLLOW_UP else nearest_first(evidence.of(kind))
    if not claims:
        return None
    alike = openings.alike(claims)
    rest = [c for c in claims if not any(c in group for group in alike.values())]
    if evidence.deceased or (len(rest) == 1 and kind is Kind.ALARM_SIGN):
        openers = openers[:1]  # «Como signos de alarma se indican» wants several
    elif all(c.name.startswith("control ") for c in rest):
        openers = (" Se indica ", " Queda indicado ") if len(rest) == 1 else (" Se indican ", " Quedan indicados ")
    elif kind is Kind.FOLLOW_UP and any(c.name.startswith("control ") for c in rest):
        openers = openers[1:]  # no «Controles: control con …»
    fixed = in_order(rest) if kind is Kind.FOLLOW_UP else 0
    own = [seq(alt(*openers, style=kind.value), listed(rest, fixed=fixed), ".")] if rest else []
    return seq(*own, *(_shared(head, group) for head, group in alike.items()))


def _shared(head: str, claims: Sequence[Claim]) -> Node:
    """« Consultar ante fiebre, disnea o dolor.»: any one of them is enough."""
    parts = [replace(c, forms=tuple(f.removeprefix(head) for f in written(c))) for c in claims]
    return seq(f" {capitalised(head)}", listed(parts, last="o"), ".")
