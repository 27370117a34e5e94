"""What each screen of a clinic day shows, as plain data for its page: hall, tablet of a station, the lead's board.

Numbers and short names of staff; nothing else about anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jornada.clinics import preparing, selectors
from jornada.clinics.closing import paper, words
from jornada.clinics.selectors import DayOf
from jornada.domain.clinic import replanning
from jornada.domain.clinic.board import Board, Conflict, OnBoard, StaffOnBoard, next_call
from jornada.domain.clinic.day import clock
from jornada.domain.clinic.events import Event
from jornada.domain.clinic.floor import serves
from jornada.domain.facts import Reason

JUST_CALLED = 2.0
"""Minutes for which a number stands out in the hall."""
NEXT_IN_HALL = 3
OUTLOOK_AGE = 2.0
"""Minutes after which the simulated rest of the day is worked out anew."""


# ── The hall ──────────────────────────────────────────────────────────────────────────────────────────────────


def hall(of: DayOf, board: Board) -> dict[str, Any]:
    """Numbers by station: called, just called, next. Station names in every language of the pack."""
    return {
        "clock": clock(board.now),
        "stations": [
            {
                "names": [(language, of.said(f"stations.{name}", language)) for language in of.template.languages],
                "called": [
                    {"number": one.worker.id, "new": one.minutes(board.now) < JUST_CALLED}
                    for one in sorted(board.at(name), key=lambda one: -one.since)
                ],
                "next": [one.worker.id for one in board.line(name) if one.worker.id not in board.held][:NEXT_IN_HALL],
            }
            for name in of.day.stations
        ],
        "words": [(language, words(language)["screen"]) for language in of.template.languages],
    }  # fmt: skip


# ── A station ─────────────────────────────────────────────────────────────────────────────────────────────────


def tablet(of: DayOf, board: Board, station: str, language: str) -> dict[str, Any]:
    """One station: who works there and with whom, who waits, and what may be noted."""
    here = [one for one in board.staff.values() if serves(one.staff, of.template.station(station))]
    first = of.day.stations[0]
    shown: dict[str, Any] = {
        "clock": clock(board.now),
        "now": round(board.now, 2),
        "station": station,
        "name": of.said(f"stations.{station}", language),
        "staff": [_table(one, of, board, station, language) for one in here if one.status == "here"],
        "away": [
            {"id": one.staff.id, "paused": one.status == "paused"} for one in here if one.status != "here"
        ],
        "line": [_waiting(one, board, language) for one in board.line(station)],
        "conflicts": len(board.conflicts),
        "stations": [
            (name, of.said(f"stations.{name}", language)) for name in of.day.stations if name != station
        ],
        "papers": list(words(language)["papers"].items()),
        "full_scope": list(words(language)["full_scope"].items()),
        "intake_open": board.intake_open,
        "every_staff": sorted(one.id for one in of.day.staff),
        "checks_in": station == first,
    }
    if station == first:
        shown |= _door(of, board)
    return shown


def _door(of: DayOf, board: Board) -> dict[str, Any]:
    """At the door: who is still expected, which spare numbers are left, which square belongs to which number."""
    expected = [one for one in board.workers.values() if one.status == "expected"]
    taken = set(board.workers)
    return {
        "expected": [
            {"number": one.worker.id, "at": clock(one.worker.appointment or 0)}
            for one in sorted(expected, key=lambda one: (one.worker.appointment or 0, int(one.worker.id)))
        ],
        "spare": [number for number, one in sorted(of.tickets.items()) if str(number) not in taken],
        "tokens": {one.token: str(number) for number, one in of.tickets.items()},
    }


def _table(one: StaffOnBoard, of: DayOf, board: Board, station: str, language: str) -> dict[str, Any]:
    """One of the staff: busy with whom, or whom to call next and why not the one before."""
    table: dict[str, Any] = {
        "id": one.staff.id,
        "credential": of.said(f"credentials.{one.staff.credential}", language),
        "languages": ", ".join(sorted(one.staff.languages)),
    }
    if one.worker:
        served = board.workers[one.worker]
        return table | {
            "with": served.worker.id, "here": one.station == station, "language": served.worker.language,
            "where": of.said(f"stations.{one.station}", language), "interpreter": served.interpreter,
            "minutes": int(served.minutes(board.now)), "missing": _papers(served, language),
        }  # fmt: skip
    call, why = next_call(board, of.day, of.template, station, one.staff.id)
    return table | {
        "call": {"worker": call.worker, "interpreter": call.interpreter} if call else None,
        "why": [preparing.in_sentences(reason, of, language)[0] for reason in why if reason.key != "nobody_waits"],
    }  # fmt: skip


def _waiting(one: OnBoard, board: Board, language: str) -> dict[str, Any]:
    worker = one.worker
    return {
        "number": worker.id,
        "language": worker.language,
        "own_interpreter": worker.brings_interpreter,
        "accessible": worker.accessible,
        "first": worker.priority == "first",
        "minutes": int(max(0.0, board.now - one.joined_at)),
        "missing": _papers(one, language),
        "held": worker.id in board.held,
    }


def _papers(one: OnBoard, language: str) -> list[tuple[str, str]]:
    return [(name, paper(name, language)) for name in one.missing]


# ── The board ─────────────────────────────────────────────────────────────────────────────────────────────────


def board_of(of: DayOf, board: Board, language: str = "en") -> dict[str, Any]:
    """Columns by station with minutes waiting and flags; what comes next; what does not fit; staff as second layer."""
    onward = replanning.onward(board, of.day, of.template)
    status = [one.status for one in board.workers.values()]
    return {
        "clock": clock(board.now),
        "counts": [(of.said(f"statuses.{name}", language), status.count(name)) for name in _STATUSES],
        "columns": [_column(name, of, board, onward, language) for name in of.day.stations],
        "clears_at": clock(onward.clears_at),
        "closes": clock(of.day.closes),
        "late": onward.clears_at > of.day.closes,
        "left_over": sorted(onward.left_over, key=int),
        "changes": [_change(one, of, language) for one in onward.changes],
        "alerts": _said(onward.alerts, of, language),
        "conflicts": [_conflict(one, of, language) for one in board.conflicts],
        "intake_open": board.intake_open,
        "staff": [_member(one, of, board, language) for one in board.staff.values()],
        "out": [_out(one, language) for one in board.workers.values() if one.status in ("full_scope", "left")],
        "expected": _expected(board),
        "outlook": _outlook(of, board.now),
    }  # fmt: skip


_STATUSES = ("expected", "waiting", "with_staff", "done", "full_scope", "left")


def _column(name: str, of: DayOf, board: Board, onward: replanning.Onward, language: str) -> dict[str, Any]:
    room = of.day.rooms[name]
    limit = of.template.usual("attorney_line_minutes", of.day.on)
    line = [
        {**_waiting(one, board, language), "then": _then(one.worker.id, onward)} for one in board.line(name)
    ]
    return {
        "id": name,
        "name": of.said(f"stations.{name}", language),
        "seats": room.seats,
        "serving": [
            {
                "number": one.worker.id, "staff": one.staff, "interpreter": one.interpreter,
                "minutes": int(one.minutes(board.now)), "language": one.worker.language,
                "held": one.worker.id in board.held, "missing": len(one.missing),
            }
            for one in board.at(name)
        ],
        "line": [{**one, "long": one["minutes"] > limit} for one in line],
        "longest": max((one["minutes"] for one in line), default=0),
    }  # fmt: skip


def _then(number: str, onward: replanning.Onward) -> str:
    """When they will probably be called."""
    found = onward.next.get(number)
    return clock(found.begins) if found and found.begins is not None else ""


def _change(one: replanning.Change, of: DayOf, language: str) -> dict[str, Any]:
    problem, mend = preparing.in_sentences(one.reason, of, language)
    new = clock(one.at) if one.at is not None else ""
    return {"number": one.worker, "was": clock(one.was), "new": new, "why": problem, "mend": mend}


def _said(reasons: Iterable[Reason], of: DayOf, language: str) -> list[tuple[str, str]]:
    return [preparing.in_sentences(one, of, language) for one in reasons]


def _conflict(one: Conflict, of: DayOf, language: str) -> dict[str, Any]:
    """Notes that contradict each other, each in words, for a person to say which stands."""
    notes = {_key(event, one): event for event in selectors.log(of.floor)}
    return {
        "id": one.id,
        "name": of.said(f"conflicts.{one.kind}", language),
        "about": one.about,
        "holds": one.holds,
        "notes": [
            {"key": key, "words": _note(notes[key], of, language)} for key in one.events if key in notes
        ],
    }


def _key(event: Event, conflict: Conflict) -> str:
    """An event's name as the conflict has it: with its digest where two claim one number."""
    marked = f"{event.key}~{event.digest}"
    return marked if marked in conflict.events else event.key


