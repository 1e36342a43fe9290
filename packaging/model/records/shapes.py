"""A stay in the JSON shapes that hospitals export (the record's contract, not any hospital's data)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from . import invention
from .stay import Item, Line, Result, Stay
from .tables import common
from .wording import decimal_comma, slipped, terse, unaccented

Json = dict[str, Any]

HEADED = 0.15  # share of the notes in capitals
_FREQUENCY = {
    "noche": ("cada noche", "noche"),
    "semanal": ("semanal", "1 vez por semana"),
    "unica": ("dosis única", "por una vez"),
    "bic": ("en infusión continua", "BIC"),
    "comidas": ("antes de las comidas", "preprandial"),
    "hgt": ("según HGT", "según HGT"),
}
_ROUTES = {
    "EV": "endovenosa",
    "VO": "oral",
    "SC": "subcutánea",
    "IM": "intramuscular",
    "SL": "sublingual",
    "inhalatoria": "inhalatoria",
}
_UNITS = {"d": ("día", "días"), "m": ("mes", "meses")}


@dataclass(frozen=True, slots=True)
class Style:
    """How one system, and one hand, writes."""

    accents: bool
    shouting: bool  # notes in upper case
    comma: bool  # decimal comma in notes and values
    short: bool  # «c/8h», «7d»
    dots: bool  # codes with their dot
    dates: str  # strftime
    gaps: float  # share of optional fields left out
    slips: float  # share of the notes' long words with a typing error


def style(rng: Random) -> Style:
    return Style(
        accents=rng.random() < 0.6,
        shouting=rng.random() < 0.35,
        comma=rng.random() < 0.4,
        short=rng.random() < 0.4,
        dots=rng.random() < 0.9,
        dates=rng.choice(("%Y-%m-%d", "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%dT10:30:00")),
        gaps=rng.choice((0.0, 0.05, 0.2)),
        slips=rng.choice((0.0, 0.0, 0.0, 0.01, 0.04)),
    )


class Writer:
    """Writes one stay in one style."""

    def __init__(self, stay: Stay, style: Style) -> None:
        self.stay, self.style, self.rng = stay, style, stay.rng

    def words(self, text: str) -> str:
        return text if self.style.accents else unaccented(text)

    def note(self, clauses: Sequence[str]) -> str:
        """The clauses as sentences or with commas."""
        text = self.rng.choice((". ", ". ", ", ")).join(clauses) + self.rng.choice((".", ""))
        text = slipped(text, self.rng, self.style.slips)
        text = decimal_comma(text) if self.style.comma else text
        return terse(text) if self.style.shouting else self.words(text)

    def value(self, text: str) -> str:
        return decimal_comma(text) if self.style.comma else text

    def date(self, day: date) -> str:
        return day.strftime(self.style.dates)

    def code(self, code: str) -> str:
        return code if self.style.dots else code.replace(".", "")

    def kept(self, value: str) -> str:
        """Nothing, where the record has a gap."""
        return "" if self.rng.random() < self.style.gaps else value

    def item(self, item: Item, *, dated: bool) -> Json:
        out = {"codigo": self.kept(self.code(item.code)), "nombre": self.words(item.name)}
        return {**out, "fecha": self.date(self.stay.on(item.day))} if dated else out

    def line(self, line: Line) -> Json:
        """A drug with its dose, route, frequency and duration in fields of their own."""
        fields = {
            "dosis": line.dose,
            "via": self.route(line.route),
            "frecuencia": self.frequency(line.frequency),
            "duracion": self.duration(line.duration),
        }
        said = {k: self.words(self.kept(v)) for k, v in fields.items()}
        return {"codigo": line.code, "nombre": self.words(line.name), **{k: v for k, v in said.items() if v}}

    def route(self, route: str) -> str:
        return route if self.rng.random() < 0.7 else _ROUTES.get(route, route)

    def frequency(self, token: str) -> str:
        hours = token.removeprefix("sos")
        if not hours.isdigit():
            return _FREQUENCY[token][self.style.short] if token else ""
        every = f"c/{hours}h" if self.style.short else f"cada {hours} horas"
        return f"{every} SOS" if token.startswith("sos") else every

    def duration(self, token: str) -> str:
        if token in ("", "p"):
            return "permanente" if token else ""
        count, unit = token[:-1], token[-1]
        return token if self.style.short else f"{count} {_UNITS[unit][count != '1']}"

    def phrase(self, line: Line) -> str:
        """The drug in one text: «Ceftriaxona 2g EV c/24h 7d»."""
        dose = (
            line.dose.replace(" ", "")
            if re.fullmatch(r"[\d.,]+ (?:mg|g|mcg|ml)", line.dose) and self.style.short
            else line.dose
        )
        parts = (line.name, dose, line.route, self.frequency(line.frequency), self.duration(line.duration))
        return self.words(" ".join(p for p in parts if p))


def clinical(w: Writer) -> Json:
    """The clinical API: one field for each detail, notes by date."""
    stay, rng = w.stay, w.rng
    dated, laboratory = rng.random() < 0.3, [_parameter(w, r) for r in stay.results]
    plan: Json = {"medicamentos": [w.line(d) for d in stay.prescriptions]}
    plan |= {
        "controles": [w.words(t) for t in stay.follow_up],
        "recomendaciones": [*map(w.words, stay.care), *_warnings(w)],
    }
    out: Json = {
        "motivo_ingreso": w.kept(w.words(stay.reason)),
        "diagnostico_ingreso": [w.item(i, dated=dated) for i in stay.admission],
        "procedimientos": [w.item(i, dated=rng.random() < 0.8) for i in stay.procedures],
        "tratamientos_intrahosp": [w.line(d) for d in stay.treatments],
        "evolucion": [{"fecha": w.date(stay.on(day)), "nota": w.note(c)} for day, c in stay.notes],
        "laboratorios_relevantes": laboratory if laboratory or rng.random() < 0.5 else None,
        "diagnostico_egreso": [w.item(i, dated=dated) for i in stay.discharge],
        "indicaciones_alta": plan,
    }
    return out if rng.random() < 0.5 else {**out, "antecedentes": _history(w)}


def _warnings(w: Writer) -> list[str]:
    """The alarm signs, which this shape keeps among the recommendations."""
    return [
        w.words(f"{w.rng.choice(('Consultar ante', 'Acudir a urgencia si'))} {t[0].lower()}{t[1:]}")
        for t in w.stay.alarm
    ]


def wrapped(w: Writer) -> Json:
    """The clinical API inside an envelope with the patient."""
    out: Json = {"clinicalData": clinical(w)}
    if w.rng.random() < 0.5:
        patient = {"nombre": w.words(w.stay.name), "rut": invention.rut(w.rng)}
        out = {"episodeId": str(w.rng.randrange(10**6)), **out, "patientInfo": patient}
    return out


def strings(w: Writer) -> Json:
    """A database export: lists held in strings."""
    out = clinical(w)
    for key in ("diagnostico_ingreso", "procedimientos", "tratamientos_intrahosp", "evolucion", "diagnostico_egreso"):
        if w.rng.random() < 0.8:
            out[key] = json.dumps(out[key], ensure_ascii=False)
    if w.rng.random() < 0.5:
        out["indicaciones_alta"]["controles"] = json.dumps(out["indicaciones_alta"]["controles"], ensure_ascii=False)
    return out


def ward(w: Writer) -> Json:
    """The ward's export: patient, stay, history, notes by day, codes with their system."""
    stay = w.stay
    number = w.rng.randrange(10**5, 10**6)
    return {
        "id_atencion": number,
        "paciente": _patient(w),
        "atencion": _encounter(w, number),
        "motivo_ingreso": w.kept(w.words(stay.reason)),
        "antecedentes": _history(w),
        "diagnostico_ingreso": [w.item(i, dated=True) for i in stay.admission],
        "procedimientos": [w.item(i, dated=True) for i in stay.procedures],
        "tratamientos_intrahosp": [_period(w, d) for d in stay.treatments],
        "evolucion_resumen": [{"dia": day + 1, "texto": _headed(w, w.note(c))} for day, c in stay.notes],
        "laboratorios_resumen": [_range(w, r) for r in stay.results],
        "diagnostico_egreso": [w.item(i, dated=True) for i in stay.discharge],
        "indicaciones_alta": {
            "medicamentos": [_prefixed(w.line(d)) for d in stay.prescriptions],
            "controles": [w.words(t) for t in stay.follow_up],
            "cuidados": [w.words(t) for t in stay.care],
            "signos_alarma": [w.words(t) for t in stay.alarm],
        },
    }


