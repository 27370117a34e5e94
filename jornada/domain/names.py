"""Names and telephones as keys: what is compared when nobody may see the name itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import combinations
from typing import Any

_NOISE = frozenset(
    {"inc", "llc", "corp", "co", "ltd", "company", "the", "de", "del", "la", "los", "las", "y", "and"}
)
_MOST_PARTS = 6


def name_keys(name: str) -> frozenset[str]:
    """Every key under which a name may be found: all its words, and each pair of them, without order or accents.

    People with two family names are written with one or both; a business with or without "Inc.". A single word makes
    no key of a person's name: it would find too many.
    """
    words = sorted(set(_words(name)))[:_MOST_PARTS]
    if len(words) < 2:
        return frozenset({" ".join(words)} if words and len(words[0]) > 3 else ())
    return frozenset({" ".join(words), *(" ".join(pair) for pair in combinations(words, 2))})


def full_name(value: Any) -> str:
    """A name given in parts, as one text."""
    parts = value if isinstance(value, Mapping) else {}
    return " ".join(str(parts[part]) for part in ("given", "middle", "family") if parts.get(part))


def phone_key(phone: str) -> str:
    """The digits that tell a number in the United States from another: the last ten; "" for fewer."""
    digits = re.sub(r"\D", "", phone)
    return digits[-10:] if len(digits) >= 10 else ""


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return [word for word in letters.split() if word not in _NOISE]
