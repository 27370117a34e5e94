"""Before a clinic day: stations, staff, numbers, forecast and timetable, screens, and everything on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.clinics import floor as floors
from jornada.clinics import planned, preparing, selectors, sheets, tasks
from jornada.clinics.doors import clinic_page, clinic_render
from jornada.clinics.floor import CannotNote
from jornada.clinics.forms import (
    ClockForm,
    NameForm,
    NeedsForm,
    RoomsForm,
    ScreenForm,
    SpareForm,
    StaffForm,
    needs_as_filled,
    rooms_as_filled,
)
from jornada.clinics.preparing import CannotPrepare
from jornada.clinics.selectors import DayOf
from jornada.coalition import selectors as coalition
from jornada.coalition.doors import LEGAL_TEAM, staff
from jornada.domain.clinic.day import clock
from jornada.gateways import letters
from jornada.gateways.today import rehearsed
from jornada.placement import selectors as placement
from jornada.triage import casefiles
from jornada.vault import audit

# ── Stations and staff ────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@staff(roles=LEGAL_TEAM)
def setup(request: HttpRequest, clinic_day: UUID) -> HttpResponse:
    """Stations with seats, who works, what stands in the way; the doors open from here."""
    event = placement.clinic_day(clinic_day)
    if event is None:
        raise Http404
    found = selectors.floor(clinic_day)
    if found is None:
        if request.method == "POST":
            preparing.set_up(event)
            return redirect("clinics:setup", clinic_day)
        return render(request, "clinics/set_up.html", {"day": event, "tab": "setup"})
    of = selectors.day_of(found)
    acts: Mapping[str, Callable[..., HttpResponse]] = {
        "rooms": _rooms, "open": _open, "clock": _clock, "numbers": _give_numbers,
    }  # fmt: skip
    act = acts.get(request.POST.get("act", ""))
    return act(request, of) if act else _setup_page(request, of)


def _rooms(request: HttpRequest, of: DayOf) -> HttpResponse:
    form = RoomsForm(request.POST, template=of.template)
    if not form.is_valid():
        return _setup_page(request, of, rooms=form, status=422)
    data = form.cleaned_data
    try:
        preparing.set_rooms(of.floor, form.rooms(), data["relay_languages"], mailed=data["mailed_by_clinic"])
    except CannotPrepare as wrong:
        form.add_error(None, str(wrong))
        return _setup_page(request, of, rooms=form, status=422)
    messages.success(request, "Stations and seats are kept.")
    return redirect("clinics:setup", of.event.pk)


def _open(request: HttpRequest, of: DayOf) -> HttpResponse:
    try:
        preparing.open_doors(of.floor)
    except CannotPrepare as wrong:
        return _setup_page(request, of, wrong=str(wrong), status=409)
    return redirect("clinics:board", of.event.pk)


def _clock(request: HttpRequest, of: DayOf) -> HttpResponse:
    form = ClockForm(request.POST)
    try:
        if form.is_valid():
            preparing.set_rehearsal_clock(of.floor, selectors.minutes(form.cleaned_data["at"]))
            return redirect("clinics:setup", of.event.pk)
    except CannotPrepare as wrong:
        return _setup_page(request, of, wrong=str(wrong), status=409)
    return _setup_page(request, of, wrong="Give a time of day, such as 09:30.", status=422)


def _give_numbers(request: HttpRequest, of: DayOf) -> HttpResponse:
    given = preparing.give_numbers(of.floor)
    messages.success(request, f"{given} new number{'' if given == 1 else 's'} given.")
    return redirect("clinics:numbers", of.event.pk)


@require_POST
@clinic_page()
def staff_list(request: HttpRequest, of: DayOf) -> HttpResponse:
    """Somebody more who works that day, or off it."""
    if request.POST.get("off"):
        try:
            preparing.remove_staff(of.floor, request.POST["off"])
        except CannotPrepare as wrong:
            return _setup_page(request, of, wrong=str(wrong), status=409)
        return redirect(f"{reverse('clinics:setup', args=[of.event.pk])}#staff")
    form = StaffForm(request.POST, of=of, members=_members())
    if not form.is_valid():
        return _setup_page(request, of, staff_form=form, status=422)
    member = _member(form.cleaned_data["member"])
    try:
        preparing.add_staff(of.floor, preparing.staff_from(form.cleaned_data, of.day.on), member)
    except CannotPrepare as wrong:
        form.add_error(None, str(wrong))
        return _setup_page(request, of, staff_form=form, status=422)
    return redirect(f"{reverse('clinics:setup', args=[of.event.pk])}#staff")


def _members() -> list[tuple[str, str]]:
    return [(str(one.pk), one.display_name) for one in coalition.team()]


def _member(chosen: str) -> Any:
    return coalition.member(UUID(chosen)) if chosen else None


def _setup_page(request: HttpRequest, of: DayOf, **shown: Any) -> HttpResponse:
    hours = {"begins": of.event.opens_at, "ends": of.event.closes_at}
    shown.setdefault("rooms", RoomsForm(rooms_as_filled(of), template=of.template))
    shown.setdefault("staff_form", StaffForm(of=of, members=_members(), initial=hours))
    return clinic_render(
        request, of, "clinics/setup.html", "setup",
        complaints=preparing.complaints(of),
        people=[_person(one, of) for one in of.day.staff],
        hard=any(one.hard for one in preparing.complaints(of)),
        clock_form=ClockForm(initial={"at": clock(of.now)}) if rehearsed() else None,
        sheets=_SHEETS,
        unnumbered=len(placement.appointments(of.event)) - len(of.day.invited),
        **shown,
    )  # fmt: skip


def _person(one: Any, of: DayOf) -> dict[str, Any]:
    return {
        "id": one.id,
        "credential": of.said(f"credentials.{one.credential}"),
        "until": one.credential_until,
        "hours": f"{clock(one.begins)}–{clock(one.ends)}",
        "languages": ", ".join(sorted(one.languages)),
        "stations": ", ".join(of.said(f"stations.{name}") for name in one.stations) or "all that fit",
        "supervised_by": ", ".join(one.supervised_by),
        "rest": f"{one.rest.minutes} min, {clock(one.rest.earliest)}–{clock(one.rest.latest)}" if one.rest else "",
    }  # fmt: skip


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page()
def numbers(request: HttpRequest, of: DayOf) -> HttpResponse:
    """The door list: which number is whose, what each needs that day; and numbers printed ahead."""
    if request.method != "POST":
        return _numbers_page(request, of)
    acts: Mapping[str, Callable[..., HttpResponse]] = {"spare": _spare, "needs": _needs, "name": _name}
    act = acts.get(request.POST.get("act", ""))
    return act(request, of) if act else _numbers_page(request, of)


def _spare(request: HttpRequest, of: DayOf) -> HttpResponse:
    form = SpareForm(request.POST)
    if not form.is_valid():
        return _numbers_page(request, of, spare_form=form, status=422)
    try:
        preparing.give_spare_numbers(of.floor, form.cleaned_data["count"])
    except CannotPrepare as wrong:
        form.add_error(None, str(wrong))
        return _numbers_page(request, of, spare_form=form, status=422)
    return redirect("clinics:numbers", of.event.pk)


def _needs(request: HttpRequest, of: DayOf) -> HttpResponse:
    ticket = _ticket(request.POST.get("number", ""), of)
    form = NeedsForm(request.POST, of=of)
    if not form.is_valid():
        return _numbers_page(request, of, needs_form=form, needs_of=ticket, status=422)
    try:
        preparing.set_needs(of.floor, ticket, form.needs())
    except CannotPrepare as wrong:
        form.add_error(None, str(wrong))
        return _numbers_page(request, of, needs_form=form, needs_of=ticket, status=422)
    return redirect("clinics:numbers", of.event.pk)


def _name(request: HttpRequest, of: DayOf) -> HttpResponse:
    form = NameForm(request.POST, of=of)
    file = None
    if form.is_valid():
        wanted = form.cleaned_data["file"]
        file = next((one for one in casefiles.all_files() if one.number == wanted), None)
        if file is None:
            form.add_error("file", f"There is no file {wanted}. Look at the queue for its number.")
    if file is None:
        return _numbers_page(request, of, name_form=form, status=422)
    try:
        preparing.name_walk_in(of.floor, of.tickets[int(form.cleaned_data["number"])], file)
    except CannotPrepare as wrong:
        form.add_error(None, str(wrong))
        return _numbers_page(request, of, name_form=form, status=422)
    messages.success(request, f"Number {form.cleaned_data['number']} belongs to file {file} now.")
    return redirect("clinics:numbers", of.event.pk)


def _ticket(number: str, of: DayOf) -> Any:
    found = of.tickets.get(int(number)) if number.isdigit() else None
    if found is None:
        raise Http404
    return found


def _numbers_page(request: HttpRequest, of: DayOf, **shown: Any) -> HttpResponse:
    times = selectors.appointment_times(of)
    needs = selectors.needs_of(of.tickets.values())
    rows = [
        {
            "number": number, "ticket": one, "at": times.get(str(number), ""),
            "contact": casefiles.contact(one.file) if one.file else None,
            "needs": planned.needs(needs[one.id], of),
        }
        for number, one in of.tickets.items()
    ]  # fmt: skip
    if chosen := request.GET.get("number"):
        ticket = _ticket(chosen, of)
        shown.setdefault("needs_of", ticket)
        shown.setdefault("needs_form", NeedsForm(of=of, initial=needs_as_filled(needs[ticket.id])))
    shown.setdefault("spare_form", SpareForm())
    shown.setdefault("name_form", NameForm(of=of))
    return clinic_render(
        request, of, "clinics/numbers.html", "numbers",
        rows=sorted(rows, key=lambda row: (row["contact"] is None, row["at"], row["number"])), **shown,
    )  # fmt: skip


# ── Forecast and timetable ────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page()
def plan(request: HttpRequest, of: DayOf) -> HttpResponse:
    """How the day will probably go, and who sits with whom; both worked out in the background."""
    act = request.POST.get("act", "")
    if act in ("forecast", "schedule"):
        tasks.ask(of.floor, act)
    elif act == "stop":
        for kind in ("forecast", "schedule"):
            run = selectors.newest_run(of.event.pk, kind)
            if run is not None:
                tasks.ask_to_stop(run)
    elif act == "adopt":
        return _adopt(request, of)
    elif act == "take_back":
        preparing.take_back(of.floor)
    if request.method == "POST":
        return redirect("clinics:plan", of.event.pk)
    return _plan_page(request, of)


def _adopt(request: HttpRequest, of: DayOf) -> HttpResponse:
    run = selectors.newest_run(of.event.pk, "schedule", done=True)
    if run is None:
        raise Http404
    try:
        sittings = preparing.adopt(of.floor, *selectors.planned(selectors.result(run)))
    except CannotPrepare as wrong:
        return _plan_page(request, of, wrong=str(wrong), status=409)
    messages.success(request, f"The timetable is kept: {sittings} sittings.")
    return redirect("clinics:plan", of.event.pk)


def _plan_page(request: HttpRequest, of: DayOf, **shown: Any) -> HttpResponse:
    looks = [selectors.newest_run(of.event.pk, kind) for kind in ("forecast", "schedule")]
    going = [run for run in looks if selectors.under_way(run)]
    return clinic_render(
        request, of, "clinics/plan.html", "plan",
        going=going,
        failed=[run for run in looks if run is not None and run.state != "done" and run not in going],
        forecast=planned.forecast(of, _found(of, "forecast")),
        timetable=planned.timetable(of, _found(of, "schedule")),
        adopted=bool(of.day.made),
        complaints=[one for one in preparing.complaints(of) if one.hard],
        **shown,
    )  # fmt: skip


def _found(of: DayOf, kind: str) -> dict[str, Any] | None:
    run = selectors.newest_run(of.event.pk, kind, done=True)
    return {**selectors.result(run), "at": run.ended_at} if run else None


# ── Screens and paper ─────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@clinic_page()
def screens(request: HttpRequest, of: DayOf) -> HttpResponse:
    """The day's screens; the link of a new one is shown once, as text and as a square to scan."""
    act = _SCREEN_ACTS.get(request.POST.get("act", ""))
    return act(request, of) if act else _screens_page(request, of)


