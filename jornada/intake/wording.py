"""The words of the worker's own pages, by language: what rule packs do not say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("wording")
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def words(language: str) -> Mapping[str, Any]:
    """All words of a language as nested mappings; KeyError for a language that is not offered."""
    if language not in LANGUAGES:
        raise KeyError(f"There is no wording for {language!r}: add jornada/intake/wording/{language}.yaml")
    found = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def text(language: str, key: str, **values: Any) -> str:
    """The text of a dotted key with its places filled; KeyError names the key that is missing."""
    found: Any = words(language)
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise KeyError(f"There is no text {key!r}: add it to jornada/intake/wording/{language}.yaml")
        found = found[part]
    return str(found).format(**values) if values else str(found)


def written_day(language: str, day: date) -> str:
    """A day as people write it: November 23, 2026; 23 de noviembre de 2026."""
    month = words(language)["months"][day.month - 1]
    if language == "es":
        return f"{day.day} de {month} de {day.year}"
    return f"{month} {day.day}, {day.year}"


def written_date(language: str, value: str) -> str:
    """A remembered date (2013, 2013-05, 2013-05-02) as people write it."""
    parts = value.split("-")
    if len(parts) == 3:
        return written_day(language, date.fromisoformat(value))
    if len(parts) == 2:
        month = words(language)["months"][int(parts[1]) - 1]
        return f"{month} {'de ' if language == 'es' else ''}{parts[0]}"
    return value
