"""Clinic days and their events from files: read with the pack they name."""

from __future__ import annotations

import re
from pathlib import Path

from jornada.domain.clinic.day import ClinicDay
from jornada.domain.clinic.dayfile import DayFile, EventsFile, parse_day, parse_events
from jornada.domain.clinic.template import Template
from jornada.domain.located import PackError, PackErrors
from jornada.gateways import packfiles

KIND = "clinic"
_PACK = re.compile(r"^pack:\s*[\"']?([\w-]+)", re.MULTILINE)


def load_template(name: str = KIND, folder: Path | None = None) -> Template:
    """The clinic pack of that name; NoSuchPack lists those there are, PackErrors say what is wrong with it."""
    if name not in packfiles.available(folder, KIND):
        known = ", ".join(packfiles.available(folder, KIND)) or "none"
        raise packfiles.NoSuchPack(f"There is no clinic pack {name!r}: known are {known}")
    found: Template = packfiles.load_any(name, folder)
    return found


def load_day(path: Path, folder: Path | None = None) -> tuple[DayFile, Template]:
    """The clinic day in that file and the pack it names (`pack:`, else `clinic`)."""
    text = _text(path)
    named = _PACK.search(text)
    template = load_template(named[1] if named else KIND, folder)
    return parse_day(path.name, text, template), template


def load_events(path: Path, day: ClinicDay, template: Template, language: str = "en") -> EventsFile:
    """The events in that file."""
    return parse_events(path.name, _text(path), day, template, language)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        wrong = PackError(path.name, 1, "the file is not UTF-8 text", "Save it as UTF-8")
        raise PackErrors((wrong,)) from None
