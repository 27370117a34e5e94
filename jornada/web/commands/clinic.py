"""`jornada clinic`: forecast, schedule and look at a clinic day from files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from jornada.domain.clinic import afterwards, dayfile, replanning, rules
from jornada.domain.clinic.board import Board, board, next_call
from jornada.domain.clinic.day import AS_PLANNED, clock
from jornada.domain.clinic.dayfile import DayFile
from jornada.domain.clinic.rules import Objection
from jornada.domain.clinic.template import Template
from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Reason
from jornada.domain.located import PackErrors
from jornada.gateways import clinicfiles, packfiles

File = click.Path(exists=True, dir_okay=False, path_type=Path)
_file = click.argument("file", type=File)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
_language = click.option("--language", default="en", show_default=True, help="Language of the words.")
_seed = click.option("--seed", default=0, show_default=True, help="The same seed gives the same result.")


@click.group()
def clinic() -> None:
    """A clinic day: how it will go, who comes when and sits with whom, and where everybody is."""


def _with_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Complaints about files and packs end the command with their lines and mends."""

    @wraps(command)
    def run(*args: Any, **values: Any) -> None:
        try:
            command(*args, **values)
        except PackErrors as errors:
            raise click.ClickException(f"cannot be used as it is:\n{errors}") from None
        except (packfiles.NoSuchPack, NotInForce) as wrong:
            raise click.ClickException(str(wrong)) from None

    return run


def _day(file: Path, language: str) -> tuple[DayFile, Template, tuple[Objection, ...]]:
    """The day in the file; refuses it with all its hard objections."""
    read, template = clinicfiles.load_day(file)
    if language not in template.languages:
        raise click.ClickException(f"{template.name} speaks {', '.join(template.languages)}, not {language}")
    found = rules.objections(read.day, template)
    if refused := rules.hard(found):
        raise PackErrors(dayfile.told(refused, read, template, language))
    return read, template, found


def _cautions(found: Iterable[Objection], read: DayFile, template: Template, language: str) -> None:
    """What a person should look at, each line once."""
    told = dayfile.told((one for one in found if not one.hard), read, template, language)
    for line in dict.fromkeys(str(one) for one in told):
        click.echo(f"mind: {line}", err=True)


# ── Forecast ──────────────────────────────────────────────────────────────────────────────────────────────────


@clinic.command()
@_file
@click.option("--replications", default=1000, show_default=True, help="Simulated days.")
@click.option("--planned", is_flag=True, help="Give appointments with `schedule` first.")
@click.option("--limit", default=30.0, show_default=True, help="Seconds for --planned.")
@_seed
@_language
@_json
@_with_errors
def forecast(
    file: Path, replications: int, planned: bool, limit: float, seed: int, language: str, as_json: bool
) -> None:
    """How the day in FILE will probably go, beside the what-ifs in it, all from the same simulated days."""
    from jornada.domain.clinic import forecast as engine
    from jornada.domain.clinic import simulation

    read, template, found = _day(file, language)
    day = read.day
    if planned:
        plan = _planned(read, template, seed, limit, 15, anew=True)
        day = engine.with_appointments(day, plan.appointments)
    draws = simulation.draw(day, template, replications=replications, seed=seed)
    told = engine.compare(day, template, (AS_PLANNED, *read.what_ifs), seed=seed, draws=draws)
    door = engine.stop_intake(day, template, draws=draws.part(0, min(400, replications)), seed=seed)
    seats = engine.seats(day, template, seed=seed)
    invite = engine.invitations(day, template, seats.mid)
    if as_json:
        click.echo(_as_json({"forecasts": told, "door": door, "seats": seats, "invitations": invite}))
        return
    _cautions(found, read, template, language)
    console = Console()
    console.print(_forecasts_table(told, template, language))
    console.print(_stations_table(told[0], template, language))
    console.print(f"Seats when many more come: {_spread(seats)}. Invite {invite.number}", end="")
    console.print(
        " (overbooked by the show rate)." if invite.overbooked else " (no spare preparers to overbook)."
    )
    closes = "nobody more from the start" if door.closes_at is None else f"until {clock(door.closes_at)}"
    console.print(
        f"Let people in {closes}: one more is through by closing on {door.sure_enough:.0%} of days."
    )


def _forecasts_table(told: Sequence[Any], template: Template, language: str) -> Table:
    table = Table(title=f"{told[0].days} simulated days: one in ten / every second / nine in ten stay below")
    table.add_column("")
    for one in told:
        table.add_column(template.wording[language].get(f"measures.{one.name}", one.name), justify="right")
    for name in (
        "came",
        "served",
        "completed",
        "sent_elsewhere",
        "left_over",
        "clears_at",
        "minutes_in_building",
    ):
        values = [getattr(one, name) for one in told]
        shown = [_clocks(value) if name == "clears_at" else _spread(value) for value in values]
        table.add_row(template.text(f"measures.{name}", language), *shown)
    return table


