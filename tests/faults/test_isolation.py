"""The model's process in every kind of trouble: the program hears of it, and the draft comes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Done, DraftEvent, FellBack, PromptProgress, Retrying
from engine.errors import Cancelled, ModelRefused, RuntimeDied
from engine.inference import launch, models, runtimes
from engine.inference.backends import ModelSpec
from engine.inference.confinement import memory_limit
from engine.inference.protocol import Finished, Message, Piece, Prompt, PromptRead, Request, Segment, StreamEvent
from engine.inference.supervisor import Confined, Patience, Supervisor
from engine.paths import resource
from tests.helpers.damage import flipped
from tests.helpers.waiting import within

if sys.platform != "linux":
    pytest.skip("the signals and /proc are of Linux", allow_module_level=True)

CASE = services.read(resource("samples/angina.json"))
BUNDLED = models.find(None)
CALM = Patience(idle=20.0)  # a busy computer is no hung one
LONG = "start: /[a-z]{6000}/"  # more than is written before a signal comes
DEATHS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT]


def _spec(path: Path) -> ModelSpec:
    return ModelSpec("llama", str(path), "modelo", "00", "chatml", 4096)


def _request(text: str = "hola", grammar: str | None = LONG) -> Request:
    return Request((Prompt((Message("user", text),)),), (Segment("a", grammar),))


@pytest.fixture
def supervised() -> Iterator[Callable[..., Supervisor]]:
    """Makes supervisors, and closes them."""
    made: list[Supervisor] = []

    def make(path: Path = BUNDLED.path, patience: Patience = CALM, memory: int | None = None) -> Supervisor:
        most = memory_limit(BUNDLED, path.stat().st_size) if memory is None else memory
        made.append(Supervisor(Confined(_spec(path), most), patience))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _text(runtime: Supervisor, grammar: str = 'start: "Hola " ("mundo" | "niño")') -> str:
    events = runtime.stream(_request(grammar=grammar), CancelToken())
    return "".join(e.text for e in events if isinstance(e, Piece))


def _send(runtime: Supervisor, number: int) -> None:
    assert runtime.pid
    os.kill(runtime.pid, number)


def _gone(pid: int) -> bool:
    """Waits until its end was taken note of."""
    return within(10.0, lambda: not Path(f"/proc/{pid}").exists())


@pytest.mark.parametrize("death", DEATHS, ids=lambda s: s.name)
def test_a_process_that_dies_is_told_and_replaced(supervised: Callable[..., Supervisor], death: signal.Signals) -> None:
    runtime = supervised()
    events = runtime.stream(_request(), CancelToken())
    next(events)
    first = runtime.pid
    _send(runtime, death)
    with pytest.raises(RuntimeDied) as told:
        list(events)
    assert told.value.code == ("model_killed" if death == signal.SIGKILL else "model_crashed")
    assert death is signal.SIGKILL or death.name in told.value.message()
    assert _text(runtime).startswith("Hola ")
    assert runtime.pid != first


def test_a_process_that_hangs_is_ended(supervised: Callable[..., Supervisor]) -> None:
    runtime = supervised(patience=Patience(silence=1.5))
    events = runtime.stream(_request(), CancelToken())
    next(events)
    first = runtime.pid
    _send(runtime, signal.SIGSTOP)
    with pytest.raises(RuntimeDied) as told:
        list(events)
    assert told.value.code == "model_hung"
    assert first
    assert _gone(first)
    assert _text(runtime).startswith("Hola ")


def test_a_process_that_died_while_idle_is_replaced_without_a_word(supervised: Callable[..., Supervisor]) -> None:
    runtime = supervised()
    assert _text(runtime)
    _send(runtime, signal.SIGKILL)
    assert runtime.pid
    assert _gone(runtime.pid)
    assert _text(runtime).startswith("Hola ")


def test_cancelling_a_stopped_process_does_not_wait_for_it(supervised: Callable[..., Supervisor]) -> None:
    runtime, cancel = supervised(patience=Patience()), CancelToken()
    events = runtime.stream(_request("palabra " * 30_000), cancel)  # more than a pipe holds
    runtime.load(CancelToken())
    _send(runtime, signal.SIGSTOP)
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(Cancelled):
        list(events)
    assert _text(runtime).startswith("Hola ")


def _total(event: StreamEvent) -> int:
    return event.total if isinstance(event, PromptRead) else 0


@pytest.mark.parametrize("moment", ["first", "reading", "writing", "left"])
def test_after_a_cancel_the_process_is_idle_and_warm(supervised: Callable[..., Supervisor], moment: str) -> None:
    runtime, cancel = supervised(), CancelToken()
    runtime.load(CancelToken())
    before = runtime.pid
    events = runtime.stream(_request("palabra " * 500), cancel)
    if moment != "first":
        next(e for e in events if isinstance(e, Piece) or (moment != "writing" and e == PromptRead(128, _total(e))))
    if moment == "left":
        events.close()
    else:
        cancel.cancel()
        with pytest.raises(Cancelled):
            list(events)
    done = list(runtime.stream(_request("palabra " * 500, 'start: "Hola"'), CancelToken()))[-1]
    assert isinstance(done, Finished)
    assert runtime.pid == before
    if moment in ("reading", "writing"):
        assert done.usage.cached_tokens >= 128


def test_loading_is_cancelled_and_the_next_request_loads(
    supervised: Callable[..., Supervisor], random_model: Path
) -> None:
    runtime = supervised(random_model, Patience())
    for delay in (0.0, 0.3, 0.9):
        cancel = CancelToken()
        threading.Timer(delay, cancel.cancel).start()
        try:
            runtime.load(cancel)
        except Cancelled:
            continue
        assert not cancel.cancelled
    assert _text(runtime).startswith("Hola ")


def test_a_process_without_memory_is_told(supervised: Callable[..., Supervisor], random_model: Path) -> None:
    for memory in (110 << 20, 200 << 20):
        runtime = supervised(random_model, memory=memory)
        with pytest.raises(ModelRefused):
            list(runtime.stream(_request("palabra " * 300), CancelToken()))


def test_a_model_that_llama_cannot_load_is_told(supervised: Callable[..., Supervisor], tmp_path: Path) -> None:
    cut = tmp_path / "cortado.gguf"
    cut.touch()
    runtime = supervised(cut)
    for size in (0, 64, 40_000, BUNDLED.path.stat().st_size - 1):
        cut.write_bytes(BUNDLED.path.read_bytes()[:size])
        with pytest.raises(ModelRefused) as told:
            runtime.load(CancelToken())
        assert told.value.code == "model_unreadable"


@pytest.mark.parametrize("seed", [0, 1, 2, 33])  # llama.cpp 0.3.36 crashes over the last one
def test_a_model_with_flipped_bits_ends_in_a_draft(seed: int, tmp_path: Path) -> None:
    file = tmp_path / "dañado.gguf"
    file.write_bytes(flipped(BUNDLED.path.read_bytes(), seed))
    draft, cause = services.drafted(CASE, services.DraftOptions(model=str(file)), CancelToken())
    assert draft.report.ok
    assert draft.fallback == (cause is not None)


def _drafted(trouble: Callable[[DraftEvent], None]) -> list[DraftEvent]:
    events = []
    for event in services.draft(CASE, services.DraftOptions(), CancelToken()):
        trouble(event)
        events.append(event)
    return events


def _killing(times: int, number: int = signal.SIGKILL) -> Callable[[DraftEvent], None]:
    """Kills the model's process at the beginning of so many attempts."""
    killed: list[int] = []

    def trouble(event: DraftEvent) -> None:
        pid = runtimes.model_process()
        # What a dead process had still said comes after its death.
        if isinstance(event, PromptProgress) and pid and pid not in killed and len(killed) < times:
            os.kill(pid, number)
            assert _gone(pid)
            killed.append(pid)

    return trouble