def _add_screen(request: HttpRequest, of: DayOf) -> HttpResponse:
    form = ScreenForm(request.POST, of=of)
    if not form.is_valid():
        return _screens_page(request, of, form=form, status=422)
    data = form.cleaned_data
    station = data["station"] if data["kind"] == "station" else ""
    try:
        screen, token = floors.add_screen(of.floor, data["name"], data["kind"], station)
    except CannotNote as wrong:
        form.add_error(None, str(wrong))
        return _screens_page(request, of, form=form, status=422)
    return _screens_page(request, of, link=_link(screen.name, token))


def _renew_link(request: HttpRequest, of: DayOf) -> HttpResponse:
    screen = _screen(request, of)
    return _screens_page(request, of, link=_link(screen.name, floors.renew_link(screen)))


def _end_screen(request: HttpRequest, of: DayOf) -> HttpResponse:
    floors.end_screen(_screen(request, of))
    return redirect("clinics:screens", of.event.pk)


_SCREEN_ACTS: Mapping[str, Callable[[HttpRequest, DayOf], HttpResponse]] = {
    "add": _add_screen,
    "renew": _renew_link,
    "end": _end_screen,
}


def _screen(request: HttpRequest, of: DayOf) -> Any:
    wanted = request.POST.get("screen", "")
    screen = next((one for one in selectors.screens(of.event.pk) if one.name == wanted), None)
    if screen is None:
        raise Http404
    return screen


