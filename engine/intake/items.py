"""The items of a record: diagnoses, procedures, drugs, notes, results and free-text lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.domain import Condition, Medication, Note, Observation, Procedure, Text
from engine.intake.codes import CodeSystem
from engine.intake.dates import to_iso
from engine.intake.ledger import Ledger
from engine.intake.tree import NOTHING, Node

# A side, a doubt or a failure that stands beside the name belongs to the name: without it the text would
# say more than the record.
_QUALIFIER: Final = re.compile(
    r"sospech|presun|probab|posib|descart|hip[oó]te|derech|izquierd|bilat|antecedente"
    r"|suspend|no realiz|no admin|rechaz|pendient|program|cancel|fallid|frustr",
    re.IGNORECASE,
)
_TRUE: Final = frozenset(("sí", "si", "s", "true", "1", "x", "sos", "prn"))
_SOAP: Final = ("subjetivo", "objetivo", "analisis", "plan")
_NAME_PARTS: Final = ("nombres", "apellidos", "apellido_paterno", "apellido_materno")
_SPACED: Final = ("nombre", "concentracion", "dosis", "unidad", "via", "frecuencia", "duracion")
_ADMINISTRATIVE: Final = frozenset(("id", "uuid", "usuario", "activo", "vigente"))
_UNLABELLED: Final = (
    "codigo",
    "reaccion",
    "severidad",
    "plazo",
    "hora",
    "lugar",
    "profesional",
    "motivo",
    "observacion",
)


def condition(node: Node, ledger: Ledger) -> Condition | None:
    """A diagnosis, or None where the item says nothing."""
    name, code = _named(node, CodeSystem.CIE10, ledger, ("lateralidad", "certeza"))
    found = Condition(name, code, ledger.date(node.get("fecha")))
    return None if found == Condition() else found


def procedure(node: Node, ledger: Ledger) -> Procedure | None:
    """A procedure, or None where the item says nothing."""
    name, code = _named(node, CodeSystem.PROCEDURE, ledger, ("lateralidad", "estado"))
    found = Procedure(name, code, ledger.date(node.get("fecha")))
    return None if found == Procedure() else found


def medication(node: Node, ledger: Ledger) -> Medication | None:
    """A drug or another treatment, or None where the item says nothing. Doses stay inside the name."""
    for part in (node, *map(node.get, ("nombre", "dosis", "frecuencia"))):
        ledger.doubt_amount(part)
    name, code = _named(node, CodeSystem.ATC, ledger, ("concentracion", "estado"))
    found = Medication(
        name=name,
        code=code,
        dose=_dose(node, ledger),
        route=ledger.text(node.get("via")),
        frequency=ledger.text(node.get("frecuencia")),
        duration=_duration(node, ledger),
        start=ledger.date(node.get("inicio")),
        end=ledger.date(node.get("fin")),
        note=_remark(node, ledger),
    )
    return None if found == Medication() else found


def _named(
    node: Node, system: CodeSystem, ledger: Ledger, qualifiers: tuple[str, ...]
) -> tuple[Text | None, Text | None]:
    """Name and code of an item; a plain text carries its code at the end."""
    source = node.get("nombre") if node.fields else node
    code = ledger.code(node.get("codigo"), system)
    if code is not None:
        name = ledger.text(source)
    else:
        name, code = ledger.name_and_code(source, system)
    return _qualified(node, name, qualifiers, ledger), code


def _qualified(node: Node, name: Text | None, qualifiers: tuple[str, ...], ledger: Ledger) -> Text | None:
    if name is None:
        return None
    said = [part for key in qualifiers if _belongs(key, part := node.get(key))]
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
    dose, unit = ledger.text(node.get("dosis")), node.get("unidad")
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
    flag = node.get("sos")
    if _on_demand(flag):
        ledger.take([*said, flag])
        return Text("; ".join(["SOS", *map(_line, said)]), node.pointer if said else flag.pointer)
    return _joined(said, "; ", ledger)


def _on_demand(flag: Node) -> bool:
    return flag.value is True or (isinstance(flag.value, str) and flag.value.lower() in _TRUE)


def notes(node: Node, ledger: Ledger) -> Iterator[Note]:
    """The entries of one item of the course: a plain text, or an object with one or more texts."""
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
    measures = [node.get(key) for key in ("ingreso", "egreso") if not node.get(key).empty]
    if not measures or not node.get("valor").empty:
        measures.insert(0, node)
    for index, measure in enumerate(measures):
        yield _measured(name, measure, node, node.get("periodo") if index == 0 else NOTHING, ledger)


def _measured(name: Text, measure: Node, node: Node, span: Node, ledger: Ledger) -> Observation:
    """One measurement; what it does not say itself (unit, date, range) stands beside it in the item."""

    def beside(key: str) -> Node:
        own = measure.get(key)
        return node.get(key) if own.empty else own

    value = measure if measure.scalar and measure is not node else measure.get("valor")
    return Observation(
        name=name,
        value=ledger.narrative(value),
        unit=ledger.text(beside("unidad")),
        recorded=ledger.date(beside("fecha")),
        low=ledger.text(beside("rango_inferior")),
        high=ledger.text(beside("rango_superior")),
        interpretation=ledger.text(beside("estado")),
        minimum=ledger.text(span.get("min")),
        maximum=ledger.text(span.get("max")),
    )


def person(node: Node, ledger: Ledger) -> Text | None:
    """The name of a person, whole or from its parts."""
    if node.scalar:
        return ledger.text(node)
    first, *others = [part for key in ("nombre", *_NAME_PARTS) if _filled(part := node.get(key))] or [NOTHING]
    # «Ana Soto» beside «Ana» and «Soto» is already whole; these stay unread.
    return _joined([first, *(part for part in others if _line(part) not in _line(first))], " ", ledger)


def lines(node: Node, ledger: Ledger, label: str = "") -> Iterator[Text]:
    """The texts of a list; an object is read as one line. «label: text» where a label is given."""
    for item in node.items:
        for text in _detail(item, ledger) if item.fields else ledger.lines(item):
            yield Text(f"{label}: {text.value}", text.pointer) if label else text


def _detail(node: Node, ledger: Ledger) -> Iterator[Text]:
    """«Penicilina (rash)», «Losartán 50 mg cada 12 horas (C09CA01)», «Cardiología (7 días)»."""
    parts = {key: part for key, part in node.fields.items() if _filled(part) and _inside(part, node)}
    head = [parts[key] for key in _SPACED if key in parts]
    tail = {key: part for key, part in parts.items() if key not in _SPACED and key not in _ADMINISTRATIVE}
    if not tail:
        joined = _joined(head, " ", ledger)
        yield from (joined,) if joined else ()
        return
    ledger.take([*head, *tail.values()])
    said = " ".join(_line(part) for part in head)
    extra = ", ".join(_described(key, part) for key, part in tail.items())
    yield Text(f"{said} ({extra})" if said else extra, node.pointer)


def _described(key: str, part: Node) -> str:
    """What is not usual keeps its key, for «no» alone would say nothing, or something else."""
    if key == "fecha":
        return to_iso(_line(part))[0]
    return _line(part) if key in _UNLABELLED else f"{key.replace('_', ' ')}: {_line(part)}"


def _joined(parts: list[Node], separator: str, ledger: Ledger) -> Text | None:
    """One text of the parts of one object, with its pointer; of a single part, with its own."""
    if not parts:
        return None
    parent = parts[0].pointer.rpartition("/")[0]
    inside = [part for part in parts if part.pointer.rpartition("/")[0] == parent]
    if len(inside) == 1:
        return ledger.text(inside[0])
    ledger.take(inside)
    return Text(separator.join(_line(part) for part in inside), parent)


def _inside(part: Node, node: Node) -> bool:
    """Where two objects were joined into one, a text with its pointer must not mix them."""
    return part.pointer.startswith(f"{node.pointer}/")


def _filled(part: Node) -> bool:
    return isinstance(part.value, str) and bool(part.value)


def _line(part: Node) -> str:
    return str(part.value).replace("\n", " ")