def test_a_draft_goes_on_after_a_death() -> None:
    events = _drafted(_killing(1))
    (again,) = [e for e in events if isinstance(e, Retrying)]
    assert again.cause is not None
    assert again.cause.code == "model_killed"
    assert isinstance(events[-1], Done)
    assert not events[-1].draft.fallback
    assert events[-1].draft.report.ok


def test_after_two_deaths_the_template_takes_over_and_the_next_draft_is_the_models() -> None:
    events = _drafted(_killing(2, signal.SIGSEGV))
    (fallback,) = [e for e in events if isinstance(e, FellBack)]
    assert fallback.cause.code == "model_crashed"
    assert isinstance(events[-1], Done)
    assert events[-1].draft.report.ok
    after = _drafted(lambda _: None)[-1]
    assert isinstance(after, Done)
    assert not after.draft.fallback


def test_the_process_outlives_the_thread_that_asked_for_it() -> None:
    thread = threading.Thread(target=lambda: runtimes.loaded(BUNDLED, CancelToken()))
    runtimes.unload()
    thread.start()
    thread.join()
    before = runtimes.model_process()
    assert before
    assert list(runtimes.loaded(BUNDLED, CancelToken()).stream(_request(grammar='start: "a"'), CancelToken()))
    assert runtimes.model_process() == before


def _answering(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(launch, "command", lambda: (sys.executable, "-S", "-c", code))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("print('Hola')", "model_garbled"),
        (
            "import os; os.write(1, b'\\2\\0\\0\\0{}' * 9 + b'\\x16\\0\\0\\0' + b'{\"job\":1,\"end\":\"done\"}')",
            "model_garbled",
        ),
        ("import sys; sys.exit(3)", "model_crashed"),
        ("import time; time.sleep(60)", "model_hung"),
        ("import os; os.close(1); import time; time.sleep(60)", "model_killed"),
    ],
)
def test_a_process_that_is_out_of_its_mind(
    code: str, told: str, supervised: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    _answering(monkeypatch, code)
    with pytest.raises(RuntimeDied) as failure:
        supervised(patience=Patience(start=1.0, silence=1.0)).load(CancelToken())
    assert failure.value.code == told


def test_a_process_that_cannot_be_started(
    supervised: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(launch, "command", lambda: (str(tmp_path / "no"),))
    with pytest.raises(RuntimeDied) as failure:
        supervised().load(CancelToken())
    assert failure.value.code == "model_not_started"
