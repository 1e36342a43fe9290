"""Words clipped by the hand that writes: «insuf. cardíaca», «acid. metab.», «tobillo izq.», «pipe/tazo».

A clipped word is read as the word of the record that it begins, beside the words that stand beside that one in the
record. It never makes a word that the record lacks.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.checking.keeping import kept
from engine.checking.lexicon import lexicon, stem
from engine.checking.units import flat
from engine.checking.words import Token, joined, keys
from engine.evidence import Claim, Kind
from engine.evidence.language import fold

_WORD = re.compile(r"[^\W\d_]+(?:\d+[^\W\d_]*)*|\d+(?:[.,]\d+)*")
_CLIP = re.compile(r"[a-zñº]*[bcfghjkmpqtvxyº]")  # no Spanish word ends so
_POINTS = (".", "°", "º")
_LEAST, _BARE, _DRUG = 2, 3, 4  # letters before a point; without one; of a drug's name
_CUT = 2  # letters that a clipped word lacks at least
_NEAR = 3  # words on each side
_SIDES = {"D": "=derecho", "I": "=izquierdo"}
_FIGURES = {r: str(n) for n, r in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}
_OPENS = re.compile(r"\s*(?:[/+,.(]|\d|c/|y\b|e?\.?v\b|i\.?v\b|v\.?o\b|i\.?m\b|s\.?c\b|por\b|x\b|c/)", re.IGNORECASE)
_GIVEN = frozenset({Kind.TREATMENT, Kind.PRESCRIPTION, Kind.HABITUAL})


@dataclass(frozen=True, slots=True)
class Clips:
    """The words of one record that a clipped word may stand for."""

    claims: dict[str, frozenset[int]] = field(default_factory=dict)  # folded word → the claims that hold it
    near: dict[str, frozenset[int]] = field(default_factory=dict)  # stem or key → the claims that hold it
    drugs: dict[str, frozenset[str]] = field(default_factory=dict)  # key → the folded words of the drug's names
    memory: dict[Hashable, Any] = field(default_factory=dict)

    def written_out(self, found: list[Token], text: str) -> list[Token]:
        """The tokens, each clipped word as the record's."""
        out, changed = list(found), False
        i = 0
        while i < len(out):
            size, token = self._read(out, i, text) if self._may_be_clipped(out[i]) else (1, None)
            if token is not None:
                out[i : i + size] = [token]
                changed = True
            if self._goes_on(out, i, clipped=token is not None):
                del out[i + 1]  # the point of «isq.» in «ACV isq. ACM der.»
            i += 1
        return list(joined(out)) if changed else out

    def _read(self, found: list[Token], i: int, text: str) -> tuple[int, Token | None]:
        return self._drug(found, i, text) or self._word(found, i) or self._letter(found, i) or (1, None)

    def _may_be_clipped(self, token: Token) -> bool:
        return token.sort == "word" and (token.text.isupper() or self._begins_a_word(token.folded))

    @kept
    def _begins_a_word(self, folded: str) -> bool:
        """A word of the record, and is none itself; or the name of a drug."""
        names = (n for own in self.drugs.values() for n in own)
        if any(n.startswith(folded) or _begins(folded, n, pointed=False) for n in names):
            return True
        return folded not in self.claims and any(_begins(folded, w, pointed=True) for w in self.claims)

    def _goes_on(self, found: list[Token], i: int, *, clipped: bool) -> bool:
        """A point stands between the clipped word and one that stands beside it in the record."""
        if not is_pointed(found, i) or i + 2 >= len(found) or found[i + 2].sort == "mark":
            return False
        if clipped and not found[i + 2].text[0].isupper():
            return True
        if not (clipped or found[i].folded in lexicon().clipped_tails):
            return False
        return bool(self._claims(found[i]) & self._claims(found[i + 2]))

    def _claims(self, token: Token) -> frozenset[int]:
        if token.text in _SIDES:
            return self.near.get(_SIDES[token.text], frozenset())
        return self.near.get(token.key) or self.near.get(stem(token.folded)) or frozenset()

    def _letter(self, found: list[Token], i: int) -> tuple[int, Token] | None:
        """«T. depresivo», «tobillo I», «etapa III»: by the words beside it in the record."""
        token = found[i]
        if not token.text.isupper() or token.end - token.start != len(token.text) or token.sort != "word":
            return None
        around = _around(found, i)
        figure = _FIGURES.get(token.folded, "") or (token.folded[1:] if token.folded[:1] in ("e", "g") else "")
        if figure.isdigit() and self._beside(figure, around) and not self._beside(token.folded, around):
            return 1, token._replace(folded=figure, key=figure, sort="number")
        is_unit = i > 0 and (found[i - 1].sort == "number" or found[i - 1].text == "/")
        if len(token.text) > 1 or not around or is_unit:
            return None
        is_short = found[i + 1 : i + 2] and found[i + 1].text == "." and is_pointed(found, i)
        letter = token.folded if is_short else {"i": "izquierd", "d": "derech"}.get(token.folded)
        fitting = [w for w in self.claims if letter and w.startswith(letter) and len(w) > _BARE]
        best = self._likeliest(fitting, around, alone=False)
        return (1, _told(token, best)) if best else None

    def _beside(self, word: str, around: set[str]) -> bool:
        return any(self.near.get(word, frozenset()) & self.near.get(a, frozenset()) for a in around)

    def _word(self, found: list[Token], i: int) -> tuple[int, Token] | None:
        token = found[i]
        pointed = is_pointed(found, i)
        is_plain = not token.key and pointed and token.folded not in lexicon().function  # «observ.» is no «observa»
        if (
            _is_heading(found, i)
            or not _is_open(token, plain=is_plain)
            or (token.key[:1] == "=" and token.key in self.near)
        ):
            return None
        if not pointed and (len(token.folded) < _BARE or not _CLIP.fullmatch(token.folded)):
            return None
        if len(token.folded) < _LEAST or token.folded in self.claims or _is_term(token.folded):
            return None
        fitting = [w for w in self.claims if _begins(token.folded, w, pointed=pointed)]
        alone = pointed and not is_plain and len(token.folded) >= _BARE and token.folded not in lexicon().clipped_heads
        best = self._likeliest(fitting, _around(found, i), alone=alone)
        return (1, _told(token, best)) if best else None

    def _likeliest(self, fitting: list[str], around: set[str], *, alone: bool) -> str | None:
        """The word whose claim has most of the words around; with none of them, the only one there is."""
        shared = Counter(c for a in around for c in self.near.get(a, ()))
        scores = {w: max(shared[c] for c in self.claims[w]) for w in fitting}
        top = max(scores.values(), default=0)
        best = [w for w in fitting if scores[w] == top]
        if not best or (not top and not alone) or len({stem(w) for w in best}) > 1:
            return None
        return best[0]

    def _drug(self, found: list[Token], i: int, text: str) -> tuple[int, Token] | None:
        """«Pipe/tazo», «vanco»: the only drug of the record whose name it begins."""
        token = found[i]
        if token.sort != "word" or not self.drugs or token.end - token.start != len(token.text):
            return None
        paired = i + 2 < len(found) and found[i + 1].text in ("/", "-", "+") and found[i + 2].sort == "word"
        if paired and len(token.folded) >= _BARE:
            key = self._both(token.folded, found[i + 2].folded)
            if key and (token.key[:1] != "®" or found[i + 1].text != "+"):
                return 3, Token(token.start, found[i + 2].end, token.text, token.folded, "word", key)
        if (
            not _is_open(token)
            or token.key[0] == "="
            or len(token.folded) < _DRUG
            or _is_term(token.folded)
            or token.folded in self.claims
        ):
            return None
        if (i and found[i - 1].text == "/") or not _OPENS.match(text, token.end) or text[token.end] == "/":
            return None
        fitting = [k for k, names in self.drugs.items() if any(_begins(token.folded, n, pointed=False) for n in names)]
        if len(fitting) != 1 or (_is_pair(fitting[0]) and _names_another(token.folded, fitting[0])):
            return None
        return 1, token._replace(key=fitting[0])

    def _both(self, one: str, other: str) -> str | None:
        """The drug of two substances of which the words begin one each."""
        for key in filter(_is_pair, self.drugs):
            names = self.drugs[key]
            first = {n for n in names if n.startswith(one)}
            if first and any(n.startswith(other) for n in names - first) and one not in names:
                return key
            if first and other not in names and any(n.startswith(other) for n in names - first):
                return key
        return None


