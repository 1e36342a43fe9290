"""One coherent hospital stay drawn from a scenario, before it takes the shape of any system's export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from . import invention
from .tables import Drug, Lab, Scenario, common, drugs, fold, labs
from .wording import columns, fill, labelled, number

CONFLICT = 0.15
LABELLED = 0.4  # share of the results of examinations that are written after a colon
LONG_STAY, LONG_COURSE = 10, 0.2  # days; share of such stays with a note almost every day
_ALLERGY_CLASSES = (  # word of the allergy, ATC prefixes that are then not given
    ("penicilina", ("J01C",)),
    ("cefalosporina", ("J01D",)),
    ("ceftriaxona", ("J01D",)),
    ("sulfa", ("J01EE",)),
    ("tramadol", ("N02AX",)),
    ("aine", ("M01A", "B01AC06", "N02BB")),
    ("ibuprofeno", ("M01A",)),
    ("dipirona", ("N02BB",)),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A diagnosis or a procedure."""

    name: str
    code: str
    day: int = 0  # of the stay, from 0


@dataclass(frozen=True, slots=True)
class Line:
    """A drug line; empty strings where nothing is said."""

    name: str
    code: str = ""
    dose: str = ""
    route: str = ""
    frequency: str = ""  # token of drugs.toml
    duration: str = ""  # «7d», «3m», «p»
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    lab: Lab
    first: str
    last: str
    day: int


@dataclass(slots=True)
class Stay:
    scenario: Scenario
    rng: Random
    invented: bool
    admitted: date
    days: int
    sex: str
    age: str
    name: str
    side: str
    outcome: str  # «alta», «fallecido», «traslado»
    reason: str = ""
    admission: list[Item] = field(default_factory=list)
    discharge: list[Item] = field(default_factory=list)
    procedures: list[Item] = field(default_factory=list)
    treatments: list[Line] = field(default_factory=list)
    prescriptions: list[Line] = field(default_factory=list)
    notes: list[tuple[int, list[str]]] = field(default_factory=list)  # (day of stay from 0, clauses)
    results: list[Result] = field(default_factory=list)
    history: dict[str, list[str]] = field(default_factory=dict)  # conditions, surgeries, allergies, drugs, other
    follow_up: list[str] = field(default_factory=list)
    care: list[str] = field(default_factory=list)
    alarm: list[str] = field(default_factory=list)

    def on(self, day: int) -> date:
        return self.admitted + timedelta(days=day)


def draw(scenario: Scenario, rng: Random, *, invented: bool) -> Stay:
    """A stay of this scenario; `invented` puts pseudo-words for names and random codes."""
    stay = _person(scenario, rng, invented)
    stay.reason = _text(stay, rng.choice(scenario["reasons"]))
    comorbid = _comorbidities(stay)
    _history(stay, comorbid)
    _diagnoses(stay, comorbid)
    stay.procedures = [_procedure(stay, p) for p in _some(rng, scenario["procedures"], (0, 1, 1, 2, 2, 3))]
    stay.treatments = _treatments(stay)
    # A record may list drugs for somebody who died: a conflict that the text tells as it stands.
    kept = stay.outcome != "fallecido" or rng.random() < CONFLICT
    stay.prescriptions = _prescriptions(stay, comorbid) if kept else []
    _course(stay)
    stay.results = [_result(stay, s) for s in _some(rng, scenario["labs"], (0, 1, 1, 2, 2, 3))]
    _plan(stay)
    return stay


def abridge(stay: Stay) -> None:
    """Leaves two of the lists and at most one short note."""
    lists = (
        "admission",
        "procedures",
        "treatments",
        "discharge",
        "prescriptions",
        "results",
        "follow_up",
        "care",
        "alarm",
    )
    kept = stay.rng.sample(lists, 2)
    for name in lists:
        if name not in kept:
            setattr(stay, name, [])
    stay.history = {name: [] for name in stay.history}
    stay.notes = [(day, clauses[:2]) for day, clauses in stay.notes[:1]] if stay.rng.random() < 0.3 else []


def _person(scenario: Scenario, rng: Random, invented: bool) -> Stay:
    sex = rng.choice(scenario.sex)
    years = str(rng.randint(*scenario.ages))
    age = years if scenario.age_unit == "años" else f"{years} {scenario.age_unit}"
    ending = rng.random()
    outcome = "fallecido" if ending < scenario.death else "traslado" if ending > 0.95 else "alta"
    return Stay(
        scenario,
        rng,
        invented,
        admitted=date(2019, 1, 1) + timedelta(days=rng.randrange(3600)),
        days=rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 21)),
        sex=sex,
        age=age,
        name=invention.person(rng, sex, invented=invented),
        side=rng.choice(("derech", "izquierd")),
        outcome=outcome,
    )


