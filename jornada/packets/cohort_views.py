"""The wage claims of one cohort: a table with totals, one letter for all, exports. Each file is opened for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from jornada.coalition.doors import LEGAL_TEAM, staff
from jornada.disputes import selectors as disputes
from jornada.gateways import letters, wagewords
from jornada.gateways.today import today
from jornada.packets import cohorts, wageclaims
from jornada.packets.wage_views import SHEET
from jornada.triage import doors
from jornada.vault import audit

if TYPE_CHECKING:
    from jornada.disputes.models import Cohort

ACTS = {
    "table": "Show the table",
    "counsel": "Spreadsheet for counsel",
    "letter": "One letter for all",
    "statement": "Facts for an agency's statement of interest",
}


class OpenAllForm(forms.Form):
    """Why a member opens every wage claim of a cohort, and what for."""

    why = forms.ChoiceField(
        label="Why do you open them?", choices=list(doors.REASONS.items()), widget=forms.RadioSelect
    )
    act = forms.ChoiceField(
        choices=list(ACTS.items()), initial="table", required=False, widget=forms.HiddenInput
    )


@require_http_methods(["GET", "POST"])
@staff(roles=LEGAL_TEAM, keys=True)
def claims(request: HttpRequest, cohort: UUID) -> HttpResponse:
    """Asks why; then every claim of the cohort in one table, or a paper made of them. Each opening is logged."""
    there = disputes.cohort(cohort)
    if there is None:
        raise Http404
    form = OpenAllForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"cohort": there, "form": form, "files": len(cohorts.wage_files(there.pk))}
        return render(request, "packets/cohort_open.html", context, status=422 if form.errors else 200)
    why = form.cleaned_data["why"]
    found = cohorts.table(there.pk, request.keys, why, today())
    act = form.cleaned_data["act"] or "table"
    if act == "table":
        return _table(request, there, found, why)
    return _paper(request, there, found, act, why)


def _table(
    request: HttpRequest, cohort: Cohort, found: cohorts.Table, why: str, error: str = ""
) -> HttpResponse:
    low, high = found.totals
    context = {
        "cohort": cohort,
        "rows": [_row(one) for one in found.members],
        "low": wagewords.money(low),
        "high": wagewords.money(high),
        "counted": len(found.counted),
        "why": why,
        "acts": [(key, words) for key, words in ACTS.items() if key != "table"],
        "signing": sum(cohorts.may_sign(one) for one in found.members),
        "agreed": sum(cohorts.agreed(one) for one in found.members),
        "error": error,
    }
    return render(request, "packets/cohort_claims.html", context, status=422 if error else 200)


def _row(one: cohorts.Member) -> dict[str, Any]:
    if one.claim is None or one.claim.found.claim is None:
        why = doors.refusal_of(one.refused) if one.refused else "cannot be counted yet"
        return {"member": one, "why": why}
    low, high = one.claim.found.sheets
    ends = wageclaims.expiries(one.claim)
    return {
        "member": one, "low": wagewords.money(low.total), "high": wagewords.money(high.total),
        "unverified": wagewords.money(high.unverified) if high.unverified else "",
        "runs_out": ends[0].on if ends else None, "signs": cohorts.may_sign(one), "agreed": cohorts.agreed(one),
    }  # fmt: skip


def _paper(request: HttpRequest, cohort: Cohort, found: cohorts.Table, act: str, why: str) -> HttpResponse:
    if act == "letter":
        data = cohorts.joint_letter(found, wageclaims.joint_choices(found.on))
        if data is None:
            told = "A letter for all needs two workers who can be counted and who say that a letter is safe for them."
            return _table(request, cohort, found, why, told)
        return _download(
            request, found, letters.compose("demand", "en", data), "application/pdf", "letter.pdf", why
        )
    if act == "statement":
        return _download(request, found, cohorts.for_statement(found), SHEET, "statement-facts.xlsx", why)
    return _download(request, found, cohorts.for_counsel(found), SHEET, "claims.xlsx", why)


def _download(
    request: HttpRequest, found: cohorts.Table, data: bytes, kind: str, name: str, why: str
) -> HttpResponse:
    """An attachment without a name in its name; one event for every file that is in it."""
    for one in found.counted:
        audit.record(
            "downloaded", kind="provider", about="intake_casefile", row=one.file.id,
            application_id=one.file.application_id, classes=["P2"], reason=why, session=request.keys.session,
        )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)
