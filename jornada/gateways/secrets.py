"""The hub's own secret: from JORNADA_SECRET, else a file made at set-up. Opens nothing above P2."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from jornada.gateways.database import state_directory


def hub_secret() -> bytes:
    """At least 32 random bytes that this installation keeps; made on first use.

    A secret in the environment is preferred: then it does not lie on the disk
    that holds the data.
    """
    given = os.environ.get("JORNADA_SECRET", "")
    if given:
        if len(given) < 43:
            raise ValueError("JORNADA_SECRET is too short: give at least 43 random characters")
        return given.encode()
    return _from_file(state_directory() / "secret")


def derived(purpose: str) -> bytes:
    """32 bytes for one purpose, from the hub's secret; other purposes' keys cannot be found from it."""
    return hmac.new(hub_secret(), b"jornada:" + purpose.encode(), hashlib.sha256).digest()


def _from_file(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip().encode()
