"""The security kernel: keys, sealed fields, tenancy, consent, access and its log."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "jornada.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"
