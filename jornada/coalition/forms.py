"""Forms of the team pages and of accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.forms import ChangePasswordForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from jornada.coalition import selectors, services, signin
from jornada.coalition.models import CredentialKind, Role
from jornada.vault import keys

LANGUAGES = [
    ("en", "English"), ("es", "Spanish"), ("ht", "Haitian Creole"), ("zh", "Chinese"), ("vi", "Vietnamese"),
    ("pl", "Polish"), ("ar", "Arabic"), ("pt", "Portuguese"), ("fr", "French"), ("quc", "K'iche'"),
    ("mam", "Mam"), ("mix", "Mixtec"),
]  # fmt: skip


class Day(forms.DateField):
    """A full date, from the browser's own date field or typed as year-month-day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(
            error_messages={"invalid": "Write the date as year-month-day, like 2026-03-31."}, **kwargs
        )


class Lines(forms.CharField):
    """Short texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        for line in value:
            if len(line) > 160:
                raise ValidationError("Each line holds at most 160 letters.")


class Invite(forms.Form):
    display_name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(
        label="E-mail address", help_text="The name to sign in with. The hub sends no mail."
    )
    role = forms.ChoiceField(choices=Role.choices)
    languages = forms.MultipleChoiceField(
        choices=LANGUAGES, widget=forms.CheckboxSelectMultiple, required=False, label="Languages they work in"
    )


class FirstPassword(forms.Form):
    password = forms.CharField(
        label="New password", strip=False, max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="12 letters or more; four or five unrelated words are good. Spaces and accents count.",
    )  # fmt: skip
    again = forms.CharField(
        label="The same password again", strip=False, max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned and cleaned.get("again") != cleaned["password"]:
            self.add_error("again", "The two passwords differ.")
        return cleaned


class ChangePassword(ChangePasswordForm):
    """Changes the password and seals the keys under the new one, both or neither."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Your password now"
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = FirstPassword.base_fields["password"].help_text
        self.fields["password2"].label = "The new password again"

    def save(self) -> None:
        membership = selectors.membership_of(self.user.pk)
        old, new = self.cleaned_data["oldpassword"], self.cleaned_data["password1"]
        try:
            services.change_password(membership=membership, user=self.user, old=old, new=new)
        except keys.NotEnrolled:
            services.change_password(membership=None, user=self.user, old=old, new=new)


class SpendsCode:
    """A form for a code of the app, which serves once in the whole hub."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        factor = self.authenticator  # type: ignore[attr-defined]
        if factor.type == factor.Type.TOTP and not signin.spend_code(factor, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactor(SpendsCode, AuthenticateForm):
    """The second factor at sign-in."""


class SecondFactorAgain(SpendsCode, ReauthenticateForm):
    """The second factor for a step-up."""


class CredentialEntry(forms.Form):
    kind = forms.ChoiceField(choices=CredentialKind.choices)
    number = forms.CharField(max_length=40, required=False, label="Number")
    issued_by = forms.CharField(
        max_length=80,
        required=False,
        help_text="State bar, or the recognized organization",
        label="Issued by",
    )
    address = forms.CharField(
        max_length=160, required=False, label="Recognized address",
        help_text="For accreditation: it holds for this address only",
    )  # fmt: skip
    valid_from = Day(label="Valid from")
    expires_on = Day(label="Expires on", required=False)
    supervisor = forms.ChoiceField(required=False, help_text="For students and graduates")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        supervisors = selectors.team().filter(role__in=[Role.ATTORNEY, Role.LEGAL_SUPERVISOR])
        choices = [(str(member.pk), member.display_name) for member in supervisors]
        self.fields["supervisor"].choices = [("", "Nobody"), *choices]  # type: ignore[attr-defined]

    def clean_supervisor(self) -> Any:
        chosen = self.cleaned_data["supervisor"]
        return selectors.member(UUID(chosen)) if chosen else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("valid_from"), cleaned.get("expires_on")
        if start and end and end < start:
            self.add_error("expires_on", "It ends before it begins.")
        if cleaned.get("kind") in {CredentialKind.STUDENT, CredentialKind.GRADUATE} and not cleaned.get(
            "supervisor"
        ):
            self.add_error(
                "supervisor", "A student or graduate works under a supervising attorney: name them."
            )
        return cleaned


class CapacityEntry(forms.Form):
    starts_on = Day(label="From")
    files_at_once = forms.IntegerField(min_value=0, max_value=500, label="Files at once")
    full_scope = forms.BooleanField(required=False, label="Takes full-scope representation")
    places = Lines(required=False, help_text="Counties or towns, one a line. Empty: anywhere.")
