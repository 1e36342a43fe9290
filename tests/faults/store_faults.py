"""The faults of the store at their full number. Each line of the output is one row of docs/security.md.

python -m tests.faults.store_faults [--kills 1000] [--tampers 200] [--flips 1000] [--seed 1]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from engine.errors import StoreRefused
from engine.store import connection
from tests.databases.make import fill
from tests.helpers.kills import Killed
from tests.helpers.tampering import Tried, unnoticed


def kills(folder: Path, number: int, seed: int) -> list[str]:
    """What was wrong after any of so many kills."""
    killed = Killed(folder, seed)
    wrong = [problem for _ in range(number) for problem in killed.once()]
    print(f"{number} SIGKILL, {killed.acknowledged_writes} escrituras confirmadas: {len(wrong)} fallas {set(wrong)}")
    return wrong


def tampers(folder: Path, number: int, seed: int) -> list[str]:
    wrong = unnoticed(Tried(folder), number, seed)
    print(f"{number} alteraciones del registro: {len(wrong)} sin notar {set(wrong)}")
    return wrong


def flips(folder: Path, number: int, seed: int) -> list[str]:
    """One bit turned, or the file cut, at a random place of a database."""
    database, key = fill(folder)
    whole, chance, wrong = database.read_bytes(), random.Random(seed), []
    for at in range(number):
        data = bytearray(whole)
        place = chance.randrange(len(data))
        if at % 4:
            data[place] ^= 1 << chance.randrange(8)
        database.write_bytes(data if at % 4 else data[:place])
        if not noticed(database, key):
            wrong.append(f"{'flip' if at % 4 else 'cut'} at {place}")
    print(f"{number} bits cambiados y cortes: {len(wrong)} sin notar {wrong[:5]}")
    return wrong


def noticed(database: Path, key: bytes) -> bool:
    """Whether opening the database or reading its pages tells that it is not whole."""
    try:
        db = connection.connect(database, key)
    except StoreRefused:
        return True
    try:
        return connection.damaged_pages(db) > 0
    finally:
        db.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("kills", 1000), ("tampers", 200), ("flips", 1000), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    asked = parser.parse_args()
    wrong: list[str] = []
    for run, number in ((kills, asked.kills), (tampers, asked.tampers), (flips, asked.flips)):
        with tempfile.TemporaryDirectory() as folder:
            wrong += run(Path(folder), number, asked.seed)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
