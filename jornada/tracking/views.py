"""The queue, the file page, deadlines and readers; and the worker's own status page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.coalition import selectors as coalition
from jornada.coalition.doors import LEGAL_TEAM, Role, staff
from jornada.domain import assessment as rules
from jornada.gateways import packfiles, wagelaws
from jornada.gateways.today import today
from jornada.intake.views import page
from jornada.intake.visits import at_her_answers
from jornada.packets import selectors as packets
from jornada.placement import selectors as placement
from jornada.tracking import selectors, services, shown, words
from jornada.tracking.forms import EventForm, PaymentForm, ReasonForm
from jornada.triage import casefiles, doors
from jornada.triage import selectors as triage
from jornada.triage.forms import DecisionForm
from jornada.triage.views import open_file
from jornada.vault import access
from jornada.vault.tenancy import as_worker

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile

HOME = {Role.ORGANISER: "tracking:organiser", Role.INTAKE_VOLUNTEER: "tracking:organiser"}
"""Where those land who have no queue; everyone else without one lands at the team page."""


@require_safe
@staff()
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits on whom, since when, with the next deadline. Other roles go to their own first page."""
    member, on = request.member, today()
    if member.role not in LEGAL_TEAM:
        return redirect(HOME.get(member.role, "coalition:team"))
    rows = selectors.queue(member, on)
    view = request.GET.get("show", "mine")
    kept = {
        "mine": lambda row: row.mine,
        "worker": lambda row: row.waiting.on == selectors.WORKER,
        "agency": lambda row: row.waiting.on == selectors.AGENCY,
    }.get(view, lambda row: True)
    context = {
        "rows": [_line(row, on) for row in rows if kept(row)],
        "show": view,
        "counts": _counts(rows, on),
        "reminders": len(selectors.reminders(on)),
        "on": on,
    }
    return render(request, "tracking/queue.html", context)


@require_safe
@staff(roles=LEGAL_TEAM)
def reminders(request: HttpRequest) -> HttpResponse:
    """Every deadline whose day to be reminded has come."""
    on = today()
    rows = [
        {
            "deadline": one,
            "words": shown.deadline_words(packfiles.load(one.file.pack), one.key),
            "days": (one.due_on - on).days,
        }
        for one in selectors.reminders(on)
    ]
    return render(request, "tracking/reminders.html", {"rows": rows, "on": on})