def _text(stay: Stay, template: str) -> str:
    """A text of the tables with its fields drawn and, in an invented stay, sometimes a word that nobody knows."""
    text = fill(template, stay.rng, stay.side)
    if not stay.invented or stay.rng.random() > 0.5:
        return text
    words = text.split(" ")
    places = [i for i, w in enumerate(words[1:], 1) if w.isalpha() and w.islower() and len(w) > 5]
    if places:
        words[stay.rng.choice(places)] = invention.unknown(stay.rng)
    return " ".join(words)


def _some(rng: Random, options: Sequence[str], counts: Sequence[int]) -> list[str]:
    """So many of the options, in their order in the table (the first ones come first in care, too)."""
    count = min(rng.choice(counts), len(options))
    chosen = sorted(rng.sample(range(len(options)), count))
    return [options[i] for i in chosen]


def _comorbidities(stay: Stay) -> list[tuple[str, str, str, str]]:
    pool = common()["comorbidities"][stay.scenario.pool]
    rows = [tuple(row.split("|")) for row in _some(stay.rng, pool, (0, 0, 1, 2, 3))]
    men_only = ("N40",)
    return [(r[0], r[1], r[2], r[3]) for r in rows if not (stay.sex == "F" and r[2] in men_only)]


def _history(stay: Stay, comorbid: Iterable[tuple[str, str, str, str]]) -> None:
    rng, lists = stay.rng, common()["history"]
    adult = stay.scenario.age_unit == "años" and int(stay.age) > 15
    women_only = ("Cesárea", "Histerectomía")
    surgeries = [s for s in _some(rng, lists["surgeries"], (0, 0, 1, 2)) if stay.sex == "F" or s not in women_only]
    stay.history = {
        "conditions": [rng.choice((name, short)) for name, short, _, _ in comorbid],
        "surgeries": [f"{s} {rng.randint(1988, 2022)}" if rng.random() < 0.5 else s for s in surgeries]
        if adult
        else [],
        "allergies": [_allergy(stay)] if rng.random() < 0.6 else [],
        "drugs": [
            _spoken(drugs()[k.strip()], rng) for _, _, _, keys in comorbid for k in keys.split(",")[:1] if k.strip()
        ],
        "other": _some(rng, lists["other"], (0, 0, 1)) if adult else [],
    }


def _allergy(stay: Stay) -> str:
    if stay.invented and stay.rng.random() < 0.5:
        return f"{invention.drug(stay.rng)} ({stay.rng.choice(('rash', 'anafilaxia', 'urticaria', 'prurito'))})"
    return str(stay.rng.choice(common()["history"]["allergies"]))


def _spoken(drug: Drug, rng: Random) -> str:
    return f"{drug.name} {rng.choice(drug.doses)}"


def _diagnoses(stay: Stay, comorbid: Iterable[tuple[str, str, str, str]]) -> None:
    rng = stay.rng
    rows = [rng.choice(stay.scenario["diagnoses"]), *_some(rng, stay.scenario["associated"], (0, 0, 1, 1, 2))]
    for i, row in enumerate(rows):
        before, after = _pair(stay, row)
        late = i > 0 and rng.random() < 0.35  # a complication of the stay
        if not late:
            stay.admission.append(before)
        stay.discharge.append(replace(after, day=stay.days))
    for name, short, code, _ in comorbid:
        if rng.random() < 0.6:
            item = Item(rng.choice((name, short)), code)
            stay.admission += [item] if rng.random() < 0.7 else []
            stay.discharge.append(replace(item, day=stay.days))


def _pair(stay: Stay, row: str) -> tuple[Item, Item]:
    """The diagnosis at admission and at discharge: «at admission | code | at discharge | code»."""
    rng = stay.rng
    parts = [*columns(row), "", ""]
    name, code = fill(parts[0], rng, stay.side), parts[1]
    after, after_code = fill(parts[2], rng, stay.side) if parts[2] else name, parts[3] or code
    if stay.invented and rng.random() < 0.85:
        name, code = invention.condition(rng), invention.icd10(rng)
        if rng.random() < 0.3:
            name += f" {stay.side}a"
        after, after_code = name + rng.choice(("", "", " en resolución", " en tratamiento", " operada")), code
    if rng.random() < 0.06:
        name = rng.choice(("Sospecha de {}", "Obs. {}", "{} en estudio", "Probable {}")).format(name)
    return Item(name, code), Item(after, after_code)


def _procedure(stay: Stay, row: str) -> Item:
    name, code = columns(row)
    name = fill(name, stay.rng, stay.side)
    if stay.invented and stay.rng.random() < 0.85:
        name, code = invention.procedure(stay.rng), invention.procedure_code(stay.rng)
        if stay.rng.random() < 0.3:
            name += f" {stay.side}a"
    return Item(name, code, stay.rng.randrange(min(stay.days, 6)))


def _treatments(stay: Stay) -> list[Line]:
    keys = _some(stay.rng, stay.scenario["treatments"], (0, 1, 2, 2, 3, 3, 4, 5))
    lines = [_line(stay, k, inpatient=True) for k in _allowed(stay, keys)]
    if stay.rng.random() < 0.25:
        other = _some(stay.rng, common()["uncoded"]["treatments"], (1, 1, 2))
        lines += [Line(_text(stay, t)) for t in other]
    return lines


