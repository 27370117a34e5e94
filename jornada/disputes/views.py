"""Pages of disputes: employers with their worksites, matters, statements of interest and cohorts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jornada.coalition.doors import EVERYONE, LEGAL_TEAM, Role, staff
from jornada.disputes import forms, selectors, services
from jornada.disputes.models import Cohort, DisputeRecord, Employer, Matter, Statement, Worksite
from jornada.gateways.today import today

READERS = EVERYONE - {Role.AUDITOR}
KEEPERS = LEGAL_TEAM | {Role.ORGANISER, Role.ADMIN}

form_page = require_http_methods(["GET", "POST"])


@require_GET
@staff(roles=READERS)
def home(request: HttpRequest) -> HttpResponse:
    """Every employer and cohort that this provider may see."""
    context = {"employers": selectors.employers(), "cohorts": selectors.cohorts(), "keeps": _keeps(request)}
    return render(request, "disputes/home.html", context)


@require_GET
@staff(roles=READERS)
def employer(request: HttpRequest, employer: UUID) -> HttpResponse:
    """One employer with worksites, matters, statements and cohorts."""
    dispute = selectors.dispute(employer)
    if dispute is None:
        raise Http404
    context = {"dispute": dispute, "keeps": _keeps(request), "on": today()}
    return render(request, "disputes/employer.html", context)


@form_page
@staff(roles=KEEPERS)
def add_employer(request: HttpRequest) -> HttpResponse:
    form = forms.EmployerEntry(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.enter(by=request.member, kind=Employer, **form.cleaned_data)
        return redirect("disputes:employer", made.pk)
    return _entry(request, form, "Enter an employer", None)


@form_page
@staff(roles=KEEPERS)
def add_worksite(request: HttpRequest, employer: UUID) -> HttpResponse:
    of = _own(request, Employer, employer)
    return _add(request, of, Worksite, forms.WorksiteEntry(request.POST or None), "Enter a worksite")


@form_page
@staff(roles=KEEPERS)
def add_matter(request: HttpRequest, employer: UUID) -> HttpResponse:
    of = _own(request, Employer, employer)
    return _add(request, of, Matter, forms.MatterEntry(request.POST or None), "Enter a matter")


@form_page
@staff(roles=KEEPERS)
def add_cohort(request: HttpRequest, employer: UUID) -> HttpResponse:
    of = _own(request, Employer, employer)
    form = forms.CohortEntry(request.POST or None, sites=_sites(of))
    return _add(request, of, Cohort, form, "Open a cohort")


@form_page
@staff(roles=KEEPERS)
def add_statement(request: HttpRequest, matter: UUID) -> HttpResponse:
    of = _own(request, Matter, matter)
    form = forms.StatementEntry(request.POST or None, sites=_sites(of.employer))
    if request.method == "POST" and form.is_valid():
        services.enter_statement(by=request.member, matter=of, **form.cleaned_data)
        return redirect("disputes:employer", of.employer_id)
    return _entry(request, form, f"Enter a statement of interest: {of}", of.employer)


@form_page
@staff(roles=KEEPERS)
def edit(request: HttpRequest, kind: str, record: UUID) -> HttpResponse:
    """Mend a record that one's own provider entered."""
    there = _own(request, _kind(kind), record)
    form = _form_of(there, request, kind)
    if request.method == "POST" and form.is_valid():
        if isinstance(there, Statement):
            services.mend_statement(by=request.member, statement=there, **form.cleaned_data)
        else:
            services.mend(by=request.member, record=there, **form.cleaned_data)
        return _to_record(there)
    return _entry(request, form, f"Edit: {there}", _employer_of(there))


@require_POST
@staff(roles=KEEPERS)
def share(request: HttpRequest, kind: str, record: UUID) -> HttpResponse:
    """Show a record to the whole coalition."""
    there = _own(request, _kind(kind), record)
    services.share(by=request.member, record=there)
    messages.success(request, "Shared with every organization of the coalition.")
    return _to_record(there)


