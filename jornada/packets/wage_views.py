"""The worksheet of a wage claim: page, PDF and spreadsheet; what each answer changes; a note for the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from jornada.domain.wages import claims
from jornada.domain.wages.lawbook import FORUMS
from jornada.gateways import letters, wagelaws, wagepapers, wagesheets, wagewords
from jornada.gateways.wagepapers import Sending
from jornada.packets import wageclaims
from jornada.packets.wageclaims import WageClaim
from jornada.triage import doors
from jornada.triage.views import open_file
from jornada.vault import audit

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile
    from jornada.triage.casefiles import OpenFile

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@doors.file_page(opened=True)
def worksheet(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """Both counts, line by line, with law, sources and marks; paid against owed by month; what is missing."""
    claim = _claim(request, open_file(request, file))
    if claim.found.claim is None:
        return _page(request, file, claim, missing=claim.missing(), wrong=_wrong(claim))
    data = wagepapers.worksheet(claim.pack, claim.found, claim.worker, claim.on, claim.forum)
    low, high = claim.found.sheets
    return _page(
        request, file, claim, data=data, low=wagewords.money(low.total), high=wagewords.money(high.total),
        one=low.total == high.total, rows=[(title, _rows(sheet)) for title, sheet in _counts(claim)],
        picture=_image(wagesheets.months_picture(high.months)) if high.months else "",
        expiries=[(one.on, wagewords.money(one.amount)) for one in claims.expiries(low)[:12]],
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def changes(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """What the totals would be with another answer: what the rules read, never what to answer."""
    claim = _counted(request, open_file(request, file))
    low, high = claim.found.sheets
    found = wagelaws.what_changes(claim.pack, claim.answers, claim.on, claim.forum)
    rows = [
        {
            "fact": wagepapers.fact_words(claim.pack, one.fact),
            "to": wagepapers.value_words(claim.pack, one.fact, one.to),
            "low": wagewords.money(one.low),
            "high": wagewords.money(one.high),
        }
        for one in found
    ]
    return doors.file_render(
        request, file, "packets/worksheet_changes.html", "worksheet",
        rows=rows, low=wagewords.money(low.total), high=wagewords.money(high.total), forum=claim.forum,
    )  # fmt: skip


@require_safe
@doors.file_page(opened=True)
def worksheet_pdf(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """The worksheet to print; logged."""
    opened = open_file(request, file)
    claim, language = _counted(request, opened), _language(request)
    data = wagepapers.worksheet(claim.pack, claim.found, claim.worker, claim.on, claim.forum, language)
    made = letters.compose("worksheet", language, data)
    return _download(request, opened, made, "application/pdf", f"worksheet-{file.number:04}.pdf")


@require_safe
@doors.file_page(opened=True)
def worksheet_sheet(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """The worksheet as a spreadsheet; logged."""
    opened = open_file(request, file)
    made = wagesheets.worksheet(_counted(request, opened).found, _language(request))
    return _download(request, opened, made, SHEET, f"worksheet-{file.number:04}.xlsx")


@require_safe
@doors.file_page(opened=True)
def settling(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """A page for the worker, in her language, before she takes money or signs."""
    opened = open_file(request, file)
    claim, language = _claim(request, opened), _language(request)
    sending = Sending(claim.pack, claim.answers, {}, None, claim.on)
    made = letters.compose("settling", language, wagepapers.settling(sending, language))
    return _download(request, opened, made, "application/pdf", f"before-settling-{file.number:04}.pdf")


def _claim(request: HttpRequest, opened: OpenFile) -> WageClaim:
    forum = request.GET.get("forum", "agency")
    claim = wageclaims.of(opened, {"forum": forum if forum in FORUMS else "agency"})
    if claim is None:
        raise Http404
    return claim


def _counted(request: HttpRequest, opened: OpenFile) -> WageClaim:
    """The claim, if it can be counted at all."""
    claim = _claim(request, opened)
    if claim.found.claim is None:
        raise Http404
    return claim


def _counts(claim: WageClaim) -> list[tuple[str, Any]]:
    low, high = claim.found.sheets
    if low.total == high.total and low.lines == high.lines:
        return [("", high)]
    return [(wagewords.count_name(sheet), sheet) for sheet in (low, high)]


def _rows(sheet: Any) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "sources": [(one.title, one.url, one.certainty, one.needs_review) for one in row.line.sources],
        }
        for row in wagewords.rows(sheet)
    ]


def _wrong(claim: WageClaim) -> list[str]:
    return [wagewords.wrong(one) for one in claim.found.wrong]


def _page(request: HttpRequest, file: CaseFile, claim: WageClaim, **shown: Any) -> HttpResponse:
    spoken = [(one, doors.language_name(one)) for one in claim.pack.languages if one != "en"]
    context = {"forum": claim.forum, "forums": FORUMS, "approved": claim.pack.approved, "spoken": spoken}
    return doors.file_render(request, file, "packets/worksheet.html", "worksheet", **context, **shown)


def _image(drawn: str) -> str:
    """A picture as an address of its own, so that the page needs no second request."""
    return f"data:image/svg+xml,{quote(drawn)}"


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "en")
    return asked if asked in wagepapers.LANGUAGES else "en"


def _download(request: HttpRequest, opened: OpenFile, data: bytes, kind: str, name: str) -> HttpResponse:
    """An attachment whose name says nothing about the person."""
    audit.record(
        "downloaded", kind="provider", about="intake_casefile", row=opened.file.id,
        application_id=opened.file.application_id, classes=["P2", "P3"], reason=opened.reason,
        session=request.keys.session,
    )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)
