"""Times taken turn by turn, so that a busy machine slows all the compared things alike."""

import gc
import time
from collections.abc import Callable
from statistics import median

Timed = Callable[[], object]


def medians(*timed: Timed, rounds: int = 15, warm_up: int = 2) -> list[float]:
    """Return the median duration of each, in milliseconds, measured one after the other in each round."""
    durations: list[list[float]] = [[] for _ in timed]
    for turn in range(warm_up + rounds):
        for kept, one in zip(durations, timed, strict=True):
            gc.collect()
            spent = seconds(one) * 1000
            if turn >= warm_up:
                kept.append(spent)
    return [median(kept) for kept in durations]


def seconds(timed: Timed) -> float:
    """Return how long one call took, in seconds."""
    begin = time.perf_counter()
    timed()
    return time.perf_counter() - begin
