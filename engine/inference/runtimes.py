"""The one loaded model of this program: loading takes longer than a draft, so it is kept warm."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.files import private_folder
from engine.inference import models, preflight
from engine.inference.backends import ModelSpec
from engine.inference.catalog import system_text
from engine.inference.confinement import memory_limit
from engine.inference.identity import Identity, identity_of
from engine.inference.models import ModelEntry
from engine.inference.protocol import Runtime, Threads
from engine.inference.supervisor import Confined, Patience, Supervisor, taken
from engine.paths import user_states

_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Warm:
    entry: ModelEntry
    identity: Identity
    runtime: Supervisor
    file: int | None  # the descriptor of the verified file, which the process loads


_warm: list[_Warm] = []  # one at most


def loaded(entry: ModelEntry, cancel: CancelToken) -> Runtime:
    """The runtime of a model whose hash was verified; a different one loaded before is closed.

    Raises ModelRefused, RuntimeDied where loading ended its process, Cancelled.
    """
    with taken(_turn, cancel, Patience().load):
        identity = models.verified(entry, cancel)
        warm = _warm[0] if _warm else None
        if warm is None or (warm.entry, warm.identity) != (entry, identity):
            unload()
            warm = _supervised(entry, identity)
            _warm.append(warm)
        warm.runtime.load(cancel)
        if identity_of(entry.path) != identity:  # what was loaded may not be what was verified
            unload()
            raise ModelRefused("model_replaced", model=entry.id)
        return warm.runtime


def unload() -> None:
    """Ends the model's process, which frees its memory; whoever waits for it hears that it died."""
    while _warm:
        one = _warm.pop()
        one.runtime.close()
        if one.file is not None:
            os.close(one.file)


def model_process() -> int | None:
    """The number that the system gives to the process of the loaded model, where there is one."""
    return _warm[0].runtime.pid if _warm else None


def peak_memory() -> int:
    """The most bytes that the process of the loaded model has held."""
    return _warm[0].runtime.peak_memory if _warm else 0


def threads() -> Threads:
    """That the loaded model computes with."""
    return _warm[0].runtime.threads if _warm else Threads()


def _supervised(entry: ModelEntry, identity: Identity) -> _Warm:
    short = preflight.memory_problem(preflight.needed_memory(entry))
    if short:  # else the computer would turn to its disk, or end some program, and the window may be the one
        raise short
    file = _opened(entry, identity)
    path = str(entry.path.resolve()) if file is None else f"/proc/self/fd/{file}"
    spec = ModelSpec(
        entry.backend,
        path,
        entry.id,
        entry.sha256,
        entry.chat_template,
        entry.context,
        system=system_text(entry.prompt_profile),
        states=_states(),
    )
    size = sum(part.size for part in identity)
    runtime = Supervisor(Confined(spec, memory_limit(entry, size), () if file is None else (file,)))
    return _Warm(entry, identity, runtime, file)


def _states() -> str:
    try:
        return str(private_folder(user_states()))
    except OSError:  # a disk that takes nothing more
        return ""


def _opened(entry: ModelEntry, identity: Identity) -> int | None:
    """The verified file itself, by whatever name it goes by now; None where a system or a folder cannot be held so."""
    if sys.platform != "linux" or not entry.path.is_file() or not Path("/proc/self/fd").is_dir():
        return None
    file = os.open(entry.path, os.O_RDONLY)
    if identity_of(file) != identity:
        os.close(file)
        raise ModelRefused("model_replaced", model=entry.id)
    return file


atexit.register(unload)
