"""Assess a file and decide its track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from jornada.coalition import selectors as coalition
from jornada.gateways import packfiles, today
from jornada.triage import doors, selectors, services
from jornada.triage.casefiles import OpenFile
from jornada.triage.forms import DecisionForm
from jornada.vault import access

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile


def open_file(request: HttpRequest, file: CaseFile) -> OpenFile:
    """The file in this member's hands for this request, for the reason given in the session."""
    why = doors.reason(request, file)
    assert why is not None  # the door asked for it
    return OpenFile(request.keys, file, why, today.today())  # type: ignore[attr-defined]


@require_POST
@doors.file_page(opened=True)
def assess(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Assess the newest answers today."""
    try:
        services.assess(opened=open_file(request, file), by=request.member)  # type: ignore[attr-defined]
    except access.Refused as refused:
        messages.error(request, f"Not assessed: {doors.refusal(refused)}")
    else:
        messages.success(request, "Assessed with today's rules.")
    return redirect("tracking:findings", file.id)


@require_POST
@doors.file_page(opened=True)
def decide(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Accept the proposal or overrule it with a reason; nothing filled in is lost."""
    opened = open_file(request, file)
    assessment = selectors.assessment(file.id, request.POST.get("assessment", ""))
    if assessment is None:
        raise Http404
    proposal = selectors.read_assessment(opened, assessment).proposal
    form = DecisionForm(request.POST, pack=packfiles.load(file.pack))
    if form.is_valid():
        try:
            services.decide(
                opened=opened,
                assessment=assessment,
                decided=form.decided(proposal),
                reason=form.cleaned_data["reason"],
                by=request.member,  # type: ignore[attr-defined]
            )
            return redirect("tracking:findings", file.id)
        except services.CannotDecide as wrong:
            form.add_error("reason", str(wrong))
    may = coalition.signing_credential(request.member.id, opened.on) is not None  # type: ignore[attr-defined]
    shown = {"form": form, "proposal": proposal, "assessment": assessment, "can_decide": may, "status": 422}
    return doors.file_render(request, file, "triage/decide.html", "findings", **shown)
