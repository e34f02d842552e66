"""Print, as JSON, the answers of a workload, how long it takes, and how much of that its hot functions take.

That part is asked for with ``--shares``: to find it takes long, and it only matters for a project as it was.
Times are those of the processor, for other work on the machine does not change them much.
"""

from __future__ import annotations

import cProfile
import hashlib
import json
import pstats
import sys
import timeit
from time import process_time
from typing import TYPE_CHECKING

import workload  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 0.02


def best(work: Callable[[], object]) -> float:
    """Return the time of one call, of the best of three runs."""
    timer = timeit.Timer("work()", timer=process_time, globals={"work": work})
    number = max(1, int(SECONDS / timer.timeit(1)))
    return min(timer.repeat(3, number)) / number


def share(work: Callable[[], object]) -> float:
    """Return the part of the time that the hot functions take, with all that they call."""
    profile = cProfile.Profile(process_time)
    for _ in range(20):
        profile.runcall(work)
    stats = pstats.Stats(profile)
    hot = sum(timing[3] for (_, _, name), timing in stats.stats.items() if name in workload.HOT)  # type: ignore[attr-defined]
    return float(hot / stats.total_tt)  # type: ignore[attr-defined]


answers = hashlib.sha256(repr(list(workload.answers())).encode()).hexdigest()
shares = {label: share(work) for label, work in workload.WORK.items() if "--shares" in sys.argv}
times = {label: best(work) for label, work in workload.WORK.items()}
print(json.dumps({"answers": answers, "times": times, "shares": shares}))
