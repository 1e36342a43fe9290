"""What is frozen and what is left out (packaging/pyinstaller); the bundle itself is tested by `make bundle-test`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging" / "pyinstaller"))

import bundle
import contents


@pytest.mark.parametrize(
    "path",
    ["Qt/plugins/platforms/libqvnc.so", "Qt/plugins/generic/libqtuiotouchplugin.so", "Qt/translations/qtbase_de.qm"],
)
def test_what_brings_the_network_or_another_language_is_left_out(path: str) -> None:
    assert not contents.is_wanted_of_qt(path)


@pytest.mark.parametrize(
    "path",
    ["PySide6/plugins/platforms/qwindows.dll", "Qt/plugins/styles/libqmacstyle.dylib", "Qt/translations/qtbase_es.qm"],
)
def test_what_a_window_needs_stays(path: str) -> None:
    assert contents.is_wanted_of_qt(path)


def test_each_library_of_llama_goes_along_once() -> None:
    wanted = ["libllama.so", "libggml-cpu-haswell.so", "ggml-cpu-x64.dll", "ggml.dll", "llama.dll"]
    assert [name for name in wanted if not contents.is_wanted_of_llama(name)] == []
    unwanted = ["libmtmd.so", "mtmd.dll", "libggml.so", "libggml-base.so"]  # two of them come as what libllama needs
    assert [name for name in unwanted if contents.is_wanted_of_llama(name)] == []


def test_what_must_not_be_bundled_is_found() -> None:
    names = [
        "huggingface_hub.hf_api",
        "requests",
        "PySide6/Qt/lib/libQt6Network.so.6",
        "ssl",
        "_internal/ssl_texts.txt",
    ]
    assert contents.forbidden([*names, "engine.requests", "resources/models/a.gguf"]) == sorted(names[:4])


def test_every_package_of_the_lock_keeps_its_hashes() -> None:
    blocks = bundle.locked(bundle.LOCK.read_text(encoding="utf-8"))
    assert bundle.COMPILED in blocks
    assert [name for name, lines in blocks.items() if "--hash=sha256:" not in lines] == []
