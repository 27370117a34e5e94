"""What day it is: asked by views, commands and jobs only; the domain gets the day as an argument."""

from __future__ import annotations

import os
from datetime import date, datetime
from zoneinfo import ZoneInfo


def today(zone: str = "America/New_York") -> date:
    """The legal day at the hub's place, or the day a rehearsal stands on (JORNADA_DAY)."""
    day = rehearsed()
    return date.fromisoformat(day) if day else datetime.now(ZoneInfo(zone)).date()


def rehearsed() -> str:
    """The day that this hub rehearses, as 2026-11-23; empty in service."""
    return os.environ.get("JORNADA_DAY", "")
