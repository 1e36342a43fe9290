"""One attempt at a text: the template's, or the model's under the record's grammar."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from engine.cancellation import CancelToken
from engine.domain import DraftEvent, PromptProgress, SectionStarted, Token, Usage, Violation
from engine.drafting import grammar, plan, prompt, template
from engine.errors import ModelRefused
from engine.evidence import Evidence
from engine.inference.protocol import (
    Finished,
    Piece,
    PromptChosen,
    PromptRead,
    Request,
    Runtime,
    Sampling,
    Segment,
    SegmentStarted,
    StreamEvent,
)


@dataclass
class Attempt:
    """The text as it grows, and what it cost. Iterate `events`, then read the rest."""

    text: str = ""
    usage: Usage = field(default_factory=Usage)
    unread: tuple[str, ...] = ()  # parts of the record that did not fit the model's context

    def from_template(self, evidence: Evidence, cancel: CancelToken) -> Iterator[DraftEvent]:
        for section, text in template.sections(plan.build(evidence)):
            cancel.check()
            yield SectionStarted(section.value)
            self.text += text
            yield Token(text, forced=True)

    def from_model(
        self, runtime: Runtime, request: Request, cancel: CancelToken, *, seconds: float
    ) -> Iterator[DraftEvent]:
        """Raises Cancelled, ModelRefused (also when `seconds` have passed)."""
        deadline = time.monotonic() + seconds
        with closing(runtime.stream(request, cancel)) as events:
            for event in events:
                if time.monotonic() > deadline:
                    raise ModelRefused("model_timeout", seconds=round(seconds))
                yield from self._taken(event)

    def _taken(self, event: StreamEvent) -> Iterator[DraftEvent]:
        if isinstance(event, Piece):
            self.text += event.text
            yield Token(event.text, event.forced)
        elif isinstance(event, PromptChosen):
            self.unread = event.without
        elif isinstance(event, PromptRead):
            yield PromptProgress(event.done, event.total)
        elif isinstance(event, SegmentStarted):
            yield SectionStarted(event.name)
        elif isinstance(event, Finished):
            self.usage = event.usage


def request(
    evidence: Evidence,
    profile: prompt.Profile,
    sampling: Sampling,
    *,
    constrained: bool,
    corrections: Sequence[Violation] = (),
) -> Request:
    """What the model is asked. A correction names the violations and takes the rejected wordings out of the grammar."""
    forbidden = frozenset(v.mention for v in corrections if v.mention)
    tree = plan.build(evidence)
    segments = tuple(Segment(section.value, grammar.lark(grammar.without(node, forbidden))) for section, node in tree)
    return Request(
        prompts=prompt.prompts(evidence, profile, corrections),
        segments=segments if constrained else (Segment("free", None),),
        answer="".join(text for _, text in template.sections(tree)),
        sampling=sampling,
    )


def added(first: Usage, second: Usage) -> Usage:
    """The cost of two attempts; the first token is that of the first attempt."""
    names = ("prompt_tokens", "cached_tokens", "completion_tokens", "forced_tokens", "prefill_ms", "decode_ms")
    return replace(
        first,
        first_token_ms=first.first_token_ms or second.first_token_ms,
        **{n: getattr(first, n) + getattr(second, n) for n in names},
    )
