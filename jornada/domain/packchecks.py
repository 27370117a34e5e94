"""Whole-pack checks (stub while being written)."""

from __future__ import annotations

from jornada.domain.located import PackError
from jornada.domain.packparts import RulePack


def check(pack: RulePack) -> list[PackError]:
    return []
