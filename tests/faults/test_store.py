"""A sample of what `tests/faults/store_faults.py` does at its full number."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.faults.store_faults import flips
from tests.helpers.kills import Killed
from tests.helpers.tampering import CHANGES, Tried, unnoticed


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and fork are of POSIX systems")
def test_a_killed_writer_leaves_whole_cases_and_all_that_it_acknowledged(tmp_path: Path) -> None:
    killed = Killed(tmp_path, seed=7)
    assert [problem for _ in range(8) for problem in killed.once()] == []
    assert killed.acknowledged_writes > 0


def test_tampering_with_the_log_is_found_and_its_first_entry_named(tmp_path: Path) -> None:
    tried = Tried(tmp_path, sessions=3)
    assert unnoticed(tried, 3 * (len(CHANGES) + 1), seed=3) == []
    _, verdict = tried.change(lambda *_: 0, random.Random(1))
    assert verdict.problem is None  # what nobody touched is whole
    assert verdict.entries == tried.count()


def test_a_turned_bit_or_a_cut_is_noticed(tmp_path: Path) -> None:
    assert flips(tmp_path, 12, seed=5) == []
