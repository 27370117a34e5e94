"""What the vault keeps: sealed keys, consent grants, and the log of who opened what.

Ids of providers, members and applications are plain columns: the apps that own
those records lie above this one.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jornada.vault.records import Record


def _classes(working: str, **others: str) -> dict[str, str]:
    """Class P1 for the columns named, besides the id and the moment, and the given class for the others."""
    return {**dict.fromkeys(["id", "recorded_at", *working.split()], "P1"), **others}


class ApplicationKey(Record):
    """A worker's application key, sealed under her own code; found by a locator that only the code gives."""

    application_id = models.UUIDField(unique=True)
    locator = models.BinaryField(max_length=16, unique=True)
    sealed_key = models.BinaryField()
    slowness = models.PositiveSmallIntegerField()
    replaced_at = models.DateTimeField(
        null=True, help_text="When a new code took the place of an earlier one"
    )

    data_classes: ClassVar[dict[str, str]] = _classes(
        "application_id locator slowness replaced_at", sealed_key="P4"
    )
    purpose = "Letting a worker come back to her own answers, and nobody else"
    keep = "as long as the application"


class Attempt(Record):
    """A worker's code typed wrong, from somewhere. The address is a hash whose key changes daily."""

    client = models.BinaryField(max_length=16, db_index=True)
    tried_at = models.DateTimeField()

    data_classes: ClassVar[dict[str, str]] = _classes("client tried_at")
    purpose = "Slowing down those who guess at codes"
    keep = "1 day"


class MemberKey(Record):
    """A member's own key pair; the private half is sealed under the member's password."""

    provider_id = models.UUIDField()
    member_id = models.UUIDField(unique=True)
    public_key = models.BinaryField(max_length=32)
    sealed_private = models.BinaryField()
    salt = models.BinaryField(max_length=16)
    slowness = models.PositiveSmallIntegerField()

    data_classes: ClassVar[dict[str, str]] = _classes(
        "provider_id member_id public_key salt slowness", sealed_private="P4"
    )
    purpose = "Opening what is sealed to a person, with that person's password only"
    keep = "while the membership lasts"


class TeamKey(Record):
    """A version of a provider's legal-team key. Workers' consent seals to its public half."""

    provider_id = models.UUIDField()
    version = models.PositiveIntegerField()
    public_key = models.BinaryField(max_length=32)
    retired_at = models.DateTimeField(null=True)

    data_classes: ClassVar[dict[str, str]] = _classes("provider_id version public_key retired_at")
    purpose = "Sealing to a legal team, whoever is in it"
    keep = "as long as anything is sealed to it"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider_id", "version"], name="one_team_key_a_version"),
            models.UniqueConstraint(
                fields=["provider_id"],
                condition=models.Q(retired_at__isnull=True),
                name="one_team_key_in_use",
            ),
        ]


class TeamSeat(Record):
    """One member's copy of a team key's private half, sealed to the member's public key."""

    provider_id = models.UUIDField()
    team_key_id = models.UUIDField()
    member_id = models.UUIDField()
    sealed_private = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = _classes(
        "provider_id team_key_id member_id", sealed_private="P4"
    )
    purpose = "Who of the legal team opens what is sealed to it"
    keep = "while the member is in the legal team"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team_key_id", "member_id"], name="one_seat_a_member_and_team_key"
            )
        ]


class RecoveryKey(Record):
    """A provider's recovery key pair; the private half opens with the codes of two of three trustees."""

    provider_id = models.UUIDField(unique=True)
    public_key = models.BinaryField(max_length=32)
    sealed_private = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = _classes("provider_id public_key", sealed_private="P4")
    purpose = "Coming back after every password of a legal team is lost"
    keep = "until the trustees are changed"


class RecoverySeat(Record):
    """A team key's private half, sealed to the provider's recovery key."""

    provider_id = models.UUIDField()
    team_key_id = models.UUIDField(unique=True)
    sealed_private = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = _classes("provider_id team_key_id", sealed_private="P4")
    purpose = RecoveryKey.purpose
    keep = "as long as the team key"


