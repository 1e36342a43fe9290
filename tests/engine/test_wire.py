"""What passes between the program and the model's process."""

from __future__ import annotations

import os
from typing import Any

import pytest

from engine.domain import Usage
from engine.inference import wire
from engine.inference.protocol import (
    Finished,
    Message,
    Piece,
    Prompt,
    PromptChosen,
    PromptRead,
    Request,
    Sampling,
    Segment,
    SegmentStarted,
    StreamEvent,
)

REQUEST = Request(
    prompts=(Prompt((Message("system", "s"), Message("user", "Ñuñoa «\ud83d» \0"))), Prompt((), ("course",))),
    segments=(Segment("a", 'start: "á"'), Segment("free", None)),
    sampling=Sampling(temperature=0, seed=3),
    answer="Ingresó.",
)
EVENTS: list[StreamEvent] = [
    PromptChosen(("course", "results")),
    PromptRead(1, 2),
    SegmentStarted("a"),
    Piece("niño\n", forced=True),
    Finished(Usage(prompt_tokens=5), complete=False),
]


def _through(frame: wire.Frame) -> wire.Frame:
    """The frame after a pipe."""
    reading, writing = os.pipe()
    wire.write(writing, frame)
    os.close(writing)
    found = wire.read(reading, 1 << 16)
    assert found is not None
    assert wire.read(reading, 1 << 16) is None
    os.close(reading)
    return found


def test_a_request_arrives_as_it_was_sent() -> None:
    assert wire.made(Request, _through(wire.asdict(REQUEST))) == REQUEST


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_an_event_arrives_as_it_was_sent(event: StreamEvent) -> None:
    assert wire.events_of(_through({"events": [wire.told(event)] * 2})) == (event, event)


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"event": "Request", "values": {}},
        {"event": ["Piece"], "values": {}},
        {"event": "Piece", "values": None},
        {"event": "Piece", "values": {"text": "a"}},
        {"event": "Piece", "values": {"text": 1, "forced": True}},
        {"event": "Piece", "values": {"text": "a", "forced": 1}},
        {"event": "Piece", "values": {"text": "a", "forced": True, "more": 1}},
        {"event": "PromptRead", "values": {"done": True, "total": 2}},
        {"event": "PromptChosen", "values": {"without": "abc"}},
        {"event": "PromptChosen", "values": {"without": [1]}},
        {"event": "Finished", "values": {"usage": {}, "complete": True}},
    ],
    ids=str,
)
def test_what_is_no_event_is_refused(frame: dict[str, Any]) -> None:
    with pytest.raises(wire.Garbled):
        wire.events_of({"events": [frame]})


@pytest.mark.parametrize("events", [None, {}, "abc", ["Piece"], [None]])
def test_what_are_no_events_is_refused(events: object) -> None:
    with pytest.raises(wire.Garbled):
        wire.events_of({"events": events})


def test_a_refusal_arrives_with_its_facts() -> None:
    refusal = wire.refusal_of(_through({"code": "prompt_too_long", "facts": {"limit": 4096}}))
    assert refusal.code == "prompt_too_long"
    assert "4096" in refusal.message()


@pytest.mark.parametrize(
    ("code", "facts"),
    [("x", {}), (None, {}), ("prompt_too_long", {}), ("prompt_too_long", {"limit": [1]}), ("model_failed", [])],
)
def test_a_refusal_that_cannot_be_shown_is_no_answer(code: object, facts: object) -> None:
    with pytest.raises(wire.Garbled):
        wire.refusal_of({"code": code, "facts": facts})


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\3\0\0\0abc", b"\2\0\0\0[]", b"\0\x80\0\0" + b"[" * 0x8000])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.write(writing, data)
    os.close(writing)
    with pytest.raises(wire.Garbled):
        wire.read(reading, 1 << 20)
    os.close(reading)


def test_a_frame_that_is_cut_is_the_end() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\5\0\0\0{")
    os.close(writing)
    assert wire.read(reading, 1 << 16) is None
    os.close(reading)
