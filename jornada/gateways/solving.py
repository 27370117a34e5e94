"""The optimiser in a process of its own: it may be stopped at any moment, and nothing that was found is lost.

HiGHS and OR-Tools have not always borne one another in one process, a search is busy for minutes, and a solver
looks up only now and then; so the search runs in a child that sends every better plan at once. Whoever stops it gets
the best of these.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

import numpy as np

from jornada.domain.planning import optimiser
from jornada.domain.planning.optimiser import Optimised, Progress
from jornada.domain.planning.scenario import Plan, Scenario, Target

GRACE = 5.0
"""Seconds that a child has to come to an end by itself once it is told to stop."""
ASKED_EVERY = 0.1


class SearchDied(RuntimeError):
    """The child process ended without an answer, as when it runs out of memory."""


def optimise(
    scenario: Scenario,
    *,
    seconds: float = 60.0,
    gap: float = 0.01,
    targets: tuple[Target, ...] | None = None,
    start: Plan | None = None,
    caution: float = 0.5,
    told: Callable[[Progress], None] = lambda progress: None,
    going: Callable[[], bool] = lambda: True,
) -> Optimised | None:
    """As `optimiser.optimise`, in a child process. None if it is stopped before it has found any plan."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    stop = context.Event()
    wanted = {"seconds": seconds, "gap": gap, "targets": targets, "start": start, "caution": caution}
    child = context.Process(target=_search, args=(theirs, stop, scenario, wanted), daemon=True)
    child.start()
    theirs.close()
    try:
        return _listen(ours, stop, child, scenario, told, going)
    finally:
        if child.is_alive():
            child.terminate()
        child.join()
        ours.close()


def _search(out: Connection, stop: Event, scenario: Scenario, wanted: dict[str, Any]) -> None:
    """In the child: search, send each better plan, then the whole."""
    # HiGHS greets on standard output, which belongs to whoever asked.
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    # Ctrl-C reaches every process of a terminal; this one is stopped by the one that asked.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told: Callable[[Progress], None] = out.send
    out.send(
        optimiser.optimise(
            scenario, clock=time.monotonic, going=lambda: not stop.is_set(), told=told, **wanted
        )
    )


def _listen(
    ours: Connection,
    stop: Event,
    child: Any,
    scenario: Scenario,
    told: Callable[[Progress], None],
    going: Callable[[], bool],
) -> Optimised | None:
    latest: Progress | None = None
    stopped_at: float | None = None
    while True:
        if stopped_at is None and not going():
            stop.set()
            stopped_at = time.monotonic()
        if stopped_at is not None and time.monotonic() - stopped_at > GRACE:
            return _so_far(scenario, latest)
        if not ours.poll(ASKED_EVERY):
            if not child.is_alive() and not ours.poll(0):
                raise SearchDied(
                    f"The search ended without an answer (exit code {child.exitcode}); is there enough memory?"
                )
            continue
        try:
            heard = ours.recv()
        except EOFError:
            child.join(GRACE)
            raise SearchDied(
                f"The search ended without an answer (exit code {child.exitcode}); is there enough memory?"
            ) from None
        if isinstance(heard, Optimised):
            return heard
        latest = heard
        told(heard)


def _so_far(scenario: Scenario, latest: Progress | None) -> Optimised | None:
    """What a stopped search had found: the plan and its proof, without who is served by whom."""
    if latest is None:
        return None
    return Optimised(
        scenario=scenario,
        plan=latest.plan,
        routing=None,
        filed=np.zeros((0, 0, 0)),
        money=float("nan"),
        left=latest.left,
        least=latest.least,
        nothing=float("nan"),
        gap=latest.gap,
        steps=(),
        complete=False,
    )
