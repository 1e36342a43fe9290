"""Which runtime opens which kind of model. The runtimes are imported here, where one is opened, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.cancellation import CancelToken
from engine.inference.protocol import Runtime


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
    from engine.inference.onnx import OnnxRuntime  # likewise

    return OnnxRuntime(Path(spec.path), spec.chat_template, spec.context, cancel)


def _llama(spec: ModelSpec, cancel: CancelToken) -> Runtime:
    from engine.inference import saved  # only the process that computes holds a runtime
    from engine.inference.llama import LlamaRuntime

    runtime = LlamaRuntime(Path(spec.path), spec.chat_template, spec.context, cancel)
    try:
        saved.prepare(runtime, spec, cancel)
    except BaseException:
        runtime.close()
        raise
    return runtime
