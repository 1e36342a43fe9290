"""Threads: every end of a task tells itself once, and cancelling works while the work is blocked."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from desktop.tasks import Task, Work
from engine.cancellation import CancelToken


class Seen:
    """What a task told, in order."""

    def __init__(self, work: Work) -> None:
        self.told: list[object] = []
        self.task = Task(work)
        self.task.produced.connect(self.told.append)
        self.task.failed.connect(lambda error: self.told.append(type(error)))
        self.task.cancelled.connect(lambda: self.told.append("cancelled"))
        self.task.finished.connect(lambda: self.told.append("finished"))


def test_events_arrive_in_order_in_the_thread_of_the_window(qtbot: QtBot) -> None:
    threads = []

    def work(token: CancelToken) -> Iterator[object]:
        threads.append(threading.get_ident())
        yield from range(100)

    seen = Seen(work)
    seen.task.produced.connect(lambda event: threads.append(threading.get_ident()))
    with qtbot.waitSignal(seen.task.finished):
        seen.task.start()
    assert seen.told == [*range(100), "finished"]
    assert threads[0] != threads[1]
    assert set(threads[1:]) == {threading.get_ident()}


def test_a_failure_is_told_and_ends_the_task(qtbot: QtBot) -> None:
    def work(token: CancelToken) -> Iterator[object]:
        yield 1
        raise ZeroDivisionError

    seen = Seen(work)
    with qtbot.waitSignal(seen.task.finished):
        seen.task.start()
    assert seen.told == [1, ZeroDivisionError, "finished"]


def test_nothing_but_the_end_arrives_after_cancel(qtbot: QtBot) -> None:
    release = threading.Event()

    def work(token: CancelToken) -> Iterator[object]:
        yield "begun"
        release.wait()
        yield "late"
        raise ZeroDivisionError

    seen = Seen(work)
    with qtbot.waitSignal(seen.task.produced):
        seen.task.start()
    with qtbot.waitSignal(seen.task.finished):
        seen.task.cancel()
        release.set()
    assert seen.told == ["begun", "cancelled", "finished"]


def test_work_that_looks_at_the_token_ends_silently(qtbot: QtBot) -> None:
    def work(token: CancelToken) -> Iterator[object]:
        yield "begun"
        while True:
            token.check()

    seen = Seen(work)
    with qtbot.waitSignal(seen.task.produced):
        seen.task.start()
    with qtbot.waitSignal(seen.task.finished):
        seen.task.cancel()
    assert seen.told == ["begun", "cancelled", "finished"]


def test_wait_returns_once_the_thread_has_ended(qtbot: QtBot) -> None:
    ended = threading.Event()

    def work(token: CancelToken) -> Iterator[object]:
        yield 1
        ended.set()

    seen = Seen(work)
    with qtbot.waitSignal(seen.task.finished):
        seen.task.start()
        seen.task.wait()
        assert ended.is_set()
