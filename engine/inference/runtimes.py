"""The one loaded model of this process: loading takes longer than a draft, so it is kept warm."""

from __future__ import annotations

from engine.cancellation import CancelToken
from engine.errors import ModelRefused
from engine.inference.llama import LlamaRuntime
from engine.inference.models import ModelEntry, verified
from engine.inference.protocol import Runtime

_warm: dict[str, Runtime] = {}


def loaded(entry: ModelEntry, cancel: CancelToken) -> Runtime:
    """The runtime of a model whose hash was verified; a different one loaded before is closed."""
    if entry.backend != "llama":
        raise ModelRefused("model_onnx_later", model=entry.id)
    if entry.sha256 not in _warm:
        path = verified(entry, cancel)
        unload()
        _warm[entry.sha256] = LlamaRuntime(path, entry.chat_template, entry.context, cancel)
    return _warm[entry.sha256]


def unload() -> None:
    """Frees the model's memory."""
    for runtime in _warm.values():
        runtime.close()
    _warm.clear()
