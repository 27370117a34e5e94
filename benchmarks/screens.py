"""How soon a note of a clinic day is on every other screen, over real HTTP on a real server.

    python -m benchmarks.screens [--json] [--seconds 20] [--screens 10,30,100]

Each screen does what a browser does: it asks for news, is told in a short server-sent event or not, asks again a
second later, and fetches its page where there was news. One more device is the tablet at the door, which notes
something every second. The delay runs from the moment the tablet's note was acknowledged to the moment a screen has
the new page. The peer in the same run: screens that reload themselves every two seconds, as without a script.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from datetime import time as hour
from pathlib import Path
from typing import Any

from benchmarks.interview import DAY, Connection, free_port, machine, serve, start_hub

BAR = 2.0
"""Seconds within which news is on every screen, with 30 of them."""
COUNTED = itertools.count()
"""Screens of a day have names of their own."""
EVERY = 1.0
"""Seconds between notes."""


@dataclass
class Notes:
    """When each count of the floor was acknowledged to the tablet, and when each screen had it."""

    acknowledged: dict[int, float] = field(default_factory=dict)
    seen: list[tuple[int, float]] = field(default_factory=list)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def delays(self) -> list[float]:
        """Seconds for every note and screen; a screen that learned of several notes at once had the older ones late."""
        return [at - self.acknowledged[pulse] for pulse, at in self.seen if pulse in self.acknowledged]


# ── The day ───────────────────────────────────────────────────────────────────────────────────────────────────


def a_day(numbers: int) -> tuple[Any, Any]:
    """An open clinic day with so many spare numbers; the provider and the floor."""
    from jornada.clinics import preparing
    from jornada.coalition import services
    from jornada.domain.clinic.day import Staff
    from jornada.placement import clinic
    from jornada.vault import tenancy

    provider = services.found_provider(
        name="Synthetic Legal Aid", kind="legal_provider", gives_legal_help=True
    )
    member = services.enlist(
        provider_id=provider.pk, email="lead@synthetic.example", display_name="Lead", role="attorney",
        password="a password of the benchmark",
    )  # fmt: skip
    with tenancy.as_provider(provider.pk, member.pk, member.user_id):
        event = clinic.open_clinic_day(
            name="Synthetic day", held_on=date.fromisoformat(DAY), place="Hall", opens_at=hour(0),
            closes_at=hour(23, 59), minutes_each=60, seats=1, languages=["en"], supervised_by=member, by=member,
        )  # fmt: skip
        found = preparing.set_up(event)
        preparing.set_rooms(found, {"check_in": (5, 0)}, [], mailed=False)
        preparing.add_staff(found, Staff("gate", "lay", 0, 1439, frozenset({"en"})))
        preparing.give_spare_numbers(found, min(200, numbers))
        preparing.open_doors(found)
    return provider, found


def open_screens(provider: Any, found: Any, port: int, kinds: list[tuple[str, str]]) -> list[Connection]:
    """A device for each of these screens, with its own token."""
    from jornada.clinics import floor
    from jornada.vault import tenancy

    devices = []
    with tenancy.as_provider(provider.pk):
        made = [floor.add_screen(found, f"{kind}-{next(COUNTED)}", kind, where) for kind, where in kinds]
    for _, token in made:
        device = Connection(port)
        _, _, page = device.ask("GET", f"/day/open/{token}")
        device.ask("POST", f"/day/open/{token}", f"csrfmiddlewaretoken={_token(page)}".encode())
        devices.append(device)
    return devices


def _token(page: bytes) -> str:
    found = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', page)
    assert found, page[:500]
    return found[1].decode()


# ── Devices ───────────────────────────────────────────────────────────────────────────────────────────────────


def listens(device: Connection, ends: float, notes: Notes) -> None:
    """As a browser with an EventSource: a short answer, a second's pause, the page where there was news."""
    known = 0
    while time.monotonic() < ends:
        _, _, body = device.ask("GET", f"/day/live?known={known}")
        with notes.lock:
            notes.asked += 1
        if told := re.search(rb"data: (\d+)", body):
            device.ask("GET", "/day/part")
            known = _had(int(told[1]), known, notes)
        time.sleep(1.0)


def reloads(device: Connection, ends: float, notes: Notes) -> None:
    """As a browser without a script: the whole page every two seconds."""
    known = 0
    while time.monotonic() < ends:
        _, _, body = device.ask("GET", "/day/")
        with notes.lock:
            notes.asked += 1
        told = re.search(rb'data-pulse="(\d+)"', body)
        known = _had(int(told[1]) if told else known, known, notes)
        time.sleep(2.0)