def _note(event: Event, of: DayOf, language: str) -> str:
    what = of.said(f"events.{event.kind}", language)
    where = of.said(f"stations.{event.station}", language) if event.station else ""
    parts = [clock(event.at), what, event.worker, where, event.staff, event.interpreter]
    return " · ".join(part for part in parts if part) + f" ({event.tablet})"


def _member(one: StaffOnBoard, of: DayOf, board: Board, language: str) -> dict[str, Any]:
    return {
        "id": one.staff.id,
        "credential": of.said(f"credentials.{one.staff.credential}", language),
        "languages": ", ".join(sorted(one.staff.languages)),
        "status": one.status,
        "worker": one.worker,
        "station": of.said(f"stations.{one.station}", language) if one.station else "",
        "since": int(max(0.0, board.now - one.since)) if one.status != "expected" else 0,
        "hours": f"{clock(one.staff.begins)}–{clock(one.staff.ends)}",
    }


def _out(one: OnBoard, language: str) -> dict[str, Any]:
    reasons: Mapping[str, str] = words(language)["full_scope"]
    return {
        "number": one.worker.id,
        "full_scope": one.status == "full_scope",
        "why": reasons.get(one.reason, one.reason),
        "at": clock(one.ended_at or 0),
    }


def _expected(board: Board) -> list[dict[str, Any]]:
    found = [one for one in board.workers.values() if one.status == "expected"]
    ordered = sorted(found, key=lambda one: (one.worker.appointment or 0, int(one.worker.id)))
    return [
        {
            "number": one.worker.id, "at": clock(one.worker.appointment or 0),
            "late": int(max(0.0, board.now - (one.worker.appointment or board.now))),
        }
        for one in ordered
    ]  # fmt: skip


def _outlook(of: DayOf, now: float) -> dict[str, Any] | None:
    """The simulated rest of the day, as far as the worker has worked it out; how old it is."""
    run = selectors.newest_run(of.event.pk, "outlook", done=True)
    if run is None:
        return None
    found = selectors.result(run)
    door, clears = found["door"], found["forecast"]["clears_at"]
    return {
        "age": int(max(0.0, now - found["now"])),
        "clears": [clock(clears[end]) for end in ("low", "mid", "high")],
        "served": [round(found["forecast"]["served"][end]) for end in ("low", "mid", "high")],
        "stop_now": door["closes_at"] is None,
        "stop_at": clock(door["closes_at"]) if door["closes_at"] is not None else "",
        "sure": round(100 * door["sure_enough"]),
    }


def outlook_is_old(of: DayOf) -> bool:
    """Whether the simulated rest of the day should be worked out again."""
    run = selectors.newest_run(of.event.pk, "outlook")
    if selectors.under_way(run):
        return False
    return run is None or run.state != "done" or of.now - float(selectors.result(run)["now"]) > OUTLOOK_AGE
