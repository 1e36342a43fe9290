"""The program's side of the model's process: starting, speaking, listening, killing. It knows nothing of jobs."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from engine.inference import launch, wire
from engine.inference.wire import Frame, Garbled

_MOST_HEARD: Final = 4 << 20  # bytes of a frame from the model's process


@dataclass(frozen=True, slots=True)
class Ended:
    """The last word of a process."""

    status: int | None  # its exit status, negative for a signal; None where it could not be started
    garbled: bool = False  # it was killed for what it said


class ModelProcess:
    """One process and the two threads that serve its pipes; no caller ever waits for a pipe.

    The thread that starts it lives as long as the process does: Linux kills the process when that thread ends.
    """

    def __init__(self, words: tuple[str, ...], memory: int, keep: tuple[int, ...] = ()) -> None:
        """Starts it; `memory` and `keep` as in `Supervisor`."""
        self._words, self._memory, self._keep = words, memory, keep
        self._heard: SimpleQueue[Frame | Ended] = SimpleQueue()
        self._to_say: SimpleQueue[Frame | None] = SimpleQueue()
        self._starting = threading.Lock()
        self._unwanted = False
        self._process: subprocess.Popen[bytes] | None = None
        self._life = threading.Thread(target=self._live, name="model-process", daemon=True)
        self._life.start()

    @property
    def pid(self) -> int | None:
        """None until it is started."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._life.is_alive() and (self._process is None or self._process.poll() is None)

    def say(self, frame: Frame) -> None:
        """Returns at once."""
        self._to_say.put(frame)

    def hear(self, seconds: float) -> Frame | Ended | None:
        """The next frame; None where none comes in so long."""
        try:
            return self._heard.get(timeout=seconds)
        except Empty:
            return None

    def kill(self) -> None:
        """Returns at once."""
        with self._starting:
            self._unwanted = True
            if self._process:
                self._process.kill()

    def wait(self, seconds: float) -> None:
        """Until it is gone, but no longer than this."""
        self._life.join(seconds)

    def _live(self) -> None:
        end = Ended(None)
        try:
            with self._starting:
                if not self._unwanted:
                    self._process = launch.start(self._words, self._keep)
            if self._process:
                end = self._served(self._process)
        except OSError:
            self.kill()
        finally:
            self._heard.put(end)

    def _served(self, process: subprocess.Popen[bytes]) -> Ended:
        """Reads until its end."""
        assert process.stdout  # noqa: S101  (narrowing for mypy)
        speaker = threading.Thread(target=self._speak, args=(process,), name="model-process-pipe", daemon=True)
        with process:  # closes the pipes at its end
            try:
                with _confined(process, self._memory):
                    speaker.start()
                    garbled = not self._understood(process.stdout.fileno())
            finally:
                process.kill()
                status = process.wait()
            self._to_say.put(None)
            speaker.join()
        return Ended(status, garbled)

    def _understood(self, pipe: int) -> bool:
        """Whether all that came was frames."""
        try:
            while (frame := wire.read(pipe, _MOST_HEARD)) is not None:
                self._heard.put(frame)
        except Garbled:
            return False
        return True

    def _speak(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin  # noqa: S101  (narrowing for mypy)
        with suppress(OSError):  # it ended; whoever listens to it hears so
            while (frame := self._to_say.get()) is not None:
                wire.write(process.stdin.fileno(), frame)


def _confined(process: subprocess.Popen[bytes], memory: int) -> AbstractContextManager[object]:
    """What must last as long as the process. Elsewhere it confines itself (engine/inference/confinement.py)."""
    if sys.platform == "win32":
        from engine.inference.windows import Job

        return closing(Job(int(process._handle), memory))
    return nullcontext()
