"""Nothing of a record is lost on its way into the Case, and a loss would be found."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from engine.domain import CarePlan, Case, Condition, Text
from engine.errors import EpicrisisError, InputRefused
from engine.intake import read_case, unaccounted
from engine.intake.ledger import Ledger
from engine.paths import resource
from tests.helpers.records import SAMPLES, read

DAYS = (SAMPLES / "days.json").read_bytes()


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.json")))
def test_samples_are_accounted_for(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    assert unaccounted(data, read_case(data)) == ()


@pytest.mark.parametrize(
    "part",
    [
        "reason",
        "patient",
        "stay",
        "history",
        "admission",
        "procedures",
        "treatments",
        "notes",
        "observations",
        "discharge",
        "plan",
        "unused",
    ],
)
def test_a_lost_part_is_found(part: str) -> None:
    case = read_case(DAYS)
    blank = replace(case, **{part: getattr(Case("ward", ""), part)})
    assert unaccounted(DAYS, blank)


def test_every_lost_leaf_is_named() -> None:
    case = replace(read_case(DAYS), discharge=())
    assert unaccounted(DAYS, case) == tuple(
        f"/diagnostico_egreso/{item}/{key}" for item in range(3) for key in ("codigo", "nombre", "fecha")
    )


def test_a_lost_part_of_a_plain_text_is_found() -> None:
    data = b'{"dx": ["HTA (I10)"]}'
    case = read_case(data)
    without_code = replace(case, admission=(Condition(Text("HTA", "/dx/0")),))
    assert (unaccounted(data, case), unaccounted(data, without_code)) == ((), ("/dx/0",))


@pytest.mark.parametrize("value", ["Reposo absoluto", "reposo 3 días", "Reposo relativo"])
def test_other_words_under_the_right_pointer_are_a_loss(value: str) -> None:
    data = b'{"indicaciones_alta": {"cuidados": ["Reposo relativo por 3 d\xc3\xadas"]}}'
    case = replace(read_case(data), plan=CarePlan(care=(Text(value, "/indicaciones_alta/cuidados/0"),)))
    assert unaccounted(data, case) == ("/indicaciones_alta/cuidados/0",)


def test_another_date_under_the_right_pointer_is_a_loss() -> None:
    data = b'{"dx": [{"nombre": "HTA", "fecha": "03/04/2026"}]}'
    name = Text("HTA", "/dx/0/nombre")
    swapped = replace(read_case(data), admission=(Condition(name, recorded=Text("2026-03-05", "/dx/0/fecha")),))
    assert unaccounted(data, swapped) == ("/dx/0/fecha",)


def test_a_loss_stops_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "unread", lambda self, root: ())
    with pytest.raises(EpicrisisError) as caught:
        read({"dx": ["HTA"], "prevision": "FONASA"})
    assert (caught.value.code, caught.value.pointer, caught.value.exit_status) == ("conservation", "/prevision", 1)


WORDS = (
    "Neumonía",
    "HTA (I10)",
    "Ceftriaxona 2g EV c/24h (J01DD04)",
    "14/09/2026",
    "2026-09-14T10:30:00",
    "31-02-2026",
    "sospecha",
    "derecha",
    "500",
    "mg",
    "1.000 mg",
    "  doble  espacio ",
    "a\nb",
    "- uno\n- dos",
    "null",
    "[]",
    '["x"]',
    '{"nombre":"q"}',
    "(-)",
    "%",
    "s720",
    "ATC:j01dd04",
    "SIN CODIGO",
    "CaÃ±a",
    "n\u0303",
    "a\u200bb",
    "SOS",
    "14 de septiembre de 2026",
    "1/9/2026 8:05",
    "20260914",
    "CIE10: j18.9",
    "{no json}",
    "Dr. Pérez",
    "0,8 ng/mL",
    "-",
    "2026-09-14T10:30:00Z",
    "Transfusión (2009)",
    "x (S720)",
    "S 72,0",
    "Aspirina (b01ac06).",
    "ﬁbra",
    5,
    2.40,
    True,
    False,
    None,
    "",
)


class _Exporter:
    """Writes records of any fields, under any of their accepted names, now and then of another type."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # repeatable
        text = resource("schema/record.schema.json").read_text(encoding="utf-8")
        self._definitions: dict[str, Any] = json.loads(text)["$defs"]

    def record(self) -> bytes:
        record = {"motivo_ingreso": "x", **self._object(self._definitions["record"])}
        if self._random.random() < 0.2:
            record = {"clinicalData": record, "patientInfo": self._value("patient"), "episodeId": 5}
        encoding = self._random.choice(("utf-8", "utf-8-sig", "utf-16"))
        return json.dumps(record, ensure_ascii=False).encode(encoding)

    def _value(self, name: str) -> object:
        spec = self._definitions[name]
        if "$ref" in spec:
            return self._value(spec["$ref"].rpartition("/")[2])
        kind = self._random.choice(spec["type"])
        made: object = self._random.choice(WORDS)
        if kind == "object":
            made = self._object(spec)
        elif kind == "array":
            made = [self._value(spec["items"]["$ref"].rpartition("/")[2]) for _ in range(self._random.randint(0, 3))]
        in_string = isinstance(made, (list, dict)) and self._random.random() < 0.1
        return json.dumps(made, ensure_ascii=False) if in_string else made

    def _object(self, spec: dict[str, Any]) -> dict[str, object]:
        fields = list(spec["properties"].items())
        made: dict[str, object] = {}
        for name, field in self._random.sample(fields, min(len(fields), self._random.randint(0, 6))):
            key = self._random.choice([name, *field.get("x-aliases", [])])
            made[key] = self._value(field["$ref"].rpartition("/")[2])
        if self._random.random() < 0.3:
            made[self._random.choice(("tabaco", "otros", "a/b", "~x"))] = {
                "p": self._random.choice(WORDS),
                "q": ["Sí", ["No"]],
            }
        return made


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_exported_is_refused_or_accounted_for(seed: int) -> None:
    exporter = _Exporter(seed)
    read_whole = 0
    for _ in range(200):
        data = exporter.record()
        try:
            case = read_case(data)
        except InputRefused:
            continue
        read_whole += unaccounted(data, case) == ()
    assert read_whole > 60
