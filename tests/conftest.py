"""Shared fixtures: the real model file, the hostile model, fresh folders for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from engine import services
from engine.inference import runtimes
from tests.helpers.random_model import write_random_model

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = ROOT / "build" / "vocab" / "ggml-vocab-qwen2.gguf"


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Qwen2 model with random weights and the real Qwen2 vocabulary."""
    path = tmp_path_factory.mktemp("models") / "random.gguf"
    write_random_model(path, VOCABULARY)
    return path


@pytest.fixture(autouse=True)
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's folders of the program are empty and private to each test."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """No test is answered with the draft of another."""
    services.forget()


@pytest.fixture(scope="session", autouse=True)
def unloaded() -> Iterator[None]:
    """The warm model is freed before the interpreter ends."""
    yield
    runtimes.unload()
