"""The Qt binding itself: a release that loses references to None ends the program after some thousand calls."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QRect


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_calls_that_give_nothing_keep_the_references_of_none() -> None:
    place, before = QRect(), sys.getrefcount(None)
    for height in range(500):
        place.setHeight(height)
    assert sys.getrefcount(None) > before - 250
