"""Cases: every version stays, signing closes them, addenda follow, search finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import services
from engine.domain import Attestation, Declaration, Report
from engine.domain.people import Act, Role
from engine.errors import StoreRefused
from engine.paths import resource
from engine.store import signing
from engine.store.access import Access
from engine.store.cases import Cases
from engine.store.catalogues import Catalogues, Term
from engine.store.connection import DatabaseError
from engine.store.encoding import decoded, encoded
from engine.store.session import Session
from engine.store.settings import Settings, value_of
from engine.store.signing import Signing
from engine.store.users import Users
from engine.store.vault import Vault
from tests.helpers.store import CHEAP, PASSPHRASE, PEOPLE, a_case, a_draft, enter, new_store

SAMPLES = sorted(resource("samples").glob("*.json"))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return new_store(tmp_path)


@pytest.fixture
def physician(vault: Vault) -> Iterator[Session]:
    session = enter(vault, Role.PHYSICIAN)
    yield session
    session.abandon()


def _signed(session: Session) -> str:
    case, source = a_case()
    case_id = Cases(session).create(case, source)
    Cases(session).add_draft(case_id, a_draft(case), "template", after=0)
    Signing(session).sign(case_id, 1, PASSPHRASE)
    return case_id


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_case_comes_back_as_it_was_saved(physician: Session, sample: Path) -> None:
    source = sample.read_bytes()
    case = services.read(source)
    draft = a_draft(case)
    declared = (Declaration("identification", "María Rojas", "2026-03-02T10:00:00-03:00"),)
    cases = Cases(physician)
    case_id = cases.create(case, source)
    assert cases.add_draft(case_id, draft, "template", after=0, declarations=declared) == 1
    file = cases.open(case_id)
    assert services.read(file.record.source) == case
    assert file.draft is not None
    assert (file.draft.draft, file.draft.declarations, file.draft.origin) == (draft, declared, "template")
    assert (file.signed, file.draft.user_id) == (False, physician.user.id)


def test_a_report_with_everything_in_it_comes_back() -> None:
    case, _ = a_case()
    text = a_draft(case).text + " Se administró penicilina 500 mg. El hijo llegó tarde."
    vouched = [Attestation("El hijo llegó tarde.", "María Rojas", "2026-03-02T10:00:00-03:00")]
    report = services.check(case, text, vouched)
    assert report.violations
    assert report.spans
    assert decoded(Report, encoded(report)) == report


def test_what_an_older_version_saved_still_reads() -> None:
    case, _ = a_case()
    report = a_draft(case).report
    plain = json.loads(encoded(report))
    del plain["refused"]
    plain["new_field"] = 1
    assert decoded(Report, json.dumps(plain)) == report
    for broken in ("{", "[]", '{"spans": [{}]}', '{"violations": [{"type": "none"}]}', '{"spans": 3}'):
        with pytest.raises(StoreRefused, match="store_value"):
            decoded(Report, broken)


def test_every_version_stays(physician: Session) -> None:
    case, source = a_case()
    cases = Cases(physician)
    case_id = cases.create(case, source)
    texts = [a_draft(case).text, a_draft(case).text + " Sin dolor.", "Otro."]
    for number, text in enumerate(texts):
        assert cases.add_draft(case_id, a_draft(case, text), "edited", after=number) == number + 1
    assert [cases.draft(case_id, n).draft.text for n in (1, 2, 3)] == texts
    with pytest.raises(StoreRefused, match="draft_conflict"):
        cases.add_draft(case_id, a_draft(case), "edited", after=2)
    changed, newer = a_case(name="Otro Nombre")
    assert cases.add_record(case_id, changed, newer) == 2
    assert cases.record(case_id, 1).source == source
    assert cases.open(case_id).summary.name == "Otro Nombre"
    cases.add_report(case_id, 3, replace(a_draft(case).report, refused=()))
    assert cases.draft(case_id, 3).draft.report == a_draft(case).report
    for missing in (lambda: cases.draft(case_id, 9), lambda: cases.record(case_id, 0)):
        with pytest.raises(StoreRefused, match="version_unknown"):
            missing()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE drafts SET text = 'otro'",
        "DELETE FROM drafts",
        "DELETE FROM records",
        "UPDATE signatures SET digest = ''",
        "DELETE FROM signatures",
        "UPDATE audit SET act = 'x'",
        "DELETE FROM audit",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(physician: Session, statement: str) -> None:
    _signed(physician)
    with pytest.raises(DatabaseError, match=r"append-only|FOREIGN KEY"):
        physician.db.execute(statement)


def test_signing_closes_the_case_and_addenda_follow(physician: Session) -> None:
    case, source = a_case()
    case_id = _signed(physician)
    cases, signing_ = Cases(physician), Signing(physician)
    for closed in (
        lambda: cases.add_draft(case_id, a_draft(case), "edited", after=1),
        lambda: cases.add_record(case_id, case, source),
        lambda: cases.add_report(case_id, 1, a_draft(case).report),
        lambda: signing_.sign(case_id, 1, PASSPHRASE),
    ):
        with pytest.raises(StoreRefused, match="case_signed"):
            closed()
    added = [signing_.add(case_id, text, PASSPHRASE) for text in ("Cultivo negativo.", "Control en 7 días.")]
    signature, addenda = signing_.read(case_id)
    assert addenda == tuple(added)
    assert signature is not None
    assert len({signature.digest, *(a.digest for a in addenda)}) == 3
    assert all(len(a.digest) == 64 for a in addenda)
    assert (signature.signer.rut, signature.signer.registry) == ("12345678-5", "123456")
    assert cases.open(case_id).signed


def test_signing_asks_for_the_pass_phrase_and_for_a_text_that_may_be_signed(physician: Session) -> None:
    case, source = a_case()
    cases, signing_ = Cases(physician), Signing(physician)
    case_id = cases.create(case, source)
    with pytest.raises(StoreRefused, match="draft_conflict"):
        signing_.sign(case_id, 1, PASSPHRASE)
    cases.add_draft(case_id, a_draft(case, "Recibió penicilina."), "edited", after=0)
    with pytest.raises(StoreRefused, match="report_blocked"):
        signing_.sign(case_id, 1, PASSPHRASE)
    cases.add_draft(case_id, a_draft(case), "edited", after=1)
    with pytest.raises(StoreRefused, match="unlock_wrong"):
        signing_.sign(case_id, 2, "no es esta la frase")
    with pytest.raises(StoreRefused, match="draft_conflict"):
        signing_.sign(case_id, 1, PASSPHRASE)
    cases.add_record(case_id, *a_case(name="Otro Nombre"))
    with pytest.raises(StoreRefused, match="record_conflict"):
        signing_.sign(case_id, 2, PASSPHRASE)
    with pytest.raises(StoreRefused, match="not_signed"):
        signing_.add(case_id, "Nada que agregar.", PASSPHRASE)
    assert not cases.open(case_id).signed


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("drafts", "UPDATE drafts SET text = text || ' '"),
        ("drafts", "UPDATE drafts SET details = replace(details, 'plantilla', 'otra')"),
        ("records", "UPDATE records SET source = x'7b7d'"),
        ("reports", "UPDATE reports SET report = replace(report, '\"', ' \"')"),
        ("signatures", "UPDATE signatures SET at = '2020-01-01T00:00:00+00:00'"),
        ("signatures", "UPDATE signatures SET signer = replace(signer, 'María', 'Marta')"),
        ("addenda", "UPDATE addenda SET text = 'otra'"),
    ],
)
def test_whatever_is_changed_after_signing_breaks_the_signature(physician: Session, table: str, change: str) -> None:
    case_id = _signed(physician)
    Signing(physician).add(case_id, "Cultivo negativo.", PASSPHRASE)
    physician.db.execute("DROP TRIGGER " + table + "_unchanged")
    physician.db.execute(change)
    with pytest.raises(StoreRefused, match="signature_broken"):
        Signing(physician).read(case_id)


def test_parts_of_a_digest_do_not_run_into_each_other() -> None:
    assert signing.digest_of("ab", "c") != signing.digest_of("a", "bc")
    assert signing.digest_of("ab", "") != signing.digest_of("ab")


@pytest.mark.parametrize(
    "words",
    [
        "külapán", "KULAPAN", "kula", "o'higgins", "higg kul", "12.345.678-5", "12345678-5", "12345678", "12.345",
        "angina", "I20.0", "i20 inest",
    ],
)  # fmt: skip
def test_a_case_is_found_by_what_a_person_types(physician: Session, words: str) -> None:
    case_id = Cases(physician).create(*a_case())
    assert case_id in [found.id for found in Cases(physician).search(words)]


@pytest.mark.parametrize(
    "words",
    ["neumonía", "12345678-6", '"', "OR", "name:", "* NOT x", "NEAR(a b)", "{name} : x", "') --", "\0", "-", "ngina"],
)
def test_words_of_a_search_are_no_query(physician: Session, words: str) -> None:
    Cases(physician).create(*a_case())
    assert [s.name for s in Cases(physician).search(words)] in ([], ["Külapán O'Higgins"])
    last = list(physician.tools.audit.entries())[-1]
    assert (last.act, last.detail) in ((Act.SEARCH, "0"), (Act.SEARCH, "1"))


def test_others_find_a_case_by_name_alone_and_do_not_open_it(vault: Vault) -> None:
    chief = enter(vault, Role.CHIEF)
    case_id = Cases(chief).create(*a_case())
    chief.close()
    session = enter(vault, Role.PHYSICIAN)
    cases = Cases(session)
    assert [s.id for s in cases.search("külapán")] == [s.id for s in cases.search("12345678-5")] == [case_id]
    assert cases.search("angina") == cases.search("külapán angina") == cases.search("") == ()
    with pytest.raises(StoreRefused, match="case_closed_to_you"):
        cases.open(case_id)
    last = list(session.tools.audit.entries())[-1]
    assert (last.act, last.case_id, last.detail) == (Act.DENIED, case_id, Act.READ_CASE)
    session.close()


def test_a_case_is_shared_and_taken_back(vault: Vault) -> None:
    chief = enter(vault, Role.CHIEF)
    case_id = Cases(chief).create(*a_case())
    people = {user.role: user.id for user in Users(chief).all()}
    access = Access(chief)
    access.share(case_id, people[Role.PHYSICIAN])
    assert set(access.team(case_id)) == {people[Role.CHIEF], people[Role.PHYSICIAN]}
    for nobody in (people[Role.IT], people[Role.AUDITOR], "nobody"):
        with pytest.raises(StoreRefused, match="user_unknown"):
            access.share(case_id, nobody)
    chief.close()
    session = enter(vault, Role.PHYSICIAN)
    assert [s.id for s in Cases(session).search("angina")] == [case_id]
    Access(session).unshare(case_id, people[Role.CHIEF])
    with pytest.raises(StoreRefused, match="team_last"):
        Access(session).unshare(case_id, people[Role.PHYSICIAN])
    Cases(session).open(case_id)
    session.close()


def test_break_glass_opens_one_case_once_and_leaves_its_reason(vault: Vault) -> None:
    chief = enter(vault, Role.CHIEF)
    case_id = Cases(chief).create(*a_case())
    chief.close()
    session = enter(vault, Role.PHYSICIAN)
    with pytest.raises(StoreRefused, match="reason_length"):
        Access(session).break_glass(case_id, " urgente ")
    with pytest.raises(StoreRefused, match="case_unknown"):
        Access(session).break_glass("0" * 32, "Paro en el box 3, sin médico tratante")
    Access(session).break_glass(case_id, "Paro en el box 3, sin médico tratante")
    entry = list(session.tools.audit.entries())[-1]
    assert (entry.act, entry.case_id, entry.detail) == (Act.BREAK_GLASS, case_id, "")
    kept = session.db.execute("SELECT entry, case_id, reason FROM emergencies").fetchall()
    assert kept == [(entry.n, case_id, "Paro en el box 3, sin médico tratante")]
    Cases(session).open(case_id)
    session.close()
    again = enter(vault, Role.PHYSICIAN)
    with pytest.raises(StoreRefused, match="case_closed_to_you"):
        Cases(again).open(case_id)
    again.close()


def test_the_log_tells_every_access_and_nothing_clinical(physician: Session) -> None:
    case_id = _signed(physician)
    Cases(physician).open(case_id)
    Cases(physician).search("Külapán angina")
    Signing(physician).add(case_id, "Cultivo negativo.", PASSPHRASE)
    entries = list(physician.tools.audit.entries())
    acts = [entry.act for entry in entries if entry.case_id == case_id]
    assert acts == [Act.CREATE_CASE, Act.WRITE_DRAFT, Act.SIGN, Act.READ_CASE, Act.ADD_ADDENDUM]
    said = " ".join(f"{e.detail} {e.case_id} {e.user_id}" for e in entries).lower()
    assert [word for word in ("külapán", "angina", "12345678", "12.345", "cultivo", "rojas") if word in said] == []


def test_settings_have_bounds_and_retention_a_floor(vault: Vault) -> None:
    session = enter(vault, Role.IT)
    settings = Settings(session)
    assert settings.all()["retention_years"] == 15
    for name, value in (("retention_years", 14), ("retention_years", 101), ("lock_seconds", 1)):
        with pytest.raises(StoreRefused, match="setting_bounds"):
            settings.change(name, value)
    with pytest.raises(StoreRefused, match="setting_unknown"):
        settings.change("network", 1)
    settings.change("retention_years", 20)
    settings.change("retention_years", 30)
    assert settings.all()["retention_years"] == 30
    session.db.execute("UPDATE settings SET value = '1'")
    assert value_of(session.db, "retention_years") == 15
    session.close()


def test_a_catalogue_is_loaded_whole_and_searched(vault: Vault) -> None:
    session = enter(vault, Role.IT)
    catalogues = Catalogues(session)
    old = [Term("I20.0", "Angina inestable"), Term("J18.9", "Neumonía, no especificada")]
    assert catalogues.load("cie10", "2018", "0" * 64, old) == 2
    assert catalogues.search("cie10", "neumon") == (old[1],)
    assert catalogues.load("cie10", "2024", "1" * 64, [Term("I20.0", "Angina inestable"), Term("A00", "Cólera")]) == 2
    assert (
        catalogues.search("cie10", "neumon")
        == catalogues.search("atc", "angina")
        == catalogues.search("cie10", "")
        == ()
    )
    assert catalogues.search("cie10", "i20 ang") == (old[0],)
    assert [(c.name, c.version) for c in catalogues.all()] == [("cie10", "2024")]
    session.close()


def test_a_new_user_is_no_part_of_older_cases(vault: Vault, physician: Session) -> None:
    case_id = Cases(physician).create(*a_case())
    physician.close()
    it = enter(vault, Role.IT)
    person = replace(PEOPLE[Role.PHYSICIAN], login="otra", rut="11111111-1")
    Users(it).add(person, PASSPHRASE, CHEAP)
    it.close()
    session = vault.unlock("otra", PASSPHRASE)
    with pytest.raises(StoreRefused, match="case_closed_to_you"):
        Cases(session).open(case_id)
    session.close()
