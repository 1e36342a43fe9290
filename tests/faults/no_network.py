"""A trace of the network under the whole work with both runtimes, window included: which sockets are asked for?

By hand, on Linux with strace and unshare, in a network namespace that has nothing in it:
    python -m tests.faults.no_network --seconds 120
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.inference import models
from engine.paths import resource
from tests.helpers.tiny import FOLDER

ROOT = Path(__file__).resolve().parents[2]
TRACE = ("unshare", "-rn", "strace", "-f", "-qq", "-e", "trace=%network,io_uring_setup")
NETWORK = re.compile(r"\bAF_INET6?\b|\bio_uring_setup\(")
SAMPLE = str(resource("samples/angina.json"))

# Opens a record, has it drafted, saves the PDF and closes, as a user does.
WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from desktop import app
target = Path(sys.argv.pop())
steps = [lambda w: w.header.generate.trigger(), lambda w: w.session.save(target), lambda w: w.close()]

class Watched(app.MainWindow):
    def show(self):
        super().show()
        self.timer = QTimer(self, interval=20)
        self.timer.timeout.connect(self.go_on)
        self.timer.start()

    def go_on(self):
        if self.session.case is not None and self.session.resting:
            if len(steps) == 1:
                self.session.draft = None  # closing asks nothing
            steps.pop(0)(self)
            if not steps:
                self.timer.stop()

app.MainWindow = Watched
sys.exit(app.main())
"""


def _works(folder: str) -> tuple[list[str], ...]:
    """The words of each part of the work."""
    draft = [sys.executable, "-m", "engine.cli", "draft", SAMPLE, "--pdf", f"{folder}/borrador.pdf", "--model"]
    window = [sys.executable, "-c", WINDOW, SAMPLE, f"{folder}/ventana.pdf"]
    return [*draft, str(models.find(None).path)], [*draft, str(FOLDER)], window


def _traced(words: list[str], log: Path, environment: dict[str, str]) -> tuple[int, int]:
    """Calls of the network family, and those of them that ask for a network socket. Raises where the work failed."""
    done = subprocess.run([*TRACE, "-o", str(log), *words], env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError(done.stderr.decode(errors="replace"))
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return len(lines), sum(bool(NETWORK.search(line)) for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    seconds = parser.parse_args().seconds
    calls = asked = rounds = 0
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        homes = {f"XDG_{name}_HOME": folder for name in ("DATA", "CONFIG", "CACHE", "STATE")}
        environment = {**os.environ, **homes, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
        while not rounds or time.monotonic() - start < seconds:
            for words in _works(folder):
                made, found = _traced(words, Path(folder) / "traza", environment)
                calls, asked = calls + made, asked + found
            rounds += 1
    print(f"{rounds} rounds in {time.monotonic() - start:.0f} s: {calls} calls, {asked} for a network socket")
    return 1 if asked else 0


if __name__ == "__main__":
    sys.exit(main())
