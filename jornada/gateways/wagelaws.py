"""The wage laws among the packs on disk, and the words for what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from jornada.domain.packparts import RulePack
from jornada.domain.vocabulary import Fact
from jornada.domain.wages import claims, lawfile
from jornada.domain.wages.answers import REGIONS, claim_of
from jornada.domain.wages.hours import HoursWrong
from jornada.domain.wages.lawbook import Law
from jornada.domain.wages.worksheet import Claim, Worksheet
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


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A claim with its careful and full worksheets; without a claim `missing` names the facts that it still needs.

    `wrong` are entries of hours that cannot be.
    """

    employer: str
    state: str
    claim: Claim | None = None
    low: Worksheet | None = None
    high: Worksheet | None = None
    missing: tuple[str, ...] = ()
    wrong: tuple[HoursWrong, ...] = ()

    @property
    def laws(self) -> tuple[Law, ...]:
        """The laws that were applied."""
        return for_state(self.state)

    @property
    def sheets(self) -> tuple[Worksheet, Worksheet]:
        """Careful and full; for a claim only."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high


def reckoned(pack: RulePack, answers: Mapping[str, Any], on: date, forum: str = "agency") -> Reckoned | None:
    """What answers to a wage pack's interview come to on that day; None for a pack of another remedy."""
    own = law(pack)
    if own is None:
        return None
    told = claim_of(answers, own.state, own.zone)
    if told.claim is None:
        return Reckoned(told.employer, told.state, missing=told.missing, wrong=told.wrong)
    low, high = claims.reckon(told.claim, for_state(told.state), on, forum=forum)
    return Reckoned(told.employer, told.state, told.claim, low, high, (), told.wrong)


def what_changes(
    pack: RulePack, answers: Mapping[str, Any], on: date, forum: str = "agency"
) -> tuple[claims.Change, ...]:
    """The totals under each other answer that would move them, fact by fact: what the rules read, never what to say.

    Looks at the facts with few answers that some law turns on, the place and the size of the business among them.
    """
    before = reckoned(pack, answers, on, forum)
    if before is None or before.claim is None:
        return ()
    totals = tuple(sheet.total for sheet in before.sheets)
    turning = {fact for one in before.laws for fact in one.facts} | {*REGIONS, "employees_band"}
    found = []
    for fact, values in choices().items():
        for value in values if fact in turning and fact in pack.facts else ():
            if value == answers.get(fact):
                continue
            other = reckoned(pack, {**answers, fact: value}, on, forum)
            assert other is not None
            low, high = (sheet.total for sheet in other.sheets)
            if (low, high) != totals:
                found.append(claims.Change(fact, value, low, high))
    return tuple(found)


@lru_cache(maxsize=8)
def _words(language: str) -> RulePack:
    return packfiles.load(FEDERAL)


def text(key: str, language: str, **values: Any) -> str:
    """A word of worksheets and letters; they are the same in every wage pack."""
    return _words(language).text(key, language, **values)