class ProviderKey(Record):
    """A provider's key for personal data that automation may read (P2), wrapped under the hub's key."""

    provider_id = models.UUIDField()
    version = models.PositiveIntegerField()
    sealed_key = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = _classes("provider_id version", sealed_key="P2")
    purpose = "Sealing names, contacts and placement cards at rest"
    keep = "as long as anything is sealed under it"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider_id", "version"], name="one_provider_key_a_version")
        ]


class FileKey(Record):
    """The key of what a legal team itself writes into one case file, sealed to the team key."""

    provider_id = models.UUIDField()
    file_id = models.UUIDField(unique=True)
    team_key_id = models.UUIDField()
    sealed_key = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = _classes("provider_id file_id team_key_id", sealed_key="P4")
    purpose = "Findings, notes and packets that only the legal team reads"
    keep = "as long as the case file"


class ConsentGrant(Record):
    """A worker's consent: this provider may read these sections, for this purpose, until this day."""

    application_id = models.UUIDField()
    provider_id = models.UUIDField()
    sections = ArrayField(models.CharField(max_length=40))
    for_purpose = models.CharField(max_length=40)
    granted_on = models.DateField()
    until = models.DateField()
    language = models.CharField(max_length=12)
    wording_version = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)

    data_classes: ClassVar[dict[str, str]] = _classes(
        "application_id provider_id sections for_purpose granted_on until language wording_version"
        " withdrawn_at"
    )
    purpose = "Sharing only what the worker said, with whom she said, for as long as she said"
    keep = "as proof of consent, with the access log"

    class Meta:
        indexes = [models.Index(fields=["provider_id", "application_id"], name="grants_of_a_provider")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("granted_on")), name="consent_ends_after_it_begins"
            ),
        ]


class SectionKey(Record):
    """The key of one section of one application, sealed to the legal team that the worker consented to."""

    application_id = models.UUIDField()
    provider_id = models.UUIDField()
    grant_id = models.UUIDField()
    section = models.CharField(max_length=40)
    team_key_id = models.UUIDField()
    sealed_key = models.BinaryField()

    data_classes: ClassVar[dict[str, str]] = _classes(
        "application_id provider_id grant_id section team_key_id", sealed_key="P4"
    )
    purpose = ConsentGrant.purpose
    keep = "until the consent ends; then deleted at once"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant_id", "section"], name="one_key_a_grant_and_section")
        ]
        indexes = [models.Index(fields=["provider_id", "application_id"], name="section_keys_of_a_provider")]


class ChainHead(Record):
    """The end of one access log: how many events it has and the last one's hash."""

    kind = models.CharField(max_length=12)
    chain_id = models.UUIDField()
    length = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    data_classes: ClassVar[dict[str, str]] = _classes("kind chain_id length hash")
    purpose = "Showing that nothing was cut off the end of the access log"
    keep = "as the access log"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "chain_id"], name="one_head_a_chain")]


class AccessEvent(Record):
    """Who did what with whose sealed data, when and why. Written by `vault_record` only; never changed."""

    kind = models.CharField(max_length=12, help_text="provider or application: whose chain it is")
    chain_id = models.UUIDField()
    sequence = models.BigIntegerField()
    act = models.CharField(max_length=40)
    member_id = models.UUIDField(null=True, help_text="Empty: the worker, or a job of the provider")
    provider_id = models.UUIDField(null=True)
    application_id = models.UUIDField(null=True)
    about = models.CharField(max_length=80)
    row_id = models.UUIDField(null=True)
    sections = ArrayField(models.CharField(max_length=40))
    classes = ArrayField(models.CharField(max_length=2))
    reason = models.CharField(max_length=40)
    for_purpose = models.CharField(max_length=40)
    session = models.CharField(max_length=32)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    data_classes: ClassVar[dict[str, str]] = _classes(
        "kind chain_id sequence act member_id provider_id application_id about row_id sections classes reason"
        " for_purpose session previous hash"
    )
    purpose = "Telling a worker, a supervisor and after a breach everyone concerned who opened what"
    keep = "7 years"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "chain_id", "sequence"], name="one_event_a_place_in_the_chain"
            )
        ]
        indexes = [models.Index(fields=["application_id", "recorded_at"], name="events_of_an_application")]
