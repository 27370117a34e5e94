"""Prepare a packet, review it side by side, sign it off, file it, record what came back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.coalition.doors import CREDENTIALED
from jornada.coalition.signin import requires_step_up
from jornada.domain.facts import Outcome
from jornada.gateways import packfiles, pdf
from jornada.gateways.today import today
from jornada.packets import filing, preparation, review, selectors, shown
from jornada.packets.forms import ChoicesForm, CorrectionForm, FilingForm, ReceiptForm, SignOffForm
from jornada.triage import doors
from jornada.triage.casefiles import OpenFile
from jornada.triage.views import open_file
from jornada.vault import audit

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile
    from jornada.packets.models import PacketRevision

PICTURE_DPI = 84


@require_safe
@doors.file_page()
def file(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Every revision of the packet and what became of it. Opens nothing."""
    newest = selectors.newest(file.id)
    sent = selectors.filing_of(file.id)
    return doors.file_render(
        request, file, "packets/file.html", "packet",
        revisions=selectors.revisions(file.id),
        newest=newest,
        standing=selectors.standings([file.id])[file.id],
        changed=newest is not None and newest.answers_revision != doors.casefiles.newest_revision(file),
        reviews=selectors.reviews(file.id),
        signed=selectors.sign_off_of(newest.id) if newest else None,
        filing=sent,
        receipts=selectors.receipts(file.id),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@doors.file_page(opened=True)
def prepare(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """The advocate's choices; a POST makes a new revision from them and the newest answers."""
    opened, pack = open_file(request, file), packfiles.load(file.pack)
    if request.method == "POST":
        form = ChoicesForm(request.POST, pack=pack)
        made = _prepared(request, opened, form)
        if made is not None:
            return redirect("packets:revision", file.id, made.number)
    else:
        start = {
            **ChoicesForm.initial_of(preparation.first_choices(opened, request.member)),
            "newest": _newest(file),
        }
        form = ChoicesForm(pack=pack, initial=start)
    gate = filing.gate(opened, opened.on)
    return doors.file_render(
        request, file, "packets/prepare.html", "packet",
        form=form, shut=gate is not Outcome.NO, gate=gate.value, on=opened.on,
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def revision(request: HttpRequest, file: CaseFile, number: int) -> HttpResponse:
    """One revision: its report before printing, its parts, and what can be done with it."""
    found, opened = _revision(file, number), open_file(request, file)
    report = shown.report(packfiles.load(file.pack), selectors.read_report(opened, found))
    values = selectors.read_values(opened, found)
    in_the_way = review.hindrances(opened, found, request.member)
    sign_off = selectors.sign_off_of(found.id)
    return doors.file_render(
        request, file, "packets/revision.html", "packet",
        revision=found, report=report, values=values, in_the_way=in_the_way, sign_off=sign_off,
        filing=selectors.filing_of(file.id), filing_form=_filing_form(request, opened, found, sign_off),
        shut=filing.gate(opened, opened.on) is not Outcome.NO,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@doors.file_page(opened=True)
def read(request: HttpRequest, file: CaseFile, number: int, item: int = 0) -> HttpResponse:
    """Side by side: left an item with its answer and where it comes from, right the page as a picture."""
    found, opened = _revision(file, number), open_file(request, file)
    pack = packfiles.load(file.pack)
    form = CorrectionForm(request.POST or None, pack=pack)
    values = selectors.read_values(opened, found)
    if request.method == "POST" and form.is_valid() and _corrected(request, opened, found, form):
        return redirect("packets:item", file.id, number, item)
    review.begin(opened=opened, revision=found, by=request.member)
    context = shown.side_by_side(pack, opened, values, item)
    notes = review.notes(opened, file.id)
    if request.method != "POST":
        asked = review.question_about(opened, context["row"]["fact"]) if context["row"] else ""
        form = CorrectionForm(pack=pack, initial={"question": asked})
    return doors.file_render(
        request, file, "packets/read.html", "packet",
        revision=found, changed=opened.revision != found.answers_revision, form=form, notes=notes,
        status=422 if form.errors else 200, **context,
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def picture(request: HttpRequest, file: CaseFile, number: int, page: int) -> HttpResponse:
    """One page of the packet as a picture; drawn for this response and kept nowhere."""
    found = _revision(file, number)
    if not 1 <= page <= found.pages:
        raise Http404
    data = selectors.read_packet(open_file(request, file), found)
    return HttpResponse(pdf.page_image(data, page, PICTURE_DPI), content_type="image/png")


@require_POST
@doors.file_page(opened=True)
def settled(request: HttpRequest, file: CaseFile, correction: UUID) -> HttpResponse:
    """A note to the preparer is dealt with. Questions are settled by the worker's answer alone."""
    found = next((one for one in selectors.corrections(file.id) if one.id == correction), None)
    if found is None or found.question:
        raise Http404
    review.settle(correction=found, answers_revision=doors.casefiles.newest_revision(file))
    return redirect("packets:file", file.id)


@require_http_methods(["GET", "POST"])
@doors.file_page(roles=CREDENTIALED, opened=True)
@requires_step_up
def sign_off(request: HttpRequest, file: CaseFile, number: int) -> HttpResponse:
    """Approve this revision, with a fresh second factor and the report before printing on the page."""
    found, opened = _revision(file, number), open_file(request, file)
    form = SignOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _signed(request, opened, found, form):
        return redirect("packets:revision", file.id, number)
    report = shown.report(packfiles.load(file.pack), selectors.read_report(opened, found))
    in_the_way = review.hindrances(opened, found, request.member)
    return doors.file_render(
        request, file, "packets/sign_off.html", "packet",
        revision=found, report=report, in_the_way=in_the_way, form=form, status=422 if form.errors else 200,
    )  # fmt: skip


@require_POST
@doors.file_page(opened=True)
def file_packet(request: HttpRequest, file: CaseFile, number: int) -> HttpResponse:
    """Record that the signed-off revision was sent."""
    found, opened = _revision(file, number), open_file(request, file)
    form = FilingForm(request.POST)
    if form.is_valid():
        try:
            filing.file(opened=opened, revision=found, by=request.member, **form.cleaned_data)
            messages.success(request, "Filing recorded.")
            return redirect("packets:file", file.id)
        except filing.CannotFile as wrong:
            form.add_error(None, str(wrong))
    return doors.file_render(
        request, file, "packets/filing.html", "packet", revision=found, form=form, status=422,
        shut=filing.gate(opened, opened.on) is not Outcome.NO,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@doors.file_page(opened=True)
def receipt(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Record a receipt or a rejection."""
    sent, opened = selectors.filing_of(file.id), open_file(request, file)
    if sent is None:
        raise Http404
    form = ReceiptForm(request.POST or None, initial={"received_on": today()})
    try:
        if request.method == "POST" and form.is_valid():
            filing.receive(opened=opened, filing=sent, by=request.member, **form.cleaned_data)
            messages.success(request, "Recorded.")
            return redirect("packets:receipt", file.id)
    except filing.CannotFile as wrong:
        form.add_error("received_on", str(wrong))
    came = [(one, selectors.read_receipt(opened, one)) for one in selectors.receipts(file.id)]
    return doors.file_render(
        request, file, "packets/receipt.html", "packet", form=form, filing=sent, came=came,
        details=selectors.read_filing(opened, sent), status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def download(request: HttpRequest, file: CaseFile, number: int) -> HttpResponse:
    """The packet to print, as an attachment with a name that says nothing about the person; logged."""
    found, opened = _revision(file, number), open_file(request, file)
    data = selectors.read_packet(opened, found)
    audit.record(
        "downloaded", kind="provider", about="packets_packetrevision", row=found.id,
        application_id=file.application_id, classes=["P3"], reason=opened.reason,
        session=request.keys.session,
    )  # fmt: skip
    name = f"packet-{file.number:04}-{number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


def _revision(file: CaseFile, number: int) -> PacketRevision:
    found = selectors.revision(file.id, number)
    if found is None:
        raise Http404
    return found


def _newest(file: CaseFile) -> int:
    newest = selectors.newest(file.id)
    return newest.number if newest else 0


def _prepared(request: HttpRequest, opened: OpenFile, form: ChoicesForm) -> PacketRevision | None:
    if not form.is_valid():
        return None
    try:
        return preparation.prepare(
            opened=opened, choices=form.choices(), newest=form.cleaned_data["newest"], by=request.member
        )
    except preparation.CannotPrepare as wrong:
        form.add_error(None, str(wrong))
        return None


def _corrected(request: HttpRequest, opened: OpenFile, found: PacketRevision, form: CorrectionForm) -> bool:
    try:
        review.correct(opened=opened, revision=found, by=request.member, **form.cleaned_data)
    except review.CannotReview as wrong:
        form.add_error(None, str(wrong))
        return False
    return True


def _signed(request: HttpRequest, opened: OpenFile, found: PacketRevision, form: SignOffForm) -> bool:
    try:
        review.sign_off(opened=opened, revision=found, by=request.member, stepped_up_at=datetime.now(UTC))
    except review.CannotReview as wrong:
        form.add_error(None, str(wrong))
        return False
    messages.success(request, "Signed off.")
    return True


def _filing_form(
    request: HttpRequest, opened: OpenFile, found: PacketRevision, sign_off: Any
) -> FilingForm | None:
    sent = selectors.filing_of(found.file_id)
    if sign_off is None or (sent is not None and sent.sign_off_id == sign_off.id):
        return None
    return FilingForm(initial={"filed_on": today()})
