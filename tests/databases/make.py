"""Saves a small database of the present schema, once, when that schema is released: tests open it for ever after.

python -m tests.databases.make        writes tests/databases/schema-N, which must not exist yet
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine.domain.people import Role
from engine.store import keys, migrations
from engine.store.access import Access
from engine.store.cases import Cases
from engine.store.catalogues import Catalogues, Term
from engine.store.settings import Settings
from engine.store.signing import Signing
from tests.helpers.store import PASSPHRASE, a_case, a_draft, enter, new_store

HERE = Path(__file__).parent


def fill(folder: Path) -> tuple[Path, bytes]:
    """A store with something in every table: its database and the key of it."""
    vault = new_store(folder)
    it = enter(vault, Role.IT)
    Settings(it).change("lock_seconds", 120)
    Catalogues(it).load("cie10", "2018", "0" * 64, [Term("I20.0", "Angina inestable")])
    it.close()
    chief = enter(vault, Role.CHIEF)
    case, source = a_case()
    case_id = Cases(chief).create(case, source)
    Cases(chief).add_draft(case_id, a_draft(case), "template", after=0)
    Signing(chief).sign(case_id, 1, PASSPHRASE)
    Signing(chief).add(case_id, "Cultivo negativo.", PASSPHRASE)
    chief.close()
    physician = enter(vault, Role.PHYSICIAN)
    Access(physician).break_glass(case_id, "Paro en el box 3, sin médico tratante")
    used, key = physician.tools.generation, keys.derived(physician.tools.root, "database")
    physician.close()
    return used.database, key


def main() -> None:
    target = HERE / f"schema-{len(migrations.MIGRATIONS)}"
    target.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        database, key = fill(Path(folder))
        shutil.copy(database, target / "history.db")
    (target / "key.txt").write_text(key.hex() + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
