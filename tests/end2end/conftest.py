"""The bundle of `make bundle`, in a folder as a hospital may have it; no process of it outlives its test."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.processes import of_folder
from tests.helpers.waiting import within

BUILT = Path(__file__).resolve().parents[2] / "dist" / "epicrisis"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that it cannot find the tree that it was made in."""
    assert BUILT.exists(), "make bundle"
    folder = tmp_path_factory.mktemp("programas") / "Clínica Ñuñoa (prueba)" / "epicrisis"
    shutil.copytree(BUILT, folder, symlinks=True)
    return folder


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """Nothing of Python's or of this repository's; the user's own folders, which are empty."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("XDG_") and str(tmp_path) in value}
    assert kept
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", **kept}


@pytest.fixture
def run(bundle: Path, surroundings: dict[str, str], tmp_path: Path) -> Run:
    """Runs the program of the terminal to its end, in a folder of the user's."""

    def program(*words: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [bundle / "epicrisis", *words]
        return subprocess.run(command, input=typed, cwd=tmp_path, env=surroundings, capture_output=True, text=True)

    return program


@pytest.fixture(autouse=True)
def _nothing_left(bundle: Path) -> Iterator[None]:
    yield
    assert within(10.0, lambda: not of_folder(bundle)), of_folder(bundle)