def _is_open(token: Token, *, plain: bool = False) -> bool:
    """One word that states something and that no list knows; no acronym."""
    is_one = token.sort == "word" and token.end - token.start == len(token.text)
    return (
        is_one
        and (bool(token.key) or plain)
        and token.key[:1] != "®"
        and not (token.text.isupper() and len(token.text) < 6)
    )


def is_pointed(found: list[Token], i: int) -> bool:
    """A point, or the sign of an ordinal, stands right after the word."""
    if found[i].text[-1] in _POINTS:
        return True
    return i + 1 < len(found) and found[i + 1].text in _POINTS and found[i + 1].start == found[i].end


def _is_heading(found: list[Token], i: int) -> bool:
    """«Ing.:», «Hosp:»."""
    after = [t.text for t in found[i + 1 : i + 3]]
    return after[:1] == [":"] or after == [".", ":"]


def _is_term(folded: str) -> bool:
    """A word of its own («tos.», «coma.»), whatever longer one it begins."""
    words, base = lexicon(), stem(folded)
    if _CLIP.fullmatch(folded) or folded.endswith("d"):
        return False
    return (
        base in words.findings
        or base in words.organisms
        or base in words.procedures
        or base in words.judgement
        or base in words.anatomy
        or base in words.heads
        or base in words.drug_words
    )


