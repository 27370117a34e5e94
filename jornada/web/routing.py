"""Which connection does what: the owner migrates, everything else is the serving role."""

from __future__ import annotations

from typing import Any


class OwnerMigrates:
    """Queries go to the serving role; migrations run as the owner, where the owner's address is known."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
