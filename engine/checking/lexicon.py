"""The word lists of resources/lexicon/ in the form in which the checker asks them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.evidence.language import expansions, fold
from engine.paths import resource

DENIALS = frozenset(("no", "sin"))  # never left out of a phrase: «ventilación no invasiva»
_FIRST = tuple("a an o aron aba aban ando ado ada ar".split())
_OTHER = tuple("e en io ieron ia ian iendo ido ida er ir".split())
_VERB = re.compile(rf"([a-z]{{3,}}?)({'|'.join(sorted((*_FIRST, *_OTHER), key=len, reverse=True))})")
Trie = dict[str, Any]  # stem → Trie; "" → the key of the group


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug that the catalogue knows. `mg` is the range of one dose that can be right for somebody."""

    name: str
    atc: tuple[str, ...]
    also: tuple[str, ...] = ()
    mg: tuple[float, float] | None = None
    routes: tuple[str, ...] = ()
    group: str = ""  # class that an allergy reaches


@dataclass(frozen=True, slots=True)
class Lexicon:
    neutral: frozenset[str]
    neutral_stems: frozenset[str]
    facts: frozenset[str]  # words with the stem of a neutral one that do state something
    function: frozenset[str]
    judgement: frozenset[str]
    soft: frozenset[str]  # verdicts that only colour what is told
    findings: frozenset[str]
    signs: frozenset[str]  # of them, what is felt or seen, no name of a disease
    organisms: frozenset[str]
    procedures: frozenset[str]
    heads: frozenset[str]  # of names («trastorno bipolar»)
    anatomy: frozenset[str]
    drug_words: frozenset[str]  # names of drugs beyond the catalogue
    endings: re.Pattern[str]  # of diseases and findings
    procedure_endings: re.Pattern[str]
    drug_endings: re.Pattern[str]
    told_whole: tuple[tuple[str, re.Pattern[str]], ...]  # clinical only as a phrase, by kind
    not_terms: frozenset[str]
    phrases: Trie
    ways: dict[str, tuple[tuple[str, ...], ...]]  # the stems of each way to say a group, by its key
    implied: tuple[tuple[str, ...], ...]  # a general word and those that imply it
    readings: dict[str, tuple[str, ...]]  # what an abbreviation may stand for
    kin: tuple[tuple[str, ...], ...]  # words of one thing that no ending tells
    cues: tuple[tuple[str, re.Pattern[str]], ...]
    drugs: dict[str, Drug]  # by key
    names: frozenset[str]  # given names and surnames
    clipped: dict[str, str]  # words always read as a longer one: «insuf» → «insuficiencia»
    clipped_heads: frozenset[str]  # clipped words with whose point no sentence ends
    clipped_tails: frozenset[str]  # clipped words after whose point the sentence may go on
    clipped_units: frozenset[str]  # of doses


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A folded word without gender, number and «-mente»: «crónicas», «crónico» → «cronic»."""
    if len(word) <= 3 or word[-1].isdigit():
        return word
    word = word.removesuffix("mente") if len(word) > 8 else word
    if word.endswith("es") and len(word) > 5 and word[-3] not in "aeiou":
        word = word[:-2]
    elif word.endswith("s") and word[-2] in "aeiou":
        word = word[:-1]
    if len(word) == 4 and word[-1] in "aoe":
        return f"{word[:-1]}-"  # «gota» is not «GOT», nor «pico» «PIC»
    return word[:-1] if len(word) > 3 and word[-1] in "aoe" else word


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    data = tomllib.loads(resource("lexicon/checking.toml").read_text(encoding="utf-8"))
    function = frozenset(data["neutral"]["function"].split())
    short = _habits()
    neutral = function | frozenset(data["neutral"]["report"].split())
    neutral_stems = frozenset(stem(w) for w in neutral)
    neutral |= frozenset(s for s, long in short.items() if all(stem(w) in neutral_stems for w in fold(long).split()))
    terms = data["clinical"]
    wider: dict[str, Any] = tomllib.loads(resource("lexicon/terms.toml").read_text(encoding="utf-8"))
    clips: dict[str, Any] = tomllib.loads(resource("lexicon/clipped.toml").read_text(encoding="utf-8"))
    signs: dict[str, Any] = tomllib.loads(resource("lexicon/signs.toml").read_text(encoding="utf-8"))
    synonyms = f"{data['synonyms']['groups'].strip()}\n{signs['synonyms']['groups'].strip()}"
    findings = _stems(" ".join((terms["findings"], wider["findings"]["words"], wider["diseases"]["words"])))
    drugs = _drugs()
    return Lexicon(
        neutral=neutral,
        neutral_stems=frozenset(stem(w) for w in neutral),
        facts=frozenset(data["neutral"]["facts"].split()),
        function=function,
        judgement=_stems(data["judgement"]["words"]),
        soft=_stems(data["judgement"]["soft"]),
        findings=findings | _adjectives(signs["kin"]["groups"], findings),
        signs=_stems(wider["findings"]["words"]),
        organisms=_stems(terms["organisms"]) | _stems(wider["organisms"]["words"]),
        procedures=_stems(terms["procedures"]) | _stems(wider["procedures"]["words"]),
        heads=_stems(wider["soft"]["words"]),
        anatomy=_stems(wider["soft"]["anatomy"]),
        drug_words=_stems(wider["drugs"]["words"]),
        endings=_ending(wider["endings"]["diseases"]),
        procedure_endings=_ending(wider["endings"]["procedures"]),
        drug_endings=_ending(wider["drugs"]["endings"], least=1),
        told_whole=tuple((kind, _whole(phrases)) for kind, phrases in wider["phrases"].items()),
        not_terms=frozenset(wider["ordinary"]["words"].split()),
        ways=_ways(synonyms, function),
        implied=_lines(data["implied"]["groups"]) + _lines(signs["implied"]["groups"]),
        readings=_readings(),
        kin=_lines(data["kin"]["groups"]) + _lines(signs["kin"]["groups"]),
        phrases=_phrases(synonyms, function, drugs, {s: w for s, w in short.items() if s not in neutral}),
        cues=tuple((section, re.compile(p)) for section, patterns in data["cues"].items() for p in patterns),
        drugs=drugs,
        names=_names(),
        clipped={short: long for short, long in clips["words"].items() if short != long},
        clipped_heads=frozenset(clips["heads"]["words"].split()),
        clipped_tails=frozenset((*clips["tails"]["words"].split(), *clips["words"])),
        clipped_units=frozenset(clips["units"]["words"].split()),
    )


def _lines(groups: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(w.strip() for w in line.split("|")) for line in groups.strip().splitlines())


def _readings() -> dict[str, tuple[str, ...]]:
    lines = resource("lexicon/readings.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return {short.strip(): tuple(r.strip() for r in long.split("|")) for short, _, long in pairs}


def _ways(groups: str, function: frozenset[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The ways of each group, and of each abbreviation written out."""
    out = {f"={ways[0]}": tuple(tuple(_atoms(w, function)) for w in ways) for ways in _lines(groups)}
    for short, long in expansions().items():
        out.setdefault(f"={fold(long)}", (tuple(_atoms(fold(long), function)), (short,)))
    return out


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(w) for w in words.split())


