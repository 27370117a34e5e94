"""After the day: who still lacks what, whom to call, the end of each agreed part in writing, the day in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.db import transaction

from jornada.clinics import preparing, selectors
from jornada.clinics.models import Floor, Screen
from jornada.clinics.selectors import DayOf
from jornada.domain.clinic import afterwards
from jornada.domain.clinic.afterwards import EndOfScope, FollowUp
from jornada.domain.clinic.board import Board
from jornada.intake import wording
from jornada.triage import happenings

if TYPE_CHECKING:
    from jornada.coalition.models import Provider
    from jornada.intake.models import CaseFile

TOLD = {
    "did_not_come": "clinic_missed",
    "not_finished": "clinic_not_finished",
    "bring_documents": "clinic_papers",
}
"""What an organiser is to do, and the word on the worker's own page that goes with it."""
WORDS = Path(__file__).with_name("wording")


class CannotClose(ValueError):
    """The day stays as it is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Call:
    """Whom an organiser calls about what; the file where the number has one."""

    follow_up: FollowUp
    file: CaseFile | None
    needs: tuple[str, ...]
    bring: tuple[str, ...]


@transaction.atomic
def close_day(found: Floor) -> int:
    """The day is over: screens are out, and workers hear what comes next; how many of them were told.

    CannotClose while somebody is still being served.
    """
    of = selectors.day_of(found)
    board = selectors.board(of)
    busy = sorted(one.worker.id for one in board.workers.values() if one.status == "with_staff")
    if found.state != "open" or busy:
        raise CannotClose(
            f"Number {', '.join(busy)} is still being served by the notes. Finish or send them first."
            if busy else "The day is not open."
        )  # fmt: skip
    found.state = "closed"
    found.save(update_fields=["state"])
    Screen.objects.filter(clinic_day=of.event, ended_at=None).update(ended_at=datetime.now(UTC))
    preparing.beat(found)
    return sum(_tell(call, of.day.on) for call in calls(of, board))


def _tell(call: Call, on: date) -> int:
    """The worker hears what comes next; 1 where she did."""
    kinds = [TOLD[reason.key] for reason in call.follow_up.needs if reason.key in TOLD]
    if call.file is None:
        return 0
    for kind in kinds:
        happenings.tell(kind, file=call.file, on=on, about_on=on, bring=call.bring)
    return min(1, len(kinds))


def calls(of: DayOf, board: Board, language: str = "en") -> list[Call]:
    """Everybody whom an organiser should call, with what about. Logistics only."""
    return [
        Call(
            one,
            file_of(of, one.worker),
            tuple(of.said(f"reasons.{reason.key}", language, **reason.values) for reason in one.needs),
            tuple(paper(name, language) for name in one.bring),
        )
        for one in afterwards.follow_ups(board)
    ]


def file_of(of: DayOf, number: str) -> CaseFile | None:
    """The file that a number belongs to; None for a walk-in whom nobody has named."""
    ticket = of.tickets.get(int(number)) if number.isdigit() else None
    return ticket.file if ticket else None


# ── In numbers ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of the day beside its forecast; `inside` None where nothing was forecast."""

    name: str
    counted: float
    low: float | None
    mid: float | None
    high: float | None

    @property
    def inside(self) -> bool | None:
        if self.low is None or self.high is None:
            return None
        return self.low <= self.counted <= self.high


def throughput(of: DayOf, board: Board) -> list[Counted]:
    """The day's numbers beside the last forecast from before it."""
    run = selectors.newest_run(of.event.pk, "forecast", done=True)
    told = selectors.result(run)["forecasts"][0] if run else {}
    found = []
    for one in afterwards.throughput(board):
        spread = told.get(one.name) or {}
        found.append(Counted(one.name, one.counted, spread.get("low"), spread.get("mid"), spread.get("high")))
    return found


# ── In writing ────────────────────────────────────────────────────────────────────────────────────────────────


def ends(of: DayOf, board: Board) -> Iterator[tuple[EndOfScope, CaseFile]]:
    """Where an agreed part ended, with the file it belongs to; numbers without a file get no letter."""
    for one in afterwards.ends_of_scope(board, mailed_by_clinic=of.floor.mailed_by_clinic):
        file = file_of(of, one.worker)
        if file is not None:
            yield one, file


def letter(
    of: DayOf, end: EndOfScope, contact: Mapping[str, Any], provider: Provider
) -> tuple[str, dict[str, Any]]:
    """The end of the agreed part for the letter `clinic_end`: the worker's language and what it says.

    What was done, what is still to do and by whom.
    """
    language = str(contact.get("language") or "en")
    spoken = language if language in of.template.languages else "en"
    told = words(spoken)["end"]
    day = wording.written_day(spoken, of.day.on)
    before, _, after = told["footer"].partition("{page}")
    data = {
        "title": told["title"], "footer": [before, after], "heading": told["title"], "date": day,
        "name": str(contact.get("name") or ""),
        "lines": [
            told["agreed"].format(provider=provider.name, day=day), of.said(f"scope.{end.how}", spoken),
            told["not_more"],
        ],
        "done_head": told["done"],
        "done": [of.said(f"stations.{name}", spoken) for name in end.stations_done],
        "todo_head": told["todo"],
        "todo": [of.said(f"scope.{name}", spoken) for name in end.still_to_do],
        "call": told["call"], "sign": told["sign"],
        "signer": f"{provider.name}, {provider.phone}".rstrip(", "),
    }  # fmt: skip
    return spoken, data


@cache
def words(language: str) -> Mapping[str, Any]:
    """The words of screens and letters of a clinic day; English where the language is not offered."""
    path = WORDS / f"{language}.yaml"
    found: Mapping[str, Any] = yaml.safe_load(
        (path if path.exists() else WORDS / "en.yaml").read_text(encoding="utf-8")
    )
    return found


def paper(name: str, language: str = "en") -> str:
    """The name of a paper that somebody should bring."""
    return str(words(language)["papers"].get(name, name))
