"""Benchmarks: each compares one thing of ours with a named baseline in the same run and says the ratio.

A module of this folder exports `ratios() -> Iterable[Ratio]`; `make bench` runs them all, `make bench B="pages"` some.
Times are of one machine and one moment, so they are printed and never asserted.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ratio:
    """What was measured against what; both in seconds, the median of the rounds."""

    what: str
    ours: float
    baseline: str
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as long ours takes."""
        return self.ours / self.theirs


def compare(
    what: str, ours: Callable[[], Any], baseline: str, bare: Callable[[], Any], *, rounds: int = 15, warm: int = 2
) -> Ratio:
    """Run both in turns, so that whatever else the machine does falls on both; warm-up rounds do not count."""
    for _ in range(warm):
        ours(), bare()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for function, taken in zip((ours, bare), times, strict=True):
            begun = time.perf_counter()
            function()
            taken.append(time.perf_counter() - begun)
    return Ratio(what, statistics.median(times[0]), baseline, statistics.median(times[1]))
