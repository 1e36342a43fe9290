"""A graph loaded by ONNX Runtime: the one place that imports it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: the runtime would call home
import onnxruntime  # type: ignore[import-untyped]

from engine.cancellation import CancelToken
from engine.errors import ModelRefused

onnxruntime.disable_telemetry_events()
_FATAL: Final = 4  # severity of what its log may tell: the text of an error may quote the file
_ERRORS = vars(onnxruntime.capi.onnxruntime_pybind11_state).values()
_FAILURES: tuple[type[Exception], ...] = (
    RuntimeError,
    ValueError,
    *(e for e in _ERRORS if isinstance(e, type) and issubclass(e, Exception)),
)
_KINDS: Final[dict[str, type[np.generic]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a graph asks or gives; a dimension that it leaves open is a name or None."""

    name: str
    kind: type[np.generic] | None  # None: of a type that no known graph has
    shape: tuple[int | str | None, ...]


class Session:
    """Raises ModelRefused where ONNX Runtime cannot load the graph, Cancelled while it loads."""

    def __init__(self, path: Path, threads: int, cancel: CancelToken) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = _FATAL
        options.enable_mem_pattern = False  # a pattern for each length of the text would be kept
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = _guarded(
            lambda: onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]),
            cancel.stopping(lambda: options.set_load_cancellation_flag(True)),
            cancel,
            ModelRefused("model_unreadable", file=path.name),
        )
        self.inputs = tuple(_tensor(node) for node in self._session.get_inputs())
        self.optional = tuple(_tensor(node) for node in self._session.get_overridable_initializers())
        self.outputs = tuple(_tensor(node) for node in self._session.get_outputs())

    def binding(self) -> Any:
        """An IOBinding of this graph."""
        return self._session.io_binding()

    def run(self, binding: Any, cancel: CancelToken) -> None:
        """One step; it ends within milliseconds where `cancel` is set from another thread.

        Raises Cancelled, ModelRefused where the graph fails.
        """
        cancel.check()
        options = onnxruntime.RunOptions()
        options.log_severity_level = _FATAL
        _guarded(
            lambda: self._session.run_with_iobinding(binding, options),
            cancel.stopping(lambda: setattr(options, "terminate", True)),
            cancel,
            ModelRefused("model_failed"),
        )


def _guarded(
    work: Callable[[], Any], stopping: AbstractContextManager[None], cancel: CancelToken, refusal: ModelRefused
) -> Any:
    try:
        with stopping:
            return work()
    except MemoryError:
        raise ModelRefused("model_no_memory", file=str(refusal.facts.get("file", ""))) from None
    except _FAILURES:
        cancel.check()
        raise refusal from None


def _tensor(node: Any) -> Tensor:
    return Tensor(node.name, _KINDS.get(node.type), tuple(node.shape))
