"""What one more place, one more helper or one more language is worth: shadow prices, in people.

Each is found by letting the best flow move into what is added, and counting what that brings; for rounds whose mixes
or purses were kept exactly, by matching again. A price is what the whole round gains, not what one person gains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from jornada.domain.facts import Reason
from jornada.domain.matching.cards import Ints, Round, Source, above
from jornada.domain.matching.changes import Change, Trials, full_above, more_seats
from jornada.domain.matching.planned import NOBODY, Plan
from jornada.domain.matching.rings import Moving

_LOOKED_AT = 3
"""How many times as many sources are looked at as are told: what a place can be worth at most comes first."""
_COUNTED = ("people_served", "complex_full_scope", "deadlines_kept")


@dataclass(frozen=True, slots=True)
class Price:
    """What something added is worth: people served, complex ones and those near a deadline among them."""

    reason: Reason
    people: int
    complex_: int
    deadlines: int

    @property
    def order(self) -> tuple[int, int, int]:
        return -self.deadlines, -self.complex_, -self.people


class Pricing:
    """Prices in one plan."""

    def __init__(self, found: Plan) -> None:
        self.plan = found
        self.trials = Trials(found)
        try:
            self.moving: Moving | None = Moving(found.problem, found.sent)
        except ValueError:  # balances were kept exactly, so the flow alone is not the best there could be
            self.moving = None

    def seats(self, most: int = 10) -> tuple[Price, ...]:
        """What one more place is worth with each source where it is worth most (and under its full ceilings)."""
        at_most = [self._worth_at_most(place) for place in range(len(self.plan.given.sources))]
        found: list[Price] = []
        for place in sorted(range(len(at_most)), key=lambda one: (-at_most[one], one)):
            if at_most[place] == 0 or len(found) >= _LOOKED_AT * most:
                break
            if (price := self._seat(place)) is not None:
                found.append(price)
        return self._dearest(found, most)

    def _worth_at_most(self, place: int) -> int:
        """No less than one more place is worth, in the flow's own cost; anything where that is not known."""
        if self.moving is None:
            return 1
        return -sum(min(0, self.moving.change(arc)) for arc in self._way_up(place))

    def helpers(self, most: int = 10) -> tuple[Price, ...]:
        """What one more like each of the sources that are worth most would bring, with all of that one's places."""
        found = []
        for price in self.seats(most):
            source = str(price.reason.values["source"])
            if (helper := self._helper(source)) is not None:
                found.append(helper)
        return self._dearest(found, most)

    def languages(self, most: int = 5) -> tuple[Price, ...]:
        """What a language more would bring at those sources where it keeps most people out, and nothing else does."""
        found = []
        for (place, language), _ in self._kept_out().most_common(most):
            source = self.plan.given.sources[place]
            spoken = replace(source, languages=source.languages | {language})
            told = Reason("language", {"source": source.id, "language": language})
            change = Change(told, ("language", source.id, language), _with(spoken))
            gained = self._difference(self.trials.after(change))
            if gained is not None and gained.any():
                found.append(self._price(told, gained))
        return self._dearest(found, most)

    def _dearest(self, found: Sequence[Price], most: int) -> tuple[Price, ...]:
        return tuple(sorted(found, key=lambda one: (one.order, str(one.reason.values["source"])))[:most])

    # --- places -----------------------------------------------------------------------------------------

    def _seat(self, place: int) -> Price | None:
        source = self.plan.given.sources[place]
        gained = self._gained(place, 1)
        if gained is None or not gained.any():
            return None
        full = [one.id for one in full_above(self.plan, place)]
        return self._price(Reason("seat", {"source": source.id, "within": full}), gained)

    def _helper(self, name: str) -> Price | None:
        place = next(n for n, one in enumerate(self.plan.given.sources) if one.id == name)
        source = self.plan.given.sources[place]
        seats = source.seats + source.held
        gained = self._gained(place, seats)
        if gained is None or not gained.any():
            return None
        key = "helper_each" if source.period else "helper"
        values = {"source": source.id, "seats": seats, "languages": sorted(source.languages)}
        if source.period:
            values["period"] = source.period
        return self._price(Reason(key, values), gained)

    def _price(self, told: Reason, gained: Ints) -> Price:
        people, complex_, deadlines = (int(one) for one in gained)
        values = {**told.values, "people": people, "complex": complex_, "deadlines": deadlines}
        return Price(Reason(told.key, values, told.source), people, complex_, deadlines)

    def _gained(self, place: int, seats: int) -> Ints | None:
        """How many more people so many places bring, counted as in `Price`."""
        if self.moving is None:
            return self._difference(self.trials.after(more_seats(self.plan, place, seats)))
        arcs = self._way_up(place)
        saved, before = self.moving.saved(), self.moving.values()
        for arc in reversed(arcs):
            self.moving.more(arc, seats)
        gained = before - self.moving.values()
        self.moving.restore(saved)
        order = self.plan.aims.order
        return np.array([gained[order.index(aim)] for aim in _COUNTED], dtype=np.int64)

    def _way_up(self, place: int) -> list[int]:
        """The arcs from a source to the end."""
        net, given = self.plan.network, self.plan.given
        numbers = {one.id: number for number, one in enumerate(given.ceilings)}
        chain = above(given.sources[place].within, {one.id: one for one in given.ceilings})
        nodes = [net.first["source"] + place, *(net.first["ceiling"] + numbers[one.id] for one in chain)]
        return [int(net.upward[node]) for node in nodes]

    def _difference(self, after: Plan) -> Ints | None:
        values = [{one.aim: one.value for one in found.reached} for found in (self.plan, after)]
        return np.array([values[1][aim] - values[0][aim] for aim in _COUNTED], dtype=np.int64)

    # --- languages --------------------------------------------------------------------------------------

    def _kept_out(self) -> Counter[tuple[int, str]]:
        """People without a place by source and language, where nothing but the language keeps them from it."""
        kinds, people = self.plan.kinds, self.plan.people
        rules = [
            n for n, rule in enumerate(self.plan.pack.rules) if (rule.would_change or ("", ""))[0] == "speaks"
        ]
        left = (self.plan.place == NOBODY) & people.here
        waiting = np.bincount(kinds.of_person[left], minlength=len(kinds.example))
        found: Counter[tuple[int, str]] = Counter()
        for kind in np.flatnonzero(waiting).tolist():
            alone = (kinds.obstacles[:, kind] == 1) & np.isin(kinds.blame[:, kind], rules)
            for language in people.value("languages", int(kinds.example[kind])) or ():
                for place in np.flatnonzero(alone).tolist():
                    found[place, language] += int(waiting[kind])
        return found


def _with(changed: Source) -> Callable[[Round], Round]:
    return lambda given: replace(
        given, sources=[changed if one.id == changed.id else one for one in given.sources]
    )
