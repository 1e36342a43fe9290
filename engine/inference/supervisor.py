"""The model as the program sees it: a runtime that lives in a process of its own.

Whatever happens to that process, the caller hears of it within seconds: an exception, or Cancelled. It is started
again at once where it died under work, so that the next attempt finds a loaded model.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from typing import Final

from engine.cancellation import CancelToken
from engine.errors import ModelRefused, RuntimeDied
from engine.inference import launch, wire
from engine.inference.backends import ModelSpec
from engine.inference.process import Ended, ModelProcess
from engine.inference.protocol import Request, StreamEvent, Threads
from engine.inference.wire import Done, Frame, Garbled, Seen

_SIGKILL: Final = 9  # Windows has no name for it
_POLL: Final = 0.01  # seconds between two looks at the cancel token
_STALL: Final = 0.1  # a wait that took longer stopped the whole program; what is beyond that counts for nothing
_LOOK: Final = 1 << 30  # bytes for a process that loads a library and no model
_DEATHS: Final = 2  # without a draft between them; then it is started again only when it is asked


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. What is exceeded ends the process."""

    start: float = 60.0  # until its first sign of life: a cold disk, an antivirus
    silence: float = 10.0  # without a sign of life while it works
    load: float = 300.0  # until the model is loaded
    event: float = 60.0  # without an event while it shows life
    idle: float = 0.13  # from a cancel until it has nothing left to do


@dataclass(frozen=True, slots=True)
class Confined:
    """A model and what its process may take."""

    spec: ModelSpec
    memory: int  # bytes of its own
    keep: tuple[int, ...] = ()  # descriptors that go along


class Supervisor:
    """A `Runtime` whose model is in another process. It may be used from any thread; requests take their turn."""

    def __init__(self, model: Confined, patience: Patience = Patience()) -> None:
        """Nothing is started before the first use."""
        self._model, self._patience = model, patience
        self._turn = threading.Lock()
        self._numbers = count(1)
        self._process: ModelProcess | None = None
        self._opening: int | None = None  # the job that loads the model, where its end was not heard yet
        self._opened = False
        self._busy: int | None = None  # the job that the process works at
        self._deaths = 0
        self._closed = False
        self.threads = Threads()
        self.peak_memory = 0  # bytes that its processes held at most, as far as they told

    @property
    def pid(self) -> int | None:
        """Of the process, where there is one."""
        return self._process.pid if self._process else None

    def load(self, cancel: CancelToken) -> None:
        """Returns once the model is in memory. Raises as `stream`."""
        with taken(self._turn, cancel, self._patience.load):
            self._ready(cancel)

    def stream(self, request: Request, cancel: CancelToken) -> Generator[StreamEvent, None, None]:
        """As `Runtime.stream`. Raises RuntimeDied where the process ended or hung."""
        with taken(self._turn, cancel, self._patience.load):
            process = self._ready(cancel)
            number = self._ask(process, "ask", asdict(request))
            yield from self._work(process, number, cancel, self._patience.event)
            self._deaths = 0

    def close(self) -> None:
        """Ends the process, whatever it does; nothing starts another one."""
        self._closed = True
        if self._process:
            self._process.kill()
            self._process.wait(self._patience.silence)

    def _ready(self, cancel: CancelToken) -> ModelProcess:
        """The process with the model loaded; one that died while it was idle is replaced without a word."""
        if self._closed:
            raise ModelRefused("model_failed")
        process = self._process
        if not process or not process.alive:
            process = self._start()
        if not self._opened:
            self._opening = self._opening or self._open(process)
            for _ in self._work(process, self._opening, cancel, self._patience.load):
                raise AssertionError("loading has no events")
        return process

    def _start(self) -> ModelProcess:
        """A process that begins to load the model."""
        process = self._process = ModelProcess(launch.command(), self._model.memory, self._model.keep)
        self._opened, self._opening = False, self._open(process)
        return process

    def _open(self, process: ModelProcess) -> int:
        return self._ask(process, "open", {"spec": asdict(self._model.spec), "memory": self._model.memory})

    def _ask(self, process: ModelProcess, kind: str, values: dict[str, object]) -> int:
        number = next(self._numbers)
        process.say({"job": number, "kind": kind, "values": values})
        return number

    def _work(self, process: ModelProcess, number: int, cancel: CancelToken, longest: float) -> Iterator[StreamEvent]:
        """The events of one job. Where it is left before its end, in whatever way, the process is idle or dead."""
        self._busy = number
        try:
            for frame in _frames(process, _Watch(self._patience, longest), cancel):
                if frame.get("job") != number:
                    continue  # a sign of life, or the rest of a job that was cancelled
                if "end" in frame:
                    self._take_end(frame)
                    return
                yield from wire.events_of(frame)
        except RuntimeDied:
            self._bury(process)
            raise
        except Garbled:
            self._bury(process)
            raise RuntimeDied("model_garbled") from None
        finally:
            if self._busy is not None:
                self._quiet(process, number)

    def _take_end(self, frame: Frame) -> None:
        """Raises ModelRefused where the job ended so, Garbled."""
        if self._busy == self._opening:
            self._opened, self._opening = frame["end"] == "done", None
        self._busy = None
        if frame["end"] == "refused":
            raise wire.refusal_of(frame)
        if frame["end"] == "done":
            done = wire.made(Done, frame.get("values"))
            self.peak_memory, self.threads = max(self.peak_memory, done.peak), done.threads

    def _quiet(self, process: ModelProcess, number: int) -> None:
        """Stops a job; a process that does not stop in time is replaced by one that loads the model meanwhile."""
        process.say({"cancel": number})
        deadline = time.monotonic() + self._patience.idle
        while (left := deadline - time.monotonic()) > 0:
            frame = process.hear(left)
            if isinstance(frame, Ended):
                break
            if frame and frame.get("job") == number and "end" in frame:
                with suppress(ModelRefused, Garbled):  # how it would have ended interests nobody now
                    self._take_end(frame)
                return
        self._busy = None
        process.kill()
        self._restart()

    def _bury(self, process: ModelProcess) -> None:
        """The process died under its work, or is to."""
        self._busy = None
        process.kill()
        self._deaths += 1
        if self._deaths < _DEATHS:
            self._restart()
        else:
            self._process = None

    def _restart(self) -> None:
        if not self._closed:
            self._start()


