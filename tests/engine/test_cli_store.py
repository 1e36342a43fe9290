"""The encrypted history by the command line, as hospital IT uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from engine import history, paths
from engine.cli import main
from engine.domain.people import Role
from engine.errors import StoreRefused
from engine.store.audit_export import read
from engine.store.cases import Cases
from engine.store.place import Place
from engine.store.signing import Signing
from engine.store.vault import Vault
from tests.helpers.store import PASSPHRASE, PEOPLE, a_case, a_draft, enter, fill_place

CANARY = "Külapán"


@pytest.fixture
def vault() -> Vault:
    """The user's own store with one signed case."""
    made = fill_place(Place(paths.user_store(), paths.user_heads()))
    session = enter(made, Role.CHIEF)
    case, source = a_case()
    case_id = Cases(session).create(case, source)
    Cases(session).add_draft(case_id, a_draft(case), "template", after=0)
    Signing(session).sign(case_id, 1, PASSPHRASE)
    session.close()
    return made


def _main(*words: str, role: Role = Role.CHIEF, passphrase: str = PASSPHRASE) -> int:
    readable, writable = os.pipe()
    os.write(writable, f"{passphrase}\n".encode())
    os.close(writable)
    try:
        return main([*words, "--user", PEOPLE[role].login, "--passphrase-fd", str(readable)])
    finally:
        os.close(readable)


def test_a_whole_log_is_verified(vault: Vault, capsys: pytest.CaptureFixture[str]) -> None:
    assert _main("audit", "verify") == 0
    assert capsys.readouterr().out.startswith("Registro de auditoría íntegro: ")
    assert _main("audit", "verify", "--json", role=Role.AUDITOR) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["problem"], told["clockTurnedBack"]) == (True, None, [])


def test_an_altered_log_is_told_with_its_entry(vault: Vault, capsys: pytest.CaptureFixture[str]) -> None:
    session = enter(vault, Role.CHIEF)
    session.db.execute("DROP TRIGGER audit_unchanged")
    session.db.execute("UPDATE audit SET user_id = 'other' WHERE n = 2")
    session.close()
    assert _main("audit", "verify") == 4
    assert "ALTERADO: la entrada 2 fue cambiada." in capsys.readouterr().out
    assert _main("audit", "verify", "--json") == 4
    assert json.loads(capsys.readouterr().out)["problem"] == {"fault": "edited", "entry": 2}


def test_the_log_is_exported_and_held_against_it(
    vault: Vault, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "registro.jsonl"
    assert _main("audit", "export", "--out", str(out)) == 0
    assert read(out.read_text(encoding="utf-8").splitlines()).mark.n > 5
    assert CANARY not in out.read_text(encoding="utf-8")
    assert _main("audit", "verify", "--against", str(out)) == 0
    out.write_text(out.read_text(encoding="utf-8").replace("case.sign", "case.read"), encoding="utf-8")
    assert _main("audit", "verify", "--against", str(out)) == 3
    assert "no es una exportación íntegra" in capsys.readouterr().err


def test_a_copy_is_made_shown_and_restored(vault: Vault, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _main("backup", str(tmp_path / "copies"), "--json", role=Role.IT) == 0
    copy = tmp_path / "copies" / json.loads(capsys.readouterr().out)["copy"]
    before = vault.place.current()
    assert _main("restore", str(copy), role=Role.IT) == 0
    shown = capsys.readouterr().out
    assert "1 (1 firmados" in shown
    assert "No se cambió nada" in shown
    assert vault.place.current() == before
    assert _main("restore", str(copy), "--apply", "--json", role=Role.IT) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["restored"], told["copy"]["cases"]) == (True, 1)
    assert vault.place.current() != before
    assert _main("audit", "verify") == 0


@pytest.mark.parametrize(
    ("words", "role", "passphrase", "status", "said"),
    [
        (("audit", "verify"), Role.PHYSICIAN, PASSPHRASE, 3, "rol no permite"),
        (("audit", "verify"), Role.CHIEF, "no es esta la frase", 3, "no son correctos"),
        (("restore", "none", "--apply"), Role.IT, PASSPHRASE, 3, "Falta el archivo de llaves"),
        (("audit", "export", "--out", "/nowhere/registro.jsonl"), Role.CHIEF, PASSPHRASE, 3, "carpeta de destino"),
    ],
)
def test_what_is_refused_is_told_in_one_line(
    vault: Vault,
    words: tuple[str, ...],
    role: Role,
    passphrase: str,
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _main(*words, role=role, passphrase=passphrase) == status
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 2


def test_there_is_no_way_to_hand_the_pass_phrase_over_in_the_open(vault: Vault) -> None:
    """Neither as a word nor by the environment; without a terminal it must come by a descriptor."""
    asked = [sys.executable, "-m", "engine.cli.main", "audit", "verify", "--user", "jsoto"]
    done = subprocess.run(
        asked, input=PASSPHRASE, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PASSPHRASE": PASSPHRASE, "EPICRISIS_PASSPHRASE": PASSPHRASE},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "--passphrase-fd" in done.stderr
    by_input = subprocess.run(
        [*asked, "--passphrase-fd", "0"], input=PASSPHRASE, capture_output=True, text=True, timeout=60, check=False
    )
    assert by_input.returncode == 0
    assert "íntegro" in by_input.stdout
    assert main(["audit", "verify", "--user", "jsoto", "--passphrase", PASSPHRASE]) == 2


def test_one_patients_data_is_a_folder_of_json_and_pdf(vault: Vault, tmp_path: Path) -> None:
    with history.unlocked("jsoto", PASSPHRASE) as session:
        Cases(session).create(*a_case("123456785"))
        assert history.export_patient(session, "12.345.678-5", tmp_path / "paciente") == 2
        for taken in (tmp_path / "paciente", tmp_path / "link"):
            (tmp_path / "link").unlink(missing_ok=True)
            (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
            with pytest.raises(StoreRefused, match="folder_exists"):
                history.export_patient(session, "12.345.678-5", taken)
    files = {p.name: p for p in (tmp_path / "paciente").iterdir()}
    assert set(files) == {"caso-1.json", "caso-1.pdf", "caso-2.json"}  # no text was written of the second
    data = json.loads(files["caso-1.json"].read_text(encoding="utf-8"))
    assert CANARY in data["summary"]["name"]
    assert data["signature"]["signer"]["rut"] == "30686957-4"
    pdf = "".join(page.extract_text() for page in pypdf.PdfReader(files["caso-1.pdf"]).pages)
    assert CANARY in pdf
    assert data["signature"]["digest"] in pdf
    assert "BORRADOR" not in pdf
    assert {p.stat().st_mode & 0o777 for p in files.values()} == {0o600}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".epicrisis")] == []


def test_after_a_workflow_the_profile_holds_no_word_of_the_patient(vault: Vault, tmp_path: Path) -> None:
    with history.unlocked("jsoto", PASSPHRASE) as session:
        Cases(session).search(CANARY)
        history.back_up(session, tmp_path / "copies")
        files = [p for p in tmp_path.rglob("*") if p.is_file()]
        assert any(p.name.endswith("-wal") for p in files)
        for words in (CANARY.encode(), b"12.345.678-5", b"12345678", b"123456785", "Külapán".encode("utf-16-le")):
            assert [p.name for p in files if words in p.read_bytes()] == []