@require_http_methods(["GET", "POST"])
@doors.file_page()
def opening(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Ask why, once a session, before answers are opened; the reason goes into the log each time."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("tracking:file", args=[file.id])
    form = ReasonForm(request.POST or None, reasons=doors.REASONS)
    if request.method == "POST" and form.is_valid():
        doors.remember_reason(request, file, form.cleaned_data["why"])
        return HttpResponseRedirect(back)
    return doors.file_render(request, file, "tracking/open.html", "", form=form)


@require_safe
@doors.file_page()
def file(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Where the file stands: the next step, and each stage in a line. Opens nothing above P2."""
    on = today()
    known = selectors.known_file(file, on)
    return doors.file_render(
        request, file, "tracking/file.html", "overview",
        known=known,
        step=_step(selectors.waiting(known), on),
        track=known.track,
        appointment=placement.appointment_of(file.id),
        due=selectors.next_deadlines([file.id], on).get(file.id),
        receipts=packets.receipts(file.id),
        notices=words.told(selectors.notices(file.application_id), "en"),
        card=casefiles.card(file),
        on=on,
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def answers(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """The newest answers by section."""
    opened = open_file(request, file)
    sections = shown.answers(packfiles.load(file.pack), opened.by_section)
    return doors.file_render(
        request,
        file,
        "tracking/answers.html",
        "answers",
        sections=sections,
        revision=opened.revision,
        why=doors.REASONS[opened.reason],
    )


@require_safe
@doors.file_page(opened=True)
def findings(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Findings with reasons, the proposal, and the decision."""
    newest = triage.newest_assessment(file.id)
    if newest is None:
        return doors.file_render(request, file, "tracking/not_assessed.html", "findings")
    opened = open_file(request, file)
    recorded = triage.read_assessment(opened, newest)
    decided = [_decision(opened, one) for one in triage.decisions(file.id)]
    pack = packfiles.load(file.pack)
    first = decided[0]["track"] if decided and decided[0]["record"].only_proposed else recorded.proposal
    start = {"track": first.track, "level": first.level, "level_of_service": first.level_of_service}
    return doors.file_render(
        request, file, "tracking/findings.html", "findings",
        assessment=newest,
        rules_changed=newest.pack_fingerprint != pack.fingerprint,
        approved=pack.approved,
        answers_changed=newest.answers_revision != opened.revision,
        findings=shown.findings(pack, recorded.findings),
        proposal=recorded.proposal,
        reasons=shown.reasons(pack, recorded.proposal.reasons),
        tasks=shown.tasks(pack, recorded.proposal.tasks),
        decisions=decided,
        can_decide=coalition.signing_credential(request.member.id, opened.on) is not None,
        form=DecisionForm(pack=pack, initial=start),
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def change(request: HttpRequest, file: CaseFile, finding: str) -> HttpResponse:
    """What other answer would turn a finding: what the rules read, never what to answer."""
    opened, pack = open_file(request, file), packfiles.load(file.pack)
    if finding not in pack.findings:
        raise Http404
    given = opened.answers
    on_file = casefiles.circumstances(file, given)
    now = rules.assess(given, pack, opened.on, on_file)
    found = rules.what_would_change(now, pack, given, opened.on, finding, on_file)
    (told,) = shown.findings(pack, [now.finding(finding)])
    return doors.file_render(
        request, file, "tracking/change.html", "findings", finding=told, changes=shown.changes(pack, found)
    )


@require_http_methods(["GET", "POST"])
@doors.file_page(opened=True)
def deadlines(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Events and the deadlines counted from them; a POST records an event."""
    pack = packfiles.load(file.pack)
    form = EventForm(request.POST or None, kinds=words.event_kinds(pack))
    status = 200
    if request.method == "POST":
        if form.is_valid() and _recorded(request, file, form):
            return redirect("tracking:deadlines", file.id)
        status = 422
    rows = [
        {"deadline": one, "words": shown.deadline_words(pack, one.key), "met": getattr(one, "met", None)}
        for one in selectors.deadlines(file.id)
    ]
    return doors.file_render(
        request, file, "tracking/deadlines.html", "deadlines",
        rows=rows, form=form, on=today(), status=status,
        events=[{"event": one, "words": words.event(one.kind)} for one in selectors.events(file.id)],
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@doors.file_page(opened=True)
def payments(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """What came for a wage claim against what was counted; a POST records money that came."""
    if wagelaws.law(packfiles.load(file.pack)) is None:
        raise Http404
    opened = open_file(request, file)
    form = PaymentForm(request.POST or None, initial={"paid_on": today()})
    try:
        if request.method == "POST" and form.is_valid():
            services.record_payment(opened=opened, by=request.member, **form.cleaned_data)
            messages.success(request, "Recorded.")
            return redirect("tracking:payments", file.id)
    except services.CannotRecord as wrong:
        form.add_error(None, str(wrong))
    return doors.file_render(
        request, file, "tracking/payments.html", "payments", form=form,
        collected=selectors.collected(opened), status=422 if form.errors else 200,
    )  # fmt: skip


@require_POST
@doors.file_page()
def met(request: HttpRequest, file: CaseFile, deadline: UUID) -> HttpResponse:
    """A deadline is done with."""
    found = next((one for one in selectors.deadlines(file.id) if one.id == deadline), None)
    if found is None:
        raise Http404
    services.meet(deadline=found, on=today(), by=request.member)
    return redirect("tracking:deadlines", file.id)


@require_safe
@doors.file_page(roles=LEGAL_TEAM)
def readers(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Who has read this file, from the access log."""
    pack = packfiles.load(file.pack)
    rows = [
        {
            "reading": one,
            "parts": shown.sections(pack, one.sections),
            "why": doors.REASONS.get(one.reason, one.reason),
        }
        for one in selectors.readings(file)
    ]
    return doors.file_render(request, file, "tracking/readers.html", "readers", rows=rows)


@require_safe
@at_her_answers
def worker_status(request: Any, language: str) -> HttpResponse:
    """Where the worker's request stands, in fixed words, and the questions that wait for her."""
    application_id = request.worker.application_id
    with as_worker(application_id):
        told = words.told(selectors.notices(application_id), language)
        questions = packets.open_questions(application_id)
        willing = placement.waiting_on_worker(application_id, today())
    context = {
        "told": told,
        "questions": questions,
        "willing": willing,
        "s": words.status(language),
        "path_tail": "mine/status",
    }
    return page(request, "tracking/worker_status.html", context)


def _line(row: selectors.QueueRow, on: Any) -> dict[str, Any]:
    due = row.next_deadline
    return {
        "row": row,
        "step": _step(row.waiting, on),
        "due_words": shown.deadline_words(packfiles.load(row.file.pack), due.key) if due else "",
        "due_days": (due.due_on - on).days if due else None,
    }


def _step(waiting: selectors.Waiting, on: Any) -> dict[str, Any]:
    return {
        "on": shown.WHO[waiting.on],
        "key": waiting.on,
        "words": shown.STEPS[waiting.step],
        "step": waiting.step,
        "since": waiting.since,
        "days": max(0, (on - waiting.since.date()).days),
        "count": waiting.count,
    }


def _counts(rows: list[selectors.QueueRow], on: Any) -> dict[str, int]:
    return {
        "all": len(rows),
        "mine": sum(row.mine for row in rows),
        "team": sum(row.mine and row.waiting.on == selectors.TEAM for row in rows),
        "worker": sum(row.waiting.on == selectors.WORKER for row in rows),
        "agency": sum(row.waiting.on == selectors.AGENCY for row in rows),
        "due": sum(1 for row in rows if row.next_deadline and (row.next_deadline.due_on - on).days <= 14),
    }


def _decision(opened: casefiles.OpenFile, decision: Any) -> dict[str, Any]:
    return {
        "record": decision,
        "track": triage.read_track(opened.file, decision),
        "reason": triage.read_reason(opened, decision),
    }


def _recorded(request: HttpRequest, file: CaseFile, form: EventForm) -> bool:
    try:
        _, due = services.record_event(
            opened=open_file(request, file), by=request.member, **form.cleaned_data
        )
    except services.CannotRecord as wrong:
        form.add_error(None, str(wrong))
        return False
    except access.Refused as refused:
        form.add_error(None, f"Not recorded: {doors.refusal(refused)}")
        return False
    messages.success(request, f"Recorded; {len(due)} deadline{'' if len(due) == 1 else 's'} added.")
    return True
