"""What a worker's answers come to in money: a first count, careful and full, from the same engine as the worksheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jornada.domain.facts import Answers
from jornada.domain.rulepacks import RulePack
from jornada.gateways import wagelaws, wagewords


@dataclass(frozen=True, slots=True)
class Estimate:
    """Sums as text in the worker's language; `missing` are the questions that the count still needs.

    `marked` says how much of it rests on rules that nobody verified, `late` what is out of time; `sums` are what the
    full count is made of. `wrong` names entries that could not be counted.
    """

    low: str = ""
    high: str = ""
    marked: str = ""
    late: str = ""
    sums: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def one(self) -> bool:
        """Whether the careful and the full count are the same."""
        return self.low == self.high


def estimate(pack: RulePack, answers: Answers, on: date, language: str) -> Estimate | None:
    """The first count for a wage pack's answers; None for a pack of another remedy."""
    found = wagelaws.reckoned(pack, answers, on)
    if found is None:
        return None
    wrong = tuple(wagewords.wrong(one, language) for one in found.wrong)
    if found.claim is None:
        return Estimate(missing=tuple(_asked(pack, fact, language) for fact in found.missing), wrong=wrong)
    low, high = found.sheets
    return Estimate(
        wagewords.money(low.total, language),
        wagewords.money(high.total, language),
        wagewords.money(high.unverified, language) if high.unverified else "",
        wagewords.money(high.late, language) if high.late else "",
        wagewords.sums(high, language),
        wrong=wrong + tuple(wagewords.left_out(left, language) for left in high.not_computed),
    )


def _asked(pack: RulePack, fact: str, language: str) -> str:
    """The question that asks for a fact."""
    question = next(one for one in pack.questions if fact in one.asks)
    return pack.text(f"questions.{question.id}.ask", language)
