"""Scenarios: copied, uploaded, drawn from records, changed number by number. Every text is kept, with who and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jornada.domain.located import PackErrors
from jornada.domain.planning import editing
from jornada.domain.planning.figures import NotAFigure, parse
from jornada.gateways import planfiles
from jornada.planning import selectors
from jornada.planning.models import Scenario, ScenarioRevision

if TYPE_CHECKING:
    from jornada.coalition.models import Member

LARGEST = 256 * 1024
"""More bytes than this are no scenario that people wrote."""


class CannotChange(ValueError):
    """Nothing was changed; the message says what is wrong and what would mend it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a text, for the history."""

    act: str
    what: str = ""
    was: str = ""
    now: str = ""
    why: str = ""


# ── A new scenario ────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def copy(*, named: str, title: str, by: Member, on: date) -> Scenario:
    """A copy of a scenario that ships; CannotChange where there is none of that name."""
    if named not in planfiles.shipped():
        raise CannotChange(f"No scenario {named!r} ships. Choose one of {', '.join(planfiles.shipped())}.")
    text = planfiles.file_of(named).read_text(encoding="utf-8")
    return begin(title=title, text=text, origin=named, act="copied", by=by, on=on)


@transaction.atomic
def begin(*, title: str, text: str, origin: str, act: str, by: Member, on: date) -> Scenario:
    """A scenario with its first text, which is kept also where something in it is wrong."""
    record = Scenario.objects.create(
        provider_id=by.provider_id, title=title[:120], origin=origin[:60], made_by=by
    )
    _add(record, 1, text, Change(act, what=origin), by, on)
    return record


def uploaded(data: bytes) -> str:
    """The text of a file that somebody sent; CannotChange for what is no text or too much of it."""
    if len(data) > LARGEST:
        raise CannotChange(
            f"The file has more than {LARGEST // 1024} KB. A scenario has a few: is it another file?"
        )
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise CannotChange("The file is not UTF-8 text. Save it as UTF-8, then send it again.") from None


@transaction.atomic
def share(*, record: Scenario, shared: bool) -> None:
    """Let every organization of the hub read the scenario with its runs and initiatives, or no longer."""
    record.shared = shared
    record.save(update_fields=["shared"])


# ── Changes ───────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_number(
    *, record: Scenario, name: str, written: str, why: str, by: Member, on: date
) -> ScenarioRevision:
    """A number of the pack gives way to one of the coalition's own. CannotChange says what is wrong with it."""
    known = selectors.catalogue().figures.get(name)
    if known is None:
        raise CannotChange(f"The planning pack has no number {name!r}.")
    try:
        parse(name, written, (known.unit,), known.spread if known.uncertain else "")
    except NotAFigure as wrong:
        raise CannotChange(f"{wrong.problem}. {wrong.mend}.") from None
    before = _locked(record)
    text = editing.with_number(before.text, name, written, who=_signed(by), why=why, on=on)
    if _says_its_own(text, name):
        raise CannotChange(
            "This scenario says its own number for that, among its requests or aims. Change it under Places, people,"
            " money."
        )
    change = Change("number", name, _was(before, name, known.said()), written, why)
    return _add_sound(record, before, text, change, by, on)


@transaction.atomic
def take_back(*, record: Scenario, name: str, why: str, by: Member, on: date) -> ScenarioRevision:
    """The pack's own number counts again."""
    before = _locked(record)
    try:
        text = editing.without_number(before.text, name)
    except editing.NoSuchValue as wrong:
        raise CannotChange(str(wrong)) from None
    known = selectors.catalogue().figures[name].said()
    return _add_sound(
        record, before, text, Change("taken_back", name, _was(before, name, known), known, why), by, on
    )


@transaction.atomic
def set_value(
    *, record: Scenario, where: str, written: str, why: str, by: Member, on: date
) -> ScenarioRevision:
    """Another value at one place of the scenario's own: staff, money, limits, aims."""
    before = _locked(record)
    was = next((one.written for one in editing.values(before.text) if one.where == where), "")
    try:
        text = editing.with_value(before.text, where, written)
    except editing.NoSuchValue as wrong:
        raise CannotChange(str(wrong)) from None
    return _add_sound(record, before, text, Change("value", where, was, written, why), by, on)


@transaction.atomic
def set_text(
    *, record: Scenario, text: str, since: int, why: str, by: Member, on: date, act: str = "text"
) -> ScenarioRevision:
    """The whole text anew. It is kept also with slips in it; runs take the newest text that has none.

    CannotChange where somebody else saved after revision `since`.
    """
    before = _locked(record)
    if before.number != since:
        raise CannotChange(
            f"Somebody saved revision {before.number} while you wrote. Yours is below and not saved yet: look at theirs"
            " under History, then save yours again or take their change over."
        )
    return _add(record, before.number + 1, text, Change(act, why=why), by, on)


def faults_of(text: str) -> list[dict[str, Any]]:
    """What is wrong with a text, line by line, each with its mend; empty if it is whole."""
    try:
        selectors.read(text)
    except PackErrors as errors:
        return [{"line": one.line, "problem": one.problem, "mend": one.mend} for one in errors.errors]
    return []


def _locked(record: Scenario) -> ScenarioRevision:
    """The newest text, while nobody else can add one."""
    Scenario.objects.select_for_update().get(pk=record.pk)
    return selectors.newest(record)


def _add_sound(
    record: Scenario, before: ScenarioRevision, text: str, change: Change, by: Member, on: date
) -> ScenarioRevision:
    """A text that has no slip which the one before did not have; else CannotChange."""
    known = {fault["problem"] for fault in before.faults}
    new = [fault for fault in faults_of(text) if fault["problem"] not in known]
    if new:
        raise CannotChange(" ".join(in_words(new)))
    return _add(record, before.number + 1, text, change, by, on)


def in_words(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each slip as a sentence with its mend."""
    return [f"Line {one['line']}: {one['problem']}. {one['mend']}." for one in faults]


def _add(record: Scenario, number: int, text: str, change: Change, by: Member, on: date) -> ScenarioRevision:
    return ScenarioRevision.objects.create(
        provider_id=record.provider_id, scenario=record, number=number, text=text, faults=faults_of(text),
        act=change.act, what=change.what[:160], was=change.was[:200], now=change.now[:200], why=change.why[:300],
        made_by=by, made_on=on,
    )  # fmt: skip


def _says_its_own(text: str, name: str) -> bool:
    """Whether another part of the scenario still decides the number."""
    try:
        figure = selectors.read(text).figures[name]
    except PackErrors:
        return False
    return figure.change is None


def _signed(by: Member) -> str:
    """How a change is signed in the text: by organization and role. The text may be shared with others, and names of
    staff stay at home: who exactly it was stands in the history."""
    return f"{by.provider.name}, {by.get_role_display().lower()}"


def _was(before: ScenarioRevision, name: str, packs: str) -> str:
    """The number before: the coalition's own, else the pack's."""
    where = f"{editing.NUMBERS}/{name}/is"
    return next((one.written for one in editing.values(before.text) if one.where == where), packs)
