"""Referrals on screen: received and sent, a file's own, the conflict check; a page behind a link from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jornada.coalition import selectors as coalition
from jornada.coalition.doors import LEGAL_TEAM, Role, staff
from jornada.coalition.forms import LANGUAGES
from jornada.gateways import letters, packfiles
from jornada.gateways.today import today
from jornada.intake import selectors as intake
from jornada.placement import conflicts, escalation, referrals, selectors
from jornada.placement.forms import ConflictForm, OfferForm, OutsideForm
from jornada.placement.referrals import ASKED, DECLINED, OUTCOMES, CannotRefer
from jornada.triage import casefiles, doors
from jornada.triage.views import open_file
from jornada.vault import audit

if TYPE_CHECKING:
    from jornada.intake.models import CaseFile
    from jornada.placement.models import Referral
    from jornada.placement.selectors import ReferralState

WORDS = {
    "offered": "Offered: waits for an answer",
    "asked": "Asked back: waits for the sender",
    "answered": "Answered: waits for the receiver",
    "accepted": "Accepted: waits for the worker to share",
    "shared": "Shared by the worker: speak with her",
    "contacted": "Contact made: outcome to come",
    "declined": "Declined",
    "taken_back": "Taken back",
    "outcome": "Closed with an outcome",
    "consent_ended": "The worker took her consent back",
}


@require_safe
@staff(roles=LEGAL_TEAM)
def inbox(request: HttpRequest) -> HttpResponse:
    """Referrals received and sent, open ones first, those that are late marked."""
    received, sent = selectors.referrals(request.member.provider_id, today())
    context = {
        "received": [_line(state) for state in received],
        "sent": [_line(state) for state in sent],
        "late": sum(state.overdue for state in (*received, *sent)),
    }
    return render(request, "placement/referrals.html", context)


@require_http_methods(["GET", "POST"])
@staff(roles=LEGAL_TEAM)
def one(request: HttpRequest, referral: UUID) -> HttpResponse:
    """One referral: its card, its steps, and what this side may do next."""
    found = selectors.referral(referral)
    if found is None:
        raise Http404
    wrong = ""
    if request.method == "POST":
        try:
            _act(request, found)
            return redirect("placement:referral", found.pk)
        except CannotRefer as refused:
            wrong = str(refused)
    state = selectors.referral_state(found, today())
    card = selectors.read_referral_card(selectors.referral_card(found))
    mine = found.provider_id == request.member.provider_id
    context = {
        "state": state, "line": _line(state), "card": _card(card), "sent": mine, "wrong": wrong,
        "declined": DECLINED, "asked": ASKED, "outcomes": OUTCOMES,
        "steps": [_step(step) for step in state.steps],
        "file": None if mine else intake.file_with(found.application_id, request.member.provider_id),
    }  # fmt: skip
    return render(request, "placement/referral.html", context, status=409 if wrong else 200)


def _act(request: HttpRequest, found: Referral) -> None:
    """The step that was posted; CannotRefer where it is not open."""
    by, on, said = request.member, today(), request.POST
    acts: dict[str, Callable[[], Any]] = {
        "accept": lambda: referrals.accept(referral=found, by=by, on=on),
        "decline": lambda: referrals.decline(referral=found, reason=said.get("reason", ""), by=by, on=on),
        "ask": lambda: referrals.ask(referral=found, question=said.get("question", ""), by=by, on=on),
        "answer": lambda: referrals.answer(referral=found, note=said.get("note", "")[:500], by=by, on=on),
        "take_back": lambda: referrals.take_back(referral=found, by=by, on=on),
        "contacted": lambda: referrals.contacted(referral=found, by=by, on=on),
        "close": lambda: referrals.close(referral=found, outcome=said.get("outcome", ""), by=by, on=on),
    }
    act = acts.get(said.get("act", ""))
    if act is None:
        raise CannotRefer("Choose one of the steps.")
    act()


@require_http_methods(["GET", "POST"])
@doors.file_page()
def file(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """A file's referrals, inside and outside the coalition; a POST offers it to a provider."""
    form = OfferForm(request.POST or None, providers=referrals.providers_to_ask(file))
    if request.method == "POST" and form.is_valid():
        to = coalition.provider(UUID(form.cleaned_data["to"]))
        try:
            made = referrals.offer(
                file=file, to=to, note=form.cleaned_data["note"], by=request.member, on=today()
            )
            messages.success(
                request, f"Offered to {to.name}; an answer is due by {made.answer_by:%B %-d, %Y}."
            )
            return redirect("placement:file-referrals", file.id)
        except CannotRefer as wrong:
            form.add_error(None, str(wrong))
    return _file_page(request, file, offer_form=form, status=422 if form.errors else 200)


