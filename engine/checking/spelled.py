"""Numbers in words: «veintidós», «treinta y cinco», «segundo»."""

from __future__ import annotations

_ONES = "cero un dos tres cuatro cinco seis siete ocho nueve".split()
_TEENS = "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve".split()
_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_HUNDREDS = "cien doscientos trescientos cuatrocientos quinientos".split()
_ORDINALS = (
    "primer segundo tercer cuarto quinto sexto septimo octavo noveno decimo undecimo duodecimo "
    "decimotercer decimocuarto decimoquinto"
).split()


def _cardinals() -> dict[str, int]:
    out = {w: n for n, w in enumerate(_ONES) if n > 1}
    out.update((w, n) for n, w in enumerate(_TEENS, 10))
    out["veinte"] = 20
    out.update((f"veinti{w}", 20 + n) for n, w in enumerate(_ONES) if n)
    out["veintiuno"] = out["veintiuna"] = 21
    for n, tens in enumerate(_TENS, 3):
        out[tens] = 10 * n
        out.update((f"{tens} y {w}", 10 * n + k) for k, w in enumerate(_ONES) if k)
        out[f"{tens} y uno"] = out[f"{tens} y una"] = 10 * n + 1
    out.update((w, 100 * n) for n, w in enumerate(_HUNDREDS, 1))
    out["cuarentaiocho"] = 48
    return out


TENS = "|".join(_TENS)
CARDINALS = _cardinals()  # «un» and «una» are left out: they are articles
ORDINALS = {form: n for n, w in enumerate(_ORDINALS, 1) for form in (w, w.rstrip("o") + "o", w.rstrip("o") + "a")}
_ONE = r"(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
# Every cardinal from «dos» on, as a pattern.
PATTERN = (
    rf"(?:veinti{_ONE}|veinte|dieci(?:seis|siete|ocho|nueve)|(?:{'|'.join(_TENS)})(?: y {_ONE})?|"
    rf"diez|once|doce|trece|catorce|quince|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|{'|'.join(_HUNDREDS)})"
)
