"""One run of the planner: which plans it lives through, what it searches, what it compares, where it is ended."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from jornada.domain.planning.optimiser import Progress
from jornada.domain.planning.scenario import Plan
from jornada.gateways import planruns, solving
from jornada.gateways.planruns import Asked, Watch, work
from tests.domain.small_scenario import read, shipped

QUICK = Asked(replications=20, search=False, tornado=False)


def test_only_the_plans_named_are_lived_through_and_only_the_pair_named_is_compared() -> None:
    asked = Asked(
        replications=20,
        search=False,
        tornado=False,
        plans=("by_hand", "nowhere"),
        compare=(("do_nothing", "by_hand"),),
    )
    found = work(shipped("small"), asked, Watch())
    assert list(found.judged) == ["do_nothing", "by_hand"]
    assert [(one.first, one.second) for one in found.compared] == [("do_nothing", "by_hand")]
    assert found.optimised is None
    assert found.bars == ()


def test_unless_told_otherwise_every_plan_is_compared_with_the_best() -> None:
    found = work(shipped("small"), QUICK, Watch())
    assert [one.first for one in found.compared] == ["do_nothing", "by_hand"]
    assert {one.second for one in found.compared} == {list(found.judged)[-1]}


def test_several_cautions_find_a_plan_each_and_the_first_one_counts() -> None:
    parts: list[tuple[str, str]] = []
    asked = Asked(seconds=5, gap=0.5, cautions=(0.8,), replications=20, tornado=False)
    found = work(
        read(),
        asked,
        Watch(plan=lambda stage, name, done: parts.append((stage, name)) if done == 0 else None),
    )
    assert list(found.judged)[-2:] == ["optimised", "optimised_80"]
    assert [name for stage, name in dict.fromkeys(parts) if stage == "searching"] == [
        "optimised",
        "optimised_80",
    ]
    assert {one.second for one in found.compared} == {"optimised"}


def test_a_run_ended_before_any_plan_is_lived_through_has_nothing_and_says_so() -> None:
    found = work(shipped("small"), QUICK, Watch(going=lambda: False))
    assert (found.judged, found.compared, found.bars) == ({}, (), ())


@pytest.mark.parametrize("equal_to", ["", "by_hand"])
def test_as_cheaply_as_may_be_is_another_aim_of_the_search_alone(equal_to: str) -> None:
    aims: list[str] = []
    small = shipped("small")

    def searched(scenario: object, **_: object) -> None:
        aims.append("as asked" if scenario == small else "another")

    with patch.object(solving, "optimise", searched):
        found = work(small, Asked(replications=20, tornado=False, equal_to=equal_to), Watch())
    assert aims == ["another" if equal_to else "as asked"]
    assert found.scenario == small


def test_a_search_is_heard_of_before_it_ends() -> None:
    heard: list[Progress] = []
    steps: list[str] = []
    found = work(
        read(),
        Asked(seconds=5, gap=0.5, replications=20, tornado=False),
        Watch(step=lambda stage, done: steps.append(stage), better=heard.append),
        start=Plan("begun"),
    )
    assert found.optimised is not None
    assert heard
    assert list(dict.fromkeys(steps)) == ["searching", "judging", "tornado"]
    assert planruns.OPTIMISED in found.judged
