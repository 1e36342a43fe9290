"""Chat formats as pieces: markers of the format are special tokens, all else is plain text.

The template inside a model file is never used: it is code of a stranger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from engine.inference.protocol import Message

Pieces = Iterator[tuple[str, bool]]  # (text, is a special token)


def chatml(messages: Sequence[Message]) -> Pieces:
    """Qwen2: `<|im_start|>role\\ncontent<|im_end|>\\n`, then the assistant's opening."""
    for message in messages:
        yield "<|im_start|>", True
        yield f"{message.role}\n{message.content}", False
        yield "<|im_end|>", True
        yield "\n", False
    yield "<|im_start|>", True
    yield "assistant\n", False


def qwen3(messages: Sequence[Message]) -> Pieces:
    """ChatML with an empty thought before the answer: the model does not think aloud."""
    yield from chatml(messages)
    yield "<think>", True
    yield "\n\n", False
    yield "</think>", True
    yield "\n\n", False


def zephyr(messages: Sequence[Message]) -> Pieces:
    """TinyLlama-Chat: `<|role|>\\ncontent</s>\\n`. The role is plain text there, so no content may look like one."""
    yield "<s>", True
    for message in messages:
        yield f"<|{message.role}|>\n{message.content.replace('<|', '< |')}", False
        yield "</s>", True
        yield "\n", False
    yield "<|assistant|>\n", False


def llama3(messages: Sequence[Message]) -> Pieces:
    """Llama 3: `<|start_header_id|>role<|end_header_id|>\\n\\ncontent<|eot_id|>`."""
    yield "<|begin_of_text|>", True
    for role, content in (*((m.role, m.content) for m in messages), ("assistant", None)):
        yield "<|start_header_id|>", True
        yield role, False
        yield "<|end_header_id|>", True
        yield f"\n\n{content or ''}", False
        if content is not None:
            yield "<|eot_id|>", True


def mistral(messages: Sequence[Message]) -> Pieces:
    """Mistral Instruct v0.3: `<s>[INST] content[/INST]`; it has no system turn."""
    yield "<s>", True
    yield "[INST]", True
    yield f" {_one_turn(messages)}", False
    yield "[/INST]", True


def gemma(messages: Sequence[Message]) -> Pieces:
    """Gemma: `<start_of_turn>user\\ncontent<end_of_turn>\\n`, then the model's opening; it has no system turn."""
    yield "<bos>", True
    yield "<start_of_turn>", True
    yield f"user\n{_one_turn(messages)}", False
    yield "<end_of_turn>", True
    yield "\n", False
    yield "<start_of_turn>", True
    yield "model\n", False


def _one_turn(messages: Sequence[Message]) -> str:
    return "\n\n".join(m.content for m in messages)


TEMPLATES: dict[str, Callable[[Sequence[Message]], Pieces]] = {
    "chatml": chatml,
    "qwen3": qwen3,
    "zephyr": zephyr,
    "llama3": llama3,
    "mistral": mistral,
    "gemma": gemma,
}

# The token that ends an answer in each format.
ENDS: dict[str, str] = {
    "chatml": "<|im_end|>",
    "qwen3": "<|im_end|>",
    "zephyr": "</s>",
    "llama3": "<|eot_id|>",
    "mistral": "</s>",
    "gemma": "<end_of_turn>",
}

# The markers that a vocabulary must have for a format, the surest first; Zephyr's are plain text and not in it.
MARKERS: dict[str, tuple[str, ...]] = {
    "qwen3": ("<|im_start|>", "<|im_end|>", "<think>", "</think>"),
    "chatml": ("<|im_start|>", "<|im_end|>"),
    "llama3": ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "gemma": ("<bos>", "<start_of_turn>", "<end_of_turn>"),
    "mistral": ("<s>", "[INST]", "[/INST]"),
}