def _headed(w: Writer, note: str) -> str:
    """A note in capitals sometimes begins with the ward that wrote it."""
    if not note or not w.style.shouting or w.rng.random() > HEADED:
        return note
    ward = w.rng.choice(("UCI", "UTI", "MEDICINA", "URGENCIA", "UPC"))
    return f"{ward} {note}" if note.startswith("INGRESA") else f"{ward}: {note}"


def compact(w: Writer) -> Json:
    """Short strings with the code at the end."""
    stay = w.stay
    sentences = [w.note(c).rstrip(". ") for _, c in stay.notes]
    return {
        "dx": [_coded(w.words(i.name), w.code(i.code)) for i in stay.admission],
        "proc": [_coded(w.words(i.name), i.code) for i in stay.procedures],
        "tto": [_coded(w.phrase(d), d.code) for d in stay.treatments],
        "evo": w.rng.choice((", ", ". ")).join(s for s in sentences if s),
        "dx_alta": [_coded(w.words(i.name), w.code(i.code)) for i in stay.discharge],
        "med": [_coded(w.phrase(d), d.code) for d in stay.prescriptions],
    }


SHAPES: tuple[Callable[[Writer], Json], ...] = (
    clinical,
    clinical,
    wrapped,
    strings,
    ward,
    ward,
    compact,
    compact,
    compact,
)


