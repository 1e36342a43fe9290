"""What a frozen program holds, and what it must not hold. Read by the specification, its hooks and its tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

# Nothing of the program asks for these; libraries do, for what the program does not use.
LEFT_OUT: Final = (
    "PySide6.QtNetwork",
    "aiohttp",
    "anyio",
    "certifi",
    "fsspec",
    "hf_xet",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "huggingface_hub",
    "requests",
    "ssl",  # the standard library's clients are imported by jsonschema; without this they reach no https
    "tests",
    "tkinter",
    "torch",
    "transformers",
    "truststore",
    "urllib3",
    "charset_normalizer",  # from here: tools that libraries bring along
    "doctest",
    "gguf",
    "http.server",
    "numpy.f2py",
    "numpy.testing",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "pdb",
    "pip",
    "pydoc",
    "pytest",
    "readline",
    "setuptools",
    "unittest",
    "yaml",
)
# Parts of names that no file of a bundle may have, whoever brought it.
_NEVER: Final = ("Qt6Network", "QtNetwork", "Qt6Qml", "Qt6WebEngine", "qvnc", "qtuiotouch", "libssl")
# Qt's plugins by folder: those of a window on a desktop. Others bring the network, QML or a browser with them.
_PLUGINS: Final = {
    "iconengines": ("qsvgicon",),
    "imageformats": ("qico", "qsvg"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platforms": ("qcocoa", "qminimal", "qoffscreen", "qwayland", "qwindows", "qxcb"),
    "platformthemes": ("qxdgdesktopportal",),
    "styles": None,
    "wayland-decoration-client": None,
    "wayland-graphics-integration-client": ("qt-plugin-wayland-egl",),
    "wayland-shell-integration": ("xdg-shell",),
    "xcbglintegrations": None,
}
_TRANSLATION: Final = "qtbase_es.qm"


def is_wanted_of_qt(path: str) -> bool:
    """Whether a file that PyInstaller collects for a module of Qt has a use in this program."""
    parts = PurePath(path).parts
    if "plugins" in parts:
        folder, name = parts[-2], PurePath(parts[-1]).stem.removeprefix("lib")
        return folder in _PLUGINS and (_PLUGINS[folder] is None or name in (_PLUGINS[folder] or ()))
    return not path.endswith(".qm") or parts[-1] == _TRANSLATION


def is_wanted_of_llama(path: str) -> bool:
    """Whether the program loads this library of llama_cpp itself, or llama.cpp as it starts.

    What these need is found by PyInstaller. A wheel holds copies where there were links: the same library under two
    names would be loaded twice.
    """
    name = PurePath(path).name
    return "mtmd" not in name and (not name.startswith("lib") or name.startswith(("libllama.", "libggml-cpu-")))


def forbidden(names: Iterable[str]) -> list[str]:
    """Those modules, or files by their path within the bundle's folder, that must not be in it."""
    return sorted(name for name in names if _is_left_out(name.replace("/", ".")) or any(n in name for n in _NEVER))


def _is_left_out(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in LEFT_OUT)
