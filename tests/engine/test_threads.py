"""The number of threads follows the speed of the work, and no text follows the number of threads."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.cancellation import CancelToken
from engine.inference.cores import distinct, physical_cores
from engine.inference.llama import LlamaRuntime
from engine.inference.protocol import Threads
from engine.inference.threads import Pace, fixed_threads, most_threads, tried
from tests.helpers.tiny import GGUF

LARGE = 400 << 20  # bytes
STEPS = 4


class Computer:
    """So many of `cores` are free. A thread more than these makes all the others wait for it."""

    def __init__(self, cores: int, steps: int = STEPS, *, hasty: bool = False) -> None:
        self.free = cores
        self.now = 0.0
        self.made: list[int] = []
        self.pace = Pace(cores, steps, hasty=hasty, clock=lambda: self.now)

    def work(self, steps: int) -> None:
        for _ in range(steps):
            threads = self.pace.threads
            seconds = (1 if threads <= self.free else 8) / threads / 100
            self.now += seconds
            self.made.append(threads)
            self.pace.took(1, seconds)


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 6, 8, 16])
def test_an_idle_computer_computes_with_all_its_cores(cores: int) -> None:
    computer = Computer(cores)
    computer.work(100)
    assert computer.made[-1] == cores


def test_few_steps_are_made_with_fewer_threads_than_are_best() -> None:
    computer = Computer(8)
    computer.work(100)
    assert set(computer.made) == {8, 7, 4, 2, 1}
    assert sum(threads < 8 for threads in computer.made) <= 10


def test_a_prompt_is_read_with_fewer_threads_only_as_long_as_that_is_worth_it() -> None:
    computer = Computer(8, 1, hasty=True)
    computer.work(20)
    assert [threads for threads in computer.made if threads < 8] == [7, 4]


@pytest.mark.parametrize(
    ("cores", "free", "chosen"), [(2, 1, 1), (4, 3, 3), (4, 2, 2), (8, 7, 7), (8, 5, 4), (8, 1, 1)]
)
def test_a_busy_computer_keeps_what_is_busy(cores: int, free: int, chosen: int) -> None:
    computer = Computer(cores)
    computer.free = free
    computer.work(40)
    assert computer.made[-1] == chosen


def test_a_core_that_is_taken_later_is_given_up_and_taken_back_once_it_is_free() -> None:
    computer = Computer(4)
    computer.work(60)
    computer.free = 3
    computer.work(40)
    assert computer.made[-1] == 3
    computer.free = 4
    computer.now += 60  # it is tried again after a minute
    computer.work(60)
    assert computer.made[-1] == 4


def test_a_crowded_computer_is_noticed_after_a_step() -> None:
    pace = Pace(2, STEPS)
    pace.took(1, 3.0)  # the first of all, which may have read from disk
    assert pace.threads == 2
    pace.took(1, 3.0)
    assert pace.threads == 1


def test_where_a_thread_more_gains_nothing_the_core_is_left_to_others() -> None:
    pace = Pace(4, STEPS, clock=lambda: 0.0)
    for _ in range(40):
        pace.took(1, 0.01 if pace.threads >= 2 else 0.02)
    assert pace.threads == 2


def test_a_small_model_has_one_thread_and_is_not_measured() -> None:
    assert most_threads(5 << 20) == fixed_threads(5 << 20) == 1
    assert most_threads(LARGE) == physical_cores()
    assert fixed_threads(LARGE) == min(4, physical_cores())
    pace = Pace(1, STEPS)
    for seconds in (1.0, 100.0) * STEPS:
        pace.took(1, seconds)
        assert pace.threads == 1


def test_all_but_one_and_halves_are_tried() -> None:
    assert [tried(most) for most in (1, 2, 4, 6, 8)] == [(1,), (2, 1), (4, 3, 2, 1), (6, 5, 3, 1), (8, 7, 4, 2, 1)]


def test_two_threads_of_one_core_are_one_core(tmp_path: Path) -> None:
    for number, siblings in enumerate(("0,2", "1,3", "0,2", "1,3")):
        place = tmp_path / f"cpu{number}" / "topology"
        place.mkdir(parents=True)
        (place / "thread_siblings_list").write_text(f"{siblings}\n", encoding="ascii")
    assert distinct({0, 1, 2, 3}, tmp_path) == 2
    assert distinct({0, 2}, tmp_path) == 1
    assert distinct({2, 3}, tmp_path) == 2
    assert distinct({0, 7}, tmp_path) == 2  # a processor whose place is not told


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bind a process to some cores so")
def test_only_the_cores_that_this_process_may_use_count() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert physical_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.fixture
def logits_with() -> Callable[[int], np.ndarray]:
    """Of each step of a text of more than 512 tokens, from where on llama.cpp may share one token among threads."""

    def computed(threads: int) -> np.ndarray:
        runtime = LlamaRuntime(GGUF, "chatml", 2048, CancelToken(), most=3)
        runtime._reading = runtime._writing = Pace(threads, 1000)
        assert runtime.threads == Threads(threads, threads)
        tokens = np.random.default_rng(1).integers(10, 250, 602).tolist()
        steps = [tokens[start : start + 120] for start in range(0, 600, 120)] + [[token] for token in tokens[600:]]
        found = np.array([runtime.evaluate(step, CancelToken()) for step in steps])
        runtime.close()
        return found

    return computed


@pytest.mark.parametrize("threads", [2, 3])
def test_no_bit_of_a_logit_depends_on_the_number_of_threads(
    logits_with: Callable[[int], np.ndarray], threads: int
) -> None:
    assert np.array_equal(logits_with(1), logits_with(threads))


def test_the_work_itself_is_timed() -> None:
    runtime = LlamaRuntime(GGUF, "chatml", 2048, CancelToken(), most=2)
    reading, writing = runtime._reading, runtime._writing
    seen = []
    for _ in range(20):
        seen.append((reading.threads, writing.threads))
        runtime.evaluate([65], CancelToken())
    assert runtime.threads in (Threads(2, 1), Threads(2, 2))
    runtime.close()
    assert seen[0] == (2, 2)
    assert set(seen) == {(2, 1), (2, 2)}  # no prompt was read
