"""Signing in: a password that opens the member's keys, a second factor, a fresh proof for grave acts.

The private key that a password opened stays in the server's session only sealed
under a random value that lives in the browser's own cookie. Neither alone opens
anything, and both end with the session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from jornada.coalition import selectors
from jornada.coalition.models import User
from jornada.vault import crypto, keys, tenancy

STEP_UP_SECONDS = 600
CODE_LIVES_SECONDS = 180
"""Longer than any code of the app is accepted (30 seconds and a step either way)."""
HELD = "keys"
"""Where the session keeps the sealed private key."""


class ThreePasses(Argon2PasswordHasher):
    """Argon2id at 64 MiB and 3 passes in one lane (security requirements, N2)."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1


class OpensKeys(ModelBackend):
    """Checks the password and, where it is right, opens the member's keys with it for this session."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, email: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The user whose address and password these are. Known and unknown addresses cost the same time."""
        if not email or not password:
            return None
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            User().set_password(password)
            return None
        if not user.check_password(password) or not self.user_can_authenticate(user):
            return None
        if request is not None:
            open_keys(request, user, password)
        return user


class InvitedOnly(DefaultAccountAdapter):
    """Accounts are made by invitation; the hub sends no mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether this is the user's password; opens the keys again as signing in does."""
        from allauth.core import context

        again = self.authenticate(context.request, email=user.email, password=password)
        return again is not None and again.pk == user.pk

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Yes, save for setting up the very first factor right after signing in: that weakens nothing."""
        from allauth.core import context

        request = context.request
        just_signed_in = time.time() - request.session.get("since", 0) < STEP_UP_SECONDS
        return not just_signed_in or has_second_factor(request.user.pk)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: what a mailbox holds is out of the hub's hands."""

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the page one lands on says enough."""


class SealedFactors(DefaultMFAAdapter):
    """Secrets of second factors rest sealed; the last factor is never taken away."""

    _PLACE = crypto.Place("hub", "mfa_authenticator", "any", "data")

    def encrypt(self, text: str) -> str:
        return base64.b64encode(crypto.seal(_factor_key(), text.encode(), self._PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal(_factor_key(), base64.b64decode(encrypted_text), self._PLACE).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def _factor_key() -> bytes:
    return crypto.derive(settings.JORNADA_HUB_KEY, "second factors")


def spend_code(factor: Authenticator, code: str) -> bool:
    """Whether a code of the app is given for the first time, to any process of the hub; then it is spent."""
    digits = re.sub(r"\D", "", code)
    mark = hmac.new(_factor_key(), f"{factor.pk}:{digits}".encode(), hashlib.sha256).hexdigest()[:16]
    now = time.time()
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=factor.pk)
        spent = {one: at for one, at in row.data.get("spent", {}).items() if at > now - CODE_LIVES_SECONDS}
        if mark in spent:
            return False
        row.data = {**row.data, "spent": {**spent, mark: now}}
        row.save(update_fields=["data"])
    return True


def has_second_factor(user_id: UUID) -> bool:
    """Whether this account has an app or a security key set up."""
    factors = Authenticator.objects.filter(user_id=user_id)
    return factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def add_app_factor(user: User, secret: str | None = None) -> str:
    """An authenticator app as the second factor of an account; its secret, for a sample or a test."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = secret or generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def key_cookie() -> str:
    """The name of the cookie whose value opens the keys that the session holds."""
    return "__Host-key" if settings.JORNADA_TLS == "proxy" else "key"


def open_keys(request: HttpRequest, user: User, password: str) -> None:
    """Open the member's key pair and hold it for the session; the middleware sends the cookie.

    An account without a membership, or whose keys were not made yet, signs in without keys.
    """
    request.session.pop(HELD, None)
    membership = selectors.membership_of(user.pk)
    if membership is None:
        return
    try:
        with tenancy.as_provider(membership.provider_id, membership.id, user.pk):
            opened = keys.open_member(membership.id, password)
    except (keys.NotEnrolled, keys.WrongPassword):
        return
    hold_keys(request, opened)


def hold_keys(request: HttpRequest, opened: keys.MemberKeys) -> None:
    """Keep opened keys for this session, sealed under a value that only the cookie will have."""
    value, blob = keys.hold(opened)
    request.session[HELD] = base64.b64encode(blob).decode()
    request.key_cookie_value = value  # type: ignore[attr-defined]


def resumed_keys(request: HttpRequest, membership: selectors.Membership) -> keys.MemberKeys | None:
    """The keys that signing in opened, from session and cookie together; None without both."""
    held, value = request.session.get(HELD), request.COOKIES.get(key_cookie())
    if not held or not value:
        return None
    opened = keys.resume(value, base64.b64decode(held))
    return opened if opened and opened.member_id == membership.id else None


def stepped_up(request: HttpRequest, within: int = STEP_UP_SECONDS) -> bool:
    """Whether the person gave a second factor again, after signing in, within so many seconds."""
    records = get_authentication_records(request, request.user)
    since = time.time() - within
    return any(r["method"] == "mfa" and r.get("reauthenticated") and r["at"] >= since for r in records)


def requires_step_up(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, for a person who gave a second factor within ten minutes; anyone else is asked for one first.

    Put it on the page that shows the form as well as on the act, so that
    nothing filled in is lost.
    """

    @wraps(view)
    def proved(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if stepped_up(request):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path(), _proof_page(request))

    return proved


def _proof_page(request: HttpRequest) -> str:
    has_app = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists()
    return reverse("mfa_reauthenticate" if has_app else "mfa_reauthenticate_webauthn")
