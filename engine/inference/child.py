"""The model's process: it holds one model, does one job at a time, and ends when the program does.

A job is told as {"job": number, "kind": "open" | "ask" | "look", "values": …} and answered with {"job": number,
"events": …} or, of a look, {"job": number, "seen": …}, and one {"job": number, "end": "done" | "cancelled" | "refused",
…}; {"cancel": number} stops it. While it works it sends {"beat": …} twice a second, so that a process that hangs is
told from one that computes.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final, NoReturn

from engine.cancellation import CancelToken
from engine.computer import peak_memory
from engine.errors import Cancelled, ModelRefused
from engine.inference import wire
from engine.inference.backends import ModelSpec, features, open_runtime
from engine.inference.confinement import confine, limit_memory, silence
from engine.inference.protocol import Piece, Request, Runtime, StreamEvent, Threads
from engine.inference.wire import Frame

BEAT: Final = 0.5  # seconds
FRAME: Final = 0.03  # seconds


@dataclass(frozen=True, slots=True)
class Opening:
    """The values of the job «open»."""

    spec: ModelSpec
    memory: int  # bytes that the process may hold


@dataclass(frozen=True, slots=True)
class Look:
    """The values of the job «look»: does this runtime's library load here, and what does it ask of the processor?"""

    backend: str


_KINDS: Final[dict[str, type[Opening | Request | Look]]] = {"open": Opening, "ask": Request, "look": Look}


@dataclass(frozen=True, slots=True)
class _Job:
    number: int
    work: Opening | Request | Look
    cancel: CancelToken


def main() -> NoReturn:
    """Serves on standard input and output until the program closes them."""
    confine()
    asked, answered = silence()
    _Server(asked, answered).serve()


class _Server:
    """One thread listens, so that a cancel is heard at any moment; one shows life; the main one computes."""

    def __init__(self, asked: int, answered: int) -> None:
        self._asked, self._answered = asked, answered
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._cancels: dict[int, CancelToken] = {}
        self._speaking = threading.Lock()
        self._working = threading.Event()
        self._runtime: Runtime | None = None
        self._name = ""

    def serve(self) -> NoReturn:
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        while True:
            job = self._jobs.get()
            self._working.set()
            end = self._end_of(job)
            self._working.clear()
            del self._cancels[job.number]
            self._say({"job": job.number, **end})

    def _listen(self) -> None:
        """The end of the pipe is the end of the program: nothing is left to do here, whatever the main thread does."""
        try:
            while (frame := wire.read(self._asked, wire.MOST)) is not None:
                self._hear(frame)
        finally:
            os._exit(0)

    def _hear(self, frame: Frame) -> None:
        if "cancel" in frame:
            token = self._cancels.get(frame["cancel"])
            if token:  # else the job ended meanwhile
                token.cancel()
            return
        job = _Job(frame["job"], wire.made(_KINDS[frame["kind"]], frame["values"]), CancelToken())
        self._cancels[job.number] = job.cancel
        self._jobs.put(job)

    def _beat(self) -> None:
        while True:
            self._working.wait()
            self._say({"beat": 1})
            time.sleep(BEAT)

    def _say(self, frame: Frame) -> None:
        try:
            with self._speaking:
                wire.write(self._answered, frame)
        except OSError:  # the program is gone
            os._exit(0)

    def _end_of(self, job: _Job) -> Frame:
        """Does the job; how it ended. A bug is told without its words, which may be those of a record."""
        try:
            for events in _gathered(self._events(job)):
                self._say({"job": job.number, "events": [wire.told(event) for event in events]})
        except Cancelled:
            return {"end": "cancelled"}
        except ModelRefused as refusal:
            return {"end": "refused", "code": refusal.code, "facts": refusal.facts}
        except MemoryError:
            return {"end": "refused", "code": "model_no_memory", "facts": {"file": self._name}}
        except Exception as bug:
            frame = traceback.extract_tb(bug.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            return {"end": "refused", "code": "model_bug", "facts": {"kind": type(bug).__name__, "place": place}}
        threads = self._runtime.threads if self._runtime else Threads()
        return {"end": "done", "values": asdict(wire.Done(peak_memory(), threads))}

    def _events(self, job: _Job) -> Iterator[StreamEvent]:
        job.cancel.check()
        if isinstance(job.work, Request):
            if self._runtime is None:
                raise ModelRefused("model_failed")
            yield from self._runtime.stream(job.work, job.cancel)
            return
        if isinstance(job.work, Look):
            self._say({"job": job.number, "seen": asdict(wire.Seen(features(job.work.backend)))})
            return
        if self._runtime is not None:
            self._runtime.close()
            self._runtime = None
        self._name = job.work.spec.name
        limit_memory(job.work.memory)
        self._runtime = open_runtime(job.work.spec, job.cancel)


def _gathered(events: Iterator[StreamEvent]) -> Iterator[list[StreamEvent]]:
    """Text that comes faster than anyone reads goes together: each frame costs time on both sides. All else goes at
    once."""
    waiting: list[StreamEvent] = []
    last = 0.0
    for event in events:
        waiting.append(event)
        now = time.monotonic()
        if not isinstance(event, Piece) or now - last > FRAME:
            yield waiting
            waiting, last = [], now
    if waiting:
        yield waiting
