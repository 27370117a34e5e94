"""What day it is and what time: asked by stages and jobs only; the domain gets day and minute as arguments."""

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


def minute(zone: str = "America/New_York") -> float:
    """Minutes after midnight at the hub's place, by the clock on the wall."""
    now = datetime.now(ZoneInfo(zone))
    return now.hour * 60 + now.minute + now.second / 60
