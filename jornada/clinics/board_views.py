"""The lead's board while the day is on, and what is left to do after it. Numbers only; names stand in the door list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from jornada.clinics import closing, planned, selectors, shown, tasks
from jornada.clinics import floor as floors
from jornada.clinics.closing import CannotClose, words
from jornada.clinics.doors import ON_THE_FLOOR, clinic_page, clinic_render
from jornada.clinics.floor import CannotNote
from jornada.clinics.forms import note_values
from jornada.clinics.screen_views import told
from jornada.clinics.selectors import DayOf
from jornada.coalition.doors import LEGAL_TEAM
from jornada.domain.clinic import afterwards
from jornada.domain.clinic.day import clock
from jornada.gateways import letters
from jornada.triage import casefiles
from jornada.vault import audit

NOTED_HERE = frozenset(
    {
        "staff_arrived", "staff_left", "paused", "resumed", "intake_stopped", "intake_opened", "put_back", "left",
        "complex", "sent", "arrived",
    }
)  # fmt: skip


# ── The board ─────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(roles=ON_THE_FLOOR)
def board(request: HttpRequest, of: DayOf) -> HttpResponse:
    """Columns by station, what does not fit, who works where; what the lead notes is a POST."""
    if request.method != "POST":
        return _page(request, of)
    try:
        _acted(request, of)
    except CannotNote as wrong:
        return _page(request, selectors.day_of(of.floor), str(wrong), 409)
    return redirect("clinics:board", of.event.pk)


def _acted(request: HttpRequest, of: DayOf) -> None:
    member, posted = request.member, request.POST
    tablet, act = f"lead-{member.pk.hex[:8]}", posted.get("act", "")
    if act in ("blank", "bring_back"):
        floors.blank(of.floor, on=act == "blank", by=member)
    elif act == "settle":
        floors.settle(of.floor, posted.get("conflict", ""), posted.get("keeps", ""), tablet=tablet, by=member)
    elif act in NOTED_HERE:
        floors.say(of.floor, tablet, act, by=member, **note_values(posted, of))
    else:
        raise CannotNote("Choose what to note.")


@require_safe
@clinic_page(roles=ON_THE_FLOOR)
def part(request: HttpRequest, of: DayOf) -> HttpResponse:
    """What changes of the board, for the page that is open already."""
    return render(request, "clinics/part_board.html", _context(request, of))


@require_safe
@clinic_page(roles=ON_THE_FLOOR)
def live(request: HttpRequest, of: DayOf) -> HttpResponse:
    """How often the floor has changed, as a server-sent event."""
    return told(request, of.floor.pulse)


def _page(request: HttpRequest, of: DayOf, wrong: str = "", status: int = 200) -> HttpResponse:
    context = {**_context(request, of), "wrong": wrong, "status": status}
    return clinic_render(request, of, "clinics/board.html", "board", **context)


def _context(request: HttpRequest, of: DayOf) -> dict[str, Any]:
    found = selectors.board(of)
    if of.floor.state == "open" and shown.outlook_is_old(of):
        tasks.ask(of.floor, "outlook")
    return {
        "board": shown.board_of(of, found), "day": of.event, "floor": of.floor, "acting": of.floor.state == "open",
        "pulse": of.floor.pulse, "blanked": of.floor.blanked_at is not None, "words": words("en"),
        "stations": [(name, of.said(f"stations.{name}")) for name in of.day.stations],
        "full_scope": list(words("en")["full_scope"].items()),
    }  # fmt: skip


# ── After the day ─────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page(roles=ON_THE_FLOOR)
def after(request: HttpRequest, of: DayOf) -> HttpResponse:
    """Whom to call; for the legal team where the work stands, and the letters; the day in numbers."""
    if request.method != "POST":
        return _after_page(request, of)
    if request.member.role not in LEGAL_TEAM:
        raise Http404
    try:
        told_now = closing.close_day(of.floor)
    except CannotClose as wrong:
        return _after_page(request, of, wrong=str(wrong), status=409)
    messages.success(request, f"The day is closed. {told_now} workers were told what comes next.")
    return redirect("clinics:after", of.event.pk)


def _after_page(request: HttpRequest, of: DayOf, **shown_too: Any) -> HttpResponse:
    found = selectors.board(of)
    context: dict[str, Any] = {
        "calls": closing.calls(of, found),
        "measures": [_measure(of, one) for one in closing.throughput(of, found)],
        "times": [
            {"name": of.said(f"stations.{one.station}"), "one": one}
            for one in afterwards.time_study(found, of.day)
        ],
        "open_now": of.floor.state == "open",
    }
    if request.member.role in LEGAL_TEAM:
        context |= {
            "legal_list": [_legal(of, one) for one in afterwards.legal_follow_ups(found, of.day)],
            "letters": [{"end": end, "file": file} for end, file in closing.ends(of, found)],
        }
    return clinic_render(request, of, "clinics/after.html", "after", **context, **shown_too)


def _measure(of: DayOf, one: closing.Counted) -> dict[str, Any]:
    return {
        "name": of.said(f"measures.{one.name}"),
        "counted": planned.in_figures(one.name, one.counted),
        "forecast": [planned.in_figures(one.name, end) for end in (one.low, one.mid, one.high)],
        "inside": one.inside,
    }


def _legal(of: DayOf, one: Any) -> dict[str, Any]:
    reasons: Mapping[str, str] = words("en")["full_scope"]
    said: Callable[[Any], str] = lambda names: ", ".join(of.said(f"stations.{name}") for name in names)
    return {
        "number": one.worker,
        "file": closing.file_of(of, one.worker),
        "status": of.said(f"statuses.{one.status}"),
        "reason": reasons.get(one.reason, one.reason),
        "done": said(one.stations_done),
        "ahead": said(one.stations_ahead),
        "missing": ", ".join(closing.paper(name) for name in one.missing),
    }


@require_safe
@clinic_page()
def letter(request: HttpRequest, of: DayOf, ticket: int) -> HttpResponse:
    """The end of what was agreed, for one worker, in her language; logged."""
    for end, file in closing.ends(of, selectors.board(of)):
        if end.worker == str(ticket):
            return _letter(request, of, end, file)
    raise Http404


def _letter(request: HttpRequest, of: DayOf, end: Any, file: Any) -> HttpResponse:
    provider = request.member.provider
    spoken, data = closing.letter(of, end, casefiles.contact(file), provider)
    audit.record(
        "downloaded", kind="provider", about="clinics_ticket", row=of.tickets[int(end.worker)].pk,
        application_id=file.application_id, classes=["P2"],
    )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="end-{end.worker}-{clock(end.at)}.pdf"'}
    return HttpResponse(
        letters.compose("clinic_end", spoken, data), content_type="application/pdf", headers=headers
    )
