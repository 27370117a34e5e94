"""Organisations of the coalition, their members, credentials and capacity."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from jornada.vault.records import ProviderRecord, Record


class Accounts(BaseUserManager["User"]):
    """Accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A sign-in. What a person may do hangs on memberships, never on the account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = Accounts()
    USERNAME_FIELD = "email"

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "password", "last_login", "email", "is_active", "date_joined"], "P1"
    )
    purpose = "Signing in as staff"
    keep = "until 90 days after the last membership ends"

    def __str__(self) -> str:
        return self.email


class ProviderKind(models.TextChoices):
    WORKER_CENTER = "worker_center"
    LEGAL_PROVIDER = "legal_provider"
    LAW_SCHOOL_CLINIC = "law_school_clinic"
    CONSULATE = "consulate"
    PRO_BONO = "pro_bono"


class Provider(Record):
    """An organisation of the coalition."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=24, choices=ProviderKind)
    about = models.JSONField(default=dict, help_text="A sentence for workers, by language")
    phone = models.CharField(max_length=24, blank=True)
    places = ArrayField(models.CharField(max_length=60), default=list, help_text="Counties or towns served")
    languages = ArrayField(models.CharField(max_length=12), default=list)
    gives_legal_help = models.BooleanField(default=False)
    listed = models.BooleanField(
        default=False, help_text="Shown to workers; only after two people verified it"
    )

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id",
            "recorded_at",
            "name",
            "kind",
            "about",
            "phone",
            "places",
            "languages",
            "gives_legal_help",
            "listed",
        ],
        "P0",
    )
    purpose = "Showing workers who can help, and keeping organisations apart"
    keep = "while in the coalition"

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ORGANISER = "organiser"
    INTAKE_VOLUNTEER = "intake_volunteer"
    INTERPRETER = "interpreter"
    PARALEGAL = "paralegal"
    STUDENT = "student"
    ATTORNEY = "attorney"
    ACCREDITED_REPRESENTATIVE = "accredited_representative"
    LEGAL_SUPERVISOR = "legal_supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


LEGAL_TEAM = frozenset(
    {Role.PARALEGAL, Role.STUDENT, Role.ATTORNEY, Role.ACCREDITED_REPRESENTATIVE, Role.LEGAL_SUPERVISOR}
)


class Member(ProviderRecord):
    """A person working in a provider, in one role."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    display_name = models.CharField(max_length=120)
    role = models.CharField(max_length=32, choices=Role)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    ended_at = models.DateTimeField(null=True, blank=True)

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        ["id", "recorded_at", "provider", "user", "display_name", "role", "languages", "ended_at"], "P1"
    )
    purpose = "Who may do what"
    keep = "7 years after leaving, for the access log"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="one_membership_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.display_name


class CredentialKind(models.TextChoices):
    ATTORNEY = "attorney"
    ACCREDITED_FULL = "accredited_full"
    ACCREDITED_PARTIAL = "accredited_partial"
    STUDENT = "student"
    GRADUATE = "graduate"


class Credential(ProviderRecord):
    """What lets a member represent or sign off, verified by two people; per person and address."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="credentials", db_constraint=False)
    kind = models.CharField(max_length=24, choices=CredentialKind)
    number = models.CharField(max_length=40, blank=True)
    issued_by = models.CharField(
        max_length=80, blank=True, help_text="State bar, or the recognised organisation"
    )
    address = models.CharField(
        max_length=160, blank=True, help_text="For accreditation: the recognised address"
    )
    supervisor = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    valid_from = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    also_verified_by = models.ForeignKey(
        Member, models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id", "recorded_at", "provider", "member", "kind", "number", "issued_by", "address", "supervisor",
            "valid_from", "expires_on", "verified_by", "also_verified_by",
        ],
        "P1",
    )  # fmt: skip
    purpose = "Only a credentialed person decides and signs off"
    keep = "7 years after it ends"


class Capacity(ProviderRecord):
    """What an advocate can take in a period."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="capacities", db_constraint=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    files_at_once = models.PositiveSmallIntegerField()
    full_scope = models.BooleanField(default=False, help_text="Takes full-scope representation")
    places = ArrayField(models.CharField(max_length=60), default=list, help_text="Empty: anywhere")

    data_classes: ClassVar[dict[str, str]] = dict.fromkeys(
        [
            "id",
            "recorded_at",
            "provider",
            "member",
            "starts_on",
            "ends_on",
            "files_at_once",
            "full_scope",
            "places",
        ],
        "P1",
    )
    purpose = "Matching within what people can carry"
    keep = "3 years"
