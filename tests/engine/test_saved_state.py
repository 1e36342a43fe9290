"""What is kept of the constant part of the prompt: only that, whole or not at all, and never a reason to fail."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import services
from engine.cancellation import CancelToken
from engine.domain import Draft
from engine.errors import Cancelled
from engine.inference import runtimes, saved
from engine.inference.backends import ModelSpec, open_runtime
from engine.inference.catalog import system_text
from engine.inference.llama import LlamaRuntime
from engine.inference.protocol import Finished, Message, Piece, Prompt, Request, Sampling, Segment
from engine.paths import resource, user_states
from tests.helpers.tiny import GGUF

GRAMMAR = 'start: /[a-z ]{12}/ " fin"'
CANARY = "Zutano Quiñihual Ñancupil"
HEAD = 18 + 32 + 32 + 4  # format, digest, key, number of tokens
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such thing")


@pytest.fixture
def spec(tmp_path: Path) -> ModelSpec:
    states = tmp_path / "estados ñ"
    states.mkdir()
    return ModelSpec("llama", str(GGUF), "modelo", "ab", "chatml", 2048, system_text("instruct"), str(states))


@pytest.fixture
def opened() -> Iterator[Callable[[ModelSpec], LlamaRuntime]]:
    made: list[LlamaRuntime] = []

    def make(spec: ModelSpec) -> LlamaRuntime:
        runtime = open_runtime(spec, CancelToken())
        assert isinstance(runtime, LlamaRuntime)
        made.append(runtime)
        return runtime

    yield make
    for runtime in made:
        runtime.close()


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tokens that llama.cpp computes."""
    tokens: list[int] = []
    real = LlamaRuntime.evaluate

    def evaluate(self: LlamaRuntime, asked: list[int], cancel: CancelToken) -> object:
        tokens.extend(asked)
        return real(self, asked, cancel)

    monkeypatch.setattr(LlamaRuntime, "evaluate", evaluate)
    return tokens


def _request(spec: ModelSpec, text: str = "Ingreso: 1 de mayo") -> Request:
    prompt = Prompt((Message("system", spec.system), Message("user", text)))
    return Request((prompt,), (Segment("a", GRAMMAR),), Sampling(temperature=1.5, seed=3))


def _written(runtime: LlamaRuntime, request: Request) -> tuple[str, int]:
    """The text, and how many of the prompt's tokens were there before."""
    events = list(runtime.stream(request, CancelToken()))
    done = events[-1]
    assert isinstance(done, Finished)
    return "".join(e.text for e in events if isinstance(e, Piece)), done.usage.cached_tokens


def _files(spec: ModelSpec) -> list[Path]:
    return sorted(Path(spec.states).iterdir())


def _tokens(path: Path) -> list[int]:
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, HEAD - 4)
    return list(struct.unpack_from(f"<{count}i", data, HEAD))


def test_what_was_kept_writes_the_same_text(
    spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime], evaluated: list[int]
) -> None:
    text, cached = _written(opened(spec), _request(spec))
    evaluated.clear()
    second = opened(spec)
    assert not evaluated
    assert _written(second, _request(spec)) == (text, cached)
    assert cached > 200


def test_only_the_program_s_own_words_are_kept(spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]) -> None:
    runtime = opened(spec)
    (file,) = _files(spec)
    before = file.read_bytes()
    _written(runtime, _request(spec, CANARY))
    _written(opened(spec), _request(spec, CANARY))
    assert _files(spec) == [file]
    assert file.read_bytes() == before
    kept = b"".join(runtime.piece(t) for t in _tokens(file)).decode()
    assert kept == f"system\n{spec.system}\nuser\n"  # the markers themselves have no text
    words = struct.pack("<3i", *runtime._tokenize(CANARY, special=False)[:3])
    for form in (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY[:8].encode(), words):
        assert form not in before


def test_a_system_text_that_is_not_the_program_s_is_never_kept(
    spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]
) -> None:
    asked = _request(replace(spec, system=f"{CANARY} " * 30))
    _written(opened(replace(spec, system="")), asked)
    assert not _files(spec)
    _written(opened(spec), asked)
    assert all(CANARY.encode() not in file.read_bytes() for file in _files(spec))


