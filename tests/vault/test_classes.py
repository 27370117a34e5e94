"""Every stored field has a class, a purpose and an end; what is dangerous is sealed (D1)."""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from jornada.vault import classes


def test_every_field_of_the_vault_is_declared():
    assert classes.undeclared(apps.get_app_config("vault").get_models()) == []


@isolate_apps("jornada.vault")
def test_each_way_of_leaving_something_unsaid_is_told_with_its_mend():
    class Roster(models.Model):
        name = models.TextField()
        status = models.TextField()
        sealed_note = models.TextField()
        birth_date = models.BinaryField()
        sealed_history = models.BinaryField()

        data_classes: ClassVar[dict[str, str]] = {
            "id": "P1",
            "status": "P3",
            "sealed_note": "P4",
            "birth_date": "P3",
            "sealed_history": "P4",
            "employer": "P2",
            "name": "secret",
        }
        keep = "1 year"

        class Meta:
            app_label = "vault"

    assert classes.undeclared([Roster]) == [
        "vault.Roster does not say its purpose: write it as a class attribute.",
        "vault.Roster.data_classes names employer, which is no stored field: take it out.",
        "vault.Roster.birth_date is P3 and in clear: make it a BinaryField named sealed_… and seal it.",
        "vault.Roster.name has the class 'secret': write P0, P1, P2, P3 or P4.",
        "vault.Roster.sealed_note is P4 and in clear: make it a BinaryField named sealed_… and seal it.",
        "vault.Roster.sealed_note is named as sealed but is no BinaryField: store what vault.crypto sealed.",
        "vault.Roster.status is P3 and in clear: make it a BinaryField named sealed_… and seal it.",
    ]


@isolate_apps("jornada.vault")
def test_a_field_without_a_class_is_told():
    class Slot(models.Model):
        starts_at = models.DateTimeField()

        data_classes: ClassVar[dict[str, str]] = {"id": "P1"}
        purpose = "Appointments"
        keep = "1 year"

        class Meta:
            app_label = "vault"

    assert classes.undeclared([Slot]) == [
        "vault.Slot.starts_at has no class: add it to data_classes as P0 to P4."
    ]
