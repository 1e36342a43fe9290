"""The script that looks for system libraries, with another system's package list and without root."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "linux" / "system-libraries.sh"
BUILD = ("python3-venv", "g++", "make", "libseccomp2", "libgomp1")


def _run(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """Runs the script for `build` where dpkg-query says these lines."""
    (folder / "list").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for name, body in (("dpkg-query", f"cat '{folder}/list'"), ("id", "echo 1000")):
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(SCRIPT), "build"], env={"PATH": path}, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_package_under_another_name_counts(tmp_path: Path) -> None:
    done = _run(tmp_path, *(f"installed {name}, " for name in BUILD[:-1]), "installed libgomp1t64, a, libgomp1 (= 14)")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_missing_is_one_line_to_run(tmp_path: Path) -> None:
    done = _run(tmp_path, "installed g++, c++-compiler", "installed make, ", "config-files libgomp1, ", "installed x, ")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].strip() == "sudo apt-get install -y python3-venv libgomp1 libseccomp2"
