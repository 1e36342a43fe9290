"""The scenario tables (`tables/*.toml`) as frozen values; their texts are the project's own."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "tables"
_LEXICON = Path(__file__).resolve().parents[3] / "resources" / "lexicon"
_LISTS = ("accents.txt", "readings.txt", "terms.toml", "paraphrases.toml", "drugs.toml", "checking.toml", "signs.toml")


@dataclass(frozen=True, slots=True)
class Drug:
    name: str
    code: str  # ATC
    doses: tuple[str, ...]
    routes: tuple[str, ...]
    frequencies: tuple[str, ...]  # hours, or a word of drugs.toml
    duration: str  # «5-10d», «1-3m», «p», «-»


@dataclass(frozen=True, slots=True)
class Lab:
    name: str
    short: str
    unit: str
    low: str
    high: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Scenario:
    id: str
    service: str
    pool: str  # of comorbidities
    sex: str  # «F», «M» or «FM»
    ages: tuple[int, int]
    age_unit: str  # «años», «meses», «días»
    death: float  # share that dies
    lists: dict[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.lists.get(name, ())


@lru_cache(maxsize=1)
def drugs() -> dict[str, Drug]:
    return {key: _drug(line) for key, line in _load("drugs.toml").items()}


def _drug(line: str) -> Drug:
    name, code, doses, routes, frequencies, duration = line.split("|")
    return Drug(name, code, tuple(doses.split(";")), tuple(routes.split(",")), tuple(frequencies.split(",")), duration)


@lru_cache(maxsize=1)
def labs() -> dict[str, Lab]:
    rows = {key: line.split("|") for key, line in _load("labs.toml").items()}
    return {key: Lab(r[0], r[1], r[2], r[3], r[4], int(r[5])) for key, r in rows.items()}


@lru_cache(maxsize=1)
def common() -> dict[str, Any]:
    return _load("common.toml")


@lru_cache(maxsize=1)
def scenarios() -> tuple[Scenario, ...]:
    return tuple(s for path in sorted((_FOLDER / "scenarios").glob("*.toml")) for s in _scenarios(path))


def _scenarios(path: Path) -> Iterator[Scenario]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in table["scenario"]:
        unit = "meses" if row.get("months") else "días" if row.get("days_old") else "años"
        yield Scenario(
            row["id"],
            row.get("service", table["service"]),
            row.get("pool", table["pool"]),
            row.get("sex", table.get("sex", "FM")),
            (row["ages"][0], row["ages"][1]),
            unit,
            row.get("death", 0.0),
            {key: tuple(value) for key, value in row.items() if isinstance(value, list) and key != "ages"},
        )


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Every word of the tables, folded: what a pseudo-word must not be."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(_FOLDER.rglob("*.toml")))
    return frozenset(re.findall(r"[a-z]+", fold(text)))


@lru_cache(maxsize=1)
def lexicon() -> tuple[str, ...]:
    """Words of the program's own lists (resources/lexicon) that the tables do not have."""
    text = "\n".join((_LEXICON / name).read_text(encoding="utf-8") for name in _LISTS)
    return tuple(sorted(w for w in set(re.findall(r"\b[a-záéíóúüñ]{5,18}\b", text)) if fold(w) not in vocabulary()))


@lru_cache(maxsize=1)
def drug_names() -> tuple[str, ...]:
    """The drugs of the program's lexicon."""
    return tuple(tomllib.loads((_LEXICON / "drugs.toml").read_text(encoding="utf-8")))


def fold(text: str) -> str:
    """Lower case without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