def _adjectives(groups: str, findings: frozenset[str]) -> frozenset[str]:
    """«Midriático», where «midriasis» is a finding."""
    told = (frozenset(stem(fold(w)) for w in line) for line in _lines(groups))
    return frozenset(s for stems in told if stems & findings for s in stems)


def _ending(words: str, least: int = 3) -> re.Pattern[str]:
    """Words with one of the endings, after so many letters."""
    return re.compile(rf"\w{{{least}}}(?:{'|'.join(words.split())})(?:s|es)?$")


def _whole(phrases: str) -> re.Pattern[str]:
    ways = sorted((p.strip() for p in phrases.replace("\n", "").split("|")), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, ways))})\b")


def _drugs() -> dict[str, Drug]:
    data = tomllib.loads(resource("lexicon/drugs.toml").read_text(encoding="utf-8"))
    out: dict[str, Drug] = {}
    for name, d in data.items():
        mg = (float(d["mg"][0]), float(d["mg"][1])) if "mg" in d else None
        drug = Drug(
            name, tuple(d["atc"]), tuple(d.get("also", ())), mg, tuple(d.get("routes", "").split()), d.get("class", "")
        )
        out[drug_key(name)] = drug
    return out


def _names() -> frozenset[str]:
    lines = resource("lexicon/names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(w for line in lines if not line.startswith("#") for w in line.split())


def drug_key(name: str) -> str:
    return f"®{fold(name)}"


def _habits() -> dict[str, str]:
    """Typing habits that are always written out («preop», «pcte»)."""
    table: dict[str, str] = tomllib.loads(resource("lexicon/abbreviations.toml").read_text(encoding="utf-8"))["always"]
    return {fold(short): long for short, long in table.items() if fold(short) != fold(long)}


def _phrases(groups: str, function: frozenset[str], drugs: dict[str, Drug], habits: dict[str, str]) -> Trie:
    root: Trie = {}
    for ways in _lines(groups):
        for way in (*ways, *_conjugated(ways)):
            _add(root, way, f"={ways[0]}", function)
    for short, long in (*expansions().items(), *habits.items()):
        key = _lookup(root, fold(long), function) or f"={fold(long)}"
        _add(root, short, key, function)
        _add(root, fold(long), key, function)
    for key, drug in drugs.items():
        for way in (drug.name, *drug.also):
            _add(root, fold(way), key, function)
            _combined(root, fold(way), key, function)
    return root


def _conjugated(ways: tuple[str, ...]) -> Iterator[str]:
    """The other forms of a verb of which the group has two: «baja | bajan» is also «bajando», «bajó»."""
    bases = Counter(m[1] for w in ways if (m := _VERB.fullmatch(w)))
    for way in ways:
        m = _VERB.fullmatch(way)
        if m and bases[m[1]] > 1:
            yield from (m[1] + e for e in (_FIRST if m[2] in _FIRST else _OTHER))


def _combined(root: Trie, way: str, key: str, function: frozenset[str]) -> None:
    """«Budesonida/formoterol» is also «budesonida con formoterol» and «budesonida-formoterol»."""
    parts = [_atoms(p, function) for p in way.split("/")]
    for link in ("con", "-", "+") if len(parts) == 2 and all(parts) else ():
        node = root
        for atom in (*parts[0], link, *parts[1]):
            node = node.setdefault(atom, {})
        node.setdefault("", key)


def _atoms(way: str, function: frozenset[str]) -> list[str]:
    return [
        stem(a)
        for a in re.findall(r"[^\W\d_]+(?:\d+[^\W\d_]*)*|\d+|[^\s\w]", way)
        if a not in function or a in ("a", "o", *DENIALS)
    ]


def _add(root: Trie, way: str, key: str, function: frozenset[str]) -> None:
    node = root
    for atom in _atoms(way, function) or [way]:
        node = node.setdefault(atom, {})
    node.setdefault("", key)


def _lookup(root: Trie, way: str, function: frozenset[str]) -> str | None:
    node = root
    for atom in _atoms(way, function):
        if atom not in node:
            return None
        node = node[atom]
    return str(node[""]) if "" in node else None