def _cut(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


def _rehash(path: Path, body: bytes) -> None:
    """As a program with a bug would write it: its digest is right."""
    data = path.read_bytes()
    path.write_bytes(data[:18] + hashlib.sha256(body).digest() + data[50:HEAD] + body)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": lambda p: _cut(p, 0),
    "headOnly": lambda p: _cut(p, 60 / p.stat().st_size),
    "half": lambda p: _cut(p, 0.5),
    "longer": lambda p: os.truncate(p, p.stat().st_size + 1),
    "format": lambda p: _flip(p, 3),
    "digest": lambda p: _flip(p, 20),
    "key": lambda p: _flip(p, 60),
    "count": lambda p: _flip(p, HEAD - 1),
    "token": lambda p: _flip(p, HEAD + 9),
    "state": lambda p: _flip(p, -100),
    "stateOfHalf": lambda p: _rehash(p, p.read_bytes()[HEAD : p.stat().st_size // 2]),
    "stateOfNothing": lambda p: _rehash(p, p.read_bytes()[HEAD : HEAD + 4 * len(_tokens(p))]),
    "huge": lambda p: os.truncate(p, saved.MOST + 1),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_computed_anew_and_replaced(
    name: str, spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime], evaluated: list[int]
) -> None:
    text = _written(opened(spec), _request(spec))
    (file,) = _files(spec)
    whole = file.read_bytes()
    DAMAGES[name](file)
    evaluated.clear()
    assert _written(opened(spec), _request(spec)) == text
    assert len(evaluated) > 200
    assert _files(spec) == [file]
    assert file.read_bytes() == whole


@posix
def test_a_pipe_in_its_place_is_not_waited_for(spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]) -> None:
    text = _written(opened(spec), _request(spec))
    _fifo(_files(spec)[0])
    assert _written(opened(spec), _request(spec)) == text
    assert _files(spec)[0].is_file()


def test_the_state_of_another_model_is_not_taken(spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]) -> None:
    text = _written(opened(spec), _request(spec))
    (file,) = _files(spec)
    other = replace(spec, sha256="cd")
    opened(other)
    (new,) = (f for f in _files(spec) if f != file)
    whole = file.read_bytes()
    file.write_bytes(new.read_bytes())
    assert _written(opened(spec), _request(spec)) == text
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    "change", [{"sha256": "cd"}, {"context": 1024}, {"system": f"{system_text('instruct')} Breve."}]
)
def test_what_the_state_depends_on_is_in_its_name(
    change: dict[str, object], spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]
) -> None:
    opened(spec)
    opened(replace(spec, **change))  # type: ignore[arg-type]
    assert len(_files(spec)) == 2


def test_another_version_of_the_runtime_computes_it_anew(
    spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(spec)
    monkeypatch.setattr("llama_cpp.__version__", "0.0.1")
    opened(spec)
    assert len(_files(spec)) == 2


@posix
def test_a_full_disk_costs_nothing_but_the_file(spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]) -> None:
    import resource as system

    soft, hard = system.getrlimit(system.RLIMIT_FSIZE)
    system.setrlimit(system.RLIMIT_FSIZE, (4096, hard))
    try:
        runtime = opened(spec)
    finally:
        system.setrlimit(system.RLIMIT_FSIZE, (soft, hard))
    assert not _files(spec)
    assert _written(runtime, _request(spec))[1] > 200


@pytest.mark.parametrize("kind", ["missing", "file", "occupied"])
def test_where_nothing_can_be_written_it_is_computed(
    kind: str, spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]
) -> None:
    if kind == "occupied":
        opened(spec)
        (file,) = _files(spec)
        file.unlink()
        file.mkdir()
    else:
        Path(spec.states).rmdir()
        if kind == "file":
            Path(spec.states).write_text("a file, so that no folder can stand here", encoding="utf-8")
    assert _written(opened(spec), _request(spec))[1] > 200


def test_a_short_constant_part_is_not_kept(spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]) -> None:
    runtime = opened(replace(spec, system=system_text("narrator")))
    assert 0 < len(saved.constant(runtime, system_text("narrator"))) < saved.LEAST
    assert not _files(spec)


def test_the_oldest_are_removed(spec: ModelSpec, opened: Callable[[ModelSpec], LlamaRuntime]) -> None:
    folder = Path(spec.states)
    for number in range(saved.KEPT + 3):
        old = folder / (f"{number:02}.state" if number else ".epicrisis-x.tmp")
        old.write_bytes(b"old")
        os.utime(old, (1000 + number, 1000 + number))
    stranger = folder / "notas.txt"
    stranger.write_text("of somebody", encoding="utf-8")
    opened(spec)
    kept = _files(spec)
    assert stranger in kept
    assert len(kept) == saved.KEPT + 1
    assert {f"{n:02}.state" for n in range(4, saved.KEPT + 3)} < {f.name for f in kept}


def test_a_cancel_while_it_is_computed_keeps_nothing(spec: ModelSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel, real = CancelToken(), LlamaRuntime.evaluate

    def evaluate(self: LlamaRuntime, asked: list[int], token: CancelToken) -> object:
        logits = real(self, asked, token)
        cancel.cancel()
        return logits

    monkeypatch.setattr(LlamaRuntime, "evaluate", evaluate)
    with pytest.raises(Cancelled):
        open_runtime(spec, cancel)
    assert not _files(spec)


@pytest.fixture
def cold() -> Iterator[None]:
    runtimes.unload()
    yield
    runtimes.unload()


@pytest.mark.usefixtures("cold")
def test_the_process_of_the_model_keeps_it_private(random_model: Path) -> None:
    first = _drafted(str(random_model))
    (file,) = user_states().iterdir()
    assert len(_tokens(file)) > 200
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    before = file.read_bytes()
    assert b"angina" not in before.lower()
    runtimes.unload()
    again = _drafted(str(random_model))
    assert again.text == first.text
    assert again.usage.cached_tokens == first.usage.cached_tokens >= len(_tokens(file))
    assert file.read_bytes() == before


@pytest.mark.usefixtures("cold")
def test_without_a_folder_the_draft_comes_all_the_same(
    random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "occupied").write_text("a file, so that no folder can stand here", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "occupied"))
    assert _drafted(str(random_model)).usage.cached_tokens > saved.LEAST


@pytest.mark.usefixtures("cold")
def test_the_bundled_model_s_constant_part_is_too_short_to_keep() -> None:
    assert _drafted(None).text
    assert not list(user_states().iterdir())


def _drafted(model: str | None) -> Draft:
    case = services.read(resource("samples/angina.json"))
    draft, cause = services.drafted(case, services.DraftOptions(model=model), CancelToken())
    assert cause is None
    return draft
