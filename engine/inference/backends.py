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


def open_runtime(spec: ModelSpec, cancel: CancelToken) -> Runtime:
    """A loaded model. Raises ModelRefused where its runtime cannot load it, Cancelled while loading."""
    if spec.backend == "llama":
        from engine.inference.llama import LlamaRuntime  # only the process that computes holds a runtime

        return LlamaRuntime(Path(spec.path), spec.chat_template, spec.context, cancel)
    from engine.inference.onnx import OnnxRuntime  # likewise

    return OnnxRuntime(Path(spec.path), spec.chat_template, spec.context, cancel)
