"""A diary of hours: from now on the worker notes each day on her phone, and the count stands on more than memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from jornada.domain.rulepacks import Fact
from jornada.domain.vocabulary import NotUnderstood
from jornada.domain.wages.claimfile import minutes_of
from jornada.domain.wages.hours import HoursWrong, day_of, shift_at
from jornada.gateways.today import today
from jornada.intake import drafts, forms, pages, steps, wording
from jornada.intake.drafts import ChangedMeanwhile, Gone, Opened
from jornada.intake.views import page
from jornada.intake.visits import at_her_answers

DIARY = "hours_diary"
LARGEST_PAGE = 8 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@at_her_answers
def diary(request: Any, language: str) -> HttpResponse:
    """The days noted so far, newest first, and a form for one more; a POST adds a day or takes one out."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_PAGE:
        return HttpResponse(status=413)
    try:
        opened = drafts.opened(request.worker, about="diary")
        if DIARY not in opened.pack.facts:
            raise Http404
        if request.method != "POST":
            return _page(request, language, opened, request.GET.get("saved", ""))
        return _noted(request, language, opened)
    except Gone:
        return HttpResponseRedirect(reverse("intake:closed", args=[language]))


def _noted(request: Any, language: str, opened: Opened) -> HttpResponse:
    fact = opened.pack.facts[DIARY]
    taken = request.POST.get("remove", "")
    if taken:
        _save(request, opened, [row for row in _days(opened) if _key(row) != taken])
        return HttpResponseRedirect(reverse("intake:diary", args=[language]) + "?saved=removed")
    read = forms.read_entry(fact, request.POST, today(), None)
    complaints = {**_lacking(fact, read), **read.complaints}
    if not complaints:
        complaints = _meeting(read.values, _days(opened)) or _too_many(fact, _days(opened))
    if complaints:
        told = forms.Read(read.values, complaints, read.typed)
        return _page(request, language, opened, read=told, status=422)
    _save(request, opened, [*_days(opened), read.values])
    return HttpResponseRedirect(reverse("intake:diary", args=[language]) + f"?saved={read.values['day']}")


def _save(request: Any, opened: Opened, days: Sequence[Mapping[str, Any]]) -> None:
    """The diary with these days. Where another page saved meanwhile, its answers stay and only the diary changes."""
    values = {DIARY: sorted(days, key=_key) or None}
    try:
        drafts.save(request.worker, opened, values, question="diary", on=today())
    except ChangedMeanwhile:
        drafts.save(request.worker, drafts.opened(request.worker), values, question="diary", on=today())


def _lacking(fact: Fact, read: forms.Read) -> dict[str, NotUnderstood]:
    """A day, a beginning and an end are needed; a day must be known exactly."""
    lacking = {name: NotUnderstood("choose") for name in ("day", "start", "end") if not read.values.get(name)}
    if "day" not in lacking and len(str(read.values["day"])) < len("2026-01-01"):
        lacking["day"] = NotUnderstood("not_a_day")
    return lacking


def _meeting(row: Mapping[str, Any], days: Sequence[Mapping[str, Any]]) -> dict[str, NotUnderstood]:
    """A complaint where the hours meet others of the same day or cannot be."""
    same = [row, *(one for one in days if one.get("day") == row["day"])]
    try:
        shifts = [
            shift_at(minutes_of(one["start"]), minutes_of(one["end"]), int(one.get("meal") or 0))
            for one in same
        ]
        day_of(date.fromisoformat(row["day"]), shifts)
    except HoursWrong as wrong:
        return {"start": NotUnderstood("break_too_long" if wrong.key == "break_too_long" else "hours_meet")}
    return {}


def _too_many(fact: Fact, days: Sequence[Mapping[str, Any]]) -> dict[str, NotUnderstood]:
    if len(days) < fact.most_rows:
        return {}
    return {"day": NotUnderstood("too_many_rows", most=fact.most_rows)}


def _page(
    request: Any,
    language: str,
    opened: Opened,
    saved: str = "",
    *,
    read: forms.Read | None = None,
    status: int = 200,
) -> HttpResponse:
    fact, days = opened.pack.facts[DIARY], _days(opened)
    fields = pages.entry_fields(opened.pack, fact, language, {"day": today().isoformat()}, read)
    shown = [] if request.visit.helped else days[::-1]
    context = {
        "fields": fields,
        "errors": [one for one in fields if one.error],
        "days": [(_key(row), pages.entry_summary(opened.pack, fact, row, language)) for row in shown],
        "count": len(days),
        "notice": _notice(language, saved),
        "path_tail": "diary",
    }
    return page(request, "intake/diary.html", context, status=status)


def _notice(language: str, saved: str) -> str:
    """What was just done; anything else in the address says nothing."""
    if saved == "removed":
        return wording.text(language, "diary.removed")
    try:
        day = wording.written_date(language, saved) if saved else ""
    except (ValueError, IndexError):
        return ""
    return wording.text(language, "diary.saved", day=day) if day and day != saved else ""


def _days(opened: Opened) -> list[Mapping[str, Any]]:
    return steps.entries_in(opened.answers, opened.pack.facts[DIARY])


def _key(row: Mapping[str, Any]) -> str:
    return f"{row.get('day')} {row.get('start')}"
