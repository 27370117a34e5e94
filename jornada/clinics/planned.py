"""What is planned for a clinic day, in words and rows: needs of a number, the forecast, the timetable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from jornada.clinics import preparing
from jornada.clinics.closing import paper
from jornada.clinics.selectors import DayOf
from jornada.domain.clinic.day import clock
from jornada.domain.facts import Reason

TIMES = frozenset({"clears_at"})
"""Measures that are times of day."""
COMPARED = ("came", "served", "completed", "sent_elsewhere", "left_over", "clears_at")


def needs(found: Mapping[str, Any], of: DayOf) -> list[str]:
    """What is known of the person with a number, as short words."""
    told = [
        str(found.get("language") or "language not known"),
        str(found.get("complexity") or "not yet known how hard"),
    ]
    if found.get("priority") == "first":
        told.append("first")
    if found.get("show_rate"):
        told.append(f"comes {Decimal(found['show_rate']):.0%}")
    told += [words for name, words in _MARKS.items() if found.get(name)]
    told += [f"lacks: {paper(name)}" for name in found.get("missing", ())]
    return told + [f"not with {name}" for name in found.get("kept_from", ())]


_MARKS = {"brings_interpreter": "brings somebody who interprets", "accessible": "wheelchair"}


def in_figures(name: str, value: float | None) -> str:
    """A measure as people read it: a time of day, or a count; a dash where there is none."""
    if value is None:
        return "–"
    return clock(value) if name in TIMES else f"{value:.0f}"


def spread(name: str, found: Mapping[str, float | None]) -> dict[str, str]:
    """Low, middle and high as people read them."""
    return {end: in_figures(name, found[end]) for end in ("low", "mid", "high")}


def forecast(of: DayOf, found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A forecast for its page: beside each other as planned and with each change, by station, and when to stop."""
    if found is None:
        return None
    told, door = found["forecasts"], found["door"]
    tightest = max(told[0]["stations"], key=lambda one: one["tightest"], default=None)
    return {
        "at": found["at"],
        "days": told[0]["days"],
        "names": [of.said(f"measures.{one['name']}") for one in told],
        "measures": [
            {"name": of.said(f"measures.{name}"), "values": [spread(name, one[name]) for one in told]}
            for name in COMPARED
        ],
        "stations": [_station(of, one) for one in told[0]["stations"]],
        "languages": [
            {"language": one["language"] or "not known", "came": spread("", one["came"]),
             "left_over": spread("", one["left_over"])}
            for one in told[0]["languages"]
        ],
        "tightest": of.said(f"stations.{tightest['station']}") if tightest and tightest["tightest"] else "",
        "tightest_share": round(100 * tightest["tightest"]) if tightest else 0,
        "door": clock(door["closes_at"]) if door["closes_at"] is not None else "",
        "sure": round(100 * door["sure_enough"]),
        "seats": spread("", found["seats"]),
        "invitations": found["invitations"],
        "spare": round(100 * found["invitations"]["spare_preparers"]),
        "pictures": found["pictures"],
    }  # fmt: skip


def _station(of: DayOf, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": of.said(f"stations.{one['station']}"),
        "wait": spread("", one["wait"]),
        "longest_wait": spread("", one["longest_wait"]),
        "longest_line": spread("", one["longest_line"]),
        "tightest": round(100 * one["tightest"]),
        "busy": round(100 * (one["busy"]["mid"] or 0)),
    }


def timetable(of: DayOf, found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A timetable for its page: who comes when and sits with whom, who stands by and why, and how good it is."""
    if found is None:
        return None
    plan = found["plan"]
    return {
        "at": found["at"],
        "rows": list(_sittings(of, plan["appointments"])),
        "standby": [_standby(of, worker, why) for worker, why in sorted(plan["standby"].items())],
        "breaks": [(who, clock(begins)) for who, begins in sorted(plan["breaks"].items())],
        "aims": [_aim(of, one) for one in plan["aims"]],
        "proven": plan["proven"],
        "gap": f"{100 * found['gap']:.1f}",
        "one_more": [one for one in plan["one_more"] if one["seats"] >= 0.05],
        "posts": [_post(of, one) for one in found["roster"]],
        "picture": found["picture"],
    }


def _sittings(of: DayOf, appointments: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in sorted(appointments, key=lambda one: (one["arrives"], int(one["worker"]))):
        parts = [
            f"{clock(sitting['begins'])} {of.said('stations.' + sitting['station'])} {sitting['staff']}"
            + (f" + {sitting['interpreter']}" if sitting["interpreter"] else "")
            for sitting in one["sittings"]
        ]
        yield {"number": one["worker"], "arrives": clock(one["arrives"]), "parts": parts}


def _standby(of: DayOf, worker: str, why: Mapping[str, Any]) -> dict[str, str]:
    problem, mend = preparing.in_sentences(Reason(why["key"], why["values"]), of, "en")
    return {"number": worker, "why": problem, "mend": mend}


def _aim(of: DayOf, one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": of.said(f"measures.{one['name']}"),
        "reached": f"{one['reached']:g}",
        "bound": f"{one['bound']:g}",
    }


def _post(of: DayOf, one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "staff": one["staff"],
        "station": of.said(f"stations.{one['station']}"),
        "time": f"{clock(one['begins'])}–{clock(one['ends'])}",
    }
