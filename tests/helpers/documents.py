"""Records and drafts for the tests of the printed document, and readers of what was printed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from engine.domain import (
    CarePlan,
    Case,
    Condition,
    Draft,
    History,
    Medication,
    ModelRef,
    Observation,
    Patient,
    Procedure,
    Report,
    Stay,
    Text,
)

PARAGRAPH = (
    "Paciente de sexo femenino de 74 años, con antecedentes de HTA y DM2, alérgica a penicilina (rash), "
    "ingresa por fiebre, tos productiva y compromiso de conciencia, con diagnósticos de neumonía, no "
    "especificada (J18.9) e insuficiencia renal aguda (N17.9). Se realizó TAC de tórax (87.41) el "
    "02-10-2026 e instalación de catéter venoso central (38.93) el 03-10-2026. Recibió levofloxacino "
    "750 mg cada 48 horas por vía endovenosa (J01MA12). Evolucionó con PA <90/60 & Na>145 mEq/L, "
    "infradesnivel ST en V4-V6, «SAT 86%», ñandú, pingüino, ﬁbra, efficaz, fi, µg y ≥ 38 °C → sin "
    "agitación. Fue dada de alta con neumonía adquirida en la comunidad, resuelta (J18.9). "
    "Indicaciones: amlodipino 5 mg por vía oral cada 24 horas, permanente (C08CA01); control en 10 "
    "días."
)
_RANGES = ("0", "5", "alto", "34", "286")  # reference, interpretation, extremes of the stay


def text(value: str) -> Text:
    return Text(value, "/prueba")


def texts(*values: str) -> tuple[Text, ...]:
    return tuple(map(text, values))


def draft(paragraph: str = PARAGRAPH) -> Draft:
    return Draft(
        text=paragraph,
        report=Report(),
        warnings=(),
        model=ModelRef(id="epicrisis-0.5b", sha256="9f2c" * 16, backend="llama"),
        generated_at="2026-10-11T14:05:31-03:00",
        processing_ms=1500,
    )


def empty_case() -> Case:
    return Case(shape="clinical", sha256="ab12" * 16)


def ward_case() -> Case:
    """An invented stay with every block filled."""
    return replace(
        empty_case(),
        patient=Patient(*texts("Rosa Elena Ñancupil Iturra", "11.111.111-1", "F", "74", "1952-03-09")),
        stay=_stay(),
        history=History(allergies=texts("Penicilina (rash)")),
        admission=(
            Condition(*texts("Neumonía, no especificada", "J18.9", "2026-10-02")),
            Condition(*texts("Insuficiencia renal aguda, no especificada", "N17.9", "2026-10-02T09:10")),
        ),
        procedures=(Procedure(*texts("Instalación de catéter venoso central", "38.93", "2026-10-03")),),
        treatments=(
            in_name_drug(),
            Medication(*texts("Heparina", "B01AB01", "5000 UI", "SC", "cada 12 horas")),
        ),
        observations=(
            Observation(*texts("Proteína C reactiva", "286", "mg/L", "2026-10-02T09:10", *_RANGES)),
            Observation(*texts("Troponina", "0,8 ng/mL")),
        ),
        discharge=(Condition(*texts("Neumonía adquirida en la comunidad, resuelta", "J18.9", "2026-10-11")),),
        plan=_plan(),
    )


def in_name_drug() -> Medication:
    """A line of a ward export: dose and frequency stand inside the name."""
    return Medication(
        name=text("Levofloxacino 750 mg c/48h"),
        code=text("J01MA12"),
        route=text("EV"),
        start=text("2026-10-02"),
        end=text("2026-10-09"),
    )


def _stay() -> Stay:
    dates = texts("2026-10-02", "2026-10-11")
    return Stay(text("900417"), *dates, *texts("Medicina", "Hospital de prueba", "Dra. de prueba", "Domicilio"))


def _plan() -> CarePlan:
    drug = Medication(*texts("Paracetamol", "N02BE01", "500 mg", "VO", "cada 8 horas", "5 días"))
    return CarePlan(
        (replace(drug, note=text("SOS dolor")),),
        texts("Medicina interna en 10 días con creatinina de control"),
        texts("Régimen diabético"),
        texts("Fiebre mayor a 38 °C", "Disnea"),
    )


def crowded_case(drugs: int = 60) -> Case:
    """Many drugs, long names, a surname without a space that is wider than its block."""
    items = tuple(map(_crowded_drug, range(1, drugs + 1)))
    case = ward_case()
    return replace(
        case,
        patient=replace(case.patient, name=text("María de los Ángeles Fernanda " * 3 + "X" * 90)),
        treatments=items,
        plan=replace(case.plan, medications=items[:20]),
    )


def _crowded_drug(number: int) -> Medication:
    name = "Sulfametoxazol con trimetoprim en comprimidos de liberación prolongada, según función renal"
    drug = Medication(
        text(f"Fármaco {number}: {name if number % 3 == 0 else 'solución'}"),
        *texts("J01EE01", f"{number} mg", "Intramuscular", "cada 8 horas", "7 días"),
    )
    return drug if number % 5 else replace(drug, note=text("Diluir en 100 mL de suero"))


def printed(path: Path, *options: str) -> str:
    """The text of a PDF as poppler reads it."""
    return _output("pdftotext", *options, str(path), "-")


def structure(path: Path) -> str:
    """The tagged reading order, as a screen reader gets it: artifacts are not in it.

    poppler copies the titles of headings as raw UTF-16, beside their text in UTF-8.
    """
    return _output("pdfinfo", "-struct-text", str(path))


def grey_pages(path: Path, folder: Path) -> list[bytes]:
    """Each page drawn in 256 greys at 36 dots an inch, without the PGM heading."""
    _output("pdftoppm", "-gray", "-r", "36", str(path), str(folder / "page"))
    return [file.read_bytes().split(b"\n", 3)[3] for file in sorted(folder.glob("page-*.pgm"))]


def one_line(value: str) -> str:
    return " ".join(value.split())


def _output(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, timeout=30)
    return done.stdout.decode(errors="replace")
