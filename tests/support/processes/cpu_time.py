"""The CPU time of a piece of work, for tests of how it grows."""

import time
from collections.abc import Callable


def least_seconds(work: Callable[[], object]) -> float:
    """Return the least CPU seconds of three runs: a busy machine makes single runs several times longer."""
    took = []
    for _ in range(3):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def is_linear(seconds: Callable[[int], float], count: int, *, at_least: float = 0.01) -> bool:
    """Whether work on eight times `count` takes far less than 64 times as long, the square of its growth."""
    return seconds(8 * count) < 30 * max(seconds(count), at_least)
