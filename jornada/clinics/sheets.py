"""The day on paper: a sheet for each number, one for each station, a sign-in list without names. All of it prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import segno

from jornada.clinics.closing import words
from jornada.clinics.models import Ticket
from jornada.clinics.selectors import DayOf, appointment_times
from jornada.domain.clinic.day import clock

ROWS = 22
"""Lines of a station's sheet."""


def person_sheets(of: DayOf, tickets: Sequence[Ticket]) -> dict[str, Any]:
    """For the letter `clinic_persons`: a page for each number with its square and a line for every station.

    No name; the square holds a random token and no data.
    """
    times = appointment_times(of)
    return _made(
        of,
        people=[
            {
                "number": str(one.number), "square": _square(one.token), "token": one.token,
                "comes": times.get(str(one.number), ""),
            }
            for one in sorted(tickets, key=lambda one: one.number)
        ],
        stations=_stations(of),
    )  # fmt: skip


def station_sheets(of: DayOf) -> dict[str, Any]:
    """For the letter `clinic_stations`: who stands where by the timetable, and empty lines for numbers and times."""
    planned: dict[str, list[str]] = {}
    for appointment in of.day.made:
        for sitting in appointment.sittings:
            line = f"{clock(sitting.begins)}–{clock(sitting.ends)}  {appointment.worker}  {sitting.staff}"
            planned.setdefault(sitting.station, []).append(
                line + (f" + {sitting.interpreter}" if sitting.interpreter else "")
            )
    stations = [{**one, "planned": sorted(planned.get(one["id"], [])), "rows": ROWS} for one in _stations(of)]
    return _made(of, stations=stations)


def sign_in_sheet(of: DayOf) -> dict[str, Any]:
    """For the letter `clinic_sign_in`: numbers by the time at which they are asked to come; no names."""
    times = appointment_times(of)
    rows = sorted((at, number) for number, at in times.items())
    spare = sorted(number for number, ticket in of.tickets.items() if ticket.file_id is None)
    return _made(of, rows=[list(row) for row in rows], spare=[str(number) for number in spare])


def _made(of: DayOf, **data: Any) -> dict[str, Any]:
    both = [words(language)["sheet"] for language in of.template.languages]
    before, _, after = both[0]["footer"].partition("{page}")
    told = {key: _joined(one[key] for one in both) for key in both[0]}
    title = f"{of.day.name}, {of.day.on.isoformat()}"
    return {"title": title, "footer": [before, after], "words": told, **data}


def _stations(of: DayOf) -> list[dict[str, Any]]:
    return [
        {"id": name, "name": _joined(of.said(f"stations.{name}", one) for one in of.template.languages)}
        for name in of.day.stations
    ]


def _joined(parts: Iterable[str]) -> str:
    """The same in every language of the pack, once where they agree."""
    return " · ".join(dict.fromkeys(parts))


def _square(token: str) -> str:
    """The square as SVG: the token and nothing else."""
    out = BytesIO()
    segno.make(token, error="m", micro=False).save(out, kind="svg", border=2, scale=4, xmldecl=False)
    return out.getvalue().decode()
