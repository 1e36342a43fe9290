"""What drafting asks of a runtime and what it hears back; the same for every runtime."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from engine.cancellation import CancelToken
from engine.domain import Usage


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the chat. Its content is data: special tokens in it are encoded as plain text."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """llama.cpp's names and meanings. `temperature` 0 is greedy, `repeat_penalty` 1 is none."""

    temperature: float = 0.3
    top_p: float = 0.9
    top_k: int = 40
    repeat_penalty: float = 1.0
    seed: int = 0
    max_tokens: int = 512  # of free text; constrained text ends where its grammar ends


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the answer, written under its own grammar (llguidance Lark); None: free text until the end."""

    name: str
    grammar: str | None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One way to ask; `without` names what the record has and this prompt does not (empty: the whole record)."""

    messages: tuple[Message, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """The first of the prompts that leaves room for the answer is read; `answer` is a text about as long as it."""

    prompts: tuple[Prompt, ...]
    segments: tuple[Segment, ...]
    sampling: Sampling = field(default_factory=Sampling)
    answer: str = ""


@dataclass(frozen=True, slots=True)
class PromptChosen:
    """A shorter prompt is read, as the whole record does not fit the model's context."""

    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromptRead:
    """`done` of `total` prompt tokens are evaluated."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SegmentStarted:
    name: str


@dataclass(frozen=True, slots=True)
class Piece:
    """New text; `forced` where the grammar left no choice."""

    text: str
    forced: bool


@dataclass(frozen=True, slots=True)
class Finished:
    usage: Usage
    complete: bool  # False where the limit of tokens cut the text


StreamEvent = PromptChosen | PromptRead | SegmentStarted | Piece | Finished


@dataclass(frozen=True, slots=True)
class Threads:
    """How many a runtime computes with; 0 where no model is loaded."""

    reading: int = 0  # of a prompt, or of a run of forced tokens
    writing: int = 0  # of one token after another


class Runtime(Protocol):
    """A loaded model. One request at a time."""

    @property
    def threads(self) -> Threads:
        """As they are chosen at present."""

    def stream(self, request: Request, cancel: CancelToken) -> Generator[StreamEvent, None, None]:
        """Raises Cancelled, and ModelRefused where the runtime fails or the prompt does not fit.

        Closing it before its end stops the work.
        """

    def close(self) -> None: ...
