"""Which runtime opens which kind of model. The runtimes are imported here, where one is opened, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.inference.protocol import Runtime

_NAMES: Final = {"llama": "llama.cpp", "onnx": "ONNX Runtime"}


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """All that a runtime is told of a model; plain values, as they go to another process."""

    backend: str  # as `ModelEntry`
    path: str  # a file, or the folder of an ONNX model; it was verified
    name: str  # what the user knows it by, for refusals
    sha256: str
    chat_template: str  # a key of engine.inference.chat.TEMPLATES
    context: int  # tokens
    system: str = ""  # the text of the program that every prompt begins with
    states: str = ""  # the folder where what it computes of that text is kept; empty: nowhere


def open_runtime(spec: ModelSpec, cancel: CancelToken) -> Runtime:
    """A loaded model. Raises ModelRefused where its runtime cannot load it, Cancelled while loading."""
    if spec.backend == "llama":
        return _llama(spec, cancel)
    with _imported(spec.backend):
        from engine.inference.onnx import OnnxRuntime  # likewise

    return OnnxRuntime(Path(spec.path), spec.chat_template, spec.context, cancel)


def _llama(spec: ModelSpec, cancel: CancelToken) -> Runtime:
    with _imported(spec.backend):
        from engine.inference import saved  # only the process that computes holds a runtime
        from engine.inference.llama import LlamaRuntime

    runtime = LlamaRuntime(Path(spec.path), spec.chat_template, spec.context, cancel)
    try:
        saved.prepare(runtime, spec, cancel)
    except BaseException:
        runtime.close()
        raise
    return runtime


def features(backend: str) -> tuple[str, ...]:
    """What the runtime's library was built to use of the processor, in its own words; none where it chooses as it runs.

    Raises ModelRefused where it cannot be loaded.
    """
    with _imported(backend):
        if backend == "llama":
            from engine.inference.llama import features as told

            return told()
        from engine.inference import onnx  # noqa: F401  (whether it loads is what is asked)
    return ()


@contextmanager
def _imported(backend: str) -> Iterator[None]:
    """An antivirus may have taken a library away, or the system may lack one that it needs."""
    try:
        yield
    except (ImportError, OSError, RuntimeError):  # llama_cpp raises the latter two
        raise ModelRefused("runtime_missing", runtime=_NAMES.get(backend, backend)) from None
