"""How fast matching is and how good: growth from a hundred people to a million, beside named peers in the same run.

    python -m benchmarks.matching [--people N --sources M --zones Z] [--json]

Without a size all targets are measured, and growth; with one, that size alone. Every measurement runs in a child
process of its own, so that its memory is its own and solvers that cannot share a process do not meet. Times are the
best of three runs after one that warms up (the searches are compiled once and kept on disk); from columns in memory to
each person's source, rules and proof included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

from benchmarks import matching_peers as peers
from benchmarks.matching_coalition import ON, Size, card, coalition
from jornada.domain.matching import Crowd, Standing, plan
from jornada.domain.restrictions import Restrictions
from jornada.gateways import packfiles

CHILD_LIMIT = 900
GROWTH = (100, 1_000, 10_000, 100_000, 1_000_000)
TARGETS = ((100_000, 20, 0.5), (100_000, 400, 3.0), (1_000_000, 20, 2.0), (1_000_000, 400, 10.0))
"""People, zones and seconds with 1,000 sources."""


# --- in a child process ---------------------------------------------------------------------------


def _pack() -> Restrictions:
    found: Restrictions = packfiles.load_any("restrictions")
    return found


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def matched(size: Size, repeats: int = 3) -> dict[str, Any]:
    """The engine on a coalition: seconds, memory, what each aim reached."""
    given, pack = coalition(size), _pack()
    seconds, processor = [], []
    found = None
    for _ in range(repeats + 1):
        found = None  # one plan in memory at a time
        start, used = time.perf_counter(), time.process_time()
        found = plan(given, pack, on=ON, limit_seconds=60)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    assert found is not None
    counted = found.aims.order.index("people_served") + 1
    gaps = [one.gap for one in found.reached[:counted]]
    return {
        "seconds": round(min(seconds[1:]), 3),
        "median": round(statistics.median(seconds[1:]), 3),
        "first": round(seconds[0], 3),
        "processor_seconds": round(min(processor[1:]), 3),
        "memory_mb": _peak(),
        "proven": found.proven,
        "gap": None if None in gaps else max(gaps),
        "aims": {one.aim: one.value for one in found.reached},
        "kinds": len(found.kinds.example),
        "classes": found.doors.classes,
        "arcs": len(found.problem.tail),
    }


def changed(size: Size) -> dict[str, Any]:
    """One arrival, one leaving, one place more or fewer, on a plan that stands: milliseconds."""
    given, pack = coalition(size), _pack()
    standing = Standing(plan(given, pack, on=ON))
    people, random = standing.plan.people, np.random.default_rng(1)
    assert isinstance(people, Crowd)
    known, fresh = random.integers(0, len(people), 220), random.integers(0, len(people), (220, 2))
    arrivals = [card(people, int(one), f"known {n}") for n, one in enumerate(known)]
    others = [card(people, int(a), f"fresh {n}", int(b)) for n, (a, b) in enumerate(fresh)]
    leaving = [str(one) for one in random.choice(len(people), 220, replace=False)]
    sources = random.integers(0, len(given.sources), 220)
    return {
        "arrival": _millis(standing.arrive, arrivals),
        "arrival_of_a_card_not_seen_there": _millis(standing.arrive, others),
        "leaving": _millis(standing.withdraw, leaving),
        "place": _millis(
            lambda n: standing.seats(given.sources[int(n)].id, 1 if n % 2 else -1), list(sources)
        ),
    }


def _millis(work: Any, items: list[Any]) -> dict[str, float]:
    found = []
    for item in items:
        start = time.perf_counter()
        work(item)
        found.append((time.perf_counter() - start) * 1e3)
    found = sorted(found[20:])
    return {"p50": round(statistics.median(found), 2), "p90": round(found[int(len(found) * 0.9)], 2)}


def peered(size: Size, name: str) -> dict[str, Any]:
    """One peer, or the engine itself, on a coalition without ceilings that bind."""
    given, pack = coalition(size), _pack()
    start = time.perf_counter()
    found = plan(given, pack, on=ON)
    seconds = time.perf_counter() - start
    if name == "Jornada":
        start = time.perf_counter()
        found = plan(given, pack, on=ON)
        seconds = time.perf_counter() - start
        told = peers.pairs(found)
        return {"seconds": round(seconds, 3), "value": told.worth(found.place), "memory_mb": _peak(),
                "people": int((found.place >= 0).sum()), "proven": found.proven}  # fmt: skip
    return {**peers.run(name, peers.pairs(found)), "memory_mb": _peak()}


# --- children -------------------------------------------------------------------------------------


def child(work: str, size: Size, name: str = "", limit: float = CHILD_LIMIT) -> dict[str, Any] | None:
    """What a child process found; None if it did not finish in time."""
    command = [sys.executable, "-m", "benchmarks.matching", "--child", work, "--peer", name,
               "--people", str(size.people), "--sources", str(size.sources), "--zones", str(size.zones)]  # fmt: skip
    command += ["--mixed"] if size.mixed else []
    command += [] if size.nested else ["--flat"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=True)
    except subprocess.TimeoutExpired:
        return None
    except subprocess.CalledProcessError as wrong:
        raise SystemExit(f"{work} {name} {size} failed:\n{wrong.stderr[-2000:]}") from None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _as_child(options: argparse.Namespace) -> None:
    size = Size(options.people, options.sources, options.zones, not options.flat, options.mixed)
    work = {"matched": matched, "changed": changed, "peered": lambda one: peered(one, options.peer)}
    print(json.dumps(work[options.child](size)))


# --- the whole ------------------------------------------------------------------------------------


def _line(size: Size, found: dict[str, Any]) -> str:
    shape = f"{size.people:>9,} × {size.sources:>5,}  {size.zones:>3} zones{'  mixes' if size.mixed else ''}"
    gap = "" if not found["gap"] else f"  gap {found['gap']:.1e}"
    proven = "proven" if found["proven"] else "not proven"
    return (
        f"  {shape:36} {found['seconds']:8.3f} s  {found['memory_mb']:5} MB  {proven}{gap}  "
        f"{found['kinds']:,} kinds, {found['arcs']:,} arcs, {found['aims']['people_served']:,} served"
    )


def measure(size: Size) -> dict[str, Any]:
    found = child("matched", size)
    assert found is not None
    print(_line(size, found), flush=True)
    return {"people": size.people, "sources": size.sources, "zones": size.zones, "mixed": size.mixed, **found}


def compare(size: Size) -> list[dict[str, Any]]:
    """The peers that the size allows, each with its share of the best value and how much longer it takes."""
    print(f"peers, {size.people:,} × {size.sources:,}, {size.zones} zones, no ceilings", flush=True)
    ours = child("peered", size, "Jornada")
    assert ours is not None
    rows = [{"name": "Jornada", **ours}]
    for name, (_, most) in peers.PEERS.items():
        if size.people > most:
            rows.append({"name": name, "left_out": f"above {most:,} people"})
            continue
        found = child("peered", size, name, limit=120)
        rows.append({"name": name, **found} if found else {"name": name, "left_out": "no answer in 120 s"})
    for row in rows:
        row |= {"people_in_all": size.people, "sources": size.sources}
        if "value" in row:
            row["share_of_best_value"] = round(row["value"] / ours["value"], 4)
            row["times_as_long"] = round(row["seconds"] / ours["seconds"], 1)
        print(_peer_line(row), flush=True)
    return rows


def _peer_line(row: dict[str, Any]) -> str:
    if "left_out" in row:
        return f"  {row['name']:30} left out: {row['left_out']}"
    return (
        f"  {row['name']:30} {row['seconds']:8.3f} s ({row['times_as_long']:7.1f} ×)  {row['memory_mb']:5} MB  "
        f"{row['share_of_best_value']:7.2%} of the best value, {row['people']:,} served"
        f"{'' if row['proven'] is None else ('' if row['proven'] else ', no proof')}"
    )


def _target(name: str, bar: float, reached: float, unit: str) -> dict[str, Any]:
    return {"name": name, "bar": bar, "reached": reached, "unit": unit, "met": reached <= bar}


def everything() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """All sizes, peers and targets."""
    targets = []
    print("growth and targets", flush=True)
    sizes = [Size(people, min(1_000, max(10, people // 10)), 20) for people in GROWTH]
    grown = [measure(size) for size in sizes]
    grown += [measure(Size(people, 1_000, 400)) for people in (100_000, 1_000_000)]
    mixed = [measure(Size(people, 1_000, zones, mixed=True)) for people, zones, _ in TARGETS]
    for (people, zones, bar), both in zip(TARGETS, mixed, strict=True):
        single = next(one for one in grown if (one["people"], one["zones"]) == (people, zones))
        shape = f"{people:,} × 1,000, {zones} {'regions' if zones == 20 else 'zones'}"
        targets.append(_target(f"{shape}, all aims proven", bar, single["seconds"], "s"))
        targets.append(_target(f"{shape}, with ratio rules", 5 * bar, both["seconds"], "s"))
        targets.append(_target(f"{shape}, gap with ratio rules", 1e-4, both["gap"], "of the best"))
    most = max(one["memory_mb"] for one in [*grown, *mixed])
    targets.append(_target("memory at the largest", 1024, most, "MB"))
    changes = {}
    for zones in (20, 400):
        found = child("changed", Size(100_000, 1_000, zones))
        assert found is not None
        changes[zones] = found
        print(f"  one change at 100,000 × 1,000, {zones} zones, ms: {found}", flush=True)
        slowest = max(one["p90"] for one in found.values())
        name = f"one arrival or change, 100,000 × 1,000, {zones} places, nine of ten within"
        targets.append(_target(name, 5.0, slowest, "ms"))
    compared = [row for size in (Size(1_000, 30, 20, nested=False), Size(10_000, 100, 20, nested=False))
                for row in compare(size)]  # fmt: skip
    return {"growth": grown, "mixed": mixed, "changes": changes, "peers": compared}, targets


def single(size: Size) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One size: the engine, with and without ratio rules, and the peers that it allows."""
    found = measure(size)
    mixed = measure(Size(size.people, size.sources, size.zones, mixed=True))
    rows = (
        compare(Size(size.people, size.sources, size.zones, nested=False)) if size.people <= 100_000 else []
    )
    bar = next((bar for people, zones, bar in TARGETS if (people, zones) == (size.people, size.zones)), None)
    targets = [] if bar is None else [
        _target("all aims proven", bar, found["seconds"], "s"),
        _target("with ratio rules", 5 * bar, mixed["seconds"], "s"),
        _target("gap with ratio rules", 1e-4, mixed["gap"], "of the best"),
        _target("memory", 1024, max(found["memory_mb"], mixed["memory_mb"]), "MB"),
    ]  # fmt: skip
    return {"matched": found, "mixed": mixed, "peers": rows}, targets


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--people", type=int)
    parser.add_argument("--sources", type=int, default=1_000)
    parser.add_argument("--zones", type=int, default=20)
    for hidden in ("--child", "--peer"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    for hidden in ("--mixed", "--flat"):
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _as_child(options)
        return
    alone = options.people is not None
    results, targets = single(Size(options.people, options.sources, options.zones)) if alone else everything()
    for target in targets:
        verdict = "met" if target["met"] else "NOT MET"
        print(f"  {verdict}: {target['name']} {target['reached']} {target['unit']} (bar {target['bar']:g})")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
        sizes = {"people": options.people or GROWTH, "sources": options.sources, "zones": options.zones}
        print(json.dumps({"machine": machine, "sizes": sizes, "results": results, "targets": targets}))


if __name__ == "__main__":
    main()