def _prescriptions(stay: Stay, comorbid: Iterable[tuple[str, str, str, str]]) -> list[Line]:
    keys = _some(stay.rng, stay.scenario["prescriptions"], (0, 1, 2, 2, 3, 3, 4))
    for _, _, _, usual in comorbid:
        if usual and stay.rng.random() < 0.5:
            keys.append(stay.rng.choice(usual.split(",")))
    return [_line(stay, k, inpatient=False) for k in _allowed(stay, dict.fromkeys(keys))]


def _allowed(stay: Stay, keys: Iterable[str]) -> list[str]:
    """Without the drugs to which the patient is allergic."""
    said = fold(" ".join(stay.history.get("allergies", ())))
    avoided = tuple(p for w, prefixes in _ALLERGY_CLASSES if w in said and "niega" not in said for p in prefixes)
    return [k for k in keys if not (avoided and drugs()[k].code.startswith(avoided))]


def _line(stay: Stay, key: str, *, inpatient: bool) -> Line:
    rng, drug = stay.rng, drugs()[key]
    name, code = drug.name, drug.code
    if stay.invented and rng.random() < 0.9:
        name, code = invention.drug(rng), invention.atc(rng)
    days, duration = _duration(drug.duration, rng, stay.days if inpatient else None)
    start = rng.randrange(min(stay.days, 3))
    routes = drug.routes if inpatient else [r for r in drug.routes if r != "EV"] or drug.routes
    return Line(
        name,
        code if rng.random() > 0.06 else "",
        rng.choice(drug.doses),
        rng.choice(routes),
        rng.choice(drug.frequencies),
        duration if rng.random() < 0.8 else "",
        start,
        min(start + days, stay.days) if inpatient else None,
    )


def _duration(rule: str, rng: Random, ceiling: int | None) -> tuple[int, str]:
    """Days, and the token («7d», «3m», «p» or nothing). A treatment of the stay ends with the stay."""
    if rule in ("p", "-"):
        return (ceiling or 0), rule.replace("-", "") if ceiling is None else ""
    low, high = (int(n) for n in rule[:-1].split("-"))
    count = rng.randint(low, high)
    if rule.endswith("m"):
        return (ceiling or 0), f"{count}m" if ceiling is None else ""
    count = count if ceiling is None else max(1, min(count, ceiling))
    return count, f"{count}d"


def _course(stay: Stay) -> None:
    """Notes by day: the state at admission, what happened, and how the patient leaves."""
    rng, lists = stay.rng, common()["course"]
    count = rng.choice((1, 1, 2, 3, 3, 4, 5))
    if stay.days >= LONG_STAY and rng.random() < LONG_COURSE:
        count = rng.randint(7, 14)
    own = stay.scenario
    closing = (own["outcome"], lists["outcome"])
    if stay.outcome != "alta":
        closing = ((), tuple(lists["death" if stay.outcome == "fallecido" else "transfer"]))
    days = sorted({0, *rng.sample(range(1, stay.days + 1), min(count - 1, stay.days))})
    for i, day in enumerate(days):
        phase = "onset" if i == 0 else "course"
        clauses = _clauses(stay, (own[phase], lists[phase]), (1, 2, 3, 4) if i == 0 else (1, 1, 2, 3))
        if i == len(days) - 1:
            clauses += _clauses(stay, closing, (1, 2) if stay.outcome == "alta" else (1,))
        stay.notes.append((day, clauses))


def _clauses(stay: Stay, lists: tuple[Sequence[str], Sequence[str]], counts: Sequence[int]) -> list[str]:
    """Clauses of the scenario and, less often, of the wards in general."""
    own, general = lists
    chosen = _some(stay.rng, own, counts)
    if not chosen or stay.rng.random() < 0.4:
        chosen += _some(stay.rng, general, (1, 1, 2))
    told = [_text(stay, c) for c in chosen]
    return [labelled(t) if stay.rng.random() < LABELLED else t for t in told]


def _result(stay: Stay, spec: str) -> Result:
    """«key:low-high>low-high»: the value at admission and at the end."""
    key, _, ranges = spec.partition(":")
    lab = labs()[key]
    (low, high), (last_low, last_high) = (r.split("-") for r in ranges.split(">"))
    first = number(stay.rng, low, high, lab.decimals)
    last = number(stay.rng, last_low, last_high, lab.decimals)
    return Result(lab, first, last, stay.rng.randrange(min(stay.days, 3)))


def _plan(stay: Stay) -> None:
    if stay.outcome == "fallecido":
        return
    for name, counts in (("follow_up", (0, 1, 1, 2)), ("care", (0, 1, 1, 2)), ("alarm", (0, 1, 2, 2, 3))):
        chosen = _some(stay.rng, stay.scenario[name], counts)
        if stay.rng.random() < 0.3:
            chosen += _some(stay.rng, common()["plan"][name], (1, 1, 2))
        setattr(stay, name, [_text(stay, c) for c in dict.fromkeys(chosen)])