def _screens_page(request: HttpRequest, of: DayOf, **shown: Any) -> HttpResponse:
    shown.setdefault("form", ScreenForm(of=of))
    stations = {one: of.said(f"stations.{one}") for one in of.day.stations}
    found = selectors.screens(of.event.pk)
    return clinic_render(
        request, of, "clinics/screens.html", "screens", screens=found, stations=stations, **shown
    )


def _link(name: str, token: str) -> dict[str, str]:
    address = settings.JORNADA_PUBLIC_URL.rstrip("/") + reverse("screens:open", args=[token])
    square = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True)
    return {"name": name, "address": address, "square": square}


_SHEETS = {
    "persons": "A sheet for each number",
    "stations": "A sheet for each station",
    "sign_in": "The sign-in list",
}


@require_safe
@clinic_page()
def sheet(request: HttpRequest, of: DayOf, sheet: str) -> HttpResponse:
    """One of the day's papers, as PDF."""
    if sheet not in _SHEETS:
        raise Http404
    made = {
        "persons": lambda: ("clinic_persons", sheets.person_sheets(of, list(of.tickets.values()))),
        "stations": lambda: ("clinic_stations", sheets.station_sheets(of)),
        "sign_in": lambda: ("clinic_sign_in", sheets.sign_in_sheet(of)),
    }[sheet]
    kind, data = made()
    audit.record("printed", kind="provider", about="clinics_floor", row=of.floor.pk, reason=sheet)
    headers = {"Content-Disposition": f'inline; filename="{sheet}-{of.day.on.isoformat()}.pdf"'}
    return HttpResponse(
        letters.compose(kind, of.template.languages[0], data), content_type="application/pdf", headers=headers
    )
