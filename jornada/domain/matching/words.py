"""Reasons, prices and aims in words, from the wording of the pack of restrictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jornada.domain.facts import Reason
from jornada.domain.restrictions import Restrictions

_TITLED = {
    "facts": "facts",
    "need": "needs",
    "period": "prices.period",
    "language": "tongues",
    "languages": "tongues",
}
"""Values that are keys themselves, and the part of the wording that says them."""
_COUNTED = ("seats", "people")
"""Numbers that are said with their noun: "1 place", "9 places"."""


def said(pack: Restrictions, reason: Reason, language: str) -> str:
    """A reason in words; a key that the pack does not say stays as it is."""
    return sentence(pack, f"reasons.{reason.key}", reason.values, language)


def priced(pack: Restrictions, reason: Reason, language: str) -> str:
    """A price in words."""
    return sentence(pack, f"prices.{reason.key}", reason.values, language)


def sentence(pack: Restrictions, key: str, values: Mapping[str, Any], language: str) -> str:
    """The text of a key with its values filled in, lists with commas."""
    if not pack.has_text(key, language):
        return key.rpartition(".")[2].replace("_", " ")
    return pack.text(
        key, language, **{name: _plain(pack, name, one, language) for name, one in values.items()}
    )


def _plain(pack: Restrictions, name: str, value: Any, language: str) -> str:
    listed: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    return ", ".join(_title(pack, name, one, language) for one in listed)


def _title(pack: Restrictions, name: str, value: Any, language: str) -> str:
    if name in _COUNTED and isinstance(value, int):
        return pack.text(f"counts.{name}.{'one' if value == 1 else 'many'}", language, n=value)
    key = f"{_TITLED[name]}.{value}" if name in _TITLED else ""
    return pack.text(key, language) if key and pack.has_text(key, language) else str(value)
