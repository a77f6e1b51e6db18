"""pyHanko runs an event loop of its own for each seal; a thread that already runs one cannot run another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def away_from_loops(work: Callable[[], T]) -> T:
    """Return what a function gives, called here, or in a thread of its own when this one runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1, thread_name_prefix="away-from-loops") as thread:
        return thread.submit(work).result()