@require_POST
@staff(roles=KEEPERS)
def unshare(request: HttpRequest, kind: str, record: UUID) -> HttpResponse:
    """Keep a record to one's own provider again."""
    there = _own(request, _kind(kind), record)
    services.unshare(by=request.member, record=there)
    messages.success(request, "Only your organization sees it now.")
    return _to_record(there)


@require_GET
@staff(roles=READERS)
def cohort(request: HttpRequest, cohort: UUID) -> HttpResponse:
    """A cohort: its code, its poster, and how many came."""
    there = _cohort(cohort)
    mine = there.provider_id == request.member.provider_id
    context = {
        "cohort": there, "link": selectors.join_link(there), "mine": mine and _keeps(request),
        "counts": mine, "joiners": selectors.joiners(there.pk) if mine else None,
        "fewer_than": selectors.FEWER_THAN, "reads_claims": request.member.role in LEGAL_TEAM,
        "open": there.closes_on is None or there.closes_on >= today(), "square": _square(there),
    }  # fmt: skip
    return render(request, "disputes/cohort.html", context)


@require_GET
@staff(roles=READERS)
def poster(request: HttpRequest, cohort: UUID) -> HttpResponse:
    """The flyer to print, in English and Spanish. It names nobody and holds only the short link."""
    there = _cohort(cohort)
    link = selectors.join_link(there)
    context = {
        "cohort": there,
        "link": link,
        "short": link.partition("://")[2],
        "square": _square(there),
    }
    return render(request, "disputes/poster.html", context)


def _keeps(request: HttpRequest) -> bool:
    return request.member.role in KEEPERS


def _kind(name: str) -> type[DisputeRecord]:
    if name not in forms.KINDS:
        raise Http404
    return forms.KINDS[name][0]


def _own(request: HttpRequest, model: type[Any], record_id: UUID) -> Any:
    record = selectors.own(model, record_id, request.member.provider_id)
    if record is None:
        raise Http404
    return record


def _cohort(cohort_id: UUID) -> Cohort:
    found = selectors.cohort(cohort_id)
    if found is None:
        raise Http404
    return found


def _sites(employer: Employer) -> list[Worksite]:
    """Worksites of the employer that the same provider entered: only those may hang on its records."""
    return list(employer.worksites.filter(provider_id=employer.provider_id).order_by("name"))


def _form_of(record: DisputeRecord, request: HttpRequest, kind: str) -> django_forms.Form:
    extra = {"sites": _sites(_employer_of(record))} if isinstance(record, (Statement, Cohort)) else {}
    return forms.KINDS[kind][1](request.POST or None, initial=forms.said(record), **extra)


def _employer_of(record: DisputeRecord) -> Employer:
    if isinstance(record, Employer):
        return record
    return record.matter.employer if isinstance(record, Statement) else record.employer  # type: ignore[attr-defined]


def _add(
    request: HttpRequest, employer: Employer, kind: type[DisputeRecord], form: django_forms.Form, title: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        return _to_record(
            services.enter(by=request.member, kind=kind, employer=employer, **form.cleaned_data)
        )
    return _entry(request, form, title, employer)


def _entry(
    request: HttpRequest, form: django_forms.Form, title: str, employer: Employer | None
) -> HttpResponse:
    return render(request, "disputes/entry.html", {"form": form, "heading": title, "employer": employer})


def _to_record(record: DisputeRecord) -> HttpResponse:
    if isinstance(record, Cohort):
        return redirect("disputes:cohort", record.pk)
    return redirect("disputes:employer", _employer_of(record).pk)


def _square(cohort: Cohort) -> SafeString:
    square = segno.make(selectors.join_link(cohort), error="m", micro=False)
    drawn = square.svg_inline(border=2, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 – drawn here, from our own short link