def _stations_table(told: Any, template: Template, language: str) -> Table:
    table = Table(title="Where the line forms, as planned")
    for name in ("station", "minutes waited", "longest wait", "longest line", "tightest on", "busy"):
        table.add_column(name, justify="left" if name == "station" else "right")
    for one in told.stations:
        table.add_row(
            template.text(f"stations.{one.station}", language),
            _spread(one.wait),
            _spread(one.longest_wait),
            _spread(one.longest_line),
            f"{one.tightest:.0%} of days",
            f"{one.busy.mid:.0%}",
        )
    return table


def _spread(value: Any) -> str:
    return f"{value.low:.0f} / {value.mid:.0f} / {value.high:.0f}"


def _clocks(value: Any) -> str:
    return f"{clock(value.low)} / {clock(value.mid)} / {clock(value.high)}"


# ── Schedule ──────────────────────────────────────────────────────────────────────────────────────────────────


@clinic.command()
@_file
@click.option("--limit", default=30.0, show_default=True, help="Seconds to look for a better timetable.")
@click.option("--slot", default=15, show_default=True, help="Minutes of a slot.")
@click.option("--anew", is_flag=True, help="Give new times also to those who have one.")
@_seed
@_language
@_json
@_with_errors
def schedule(
    file: Path, limit: float, slot: int, anew: bool, seed: int, language: str, as_json: bool
) -> None:
    """Appointments, who sits with whom, and the roster for the day in FILE, with how far from the best it can be."""
    read, template, found = _day(file, language)
    plan = _planned(read, template, seed, limit, slot, anew=anew)
    wrong = rules.appointment_objections(read.day, template, plan.appointments, plan.breaks)
    if wrong:
        raise PackErrors(dayfile.told(wrong, read, template, language))
    if as_json:
        click.echo(_as_json({"plan": plan, "roster": plan.roster(read.day), "gap": plan.gap}))
        return
    _cautions(found, read, template, language)
    console = Console()
    console.print(_appointments_table(plan.appointments, template, language))
    console.print(_roster_table(plan.roster(read.day), template, language))
    for worker, reason in plan.standby.items():
        problem, mend = dayfile.said(reason, template, language)
        console.print(f"standby {worker}: {problem}. {mend}.")
    for more in plan.one_more if plan.standby else ():
        console.print(f"One more like {more.like} all day would seat about {more.seats:g} more.")
    for aim in plan.aims:
        name = template.text(f"measures.{aim.name}", language)
        console.print(f"{name}: {aim.reached:g}, bound {aim.bound:g}, gap {aim.gap:.2%}")
    console.print("Nothing better exists." if plan.proven else "Time was up before the best was proven.")


def _planned(read: DayFile, template: Template, seed: int, limit: float, slot: int, *, anew: bool) -> Any:
    from jornada.domain.clinic.schedule import schedule as solve

    return solve(
        read.day,
        template,
        seed=seed,
        limit_seconds=limit,
        slot_minutes=slot,
        anew=anew,
        tell=lambda step: click.echo(f"… {step}", err=True) if sys.stderr.isatty() else None,
    )


def _appointments_table(appointments: Iterable[Any], template: Template, language: str) -> Table:
    table = Table(title="Appointments")
    for name in ("come at", "number", "sittings", "leave at"):
        table.add_column(name)
    for one in appointments:
        lines = [
            f"{clock(sitting.begins)} {template.text(f'stations.{sitting.station}', language)}: {sitting.staff}"
            + (f" with {sitting.interpreter}" if sitting.interpreter else "")
            for sitting in one.sittings
        ]
        table.add_row(clock(one.arrives), one.worker, "\n".join(lines), clock(one.ends))
    return table


def _roster_table(posts: Iterable[Any], template: Template, language: str) -> Table:
    table = Table(title="Roster")
    table.add_column("who")
    table.add_column("where, from when to when")
    by_staff: dict[str, list[str]] = {}
    for post in posts:
        name = template.text(f"stations.{post.station}", language)
        by_staff.setdefault(post.staff, []).append(f"{clock(post.begins)}-{clock(post.ends)} {name}")
    for staff, lines in by_staff.items():
        table.add_row(staff, ", ".join(lines))
    return table


# ── Board ─────────────────────────────────────────────────────────────────────────────────────────────────────


