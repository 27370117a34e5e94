"""Pages of the team: who works here, as what, and with which credentials and capacity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import segno
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jornada.coalition import forms, selectors, services, signin
from jornada.coalition.doors import LEGAL_TEAM, staff
from jornada.coalition.models import Capacity, Credential, Member
from jornada.gateways.today import today
from jornada.vault import keys

form_page = require_http_methods(["GET", "POST"])


@require_GET
@staff()
def team(request: HttpRequest) -> HttpResponse:
    """Everyone who works in this provider."""
    on = today()
    holders = keys.team_members(request.member.provider_id)
    rows = [_row(person, holders, on) for person in selectors.team()]
    may_invite = request.member.role in services.ACCOUNT_KEEPERS
    return render(request, "coalition/team.html", {"rows": rows, "may_invite": may_invite, "on": on})


@require_GET
@staff()
def member(request: HttpRequest, member: UUID) -> HttpResponse:
    """One member: credentials, capacity, and what the one who looks may do about them."""
    return _member_page(request, _person(member))


@require_GET
@staff()
def account(request: HttpRequest) -> HttpResponse:
    """One's own account: password, second factors, whether the keys are open."""
    holds = request.member.pk in keys.team_members(request.member.provider_id)
    return render(
        request, "coalition/account.html", {"in_team": request.member.role in LEGAL_TEAM, "holds": holds}
    )