def _had(pulse: int, known: int, notes: Notes) -> int:
    now = time.monotonic()
    with notes.lock:
        notes.seen += [(one, now) for one in range(known + 1, pulse + 1)]
    return pulse


def notes_away(door: Connection, numbers: list[int], ends: float, notes: Notes) -> None:
    """The tablet at the door: somebody comes in every second."""
    _, _, page = door.ask("GET", "/day/")
    token, pulse = _token(page), int(re.search(rb'data-pulse="(\d+)"', page)[1])  # type: ignore[index]
    for number in numbers:
        if time.monotonic() > ends - 3:
            return
        body = f"csrfmiddlewaretoken={token}&kind=walked_in&worker={number}".encode()
        status, _, _ = door.ask("POST", "/day/note", body)
        assert status == 302, status
        pulse += 1
        with notes.lock:
            notes.acknowledged[pulse] = time.monotonic()
        time.sleep(EVERY)


# ── The run ───────────────────────────────────────────────────────────────────────────────────────────────────


def measure(
    provider: Any,
    found: Any,
    port: int,
    screens: int,
    seconds: float,
    behaves: Callable[..., None],
    numbers: list[int],
) -> dict[str, Any]:
    """Delays with so many screens, half of them tablets, and the processor time of the server for each screen."""
    kinds = [("hall", "") if place % 2 else ("station", "check_in") for place in range(screens)]
    door, *devices = open_screens(provider, found, port, [("station", "check_in"), *kinds])
    notes, ends = Notes(), time.monotonic() + seconds
    work = [threading.Thread(target=behaves, args=(device, ends, notes)) for device in devices]
    work.append(threading.Thread(target=notes_away, args=(door, numbers, ends, notes)))
    begun = _busy(port)
    for one in work:
        one.start()
        time.sleep(1.0 / len(work))  # people do not switch their screens on in the same instant
    for one in work:
        one.join()
    delays = sorted(notes.delays())
    return {
        "screens": screens, "notes": len(notes.acknowledged), "answers": notes.asked,
        "p50": statistics.median(delays), "p95": delays[int(0.95 * len(delays))], "max": delays[-1],
        "busy": (_busy(port) - begun) / seconds,
    }  # fmt: skip


def _busy(port: int) -> float:
    """Processor seconds of all processes of the server so far."""
    total = 0.0
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if (
                str(port).encode() in (one / "cmdline").read_bytes()
                and b"granian" in (one / "cmdline").read_bytes()
            ):
                fields = (one / "stat").read_text().rpartition(")")[2].split()
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
    return total


def run(seconds: float, screens: list[int], processes: int) -> list[dict[str, Any]]:
    """Every measurement of one run."""
    with tempfile.TemporaryDirectory(prefix="jornada-benchmark-") as folder:
        start_hub(Path(folder) / "state")
        provider, found = a_day(200)
        from jornada.clinics import selectors
        from jornada.vault import tenancy

        with tenancy.as_provider(provider.pk):
            spare = sorted(selectors.day_of(found).tickets)
        port = free_port()
        server = serve(port, processes, Path(folder) / "server.log")
        try:
            results = []
            plans = [*(("news", listens, count) for count in screens), ("reload every 2 s", reloads, 30)]
            share = len(spare) // len(plans)
            for place, (name, behaves, count) in enumerate(plans):
                numbers = spare[place * share : (place + 1) * share]
                one = measure(provider, found, port, count, seconds, behaves, numbers)
                results.append({"way": name, **one})
            return results
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--screens", default="10,30,100")
    given = parser.parse_args()
    results = run(given.seconds, [int(one) for one in given.screens.split(",")], given.processes)
    print(f"{'way':18} {'screens':>8} {'notes':>6} {'p50 s':>7} {'p95 s':>7} {'max s':>7} {'cores busy':>11}")
    for one in results:
        print(
            f"{one['way']:18} {one['screens']:8} {one['notes']:6} {one['p50']:7.2f} {one['p95']:7.2f} {one['max']:7.2f}"
            f" {one['busy']:11.2f}"
        )
    thirty = next((one for one in results if one["way"] == "news" and one["screens"] == 30), None)
    met = thirty is not None and thirty["max"] <= BAR
    if thirty is not None:
        print(
            f"{'met ' if met else 'NOT MET'} news on 30 screens at most {thirty['max']:.2f} s late (bar {BAR})"
        )
    if given.json:
        print(
            json.dumps({"machine": machine(), "processes": given.processes, "results": results, "met": met})
        )


if __name__ == "__main__":
    main()
