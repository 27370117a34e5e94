"""Place a file with an advocate or at a clinic day; keep clinic days."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jornada.coalition import selectors as coalition
from jornada.coalition.doors import LEGAL_TEAM, Role, staff
from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.placement import atonce, clinic, matching, referral, selectors, supervision, told
from jornada.placement.forms import BookForm, ClinicDayForm, PlaceForm, RejectForm
from jornada.triage import casefiles, doors
from jornada.triage import selectors as triage

if TYPE_CHECKING:
    from jornada.coalition.models import Member
    from jornada.intake.models import CaseFile
    from jornada.placement.models import Proposal

AGAIN = timedelta(days=30)
"""After how long a pair that was rejected may be proposed again, unless a member says otherwise."""


@require_GET
@doors.file_page()
def file(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Where the file is placed, what is proposed, and the ways to place it."""
    return file_page(request, file)


@require_POST
@doors.file_page()
def place(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """The file in an advocate's hands."""
    on, by = today(), request.member
    form = PlaceForm(request.POST, advocates=_advocates(on))
    if not form.is_valid():
        return file_page(request, file, place_form=form, status=422)
    advocate = coalition.member(UUID(form.cleaned_data["advocate"]))
    proposal = _proposal(file, request)
    try:
        referral.place(
            file=file, advocate=advocate, scope=form.cleaned_data["scope"], by=by, on=on, proposal=proposal
        )
    except referral.CannotPlace as wrong:
        form.add_error(None, str(wrong))
        return file_page(request, file, place_form=form, status=422)
    messages.success(request, f"Placed with {advocate.display_name}.")
    return redirect("placement:file", file.id)


@require_POST
@doors.file_page()
def book(request: HttpRequest, file: CaseFile, clinic_day: UUID) -> HttpResponse:
    """A seat at a clinic day."""
    day = selectors.clinic_day(clinic_day)
    if day is None:
        raise Http404
    try:
        starts_at = time.fromisoformat(request.POST.get("starts_at", ""))
        proposal = _proposal(file, request)
        clinic.book(file=file, day=day, starts_at=starts_at, by=request.member, on=today(), proposal=proposal)
    except clinic.CannotBook as wrong:
        return file_page(request, file, wrong=str(wrong), status=409)
    except ValueError:
        return file_page(request, file, wrong="Choose one of the times shown.", status=422)
    messages.success(request, f"Booked: {day.name}, {day.held_on:%B %-d, %Y} at {starts_at:%H:%M}.")
    return redirect("placement:file", file.id)


@require_http_methods(["GET", "POST"])
@staff(roles=LEGAL_TEAM | {Role.ORGANISER})
def clinic_days(request: HttpRequest) -> HttpResponse:
    """Clinic days to come; for the legal team also a form for another."""
    on, may_plan = today(), request.member.role in LEGAL_TEAM
    if request.method == "POST" and not may_plan:
        raise Http404
    form = (
        ClinicDayForm(request.POST or None, advocates=_advocates(on, supervising=True)) if may_plan else None
    )
    if form is not None and request.method == "POST" and form.is_valid():
        data: dict[str, Any] = dict(form.cleaned_data)
        supervisor = coalition.member(UUID(data.pop("supervised_by")))
        clinic.open_clinic_day(**data, supervised_by=supervisor, by=request.member)
        return redirect("placement:clinic-days")
    days = [{"day": day, "seats": selectors.seats_in_all(day)} for day in selectors.clinic_days(on)]
    status = 422 if form is not None and form.errors else 200
    return render(request, "placement/clinic_days.html", {"days": days, "form": form}, status=status)


@require_GET
@staff(roles=LEGAL_TEAM)
def clinic_day(request: HttpRequest, clinic_day: UUID) -> HttpResponse:
    """Who comes when."""
    day = selectors.clinic_day(clinic_day)
    if day is None:
        raise Http404
    rows = [
        {"appointment": one, "contact": casefiles.contact(one.file)} for one in selectors.appointments(day)
    ]
    shown = {
        "day": day,
        "rows": rows,
        "free": selectors.free_times(day),
        "in_all": selectors.seats_in_all(day),
    }
    return render(request, "placement/clinic_day.html", shown)


def file_page(request: HttpRequest, file: CaseFile, **shown: Any) -> HttpResponse:
    """The page of a file's placement; what is given in `shown` stands instead of the usual."""
    on = today()
    proposal = selectors.proposal_for(file.id)
    decision = triage.decision_in_force(file.id)
    track = triage.read_track(file, decision) if decision else None
    booking = [
        {"day": day, "form": BookForm(free=free)}
        for day in selectors.clinic_days(on)
        if (free := selectors.free_times(day))
    ]
    decisions = selectors.pair_decisions(on, file.id)
    shown |= _right_now(file, request.member, on)
    shown.setdefault("place_form", PlaceForm(advocates=_advocates(on), initial=_initial(proposal)))
    shown.setdefault("reject_form", RejectForm(initial={"until": on + AGAIN}, auto_id="reject_%s"))
    return doors.file_render(
        request, file, "placement/file.html", "placement",
        placed=selectors.placement_in_force(file.id),
        appointment=selectors.appointment_of(file.id),
        proposal=told.proposals([proposal])[0] if proposal else None,
        decisions=told.decisions(decisions),
        decided=next((one.kind for one in decisions if proposal and one.source_id == proposal.source_id), ""),
        offered=intake.may_refer(file),
        track=track,
        seeks=matching.need(file, track) if track else "",
        booking=booking,
        **shown,
    )  # fmt: skip


def _right_now(file: CaseFile, by: Member, on: date) -> dict[str, Any]:
    """Where the file would go right now, or why that cannot be said; nothing where it waits for nobody."""
    try:
        found = atonce.answer(file, on=on, by=by)
    except matching.CANNOT_MATCH as wrong:
        return {"not_now": str(wrong)}
    return {"at_once": told.at_once(found)} if found else {}


def _advocates(on: date, supervising: bool = False) -> list[tuple[str, str]]:
    """Members with a credential in force and the places they have left; those who work under somebody too, unless
    it is about `supervising`."""
    held, capacities = selectors.load(on), list(coalition.capacities_on(on))
    working = supervision.supervision(capacities, held, on)
    found = []
    for capacity in capacities:
        member = capacity.member
        credential = working.credentials.get(member.id)
        if credential is None or working.works_alone(member.id):
            continue
        if supervising and credential.kind not in coalition.SIGNING_KINDS:
            continue
        left = max(0, capacity.files_at_once - held.get(member.id, 0))
        scope, above = "full scope" if capacity.full_scope else "limited scope", working.supervisor(member.id)
        words = f"{member.display_name}: {left} of {capacity.files_at_once} places free, {scope}"
        found.append((str(member.id), f"{words}, under {above.display_name}" if above else words))
    return list(dict(found).items())


def _proposal(file: CaseFile, request: HttpRequest) -> Proposal | None:
    """The proposal that is being accepted, if it is this file's newest."""
    newest = selectors.proposal_for(file.id)
    return newest if newest and str(newest.id) == request.POST.get("proposal") else None


def _initial(proposal: Proposal | None) -> dict[str, str]:
    return {"advocate": str(proposal.advocate_id)} if proposal and proposal.advocate_id else {}
