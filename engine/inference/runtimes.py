"""The one loaded model of this process: loading takes longer than a draft, so it is kept warm."""

from __future__ import annotations

from engine.cancellation import CancelToken
from engine.inference.backends import ModelSpec, open_runtime
from engine.inference.models import ModelEntry, verified
from engine.inference.protocol import Runtime

_warm: dict[str, Runtime] = {}


def loaded(entry: ModelEntry, cancel: CancelToken) -> Runtime:
    """The runtime of a model whose hash was verified; a different one loaded before is closed."""
    if entry.sha256 not in _warm:
        path = verified(entry, cancel)
        unload()
        spec = ModelSpec(entry.backend, str(path), entry.id, entry.sha256, entry.chat_template, entry.context)
        _warm[entry.sha256] = open_runtime(spec, cancel)
    return _warm[entry.sha256]


def unload() -> None:
    """Frees the model's memory."""
    for runtime in _warm.values():
        runtime.close()
    _warm.clear()