@clinic.command("board")
@_file
@click.argument("events", type=File)
@click.option("--at", default="", help="The moment to look at, as 10:45; else what the events file says.")
@click.option("--outlook", is_flag=True, help="Simulate the rest of the day too.")
@_seed
@_language
@_json
@_with_errors
def board_(file: Path, events: Path, at: str, outlook: bool, seed: int, language: str, as_json: bool) -> None:
    """Where everybody of the day in FILE is after EVENTS, who is called next, and what does not fit together."""
    read, template, _ = _day(file, language)
    taken = clinicfiles.load_events(events, read.day, template, language)
    found = board(read.day, taken.log, _moment(at, taken.now))
    onward = replanning.onward(found, read.day, template)
    ahead = _outlook(found, read, template, seed) if outlook else None
    if as_json:
        click.echo(_as_json({"board": found, "onward": onward, "outlook": ahead, **_after(found, read)}))
        return
    console = Console()
    console.print(_board_table(found, onward, template, language))
    _calls(console, found, read, template, language)
    for change in onward.changes:
        new = f" → {clock(change.at)}" if change.at is not None else ""
        console.print(f"{clock(change.was)}{new}: {dayfile.said(change.reason, template, language)[0]}.")
    for conflict in found.conflicts:
        name = template.text(f"conflicts.{conflict.kind}", language)
        console.print(f"[bold]to settle[/bold] {name}: {conflict.about} ({', '.join(conflict.events)})")
    for alert in onward.alerts:
        console.print("[bold]mind[/bold] {}. {}.".format(*dayfile.said(alert, template, language)))
    for one in afterwards.handovers(found):
        done = ", ".join(template.text(f"stations.{name}", language) for name in one.stations_done)
        console.print(f"to full scope {one.worker} at {clock(one.at)}: {one.reason}; done: {done}")
    console.print(f"The line clears at about {clock(onward.clears_at)}.")
    if ahead is not None:
        closes = "now" if ahead.door.closes_at is None else f"at {clock(ahead.door.closes_at)}"
        console.print(f"Clears {_clocks(ahead.forecast.clears_at)}; stop intake {closes}.")


def _moment(at: str, otherwise: float) -> float:
    from jornada.domain.clinic.day import NotATime, minute_of

    try:
        return minute_of(at) if at else otherwise
    except NotATime as wrong:
        raise click.ClickException(str(wrong)) from None


def _outlook(found: Board, read: DayFile, template: Template, seed: int) -> Any:
    from jornada.domain.clinic.forecast import outlook

    return outlook(found, read.day, template, seed=seed)


def _after(found: Board, read: DayFile) -> Mapping[str, Any]:
    return {
        "follow_ups": afterwards.follow_ups(found),
        "legal_follow_ups": afterwards.legal_follow_ups(found, read.day),
        "handovers": afterwards.handovers(found),
        "time_study": afterwards.time_study(found, read.day),
    }


def _board_table(found: Board, onward: replanning.Onward, template: Template, language: str) -> Table:
    table = Table(title=f"The board at {clock(found.now)}")
    for name in ("number", "", "where", "minutes", "with", "then", "leaves"):
        table.add_column(name)
    for number, one in found.workers.items():
        then = onward.next.get(number)
        where = template.text(f"stations.{one.station}", language) if one.here and one.station else ""
        table.add_row(
            number + (" !" if number in found.held else ""),
            template.text(f"statuses.{one.status}", language),
            where,
            f"{one.minutes(found.now):.0f}" if one.here else "",
            " + ".join(filter(None, (one.staff, one.interpreter))),
            _then(then, template, language),
            clock(then.leaves) if then and then.leaves is not None else "",
        )
    return table


def _then(then: replanning.Next | None, template: Template, language: str) -> str:
    if then is None or not then.station or then.begins is None:
        return ""
    return f"{clock(then.begins)} {template.text(f'stations.{then.station}', language)}: {then.staff}"


def _calls(console: Console, found: Board, read: DayFile, template: Template, language: str) -> None:
    for station in read.day.stations:
        call, why = next_call(found, read.day, template, station)
        name = template.text(f"stations.{station}", language)
        if call is not None:
            helper = f" with {call.interpreter}" if call.interpreter else ""
            console.print(f"next at {name}: {call.worker} to {call.staff}{helper}")
        for reason in why if call or found.line(station) else ():
            console.print(f"  {name}: {dayfile.said(reason, template, language)[0]}.")


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Dataclasses as objects, sets as lists, never-times as null."""
    if isinstance(value, Reason):
        return {"key": value.key, "values": _plain(value.values)}
    if is_dataclass(value) and not isinstance(value, type):
        return _plain({name: getattr(value, name) for name in value.__dataclass_fields__})
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, float):
        return None if value in (float("inf"), float("-inf")) else round(value, 4)
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