def _coded(text: str, code: str) -> str:
    return f"{text} ({code})" if code else text


def _prefixed(line: Json) -> Json:
    return {**line, "codigo": f"ATC:{line['codigo']}" if line["codigo"] else ""}


def _parameter(w: Writer, result: Result) -> Json:
    written = w.value(result.first) + (f" {result.lab.unit}" if result.lab.unit else "")
    return {
        "parametro": w.words(w.rng.choice((result.lab.name, result.lab.name, result.lab.short))),
        "valor": written,
        "fecha": w.date(w.stay.on(result.day)),
    }


def _range(w: Writer, result: Result) -> Json:
    """A result with its reference and what it reached over the stay."""
    lab, first, last = result.lab, float(result.first), float(result.last)
    low, high = (float(b.replace(",", ".")) for b in (lab.low, lab.high))
    state = "alto" if first > high else "bajo" if first < low else "normal"
    taken = {
        "valor": _number(first),
        "fecha": w.date(w.stay.on(result.day)),
        "rango_inferior": _number(low),
        "rango_superior": _number(high),
        "estado": state,
    }
    out: Json = {"prueba": w.words(lab.name), "unidad": lab.unit, "ingreso": taken}
    if w.rng.random() < 0.5:
        out["periodo"] = {"min": _number(min(first, last)), "max": _number(max(first, last))}
    return out


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _period(w: Writer, line: Line) -> Json:
    """A treatment as the ward keeps it: dose and frequency inside the name, dates instead of a duration."""
    name = " ".join(p for p in (line.name, line.dose, w.frequency(line.frequency)) if p)
    out: Json = {"codigo": f"ATC:{line.code}" if line.code else "", "nombre": w.words(name)}
    if line.route:
        out["via"] = w.route(line.route)
    out["inicio"] = w.date(w.stay.on(line.start))
    if line.end is not None:
        out["fin"] = w.date(w.stay.on(line.end))
    return out


def _history(w: Writer) -> Json:
    said = {k: [w.words(t) for t in v] for k, v in w.stay.history.items()}
    allergies: object = said["allergies"] if w.rng.random() < 0.5 else ", ".join(said["allergies"])
    out: Json = {"medicos": said["conditions"], "quirurgicos": said["surgeries"], "alergias": allergies}
    if w.rng.random() < 0.3:
        out["farmacos"] = said["drugs"]
    if said["other"] and w.rng.random() < 0.5:
        out["otros"] = said["other"]
    return out


def _patient(w: Writer) -> Json:
    sex = w.rng.choice((w.stay.sex, "Femenino" if w.stay.sex == "F" else "Masculino"))
    age: object = int(w.stay.age) if w.stay.age.isdigit() else w.stay.age
    patient: Json = {"nombre": w.words(w.stay.name), "rut": invention.rut(w.rng), "sexo": sex, "edad": age}
    return {k: v for k, v in patient.items() if w.rng.random() >= w.style.gaps}


def _encounter(w: Writer, number: int) -> Json:
    stay = w.stay
    out: Json = {
        "id": str(number),
        "fecha_ingreso": w.date(stay.admitted),
        "fecha_alta": w.date(stay.on(stay.days)),
        "servicio": w.words(stay.scenario.service),
        "establecimiento": w.rng.choice(common()["people"]["facilities"]),
        "medico_tratante": f"Dr. {invention.person(w.rng, 'M', invented=False)}",
    }
    if stay.outcome != "alta" or w.rng.random() < 0.3:
        key, told = _disposition(w)
        out[key] = w.words(told)
    return out


def _disposition(w: Writer) -> tuple[str, str]:
    """The field in which a system keeps how the patient left, and what it says."""
    female = w.stay.sex == "F"
    if w.stay.outcome == "fallecido":
        return "condicion_egreso", w.rng.choice(("Fallecida" if female else "Fallecido", "Defunción", "Fallecimiento"))
    if w.stay.outcome == "traslado":
        to = w.rng.choice(("", "", " a UTI", " a Hospital Base", " a Hospital Regional", " a centro de rehabilitación"))
        return "condicion_egreso", w.rng.choice(("Traslado", "Trasladada" if female else "Trasladado")) + to
    homes = (
        "Domicilio",
        "Domicilio",
        "Hospitalización domiciliaria",
        "Residencia familiar",
        "Establecimiento de larga estadía",
    )
    if w.rng.random() < 0.5:
        return "destino", w.rng.choice(homes)
    return "tipo_alta", w.rng.choice(
        ("Alta", "Alta médica", "Alta a domicilio", "Alta voluntaria", "Mejorado", "Derivación a APS")
    )
