"""Chat formats as pieces: markers of the format are special tokens, all else is plain text.

The template inside a model file is never used: it is code of a stranger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from engine.inference.protocol import Message

Pieces = Iterator[tuple[str, bool]]  # (text, is a special token)


def chatml(messages: Sequence[Message]) -> Pieces:
    """Qwen: `<|im_start|>role\\ncontent<|im_end|>\\n`, then the assistant's opening."""
    for message in messages:
        yield "<|im_start|>", True
        yield f"{message.role}\n{message.content}", False
        yield "<|im_end|>", True
        yield "\n", False
    yield "<|im_start|>", True
    yield "assistant\n", False


def zephyr(messages: Sequence[Message]) -> Pieces:
    """TinyLlama-Chat: `<|role|>\\ncontent</s>\\n`."""
    for message in messages:
        yield f"<|{message.role}|>\n{message.content}", False
        yield "</s>", True
        yield "\n", False
    yield "<|assistant|>\n", False


TEMPLATES: dict[str, Callable[[Sequence[Message]], Pieces]] = {"chatml": chatml, "zephyr": zephyr}
