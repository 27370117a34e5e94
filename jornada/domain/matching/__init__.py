"""Matching: people who wait and sources of help, by hard rules as data and aims in order.

`match` for a round that people read through, `plan` for a large one, `look_ahead` for one with expected arrivals,
`Standing` for a plan that is kept up while people come and go. What goes in is in `cards`; the rules and the order
of aims are in the pack of restrictions. See docs/decisions/0012-matching.md.
"""

from jornada.domain.matching.cards import (
    Ceiling,
    Column,
    Crowd,
    Expectation,
    Mix,
    Pair,
    Person,
    Purse,
    Round,
    Source,
    Travel,
)
from jornada.domain.matching.explaining import (
    Difference,
    Explaining,
    LeftOut,
    Match,
    Matching,
    Near,
    difference,
    match,
    outcome,
)
from jornada.domain.matching.faults import Fault, RoundFaults
from jornada.domain.matching.lookahead import LookAhead, look_ahead
from jornada.domain.matching.planned import Plan, Reached, plan
from jornada.domain.matching.prices import Price, Pricing
from jornada.domain.matching.standing import Answer, NotStanding, Standing

__all__ = [
    "Answer",
    "Ceiling",
    "Column",
    "Crowd",
    "Difference",
    "Expectation",
    "Explaining",
    "Fault",
    "LeftOut",
    "LookAhead",
    "Match",
    "Matching",
    "Mix",
    "Near",
    "NotStanding",
    "Pair",
    "Person",
    "Plan",
    "Price",
    "Pricing",
    "Purse",
    "Reached",
    "Round",
    "RoundFaults",
    "Source",
    "Standing",
    "Travel",
    "difference",
    "look_ahead",
    "match",
    "outcome",
    "plan",
]
