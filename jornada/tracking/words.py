"""Fixed words about where a request stands, by language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from jornada.intake import wording

if TYPE_CHECKING:
    from jornada.domain.rulepacks import RulePack
    from jornada.tracking.models import WorkerNotice

FOLDER = Path(__file__).with_name("wording")


@cache
def _words(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return found


def status(language: str) -> Mapping[str, str]:
    """The words of the status page; KeyError for a language that is not offered."""
    found: Mapping[str, str] = _words(language)["status"]
    return found


def told(notices: Iterable[WorkerNotice], language: str) -> list[dict[str, Any]]:
    """Notices in words, with the day each was written and the day it is about."""
    return [
        {
            "words": _words(language)["notices"][one.key],
            "key": one.key,
            "at": wording.written_day(language, one.recorded_at.date()),
            "about": wording.written_day(language, one.about_on) if one.about_on else "",
        }
        for one in notices
    ]


def event(kind: str, language: str = "en") -> str:
    """An event in words; its key where the wording has none."""
    return str(_words(language)["events"].get(kind, kind.replace("_", " ")))


def event_kinds(pack: RulePack) -> list[tuple[str, str]]:
    """The events from which the pack counts deadlines, by name."""
    kinds = {rule.start[1] for rule in pack.deadlines if rule.start[0] == "event"}
    return sorted(((kind, event(kind)) for kind in kinds), key=lambda one: one[1])
