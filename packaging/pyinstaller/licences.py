"""The licences of all that a bundle holds, in one text: what the law of most of them asks to go along.

Whose a file is, is looked up, not listed: a distribution's own record of its files, and on Debian the package's. A
distribution without a text ends the build, until `licences/` has one for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
_NAMES: Final = ("licen", "copying", "notice", "thirdparty")
# Whose wheels bring no text, or not that of what is compiled into them.
_TEXTS: Final = {
    "flatbuffers": (ROOT / "LICENSE",),
    "llama_cpp_python": (HERE / "licences" / "llama.cpp.txt",),
    "PySide6_Essentials": (HERE / "licences" / "LGPL-3.0.txt", HERE / "licences" / "GPL-3.0.txt"),
    "shiboken6": (HERE / "licences" / "LGPL-3.0.txt", HERE / "licences" / "GPL-3.0.txt"),
    "tokenizers": (ROOT / "LICENSE",),
}
_RULE: Final = "=" * 100


def write(path: Path, sources: Iterable[str]) -> None:
    """Writes the licences of whatever the files `sources` belong to. Raises SystemExit where a text is missing."""
    real = {os.path.realpath(source) for source in sources if source}
    parts = [*_distributions(real), _python(), *_packages(real)]
    path.write_text("".join(f"{_RULE}\n{title}\n{_RULE}\n\n{text.strip()}\n\n\n" for title, text in parts), "utf-8")


def _distributions(sources: set[str]) -> Iterator[tuple[str, str]]:
    bundled = {d.name: d for d in distributions() if not sources.isdisjoint(_files(d))}
    bundled["pyinstaller"] = distribution("pyinstaller")  # its starter goes along
    for name in sorted(bundled.keys() - {"epicrisis"}, key=str.lower):
        yield f"{name} {bundled[name].version}", _text(bundled[name])


def _files(found: Distribution) -> set[str]:
    place = os.path.realpath(str(found.locate_file("")))
    return {os.path.normpath(os.path.join(place, file)) for file in found.files or ()}


def _text(found: Distribution) -> str:
    """Each text of a licence among the distribution's files, and ours for it."""
    named = [f for f in found.files or () if f.suffix != ".py" and f.name.lower().startswith(_NAMES)]
    paths = [Path(str(f.locate())) for f in named] + list(_TEXTS.get(found.name, ()))
    if not paths:
        raise SystemExit(f"{found.name}: no text of its licence; add one to packaging/pyinstaller/licences.py")
    return "\n\n".join(dict.fromkeys(p.read_text(encoding="utf-8", errors="replace").strip() for p in paths))


def _python() -> tuple[str, str]:
    places = (Path(os.__file__).parent / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt")
    text = next((place for place in places if place.exists()), None)
    if text is None:
        raise SystemExit("Python: no text of its licence beside its library")
    return f"Python {sys.version.split()[0]}", text.read_text(encoding="utf-8")


def _packages(sources: set[str]) -> Iterator[tuple[str, str]]:
    """On Debian and its kin: the packages of the system's libraries. Elsewhere nothing of the system goes along."""
    libraries = sorted(s for s in sources if s.startswith(("/lib/", "/usr/lib/")) and ".so" in s)
    if not libraries or not shutil.which("dpkg-query"):
        return
    for name in sorted(_owners(libraries)):
        text = Path("/usr/share/doc") / name / "copyright"
        if not text.exists():
            raise SystemExit(f"{name}: no text of its licence in {text}")
        yield f"{name} (Debian)", text.read_text(encoding="utf-8", errors="replace")


def _owners(libraries: list[str]) -> set[str]:
    """The names of the packages; one library may stand in the list of its package as /usr/lib or as /lib."""
    names = [form for library in libraries for form in (library, library.removeprefix("/usr"))]
    done = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True, check=False)  # noqa: S603, S607
    lines = (line.rpartition(": ") for line in done.stdout.splitlines())
    owners = {path: owner.split(":")[0].split(",")[0] for owner, _, path in lines}
    found = {library: owners.get(library) or owners.get(library.removeprefix("/usr")) for library in libraries}
    if unknown := [library for library, owner in found.items() if not owner]:
        raise SystemExit(f"of no package: {', '.join(unknown)}")
    return {owner for owner in found.values() if owner}