def _begins(short: str, long: str, *, pointed: bool) -> bool:
    short = short.rstrip("º")
    if len(long) < len(short) + _CUT or long[0] != short[:1]:
        return False
    return long.startswith(short) or (pointed and len(short) >= _BARE and _contracts(short, long))


def _contracts(short: str, long: str) -> bool:
    """«Izqda» for «izquierda»: letters of the word in their order, the last one too."""
    rest = iter(long)
    return long[-1] == short[-1] and all(letter in rest for letter in short)


def _around(found: list[Token], i: int) -> set[str]:
    """Stems and keys of the nearest words and figures of the same clause."""
    out: set[str] = set()
    for step in (-1, 1):
        j, left = i + step, _NEAR
        while 0 <= j < len(found) and left and found[j].text not in ",;:(":
            if found[j].sort in ("word", "number") and found[j].folded not in lexicon().function:
                out |= {stem(found[j].folded), found[j].key} - {""}
                left -= 1
            j += step
    return out


def _told(token: Token, word: str) -> Token:
    return token._replace(folded=word, key=next(iter(keys(word)), ""))


def _is_pair(key: str) -> bool:
    return "/" in key or key == "®cotrimoxazol"


def _names_another(short: str, key: str) -> bool:
    """«Amoxi» is amoxicilina, not the pair with clavulanic acid."""
    return any(k != key and "/" not in k and k[1:].startswith(short) for k in lexicon().drugs)


def gather(claims: Iterable[Claim]) -> Clips:
    """The words of a record's claims, and the names of its drugs."""
    held: dict[str, set[int]] = defaultdict(set)
    near: dict[str, set[int]] = defaultdict(set)
    drugs: dict[str, set[str]] = defaultdict(set)
    for n, claim in enumerate(claims):
        for word in sorted({w for f in claim.forms for w in _WORD.findall(flat(f))} - lexicon().function):
            if not word[0].isdigit():
                held[word].add(n)
            near[stem(word)].add(n)
        for key in sorted({k for f in claim.forms for k in keys(f)}):
            near[key].add(n)
            if claim.kind in _GIVEN and key[:1] == "®":
                drugs[key].update(_names(key, claim))
    return Clips(
        {w: frozenset(c) for w, c in held.items()},
        {w: frozenset(c) for w, c in near.items()},
        {k: frozenset(names) for k, names in drugs.items()},
    )


def _names(key: str, claim: Claim) -> Iterator[str]:
    """The words of a drug's names: the catalogue's and, where the claim names no other, the record's."""
    drug = lexicon().drugs.get(key)
    every = [fold(n) for n in (drug.name, *drug.also)] if drug else []
    if sum(k[:1] == "®" for k in keys(claim.forms[0])) == 1:
        every += [flat(f) for f in claim.forms]
    yield from (w for name in every for w in _WORD.findall(name) if w not in ("acido", "de", "insulina", "sodica"))
