"""The sentence plan of the five sections for one record (clinical.md, «The text»)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.drafting import course
from engine.drafting.grammar import Node, alt, seq
from engine.drafting.items import MISSING, common_date, enumeration, item, listed, written
from engine.evidence import Attribute, Claim, Evidence, Kind, Section
from engine.evidence.language import capitalised
from engine.evidence.quantities import date_forms, day_of

Plan = tuple[tuple[Section, Node], ...]


def build(evidence: Evidence) -> Plan:
    """One tree for each section; together they are every text that the record allows."""
    return (
        (Section.ADMISSION, _admission(evidence)),
        (Section.STAY, _stay(evidence)),
        (Section.COURSE, course.build(evidence)),
        (Section.DISCHARGE, _discharge(evidence)),
        (Section.PLAN, _care_plan(evidence)),
    )


def _count(claims: Sequence[object], singular: str, plural: str) -> str:
    return singular if len(claims) == 1 else plural


def _orders(sentences: Sequence[Node]) -> Node:
    """Sentences in the usual order or with the first two exchanged."""
    if len(sentences) < 2:
        return seq(*sentences)
    return alt(seq(*sentences), seq(sentences[1], sentences[0], *sentences[2:]), style="sentences")


def _admission(evidence: Evidence) -> Node:
    diagnoses = list(evidence.of(Kind.ADMISSION_DIAGNOSIS))
    reason = list(evidence.of(Kind.REASON))
    shared = common_date(diagnoses)
    if not reason and not diagnoses:
        subject = seq(_subject(evidence), ". ") if any(evidence.of(Kind.PATIENT)) else ""
        opening: Node = seq(subject, f"Motivo y diagnóstico de ingreso: {MISSING}.")
    elif not diagnoses:
        opening = seq(
            _arrival(evidence), " por ", alt(*written(reason[0]), style="name"), f". Diagnóstico de ingreso: {MISSING}."
        )
    elif not reason:
        opening = seq(
            _arrival(evidence),
            _by_diagnosis(diagnoses),
            listed(diagnoses, fixed=1, shared=shared),
            _on(shared, evidence),
            ".",
        )
    else:
        opening = seq(
            _arrival(evidence),
            " por ",
            alt(*written(reason[0]), style="name"),
            _with_diagnosis(diagnoses),
            listed(diagnoses, fixed=1, shared=shared),
            _on(shared, evidence),
            ".",
        )
    return seq(opening, _orders([s for s in (_history(evidence), _allergies(evidence)) if s is not None]))


def _subject(evidence: Evidence) -> Node:
    facts = {c.id: c.name for c in evidence.of(Kind.PATIENT)}
    sex, age = facts.get("sexo"), facts.get("edad")
    if sex and age:
        return alt(f"Paciente de {sex} de {age}", f"Paciente de {age} y {sex}", style="subject")
    return f"Paciente de {sex or age}" if sex or age else "Paciente"


def _arrival(evidence: Evidence) -> Node:
    """The verb agrees with the recorded sex, or needs no agreement."""
    verbs = [" ingresa", " se hospitaliza"]
    if evidence.feminine is not None:
        verbs.append(" es hospitalizada" if evidence.feminine else " es hospitalizado")
    start = evidence.case.stay.start
    when = alt(*(f" el {f}" for f in date_forms(start.value)[:2]), style="date") if start else ""
    return seq(_subject(evidence), alt(*verbs, style="verb"), when)


def _by_diagnosis(diagnoses: Sequence[Claim]) -> Node:
    noun = _count(diagnoses, "diagnóstico", "diagnósticos")
    return alt(" por ", f" con {noun} de ", f" con {noun} de ingreso de ", style="diagnosis")


def _with_diagnosis(diagnoses: Sequence[Claim]) -> Node:
    noun = _count(diagnoses, "diagnóstico", "diagnósticos")
    return alt(
        f", con {noun} de ingreso de ", f", con {noun} de ", f". {capitalised(noun)} de ingreso: ", style="diagnosis"
    )


def _on(shared: Attribute | None, evidence: Evidence) -> Node:
    """A date that all the diagnoses share, after the last one, unless it is that of the admission, already told."""
    start = evidence.case.stay.start
    if not shared or (start and day_of(start.value) == shared.value):
        return ""
    return alt(*(f", con fecha {f}" for f in date_forms(shared.value)[:2]), style="date")


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
    claims = list(evidence.of(Kind.ALLERGY))
    return seq(alt(" Alergias: ", " Alergias registradas: ", style="allergy"), listed(claims), ".") if claims else None


def _stay(evidence: Evidence) -> Node:
    procedures, treatments = list(evidence.of(Kind.PROCEDURE)), list(evidence.of(Kind.TREATMENT))
    sentences = [s for s in (_procedures(procedures), _treatments(treatments, evidence)) if s is not None]
    if not sentences:
        return f" Procedimientos y tratamientos: {MISSING}."
    return _orders(sentences)


def _procedures(claims: Sequence[Claim]) -> Node | None:
    if not claims:
        return None
    verb = _count(claims, "Se realizó", "Se realizaron")
    other = _count(claims, "Se efectuó", "Se efectuaron")
    title = _count(claims, "Procedimiento", "Procedimientos")
    return seq(alt(f" {verb} ", f" {other} ", f" {title}: ", style="procedure"), listed(claims), ".")


def _treatments(claims: Sequence[Claim], evidence: Evidence) -> Node | None:
    if not claims:
        return None
    verbs = [" Recibió ", " Durante la hospitalización recibió ", " Tratamiento intrahospitalario: "]
    if evidence.feminine is not None:
        verbs.append(" Fue tratada con " if evidence.feminine else " Fue tratado con ")
    return seq(alt(*verbs, style="treatment"), listed(claims), ".")


def _discharge(evidence: Evidence) -> Node:
    claims = list(evidence.of(Kind.DISCHARGE_DIAGNOSIS))
    if not claims:
        return f" Diagnóstico de egreso: {MISSING}."
    noun = _count(claims, "diagnóstico", "diagnósticos")
    shared = common_date(claims)
    dates = date_forms(shared.value)[:2] if shared else ()
    return seq(_leaving(evidence, noun, dates), listed(claims, fixed=1, shared=shared), ".")


def _leaving(evidence: Evidence, noun: str, dates: Sequence[str]) -> Node:
    """A date that all the discharge diagnoses share stands in the opening; nobody who died «egresa de alta»."""
    openers = [f" {capitalised(noun)} de egreso{f' ({d})' if d else ''}: " for d in dates[:1] or ("",)]
    if not evidence.deceased:
        openers += [f" Egresa{f' el {d}' if d else ''} con {noun} de " for d in dates or ("",)]
    if not evidence.deceased and not evidence.transferred:
        openers += [f" Se da de alta{f' el {d}' if d else ''} con {noun} de " for d in dates or ("",)]
    return alt(*openers, style="discharge")


def _care_plan(evidence: Evidence) -> Node:
    drugs = list(evidence.of(Kind.PRESCRIPTION))
    others = [
        s
        for s in (
            _items(evidence, Kind.FOLLOW_UP, " Controles: ", " Seguimiento: "),
            _items(evidence, Kind.CARE, " Recomendaciones: ", " Indicaciones generales: "),
            _items(evidence, Kind.ALARM_SIGN, " Signos de alarma: ", " Como signos de alarma se indican: "),
        )
        if s is not None
    ]
    if not drugs and not others:
        return f" Indicaciones al alta: {MISSING}."
    first = _prescriptions(drugs, evidence) if drugs else f" Fármacos al alta: {MISSING}."
    return seq(first, _orders(others))


def _prescriptions(claims: Sequence[Claim], evidence: Evidence) -> Node:
    if evidence.deceased:
        return seq(" Fármacos registrados al alta: ", listed(claims), ".")
    verb = _count(claims, "se indica", "se indican")
    return seq(
        alt(
            f" Al alta {verb} ",
            f" {capitalised(verb)} al alta ",
            " Indicaciones al alta: ",
            " Fármacos al alta: ",
            style="prescription",
        ),
        listed(claims),
        ".",
    )


def _items(evidence: Evidence, kind: Kind, *openers: str) -> Node | None:
    claims: Iterable[Claim] = evidence.of(kind)
    items = [item(c) for c in claims]
    if not items:
        return None
    if evidence.deceased:
        openers = openers[:1]
    elif all(c.name.startswith("control") for c in evidence.of(kind)):
        openers = (" Se indica ", " Queda indicado ")
    semicolons = any("," in c.name or " y " in c.name for c in evidence.of(kind))
    return seq(alt(*openers, style=kind.value), enumeration(items, semicolons=semicolons), ".")
