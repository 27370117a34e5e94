"""What every stored record has: a random id, the moment it was recorded, and a class for each field.

`data_classes` gives each concrete field its class P0 to P4 (security requirements, "Data classes");
`purpose` says why the record is held and `keep` for how long. A test lists every model
and fails where one of them says nothing.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Record(models.Model):
    """A record with an unguessable id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField(auto_now_add=True)

    data_classes: ClassVar[dict[str, str]] = {}
    purpose: ClassVar[str] = ""
    keep: ClassVar[str] = ""

    class Meta:
        abstract = True


class ProviderRecord(Record):
    """A record that belongs to one provider; row-level security shows it to that provider only."""

    provider = models.ForeignKey("coalition.Provider", models.PROTECT, related_name="+")

    class Meta:
        abstract = True