@form_page
@staff(roles=services.ACCOUNT_KEEPERS)
def invite(request: HttpRequest) -> HttpResponse:
    """Add a member; shows the link for the first password once."""
    form = forms.Invite(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _tried(form, lambda: services.invite(by=request.member, **form.cleaned_data))
        if made:
            return _invitation(request, made)
    return render(request, "coalition/invite.html", {"form": form})


@require_POST
@staff(roles=services.ACCOUNT_KEEPERS)
def invite_again(request: HttpRequest, member: UUID) -> HttpResponse:
    """A new link for a member who lost theirs or forgot the password."""
    person = _person(member)
    try:
        return _invitation(request, services.invite_again(by=request.member, member=person))
    except services.NotAllowed as refused:
        messages.error(request, str(refused))
        return redirect("coalition:member", person.pk)


@form_page
@sensitive_post_parameters()
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person's page: choose a password, then sign in and set up a second factor."""
    if request.user.is_authenticated:
        return redirect(f"{reverse('account_logout')}?{urlencode({'next': request.path})}")
    person = services.invited(token)
    form = forms.FirstPassword(request.POST or None)
    if person and request.method == "POST" and form.is_valid():  # noqa: SIM102
        if _tried(form, lambda: services.accept(token=token, password=form.cleaned_data["password"])):
            return redirect(f"{reverse('account_login')}?why=ready")
    return render(
        request, "coalition/accept.html", {"person": person, "form": form}, status=200 if person else 404
    )


@require_POST
@staff(roles=services.ACCOUNT_KEEPERS)
def end_membership(request: HttpRequest, member: UUID) -> HttpResponse:
    """The member leaves; counts from their next request."""
    person = _person(member)
    done = f"{person.display_name} works here no longer. Their open sessions have ended."
    return _done(
        request, lambda: services.end_membership(by=request.member, member=person), done, "coalition:team"
    )


@require_POST
@staff(roles=LEGAL_TEAM, keys=True)
def admit(request: HttpRequest, member: UUID) -> HttpResponse:
    """Give a colleague the legal team's key."""
    person = _person(member)
    done = f"{person.display_name} can now open the legal team's files."
    act = lambda: services.admit(by=request.member, with_keys=request.keys, member=person)
    return _done(request, act, done, "coalition:member", person.pk)


@form_page
@staff(roles=services.VERIFIERS)
def add_credential(request: HttpRequest, member: UUID) -> HttpResponse:
    """Enter a credential as claimed."""
    person = _person(member)
    form = forms.CredentialEntry(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = lambda: services.add_credential(by=request.member, member=person, **form.cleaned_data)
        if _tried(form, act):
            return redirect("coalition:member", person.pk)
    return render(request, "coalition/credential.html", {"person": person, "form": form})


@require_POST
@staff(roles=services.VERIFIERS)
def verify_credential(request: HttpRequest, credential: UUID) -> HttpResponse:
    """One of the two verifications that a credential needs."""
    claimed = selectors.credential(credential)
    if claimed is None:
        raise Http404
    act = lambda: services.verify_credential(by=request.member, credential=claimed)
    return _done(request, act, "Verified.", "coalition:member", claimed.member_id)


@form_page
@staff(roles=services.VERIFIERS)
def set_capacity(request: HttpRequest, member: UUID) -> HttpResponse:
    """What a member can take from a day on."""
    person = _person(member)
    form = forms.CapacityEntry(request.POST or None, initial={"starts_on": today()})
    if request.method == "POST" and form.is_valid():
        act = lambda: services.set_capacity(by=request.member, member=person, **form.cleaned_data)
        if _tried(form, act):
            return redirect("coalition:member", person.pk)
    return render(request, "coalition/capacity.html", {"person": person, "form": form})


def _person(member_id: UUID) -> Member:
    person = selectors.member(member_id)
    if person is None:
        raise Http404
    return person


def _row(person: Member, holders: frozenset[UUID], on: Any) -> dict[str, Any]:
    capacity = next((c for c in person.capacities.all() if _holds_on(c, on)), None)
    credentials = [(credential, _state(credential, on)) for credential in person.credentials.all()]
    return {"person": person, "credentials": credentials, "capacity": capacity, "holds": person.pk in holders}


def _holds_on(capacity: Capacity, on: Any) -> bool:
    return capacity.starts_on <= on and (capacity.ends_on is None or capacity.ends_on >= on)


def _state(credential: Credential, on: Any) -> tuple[str, str]:
    """How a credential stands on a day: a word and the colour of its tag."""
    if credential.expires_on and credential.expires_on < on:
        return "expired", "clay"
    if credential.also_verified_by_id is None:
        return ("verified once" if credential.verified_by_id else "not verified"), "sun"
    if credential.valid_from > on:
        return "not yet valid", "sun"
    if credential.expires_on and (credential.expires_on - on).days <= 60:
        return "ends soon", "sun"
    return "verified", "teal"


def _member_page(request: HttpRequest, person: Member) -> HttpResponse:
    me, on = request.member, today()
    holders = keys.team_members(me.provider_id)
    context = {
        **_row(person, holders, on),
        "mine": me.pk == person.pk,
        "keeps_accounts": me.role in services.ACCOUNT_KEEPERS,
        "verifies": me.role in services.VERIFIERS,
        "may_admit": me.pk in holders and person.role in LEGAL_TEAM and person.pk not in holders,
        "in_team": person.role in LEGAL_TEAM,
        "has_factor": signin.has_second_factor(person.user_id),
        "on": on,
    }
    return render(request, "coalition/member.html", context)


def _invitation(request: HttpRequest, made: services.Invitation) -> HttpResponse:
    square = segno.make(made.link, error="m").svg_inline(border=2, omitsize=True)
    context = {"made": made, "square": mark_safe(square)}  # noqa: S308 – drawn here, from our own link
    return render(request, "coalition/invitation.html", context)


def _tried(form: Form, act: Callable[[], Any]) -> Any:
    """What the act gives; None where it was refused: the reason then stands at its field."""
    try:
        return act()
    except (services.Refused, services.NotAllowed) as refused:
        form.add_error(getattr(refused, "field", None), str(refused))
        return None


def _done(request: HttpRequest, act: Callable[[], Any], done: str, to: str, *args: Any) -> HttpResponse:
    try:
        act()
    except (services.Refused, services.NotAllowed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(to, *args)
