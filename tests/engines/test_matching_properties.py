"""What holds for every small round: against trying every plan, and against matching the whole round again."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import assume, given, settings

from jornada.domain.matching import NotStanding, Person, Pricing, Round, Standing, plan
from jornada.domain.matching.changes import Trials, more_seats
from jornada.domain.matching.explaining import Explaining
from jornada.domain.matching.planned import NOBODY
from tests.domain.matching.rounds import DAY, PEOPLE, Trying, costs, pack, pairs, placed, rounds

PACK = pack()


@settings(max_examples=100, deadline=None)
@given(rounds(mixed=True))
def test_nor_where_ratios_and_purses_must_be_kept(given: Round) -> None:
    found, trying = plan(given, PACK, on=DAY), Trying(given, PACK)
    assert found.proven
    assert trying.within(placed(found))
    assert costs(found) == trying.worth(placed(found)) == trying.best()


@settings(max_examples=100, deadline=None)
@given(rounds(mixed=True))
def test_the_order_in_which_people_and_sources_are_given_changes_nothing(given: Round) -> None:
    shuffled = replace(
        given,
        people=Random(1).sample(list(given.people), len(given.people)),  # type: ignore[arg-type]
        sources=Random(2).sample(list(given.sources), len(given.sources)),
    )
    assert placed(plan(given, PACK, on=DAY)) == placed(plan(shuffled, PACK, on=DAY))


@settings(max_examples=100, deadline=None)
@given(rounds())
def test_whoever_is_locked_where_she_was_proposed_changes_nothing_for_the_others(given: Round) -> None:
    before = placed(plan(given, PACK, on=DAY))
    if before:
        first = next(iter(before.items()))
        locked = plan(replace(given, locks=pairs(first)), PACK, on=DAY)
        assert placed(locked)[first[0]] == first[1]
        assert Trying(given, PACK).worth(placed(locked)) == Trying(given, PACK).best()


@settings(max_examples=100, deadline=None)
@given(rounds())
def test_each_change_that_is_named_gives_her_a_place(given: Round) -> None:
    found = plan(given, PACK, on=DAY)
    explaining, trials = Explaining(found), Trials(found)
    for number in [n for n, place in enumerate(found.place) if place == NOBODY]:
        person_id = str(found.people.ids[number])
        told = explaining.left_out(person_id)
        assert told.nearest or not given.sources
        for place, near in [(p, n) for n in told.nearest for p in [_place(found.given, n.source)]]:
            change = explaining._change(person_id, place, near)
            if change is not None:
                assert change.reason in told.changes
                assert trials.after(change).source_of(person_id) is not None


def _place(given: Round, name: str) -> int:
    return next(number for number, one in enumerate(given.sources) if one.id == name)


@settings(max_examples=100, deadline=None)
@given(rounds())
def test_the_price_of_a_place_is_what_matching_again_with_it_brings(given: Round) -> None:
    found = plan(given, PACK, on=DAY)
    pricing = Pricing(found)
    for price in pricing.seats():
        place = _place(found.given, str(price.reason.values["source"]))
        again = Trials(found).after(more_seats(found, place, 1))
        people = found.aims.order.index("people_served")
        assert again.reached[people].value - found.reached[people].value == price.people


@settings(max_examples=100, deadline=None)
@given(rounds(), PEOPLE, PEOPLE)
def test_after_each_arrival_and_withdrawal_all_aims_are_as_if_matched_anew(
    given: Round, first: Person, second: Person
) -> None:
    found = Standing(plan(given, PACK, on=DAY))
    people = list(given.people)  # type: ignore[arg-type]
    for number, one in enumerate((first, second)):
        arrival = replace(one, id=f"new {number}", arranged_with="")
        try:
            found.arrive(arrival)
        except NotStanding:  # nobody like her is counted there yet: the caller matches the whole round again
            assume(False)
        people.append(arrival)
        assert tuple(found.moving.values()) == costs(plan(replace(given, people=people), PACK, on=DAY))
    for name in [one.id for one in given.people][:2]:  # type: ignore[union-attr]
        found.withdraw(name)
        people = [one for one in people if one.id != name]
        assert tuple(found.moving.values()) == costs(plan(replace(given, people=people), PACK, on=DAY))
