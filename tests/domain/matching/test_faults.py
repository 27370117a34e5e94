"""A round that cannot be matched is refused with everything that is wrong, each by name and with a mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from jornada.domain.conditions import NotInForce
from jornada.domain.matching import (
    Ceiling,
    Expectation,
    Mix,
    Purse,
    Round,
    RoundFaults,
    plan,
)
from jornada.domain.matching.faults import faults
from tests.domain.matching.rounds import COMPLEX, DAY, OTHERS, pack, pairs, person, provider, source

PACK = pack()
ANA, DANA = person("ana"), source("dana", within="riverbend")
RIVERBEND = provider("riverbend")


def told(**parts: Any) -> str:
    given = Round(**{"people": [ANA], "sources": [DANA], "ceilings": [RIVERBEND], **parts})
    return "\n".join(str(fault) for fault in faults(given, PACK))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"people": [ANA, ANA]}, "person 'ana': the id is given twice (a person has it)"),
        ({"sources": [DANA, replace(DANA, id="ana")]}, "source 'ana': the id is given twice (a person has it)"),
        ({"sources": [replace(DANA, seats=-1)]}, "source 'dana': seats is -1, below zero. Write 0 or more"),
        ({"ceilings": [replace(RIVERBEND, seats=-3)]}, "ceiling 'riverbend': seats is -3, below zero"),
        ({"ceilings": []}, "source 'dana': there is no ceiling 'riverbend'"),
        (
            {"ceilings": [Ceiling("riverbend", within="marta"), Ceiling("marta", within="riverbend")]},
            "ceilings stand over each other in a ring: riverbend → marta → riverbend",
        ),
        (
            {"people": [replace(ANA, facts={"shoe_size": "7"})]},
            "person 'ana': unknown fact 'shoe_size'. Known here:",
        ),
        (
            {"people": [replace(ANA, facts={"lsc_category": "perhaps"})]},
            "person 'ana': 'perhaps' is no value of lsc_category",
        ),
        (
            {"sources": [replace(DANA, facts={"funding": ["lsc"]})]},
            "funding binds the whole provider, not one source. Write it at the outermost ceiling",
        ),
        ({"sources": [replace(DANA, facts={"state": "NC"})]}, "state binds the whole person, not one source"),
        ({"people": [replace(ANA, need="advice")]}, "person 'ana': unknown need 'advice'. Known here: full"),
        ({"sources": [replace(DANA, kind="wizard")]}, "source 'dana': unknown kind 'wizard'"),
        ({"sources": [replace(DANA, credentials=frozenset({"judge"}))]}, "unknown credentials 'judge'"),
        ({"locks": pairs(("bashir", "dana"))}, "lock 'bashir': there is no person 'bashir'"),
        ({"locks": pairs(("ana", "rosa"))}, "lock 'ana': there is no source 'rosa'"),
        ({"locks": pairs(("ana", "dana")), "rejections": pairs(("ana", "dana"))}, "locked with dana and rejected"),
        ({"mixes": [Mix("mix", "nowhere", COMPLEX, OTHERS, Fraction(1))]}, "no source or ceiling 'nowhere'"),
        ({"mixes": [Mix("mix", "dana", COMPLEX, OTHERS, Fraction(0))]}, "mix 'mix': the ratio is 0"),
        ({"purses": [Purse("gift", -5, {"rosa": 1})]}, "purse 'gift': budget is -5, below zero"),
        ({"purses": [Purse("gift", 5, {"rosa": 1})]}, "purse 'gift': there is no source 'rosa'"),
        (
            {"expectations": [Expectation("x", ANA, Fraction(1), DAY, DAY - timedelta(days=2))]},
            "expectation 'x': fewer than none, or ends before it begins",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_mend(parts: dict[str, Any], said: str) -> None:
    assert said in told(**parts)


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = Round([ANA, ANA], [replace(DANA, seats=-1, kind="wizard")], [])
    with pytest.raises(RoundFaults) as refused:
        plan(wrong, PACK, on=DAY)
    assert {fault.part for fault in refused.value.faults} == {"id", "seats", "kind", "within"}


def test_a_whole_round_has_no_fault() -> None:
    assert told() == ""


def test_on_a_day_for_which_nobody_confirmed_an_order_of_aims_nothing_is_matched() -> None:
    with pytest.raises(NotInForce, match="the order of aims is not in force on 2030-01-01"):
        plan(Round([ANA], [DANA], [RIVERBEND]), PACK, on=DAY.replace(year=2030, month=1, day=1))
