"""Speed of the encrypted history: opening after the key, saving a case, searching.

    python -m tests.benchmarks.store_speed [--cases 2000] [--folder FOLDER]

Fills a store with generated cases (fast, without an audit entry each), then measures through the same doors as the
program. With `--folder` the filled store is kept there and used again. Medians and 95th percentiles in milliseconds;
the median of processor time too, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.domain.people import Role
from engine.store import index
from engine.store.attempts import now
from engine.store.cases import Cases
from engine.store.session import Session
from engine.store.vault import Vault
from tests.helpers.store import PASSPHRASE, a_case, a_draft, enter, new_store, place_in

NAMES = "Rosa Juan Ana Luis Marta Pedro Inés Hugo Elena Raúl Sofía Iván Nora Tomás Julia Bruno".split()
SURNAMES = "Rojas Soto Díaz Muñoz Pérez Silva Tapia Vera Lagos Fuentes Araya Bravo Cortés Godoy".split()
TERMS = ("Angina inestable I20.0", "Neumonía J18.9", "Fractura de cadera S72.0", "Sepsis A41.9", "Diabetes E11.9")


def fill(session: Session, cases: int) -> None:
    """Rows as a case of each leaves them: record, text, report, and its place in the index."""
    case, source = a_case()
    first = Cases(session).create(case, source)
    Cases(session).add_draft(first, a_draft(case), "template", after=0)
    db, chance = session.db, random.Random(1)
    for start in range(0, cases, 1000):
        with db.atomic():
            for number in range(start, min(start + 1000, cases)):
                _copy_case(session, first, number, chance)


def _copy_case(session: Session, first: str, number: int, chance: random.Random) -> None:
    db, case_id = session.db, f"{number:032x}"
    name = f"{chance.choice(NAMES)} {chance.choice(SURNAMES)} {chance.choice(SURNAMES)}"
    words = " ".join(chance.sample(TERMS, 2))
    db.execute(
        "INSERT INTO cases (id, created_at, changed_at, name, rut, admitted, discharged, service, terms) "
        "SELECT ?, created_at, changed_at, ?, ?, admitted, discharged, service, ? FROM cases WHERE id = ?",
        (case_id, name, str(chance.randrange(10**7, 10**8)), words, first),
    )
    db.execute("INSERT INTO team SELECT ?, user_id FROM team WHERE case_id = ?", (case_id, first))
    for statement in (
        "INSERT INTO records SELECT ?, version, source, shape, sha256, at, user_id FROM records WHERE case_id = ?",
        "INSERT INTO drafts SELECT ?, version, record_version, origin, text, details, at, user_id FROM drafts "
        "WHERE case_id = ?",
        "INSERT INTO reports SELECT ?, draft_version, number, ok, report, program, at FROM reports WHERE case_id = ?",
    ):
        db.execute(statement, (case_id, first))
    index.put(db, case_id)


def measured(name: str, what: Callable[[], object], times: int) -> None:
    taken, worked = [], []
    for _ in range(times):
        started, before = time.perf_counter(), time.process_time()
        what()
        taken.append(1000 * (time.perf_counter() - started))
        worked.append(1000 * (time.process_time() - before))
    slow = sorted(taken)[int(0.95 * (times - 1))]
    print(f"{name:44} {statistics.median(taken):8.1f} {slow:8.1f} {statistics.median(worked):10.1f}")


def measure(vault: Vault) -> None:
    print(f"{'ms':44} {'median':>8} {'95 %':>8} {'processor':>10}")
    measured("open and close (with a cheap key)", lambda: enter(vault, Role.PHYSICIAN).abandon(), 10)
    session = enter(vault, Role.PHYSICIAN)
    cases = Cases(session)
    case, source = a_case()
    draft = a_draft(case)
    made = [cases.create(case, source)]
    measured("save a new case", lambda: made.append(cases.create(case, source)), 30)
    measured("save a text", lambda: cases.add_draft(made.pop(), draft, "edited", after=0), 30)
    for words in ("rojas", "rosa díaz", "neum", "sepsis angina", "ro", "12345678-5", "ninguno", ""):
        measured(f"search «{words}» ({len(cases.search(words))} shown)", lambda w=words: cases.search(w), 10)
    measured("open a case", lambda: cases.open(made[0]), 30)
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        vault = Vault(place_in(folder), "1.2.3", now)
        if not vault.exists():
            session = enter(new_store(folder), Role.PHYSICIAN)
            fill(session, asked.cases)
            session.close()
        print(
            f"{vault.place.current().database.stat().st_size / 1e6:.0f} MB; pass-phrase: {len(PASSPHRASE)} characters"
        )
        measure(vault)


if __name__ == "__main__":
    main()
