"""The one loaded model: verified once, kept warm, and the file that was verified."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.errors import Cancelled, ModelRefused
from engine.inference import catalog, launch, models, runtimes
from engine.inference.supervisor import Supervisor
from engine.paths import resource

CASE = services.read(resource("samples/angina.json"))


@pytest.fixture(autouse=True)
def cold() -> Iterator[None]:
    runtimes.unload()
    yield
    runtimes.unload()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The bundled model as a file by hand, under a name of the ward."""
    return shutil.copy(models.find(None).path, tmp_path / "Clínica Ñuñoa (prueba).gguf")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose bytes are read for their hash."""
    names: list[str] = []
    real = catalog.digest

    def digest(path: Path, cancel: CancelToken) -> object:
        names.append(path.name)
        return real(path, cancel)

    for module in (catalog, models):
        monkeypatch.setattr(module, "digest", digest)
    return names


def _draft(model: Path) -> ModelRefused | None:
    draft, cause = services.drafted(CASE, services.DraftOptions(model=str(model), kept=False), CancelToken())
    assert draft.report.ok
    assert cause is None or isinstance(cause, ModelRefused)
    return cause


def test_a_model_by_hand_is_read_once_and_stays_loaded(model: Path, read: list[str]) -> None:
    assert _draft(model) is None
    before = runtimes.model_process()
    assert _draft(model) is None
    assert read == [model.name]
    assert runtimes.model_process() == before


@pytest.mark.parametrize("way", ["touched", "written", "replaced"])
def test_a_model_that_changed_is_read_again_and_loaded_anew(way: str, model: Path, read: list[str]) -> None:
    assert _draft(model) is None
    before = runtimes.model_process()
    if way == "touched":
        os.utime(model, ns=(1, 1))
    elif way == "written":
        model.write_bytes(model.read_bytes())
    else:
        other = shutil.copy(model, model.with_name("otro"))
        os.utime(other, ns=(model.stat().st_atime_ns, model.stat().st_mtime_ns))
        Path(other).replace(model)
    assert _draft(model) is None
    assert read == [model.name] * 2
    assert runtimes.model_process() != before


def test_a_model_that_changes_while_it_loads_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Supervisor.load

    def load(self: Supervisor, cancel: CancelToken) -> None:
        real(self, cancel)
        os.utime(model, ns=(1, 1))

    monkeypatch.setattr(Supervisor, "load", load)
    cause = _draft(model)
    assert cause is not None
    assert cause.code == "model_replaced"
    assert runtimes.model_process() is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux opens a file again by its descriptor")
def test_the_file_that_was_verified_is_loaded_under_whatever_name(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = models.verified

    def verified(entry: models.ModelEntry, cancel: CancelToken) -> object:
        identity = real(entry, cancel)
        monkeypatch.setattr(runtimes, "identity_of", lambda _: identity)
        return identity

    load = Supervisor.load

    def after_a_swap(self: Supervisor, cancel: CancelToken) -> None:
        model.replace(model.with_name("movido"))
        model.write_bytes(b"GGUF and nothing else")
        load(self, cancel)

    monkeypatch.setattr(models, "verified", verified)
    monkeypatch.setattr(Supervisor, "load", after_a_swap)
    assert _draft(model) is None


def test_reading_a_model_by_hand_can_be_cancelled(model: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        services.drafted(CASE, services.DraftOptions(model=str(model)), cancel)
    assert _draft(model) is None


def test_another_model_takes_the_place_of_the_first(model: Path) -> None:
    bundled = models.find(None)
    first = runtimes.loaded(bundled, CancelToken())
    assert runtimes.loaded(bundled, CancelToken()) is first
    assert runtimes.loaded(models.find(str(model)), CancelToken()) is not first
    with pytest.raises(ModelRefused):
        runtimes.loaded(replace(bundled, sha256="0" * 64), CancelToken())


@pytest.mark.skipif(os.name != "posix", reason="the program is a shell script here")
def test_a_frozen_window_starts_the_program_of_the_terminal_as_its_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(__file__).resolve().parents[2]
    program = tmp_path / "Clínica Ñuñoa (prueba)" / "epicrisis"
    program.parent.mkdir()
    words = f'PYTHONPATH="{root}" exec "{sys.executable}" -P -m engine.cli "$@"'
    program.write_text(f"#!/bin/sh\n{words}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program.with_name("epicrisis-desktop")))
    assert launch.command()[0] == str(program)
    draft, cause = services.drafted(CASE, services.DraftOptions(), CancelToken())
    assert cause is None
    assert not draft.fallback