def look(backend: str, cancel: CancelToken, patience: Patience = Patience()) -> Seen:
    """What a runtime's library tells of itself, asked in a process of its own.

    Raises ModelRefused where it cannot be loaded, RuntimeDied where that ended the process, Cancelled.
    """
    process = ModelProcess(launch.command(), _LOOK)
    process.say({"job": 0, "kind": "look", "values": {"backend": backend}})
    try:
        for frame in _frames(process, _Watch(patience, patience.start), cancel):
            if "seen" in frame:
                return wire.made(Seen, frame["seen"])
            if "end" in frame:
                raise wire.refusal_of(frame)
        raise AssertionError("frames end with an exception")
    except Garbled:
        raise RuntimeDied("model_garbled") from None
    finally:
        process.kill()
        process.wait(patience.silence)


class _Watch:
    """How long the process has given no sign of life and no event, without the time that the program itself stood."""

    def __init__(self, patience: Patience, longest: float) -> None:
        self._patience, self._longest = patience, longest
        self._silent = self._eventless = 0.0
        self._most_silent = patience.start

    def count(self, frame: Frame | None, seconds: float) -> None:
        """A wait of so long brought this. Raises RuntimeDied once it has lasted too long."""
        waited = min(seconds, _STALL)
        self._silent = 0.0 if frame else self._silent + waited
        self._eventless = 0.0 if frame and "job" in frame else self._eventless + waited
        if frame:
            self._most_silent = self._patience.silence
        if self._silent > self._most_silent or self._eventless > self._longest:
            raise RuntimeDied("model_hung", seconds=round(max(self._silent, self._eventless)))


def _frames(process: ModelProcess, watch: _Watch, cancel: CancelToken) -> Iterator[Frame]:
    """Whatever the process says, until it ends. Raises Cancelled within moments, RuntimeDied."""
    while True:
        cancel.check()
        began = time.monotonic()
        frame = process.hear(_POLL)
        if isinstance(frame, Ended):
            raise _died(frame.status, garbled=frame.garbled)
        watch.count(frame, time.monotonic() - began)
        if frame:
            yield frame


def _died(status: int | None, *, garbled: bool) -> RuntimeDied:
    if garbled:
        return RuntimeDied("model_garbled")
    if status is None:
        return RuntimeDied("model_not_started")
    if status == -_SIGKILL:
        return RuntimeDied("model_killed")
    names = {-number: number.name for number in signal.Signals}
    return RuntimeDied("model_crashed", reason=names.get(status, hex(status)))


@contextmanager
def taken(lock: threading.Lock, cancel: CancelToken, seconds: float) -> Iterator[None]:
    """Holds a lock that others hold for long. Raises Cancelled, ModelRefused after so long."""
    deadline = time.monotonic() + seconds
    while not lock.acquire(timeout=_POLL):
        cancel.check()
        if time.monotonic() > deadline:
            raise ModelRefused("model_busy")
    try:
        yield
    finally:
        lock.release()