@require_POST
@doors.file_page()
def outside(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """A link and a PIN for an organization outside the hub; shown on this page only."""
    form = OutsideForm(request.POST)
    if not form.is_valid():
        return _file_page(request, file, outside_form=form, status=422)
    try:
        link = referrals.refer_outside(file=file, by=request.member, on=today(), **form.cleaned_data)
    except CannotRefer as wrong:
        form.add_error(None, str(wrong))
        return _file_page(request, file, outside_form=form, status=422)
    address = request.build_absolute_uri(reverse("placement_outside:link", args=[link.token]))
    return doors.file_render(
        request, file, "placement/outside_link.html", "placement", link=link, address=address
    )


@require_http_methods(["GET", "POST"])
@doors.file_page(roles={Role.ATTORNEY, Role.LEGAL_SUPERVISOR}, opened=True)
def conflict(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """An attorney asks whether anybody in the coalition stands on the other side: yes or no."""
    opened = open_file(request, file)
    own = conflicts.parties(opened)  # her answers: refused where consent has ended
    form = ConflictForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            conflicts.check(opened=opened, others=form.names(), by=request.member, on=today())
            return redirect("placement:conflict", file.id)
        except conflicts.CannotCheck as wrong:
            form.add_error(None, str(wrong))
    return doors.file_render(
        request, file, "placement/conflict.html", "placement", form=form, against=own,
        checks=conflicts.checks(opened), status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@doors.file_page()
def scope_end_letter(request: HttpRequest, file: CaseFile) -> HttpResponse:
    """The written end of a limited scope, in the worker's language; logged."""
    end = selectors.scope_end_of(file.id)
    if end is None:
        raise Http404
    contact = casefiles.contact(file)
    language = str(contact.get("language") or "en")
    spoken, data = escalation.letter(end, str(contact.get("name") or ""), request.member.provider, language)
    audit.record(
        "downloaded", kind="provider", about="placement_scopeend", row=end.id, application_id=file.application_id,
        classes=["P2"], session=request.keys.session if request.keys else "",
    )  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="scope-end-{file.number:04}.pdf"'}
    return HttpResponse(
        letters.compose("scope_end", spoken, data), content_type="application/pdf", headers=headers
    )


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link from a referral outside the hub: with its PIN, once."""
    if request.method != "POST":
        return _plain(request, {})
    try:
        page = referrals.open_outside(token, request.POST.get("pin", ""), today())
    except referrals.LinkClosed:
        return _plain(request, {"closed": True}, 404)
    except referrals.WrongPin as wrong:
        return _plain(request, {"left": wrong.left}, 422)
    return _plain(
        request, {"page": page, "spoken": dict(LANGUAGES).get(str(page["language"]), page["language"])}
    )


def _plain(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "placement/outside.html", shown, status=status)
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _file_page(request: HttpRequest, file: CaseFile, **shown: Any) -> HttpResponse:
    status = shown.pop("status", 200)
    shown.setdefault("offer_form", OfferForm(providers=referrals.providers_to_ask(file)))
    shown.setdefault("outside_form", OutsideForm(initial={"agreed_on": today()}))
    end = selectors.scope_end_of(file.id)
    return doors.file_render(
        request, file, "placement/file_referrals.html", "placement", status=status,
        may_refer=intake.may_refer(file), listed=[_line(one) for one in selectors.referrals_of(file.id, today())],
        outside=selectors.outside_referrals(file.id), same=conflicts.same_person(file), end=end,
        attorney=request.member.role in {Role.ATTORNEY, Role.LEGAL_SUPERVISOR}, **shown,
    )  # fmt: skip


def _line(state: ReferralState) -> dict[str, Any]:
    return {"state": state, "words": WORDS[state.now], "referral": state.referral, "reason": _reason(state)}


def _reason(state: ReferralState) -> str:
    """Why it was declined, or with which outcome it closed."""
    last = state.steps[-1] if state.steps else None
    return {**DECLINED, **OUTCOMES, **ASKED}.get(last.reason, "") if last else ""


def _step(step: Any) -> dict[str, Any]:
    reason = {**DECLINED, **OUTCOMES, **ASKED}.get(step.reason, "")
    return {"step": step, "words": WORDS[step.kind], "reason": reason}


def _card(card: dict[str, Any]) -> list[tuple[str, str]]:
    """A card in words, in the order in which a receiver reads it."""
    pack = packfiles.load(card["pack"]) if card.get("pack") in packfiles.available() else None
    named = dict(LANGUAGES)
    shown = [
        ("Kind of case", pack.title["en"] if pack else str(card.get("pack") or "")),
        (
            "Help asked for",
            "full scope: every step, to the end" if card.get("scope") == "full" else "an agreed part",
        ),
        ("How hard", str(card.get("level") or "").lower()),
        ("Languages", ", ".join(named.get(one, one) for one in card.get("languages") or ())),
        ("Place", str(card.get("place") or "")),
        ("Next deadline", str(card.get("deadline_on") or "none known")),
        ("Note", str(card.get("note") or "")),
        ("Answer", str(card.get("answer") or "")),
    ]
    return [(name, words) for name, words in shown if words]
