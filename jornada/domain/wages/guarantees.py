"""Rules on hours and rates that stand beside the weekly count: guarantees, hospital overtime, prevailing wages.

No pack lists them yet; an advocate's check and the worked examples of the notes use them.
"""

from __future__ import annotations

from collections.abc import Sequence

from jornada.domain.wages import Fraction


def guaranteed_hours(weeks: int, weekly_hours: int, free_hours: int = 0) -> Fraction:
    """Three fourths of the hours of the contract, holidays and the like left out (20 CFR 655.122(i); WHD fact
    sheets 26E and 78E; notes, W-23 and S-05)."""
    return Fraction(3, 4) * (weeks * weekly_hours - free_hours)


def hospital_overtime(daily_hours: Sequence[Fraction]) -> Fraction:
    """Overtime hours of fourteen days under the 8 and 80 rule: over eight in a day or eighty in all, whichever is
    more (29 USC 207(j); WHD fact sheet 54; notes, S-08)."""
    over_eight = sum((max(Fraction(0), hours - 8) for hours in daily_hours), Fraction(0))
    return max(over_eight, sum(daily_hours, Fraction(0)) - 80)


def prevailing_wage_met(basic: Fraction, fringe: Fraction, cash: Fraction, benefits: Fraction) -> bool:
    """Whether cash and benefits together reach the basic rate and the fringe (WHD fact sheet 66E; notes, S-04)."""
    return cash + benefits >= basic + fringe
