"""The items of a record: diagnoses, procedures, drugs, notes, results and free-text lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from engine.domain import Condition, Medication, Note, Observation, Procedure, Text
from engine.intake.codes import CodeSystem
from engine.intake.dates import to_iso
from engine.intake.ledger import Ledger
from engine.intake.tree import Node

# A side or a doubt that stands beside the name belongs to the name: without it the text would say more.
_QUALIFIER: Final = re.compile(r"sospech|presun|probab|posib|descart|hipot[eé]|derech|izquierd|bilat|antecedente", re.IGNORECASE)
_TRUE: Final = frozenset(("sí", "si", "s", "true", "1", "x", "sos", "prn"))
_SOAP: Final = ("subjetivo", "objetivo", "analisis", "plan")
_NAME_PARTS: Final = ("nombres", "apellidos", "apellido_paterno", "apellido_materno")
_SPACED: Final = ("nombre", "concentracion", "dosis", "unidad", "via", "frecuencia", "duracion")
_IN_BRACKETS: Final = ("codigo",)
_PLAIN_DETAIL: Final = ("reaccion", "severidad", "plazo", "fecha", "hora", "lugar", "profesional", "motivo", "observacion")


def condition(node: Node, ledger: Ledger) -> Condition | None:
    """A diagnosis, or None where the item says nothing."""
    name, code = _named(node, CodeSystem.CIE10, ledger, ("lateralidad", "certeza"))
    found = Condition(name, code, ledger.date(node.get("fecha")))
    return None if found == Condition() else found


def procedure(node: Node, ledger: Ledger) -> Procedure | None:
    """A procedure, or None where the item says nothing."""
    name, code = _named(node, CodeSystem.PROCEDURE, ledger, ("lateralidad",))
    found = Procedure(name, code, ledger.date(node.get("fecha")))
    return None if found == Procedure() else found


def medication(node: Node, ledger: Ledger) -> Medication | None:
    """A drug or another treatment, or None where the item says nothing. Doses stay inside the name."""
    name, code = _named(node, CodeSystem.ATC, ledger, ("concentracion",))
    found = Medication(
        name=name, code=code, dose=_dose(node, ledger),
        route=ledger.text(node.get("via")), frequency=ledger.dose(node.get("frecuencia")), duration=_duration(node, ledger),
        start=ledger.date(node.get("inicio")), end=ledger.date(node.get("fin")), note=_remark(node, ledger),
    )
    return None if found == Medication() else found


def _named(node: Node, system: CodeSystem, ledger: Ledger, qualifiers: tuple[str, ...]) -> tuple[Text | None, Text | None]:
    """Name and code of an item; a plain text carries its code at the end."""
    code = ledger.code(node.get("codigo"), system)
    source = node.get("nombre") if node.fields else node
    if code is not None:
        name = ledger.dose(source)
    else:
        ledger.dose(source)
        name, code = ledger.name_and_code(source, system)
    return _qualified(node, name, qualifiers, ledger), code


def _qualified(node: Node, name: Text | None, qualifiers: tuple[str, ...], ledger: Ledger) -> Text | None:
    if name is None:
        return None
    said = [part for key in qualifiers if _belongs(key, part := node.get(key)) and str(part.value) not in name.value]
    if not said:
        return name
    ledger.take(said)
    return Text(f"{name.value} ({', '.join(_line(part) for part in said)})", node.pointer)


def _belongs(key: str, part: Node) -> bool:
    if not isinstance(part.value, str) or not part.value:
        return False
    return key == "concentracion" or bool(_QUALIFIER.search(part.value))


def _dose(node: Node, ledger: Ledger) -> Text | None:
    """The dose with its unit where the record keeps them apart («500», «mg»)."""
    dose, unit = ledger.dose(node.get("dosis")), node.get("unidad")
    if dose is None or unit.empty or not unit.scalar or dose.value.endswith(str(unit.value)):
        return dose
    ledger.take([unit])
    return Text(f"{dose.value} {_line(unit)}", node.pointer)


def _duration(node: Node, ledger: Ledger) -> Text | None:
    duration, days = node.get("duracion"), node.get("dias")
    if not duration.empty or days.empty:
        return ledger.text(duration)
    found = ledger.text(days)
    return Text(f"{found.value} días", days.pointer) if found and found.value.isdigit() else found


def _remark(node: Node, ledger: Ledger) -> Text | None:
    """Remarks and «SOS» in one text."""
    parts = [node.get(key) for key in ("indicacion", "observaciones")]
    said = [part for part in parts if isinstance(part.value, str) and part.value]
    if not _on_demand(node.get("sos")):
        return _joined(said, "; ", node, ledger) if len(said) > 1 else ledger.text(said[0]) if said else None
    ledger.take([*said, node.get("sos")])
    return Text("; ".join(["SOS", *map(_line, said)]), node.pointer if said else node.get("sos").pointer)


def _on_demand(flag: Node) -> bool:
    return flag.value is True or (isinstance(flag.value, str) and flag.value.lower() in _TRUE)


def notes(node: Node, ledger: Ledger) -> Iterator[Note]:
    """The entries of one item of the course: a plain text, or an object with its text in one or more parts."""
    if not node.fields:
        if text := ledger.narrative(node):
            yield Note(text)
        return
    texts = [text for key in ("nota", *_SOAP) if (text := ledger.narrative(node.get(key)))]
    if texts:
        day, recorded = ledger.text(node.get("dia")), ledger.date(node.get("fecha"))
        author = person(node.get("profesional"), ledger)
        yield from (Note(text, day, recorded, author) for text in texts)


def observations(node: Node, ledger: Ledger) -> Iterator[Observation]:
    """The results of one item: its own value, and those at admission and at discharge."""
    name = ledger.text(node.get("parametro") if node.fields else node)
    if name is None:
        return
    span, unit = node.get("periodo"), node.get("unidad")
    low, high = ledger.text(span.get("min")), ledger.text(span.get("max"))
    made = [
        _measured(name, part, unit, ledger)
        for part in (node, node.get("ingreso"), node.get("egreso")) if part is node or not part.empty
    ]
    valued = [found for found in made if found.value] or [made[-1] if len(made) > 1 else made[0]]
    for index, found in enumerate(valued):
        first = index == 0
        yield Observation(
            found.name, found.value, found.unit, found.recorded, found.low, found.high, found.interpretation,
            low if first else None, high if first else None,
        )


def _measured(name: Text, part: Node, unit: Node, ledger: Ledger) -> Observation:
    fields = part if part.fields else Node(part.pointer, {"valor": part} if part.pointer != name.pointer else {})
    return Observation(
        name=name, value=ledger.narrative(fields.get("valor")), unit=ledger.text(fields.get("unidad")) or ledger.text(unit),
        recorded=ledger.date(fields.get("fecha")), low=ledger.text(fields.get("rango_inferior")),
        high=ledger.text(fields.get("rango_superior")), interpretation=ledger.text(fields.get("estado")),
    )


def person(node: Node, ledger: Ledger) -> Text | None:
    """The name of a person, whole or from its parts."""
    if node.scalar:
        return ledger.text(node)
    if not node.get("nombre").empty and all(node.get(key).empty for key in _NAME_PARTS[1:]):
        return ledger.text(node.get("nombre"))
    parts = [part for key in ("nombre", *_NAME_PARTS) if not (part := node.get(key)).empty]
    return _joined(parts, " ", node, ledger) if parts else None


def lines(node: Node, ledger: Ledger, label: str = "") -> Iterator[Text]:
    """The texts of a list, each item a text or an object read as one line; «label: text» where one is given."""
    for item in node.items:
        text = _detail(item, ledger) if item.fields else ledger.text(item)
        if text is not None:
            yield Text(f"{label}: {text.value}", text.pointer) if label else text


def _detail(node: Node, ledger: Ledger) -> Text | None:
    """«Penicilina (rash)», «Losartán 50 mg cada 12 horas (C09CA01)», «Cardiología, 7 días»."""
    parts = {key: part for key, part in node.fields.items() if isinstance(part.value, str) and part.value}
    head = [parts[key] for key in _SPACED if key in parts]
    tail = [(key, part) for key, part in parts.items() if key not in _SPACED and not key.lower().startswith("id")]
    if not head and not tail:
        return None
    if len(head) == 1 and not tail:
        return ledger.text(head[0])
    ledger.take([*head, *(part for _, part in tail)])
    said = " ".join(_line(part) for part in head)
    extra = ", ".join(_described(key, part) for key, part in tail)
    return Text(f"{said} ({extra})" if said and extra else said or extra, node.pointer)


def _described(key: str, part: Node) -> str:
    """What is not usual keeps its key, for «no» alone would say nothing, or something else."""
    if key == "fecha":
        return to_iso(_line(part))[0]
    return _line(part) if key in _PLAIN_DETAIL or key in _IN_BRACKETS else f"{key.replace('_', ' ')}: {_line(part)}"


def _joined(parts: Iterable[Node], separator: str, node: Node, ledger: Ledger) -> Text:
    found = list(parts)
    ledger.take(found)
    return Text(separator.join(_line(part) for part in found), node.pointer)


def _line(part: Node) -> str:
    return str(part.value).replace("\n", " ")
