"""What a physician may add to a text beyond the record, and every way to add what may not be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine import intake
from engine.checking import Checker, check, record_warnings
from engine.checking.attestable import objection
from engine.checking.attesting import proposal
from engine.domain import Attestation, Report
from engine.evidence import Evidence, build

_SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
_BEFORE = "Paciente ingresa por dolor torácico agudo, con diagnóstico de ingreso de angina inestable (I20.0). "
_TEXT = (
    _BEFORE + "Se realizó coronariografía (K492) el 15-01-2024. Recibió ácido acetilsalicílico 100 mg vía oral cada 24 "
    "horas (B01AC06) y enoxaparina 60 mg vía subcutánea cada 12 horas por 3 días (B01AB05). Evolución: el "
    "14-01-2024, dolor torácico opresivo de 2 horas, electrocardiograma con infradesnivel ST en V4-V6, "
    "troponina 0,8 ng/mL; el 15-01-2024, coronariografía con lesión del 80% en arteria descendente anterior, "
    "se implanta stent medicado sin incidentes; el 17-01-2024, sin dolor, hemodinamia estable y deambula. {added}"
    "Diagnóstico de egreso: infarto agudo al miocardio sin elevación del ST (I21.4). Al alta se indican ácido "
    "acetilsalicílico 100 mg vía oral cada 24 horas en forma permanente (B01AC06), ticagrelor 90 mg vía oral "
    "cada 12 horas por 12 meses (B01AC24) y atorvastatina 80 mg vía oral cada noche en forma permanente "
    "(C10AA05). Controles: control en policlínico de cardiología en 7 días. Recomendaciones: régimen "
    "hiposódico y consultar en urgencia ante dolor torácico."
)


def _angina() -> Evidence:
    return build(intake.read_case((_SAMPLES / "angina.json").read_bytes()))


def _told(added: str) -> str:
    return _TEXT.replace("{added}", f"{added} " if added else "")


def _by(phrase: str) -> Attestation:
    return Attestation(phrase, "Dra. Paz Soto", "2024-01-18T10:30:00-03:00")


def _checked(added: str, *phrases: str) -> tuple[str, Report]:
    text = _told(added)
    return text, check(_angina(), text, [_by(p) for p in phrases])


def test_the_text_without_additions_passes() -> None:
    assert check(_angina(), _told("")).ok


@pytest.mark.parametrize(
    ("added", "phrase"),
    [
        ("Presentó fiebre el segundo día.", "fiebre"),
        ("Se pesquisa neumonía por Klebsiella.", "neumonía por Klebsiella"),
        ("Se realizó ecografía abdominal.", "ecografía abdominal"),
        ("Se pesquisa soplo el 16-01-2024.", "soplo el 16-01-2024"),
        ("Se palpa masa de 47 mm.", "masa de 47 mm"),
        ("Se palpa masa en flanco derecho.", "masa en flanco derecho"),
        ("Evolución favorable.", "favorable"),
        ("Cursa sin fiebre.", "Cursa sin fiebre"),
        ("Disnea CF III.", "Disnea CF III"),
        ("Hemoglobina 9,1 g/dL.", "Hemoglobina 9,1 g/dL"),
    ],
)
def test_an_addition_in_words_dates_numbers_and_sides_is_kept_once_attested(added: str, phrase: str) -> None:
    text, report = _checked(added)
    assert not report.ok
    assert all(v.attestable for v in report.violations if v.severity == "blocking")
    text, report = _checked(added, phrase)
    assert [v for v in report.violations if v.severity == "blocking"] == []
    (attested,) = report.attested
    assert text[attested.start : attested.end] == phrase
    (span,) = [s for s in report.spans if s.kind == "attested"]
    assert (span.start, span.end, span.evidence) == (attested.start, attested.end, ())
    assert span.attestation == attested.attestation == _by(phrase)
    assert report.refused == ()


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("enoxaparina 60 mg", "enoxaparina 600 mg"),
        ("60 mg vía subcutánea", "60 mg vía endovenosa"),
        ("cada 12 horas por 3 días", "cada 8 horas por 3 días"),
        ("por 12 meses", "por 2 meses"),
        ("ticagrelor 90", "prasugrel 90"),
        ("(B01AC24)", "(B01AC22)"),
        ("(B01AC24)", "B01AC24"),
        ("(I20.0)", "(I21.4)"),
        ("angina inestable (I20.0)", "probable angina inestable (I20.0)"),
        ("el 15-01-2024. Recibió", "el 16-01-2024. Recibió"),
        ("80% en arteria", "90% en arteria"),
        ("0,8 ng/mL", "0,8 mg/mL"),
        ("sin incidentes", "con incidentes"),
        ("hemodinamia estable", "sin hemodinamia estable"),
        ("Controles: control en policlínico de cardiología en 7 días. ", ""),
        ("infarto agudo al", "infarto crónico al"),
        ("descendente anterior,", "descendente inferior,"),
        ("lesión del 80% en arteria descendente anterior", "arteria descendente anterior con lesión de 81%"),
        ("el 17-01-2024, sin", "el 17-01-2025, sin"),
        ("Paciente ingresa", "Paciente Juan Soto ingresa"),
        ("Paciente ingresa", "Paciente de sexo masculino ingresa"),
        ("Recibió", "Alergias: penicilina. Recibió"),
        ("Recibió", "Sin alergias conocidas. Recibió"),
        (". Recibió", ".\nRecibió"),
    ],
)
def test_contradictions_omissions_identity_and_form_can_never_be_attested(said: str, instead: str) -> None:
    text = _told("")
    assert said in text
    wrong = text.replace(said, instead, 1)
    checker = Checker(_angina())
    before = [v for v in checker.check(wrong).violations if v.severity == "blocking"]
    assert before
    assert not all(v.attestable for v in before)
    phrases = {v.mention for v in before} | {wrong[max(0, v.start - 12) : v.end + 12].strip() for v in before}
    after = checker.check(wrong, [_by(p) for p in phrases if p])
    assert [v for v in before if not v.attestable] == [v for v in after.violations if v in before and not v.attestable]


HOSTILE = [
    "se agregó tramadol 50 mg por fiebre",
    "fiebre tratada con tramadol",
    "fiebre tratada con tra-madol",
    "fiebre tratada con trama dol",
    "fiebre tratada con t r a m a d o l",
    "fiebre tratada con tram4dol",
    "fiebre tratada con ｔramadol",
    "fiebre tratada con τramadol",
    "fiebre tratada con zolpitrexato",
    "fiebre tratada con prasutinib",
    "fiebre tratada con antibióticos",
    "fiebre tratada con Zaldiar 37,5/325 mg",
    "fiebre, recibió 500 mg",
    "fiebre, recibió ５００ mg",
    "fiebre, recibió cincuenta miligramos",
    "fiebre, recibió medio comprimido",
    "fiebre, recibió 10 ml",
    "fiebre y gotas cada 8 horas",
    "fiebre manejada por vía oral",
    "fiebre manejada EV",
    "fiebre (R50.9)",
    "fiebre (R509)",
    "fiebre R50.9",
    "fiebre ( R 5 0 . 9 )",
    "fiebre [r50.9]",
    "fiebre (38.93)",
    "fiebre por alergia a mariscos",
    "fiebre en alérgico a mariscos",
    "fiebre y anafilaxia",
    "fiebre como reacción adversa",
    "fiebre con enoxaparina",
    "fiebre\u200b alta",
    "fiebre\u202e alta",
]


@pytest.mark.parametrize("phrase", HOSTILE)
def test_no_phrase_smuggles_a_drug_a_dose_a_code_or_an_allergy(phrase: str) -> None:
    _, report = _checked(f"Presentó {phrase}.", phrase)
    _, before = _checked(f"Presentó {phrase}.")
    assert report.violations == before.violations
    assert not report.ok
    assert report.attested == ()
    (refusal,) = report.refused
    assert refusal.attestation.phrase == phrase
    assert len(refusal.reason) > 20


@pytest.mark.parametrize("phrase", ["", " ", "fiebre ", " fiebre", "\n", "16-01-2024", "47", "el 16-01-2024"])
def test_a_phrase_that_says_nothing_covers_nothing(phrase: str) -> None:
    added = "Presentó fiebre el 16-01-2024 de 47 horas."
    assert _checked(added, phrase)[1].violations == _checked(added)[1].violations


def test_the_whole_text_and_whole_paragraphs_cannot_be_attested() -> None:
    text = _told("Presentó fiebre.")
    for phrase in (
        text,
        text[:-1],
        text[len(_BEFORE) :],
        text[text.index("Presentó") - 60 : text.index("Diag")].strip(),
    ):
        report = check(_angina(), text, [_by(phrase)])
        assert report.attested == ()
        assert not report.ok
    short = check(_angina(), "Fiebre.", [_by("Fiebre")])
    assert short.attested == ()


def test_a_phrase_that_cuts_a_violation_or_a_word_does_not_cover_it() -> None:
    added = "Cursa con accidente cerebrovascular agudo y febrícula con infección."
    for phrase in ("accidente cerebro", "accidente", "infec", "fecc"):
        _, report = _checked(added, phrase)
        uncovered = _checked(added)[1].violations
        whole = [v for v in uncovered if v.mention == phrase]
        assert [v for v in uncovered if v not in report.violations] == whole


def test_a_phrase_that_crosses_into_a_contradiction_is_refused() -> None:
    text = _told("").replace("lesión del 80%", "fiebre y lesión del 90%")
    for phrase in ("fiebre y lesión del 90%", "fiebre y lesión del 90"):
        report = check(_angina(), text, [_by(phrase)])
        assert report.attested == ()
        assert "se corrige" in report.refused[0].reason
    assert check(_angina(), text, [_by("fiebre")]).attested


def test_a_phrase_told_twice_is_attested_in_both_places() -> None:
    text, report = _checked("Presentó fiebre nocturna. Luego repite fiebre nocturna.", "fiebre nocturna")
    assert [text[a.start : a.end] for a in report.attested] == ["fiebre nocturna"] * 2
    assert report.ok


def test_an_omission_where_the_phrase_stands_remains() -> None:
    text = _told("")[: -len(" y consultar en urgencia ante dolor torácico.")] + " con fiebre"
    before = check(_angina(), text)
    omissions = [v for v in before.violations if v.type == "omission"]
    assert omissions
    assert not any(v.attestable for v in omissions)
    after = check(_angina(), text, [_by("hiposódico con fiebre")])
    assert [v for v in after.violations if v.type == "omission"] == omissions
    assert not after.ok


def test_an_attestation_lapses_with_the_edit_and_returns_with_its_undoing() -> None:
    checker, by = Checker(_angina()), [_by("fiebre nocturna")]
    assert checker.check(_told("Presentó fiebre nocturna."), by).ok
    edited = checker.check(_told("Presentó fiebre diurna."), by)
    assert not edited.ok
    assert edited.refused[0].reason == "La frase ya no está en el texto."
    assert checker.check(_told("Presentó fiebre nocturna."), by).ok


@pytest.mark.parametrize("before", ["sin", "no presenta", "probable", "se descarta", "sin tos ni"])
def test_a_negation_or_a_doubt_put_before_the_phrase_ends_it(before: str) -> None:
    _, report = _checked(f"Luego {before} melena.", "melena")
    assert report.attested == ()
    assert not report.ok
    assert "negación" in report.refused[0].reason
    assert _checked(f"Luego {before} melena.", f"{before} melena")[1].attested


def test_a_negation_of_something_else_does_not() -> None:
    for added in ("Luego sin tos, presenta melena.", "Sin disnea. Presenta melena.", "Cursa sin tos y con melena."):
        assert any(a.attestation.phrase == "melena" for a in _checked(added, "melena")[1].attested), added


def test_of_two_phrases_that_overlap_the_longer_one_holds() -> None:
    _, report = _checked("Presentó fiebre y melena.", "fiebre", "fiebre y melena", "fiebre y melena")
    assert [a.attestation.phrase for a in report.attested] == ["fiebre y melena"]
    assert [r.attestation.phrase for r in report.refused] == ["fiebre"]
    assert report.ok


def test_what_needs_no_attestation_is_not_called_added_by_the_physician() -> None:
    _, report = _checked("", "dolor torácico opresivo")
    assert report.attested == ()
    assert "No hay nada que agregar" in report.refused[0].reason


def test_the_record_stands_behind_no_word_that_is_attested() -> None:
    added = "El 17-01-2024, deambula con hemodinamia estable y melena franca."
    text, report = _checked(added, "melena franca")
    (place,) = report.attested
    others = [s for s in report.spans if s.kind != "attested"]
    assert not any(s.start < place.end and place.start < s.end for s in others)
    assert all(text[s.start : s.end].strip() == text[s.start : s.end] for s in others)


def test_attesting_changes_neither_the_record_nor_its_warnings() -> None:
    evidence = build(intake.read_case((_SAMPLES / "days.json").read_bytes()))
    before, case = record_warnings(evidence), replace(evidence.case)
    check(evidence, "Presentó fiebre.", [_by("fiebre"), _by("Presentó fiebre")])
    assert record_warnings(evidence) == before
    assert evidence.case == case


@pytest.mark.parametrize(
    "phrase",
    [
        "intolerancia oral",
        "EVA 3 sobre 10",
        "drenaje del 80%",
        "potasio 5,1 mEq/L",
        "peso de 70 kg",
        "fractura de L5",
        "conjuntiva inyectada",
        "PaO2 60",
        "colesterol elevado",
        "tos nocturna",
        "nervio comprimido",
        "reposo por 7 días",
        "control el 15-01-2024",
        "ecografía (normal)",
    ],
)
def test_clinical_phrases_that_only_look_like_drugs_are_not_refused(phrase: str) -> None:
    assert objection(phrase) is None


@pytest.mark.parametrize(
    ("added", "mention", "phrase"),
    [
        ("Presentó fiebre el segundo día.", "fiebre", "fiebre"),
        ("Luego sin disnea ni melena.", "disnea", "sin disnea"),
        ("Luego sin disnea ni melena.", "melena", "ni melena"),
        ("Luego probable melena.", "melena", "probable melena"),
        ("Se palpa masa de 47 mm en flanco.", "47", "masa de 47 mm"),
        ("Se palpa masa en flanco derecho.", "derecho", "flanco derecho"),
        ("Soplo el 16-01-2024.", "16-01-2024", "Soplo el 16-01-2024"),
        ("El 16-01-2024 caminó.", "16-01-2024", "16-01-2024 caminó"),
        ("Melena descartada.", "Melena", "Melena descartada"),
    ],
)
def test_the_proposed_phrase_says_what_it_is_of_and_can_be_attested(added: str, mention: str, phrase: str) -> None:
    text, report = _checked(added)
    violation = next(v for v in report.violations if v.mention == mention)
    assert proposal(text, violation) == phrase
    assert violation not in _checked(added, phrase)[1].violations
