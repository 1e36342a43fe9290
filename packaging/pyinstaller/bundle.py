"""The frozen program: `make bundle`, or `python packaging/pyinstaller/bundle.py` on any system.

Makes its own environment (`.venv-bundle`), in which llama.cpp is compiled for every processor of this kind, and freezes
the program into `dist/epicrisis`. `--environment FOLDER` freezes from one that exists, to try the specification: its
llama.cpp may run on the processor of this computer only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from contents import forbidden

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
WORK: Final = ROOT / "build" / "pyinstaller"
BUNDLE: Final = ROOT / "dist" / "epicrisis"
VENV: Final = ROOT / ".venv-bundle"
LOCK: Final = ROOT / "requirements.lock"
PIP: Final = "pip==26.3"
COMPILED: Final = "llama-cpp-python"
# No instruction of the building computer's own: one library for each kind of processor, chosen as the program starts.
OPTIONS: Final = (
    "-DGGML_NATIVE=OFF",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CPU_ALL_VARIANTS=ON",
    "-DLLAVA_BUILD=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DCMAKE_INSTALL_BINDIR:PATH=llama_cpp/lib",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
)


def run(*words: str | Path, **environment: str) -> None:
    """Raises CalledProcessError where the command fails."""
    print("+", *(Path(w).name if isinstance(w, Path) else w for w in words), flush=True)
    subprocess.run([str(w) for w in words], check=True, cwd=ROOT, env={**os.environ, **environment})  # noqa: S603


def environment() -> Path:
    """Makes `.venv-bundle` where what it is made from has changed; gives its folder."""
    blocks = locked(LOCK.read_text(encoding="utf-8"))
    made_from = _digest(*blocks.values(), *OPTIONS, (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ready = VENV / ".ready"
    if ready.exists() and ready.read_text(encoding="ascii") == made_from:
        return VENV
    venv.create(VENV, clear=True, with_pip=True)
    pip(VENV, "install", PIP)
    wheel = portable(blocks.pop(COMPILED))
    pip(VENV, "install", "--no-deps", "--require-hashes", "-r", _requirements("others", *blocks.values()))
    pip(VENV, "install", "--no-deps", wheel)
    pip(VENV, "install", "--no-deps", "--no-build-isolation", "-e", ROOT)
    ready.write_text(made_from, encoding="ascii")
    return VENV


def locked(text: str) -> dict[str, str]:
    """The lines of a lock file for each package, with their hashes, by its name."""
    blocks = (block for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE) if "==" in block)
    return {block.split("==")[0]: block for block in blocks}


def portable(block: str) -> Path:
    """The wheel of llama-cpp-python that every processor can run; compiled once for each version and set of options."""
    folder = WORK / "wheels" / _digest(block, *OPTIONS)[:12]
    if not any(folder.glob("*.whl")):
        # Not from pip's cache: it takes wheels compiled with other options for the same.
        words = ("wheel", "--no-cache-dir", "--no-deps", "--require-hashes", "-r", _requirements("compiled", block))
        pip(VENV, *words, "--wheel-dir", folder, CMAKE_ARGS=" ".join(OPTIONS))
    wheel = next(folder.glob("*.whl"))
    if not any("lib/libggml-cpu-" in name or "lib/ggml-cpu-" in name for name in ZipFile(wheel).namelist()):
        raise SystemExit(f"{wheel.name}: no library for each kind of processor: built without the options")
    return wheel


def pip(folder: Path, *words: str | Path, **variables: str) -> None:
    run(python(folder), "-m", "pip", "--quiet", "--disable-pip-version-check", *words, **variables)


def python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def freeze(folder: Path) -> None:
    """Raises SystemExit where something is in the bundle that must not be."""
    paths = os.pathsep.join((str(ROOT), str(HERE)))  # this very tree, whatever the environment was made from
    run(
        python(folder), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", BUNDLE.parent, "--workpath", WORK, HERE / "epicrisis.spec",
        PYTHONPATH=paths, PYINSTALLER_CONFIG_DIR=str(WORK / "cache"),
    )  # fmt: skip
    files = [path for path in BUNDLE.rglob("*") if path.is_file() and not path.is_symlink()]
    if found := forbidden(path.relative_to(BUNDLE).as_posix().removeprefix("_internal/") for path in files):
        raise SystemExit(f"not to be bundled: {', '.join(found)}")
    print(f"{BUNDLE.relative_to(ROOT)}: {len(files)} files, {sum(p.stat().st_size for p in files) / 1e6:.0f} MB")


def _requirements(name: str, *blocks: str) -> Path:
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name}.txt"
    path.write_text("".join(blocks), encoding="utf-8")
    return path


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8")).hexdigest()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--environment", type=Path, help="freeze from this one instead")
    given = options.parse_args().environment
    freeze(given.absolute() if given else environment())


if __name__ == "__main__":
    main()
