"""The wage laws among the packs on disk, and the words for what they find."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jornada.domain.packparts import RulePack
from jornada.domain.vocabulary import Fact
from jornada.domain.wages import lawfile
from jornada.domain.wages.lawbook import Law
from jornada.gateways import packfiles

FEDERAL = "us-federal-wages"


def packs() -> dict[str, RulePack]:
    """Every pack with a wage law, by name."""
    found = {name: packfiles.load(name) for name in packfiles.available()}
    return {name: pack for name, pack in found.items() if lawfile.FILE in pack.located}


def laws() -> tuple[Law, ...]:
    """All wage laws at hand, federal law first."""
    found = [_law(pack) for pack in packs().values()]
    return tuple(sorted(found, key=lambda law: (bool(law.state), law.name)))


def law(pack: RulePack) -> Law | None:
    """The wage law of one pack; None for a pack without."""
    return _law(pack) if lawfile.FILE in pack.located else None


_KEPT: dict[str, Law] = {}


def _law(pack: RulePack) -> Law:
    if pack.fingerprint not in _KEPT:
        _KEPT[pack.fingerprint] = lawfile.law_of(pack)
    return _KEPT[pack.fingerprint]


def for_state(state: str) -> tuple[Law, ...]:
    """Federal law, and the state's where there is a pack for it."""
    return tuple(one for one in laws() if one.state in ("", state))


def facts() -> Mapping[str, Fact]:
    """Every fact that some wage pack knows."""
    return {name: fact for pack in packs().values() for name, fact in pack.facts.items()}


def choices() -> Mapping[str, tuple[Any, ...]]:
    """The answers that each fact with few of them may have."""
    return {
        name: fact.options or ("yes", "no")
        for name, fact in facts().items()
        if fact.kind in ("yes_no", "choice")
    }


@lru_cache(maxsize=8)
def _words(language: str) -> RulePack:
    return packfiles.load(FEDERAL)


def text(key: str, language: str, **values: Any) -> str:
    """A word of worksheets and letters; they are the same in every wage pack."""
    return _words(language).text(key, language, **values)
