"""Results in the words of a language: what binds, what would mend a target, where a plan breaks, names of places.

The texts are the pack's; here only numbers are put into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from jornada.domain.planning import windows
from jornada.domain.planning.scenario import COALITION, Scenario, Target

if TYPE_CHECKING:  # pages tell what was found: they need no solver for it
    from jornada.domain.planning.clashes import Mend
    from jornada.domain.planning.judging import Break, Judged
    from jornada.domain.planning.marginals import Marginal
    from jornada.domain.planning.timetable import Entry


class Teller:
    """Says things about one scenario in one language."""

    def __init__(self, scenario: Scenario, language: str) -> None:
        self.scenario, self.language = scenario, language
        self.texts = scenario.catalogue.wording[language]

    def text(self, key: str, **values: object) -> str:
        """The pack's text with values put in; the key itself where there is none, so that a gap can be seen."""
        return self.texts.get(key, key).format(**values)

    def label(self, name: str, **values: object) -> str:
        return self.text(f"labels.{name}", **values)

    def place(self, place: str) -> str:
        """A region by its own name, spaces for underscores; the coalition in words."""
        return self.label("everywhere") if place in (COALITION, "") else place.replace("_", " ").capitalize()

    def strategy(self, strategy: str) -> str:
        return self.text(f"strategies.{strategy}")

    def name(self, kind: str, name: str) -> str:
        """A limit, fund, resource or strategy as people call it; staff of one member with the member's name."""
        if kind == "in_all":
            return self.strategy(name)
        if kind in ("fund", "limit", "money"):
            return name.replace("_", " ")
        resource, _, member = name.partition(" of ")
        words = (
            self.texts.get(f"resources.{resource}")
            or self.texts.get(f"strategies.{resource}")
            or resource.replace("_", " ")
        )
        return f"{words} ({member.replace('_', ' ')})" if member else words

    def marginal(self, one: Marginal) -> str:
        """ "The binding limit in months 4–9 is … : one more serves 41 more people …" """
        more = self.texts.get(f"more.{one.name.partition(' of ')[0]}", self.text("more.unit"))
        return self.text(
            f"marginals.{one.kind}",
            first=one.first + 1,
            last=one.last + 1,
            name=self.name(one.kind, one.name),
            place=self.place(one.place),
            more=self.text("more.fund") if one.kind == "fund" else more,
            served=self.text("marginals.not_reckoned")
            if one.served is None
            else f"{max(0.0, one.served):.0f}",
            by=self.scenario.aims.served_by + 1,
            spared=f"{one.spared:,.1f}",
        )

    def mends(self, missed: Sequence[tuple[Target, float]], mends: Sequence[Mend]) -> list[str]:
        """What clashes and what would mend it, a line each; empty if every target is met."""
        if not missed:
            return []
        target = missed[0][0]
        values = {"share": f"{target.share:.0%}", "month": target.month + 1}
        if not mends:
            return [self.text("mends.none", **values)]
        return [self.text("mends.clash", **values), *(f"- {self._mend(one, values)}" for one in mends)]

    def _mend(self, one: Mend, values: dict[str, object]) -> str:
        amounts = {
            "money": f"{one.amount:,.0f}",
            "share": f"{one.amount:.0%}",
            "month": f"{one.amount + 1:.0f}",
        }
        kind = {"money": "money", "limits": "limit", "places": "resource"}.get(one.what, "")
        known = one.what == "limits" and one.name in self.scenario.catalogue.strategies
        name = self.name("in_all" if known else kind, one.name) if one.name else ""
        amount = amounts.get(one.what, f"{one.amount:,.1f}")
        return self.text(f"mends.{one.what}", name=name, place=self.place(one.place), amount=amount, **values)

    def decision(self, *alike: Entry) -> str:
        """ "To have 2 people at work by September 2028, apply by …": what is to be decided, by when, for what.

        Starts of one strategy that are decided and serve on the same days are told together, place by place.
        """
        one, strategy = alike[0], self.scenario.catalogue.strategies[alike[0].strategy]
        units, expected = sum(each.units for each in alike), sum(each.expected for each in alike)
        due = ""
        if strategy.programme:
            programme = self.scenario.catalogue.programmes[strategy.programme]
            due = f"{windows.cycle(programme, one.first_service.year - programme.years_later).due}"
        return self.text(
            f"decisions.{'programme' if due else 'uncertain' if expected < units else 'certain'}",
            strategy=self.strategy(one.strategy),
            place=self._places(alike),
            units=units,
            unit=self.text(f"units.{strategy.unit}"),
            expected=f"{expected:.1f}".removesuffix(".0"),
            first=self.month(one.first_service),
            late=self.month(one.late),
            day=one.decide_by,
            due=due,
        )

    def _places(self, alike: Sequence[Entry]) -> str:
        if len(alike) == 1:
            return self.place(alike[0].place)
        return ", ".join(f"{self.place(each.place)} ({each.units})" for each in alike)

    def month(self, day: date) -> str:
        """The month of a day with its year, in words."""
        return f"{self.text(f'months.{day.month}')} {day.year}"

    def broken(self, one: Break) -> str:
        return self.text(
            f"breaks.{one.what}",
            name=self.name("money" if one.what == "money" else "resource", one.name),
            place=self.place(one.place),
            month=one.month + 1,
            share=f"{one.share:.0%}",
        )

    def number(self, path: str) -> str:
        """An uncertain number by what it says; of a strategy's own ones the strategy and the field."""
        if f"numbers.{path}" in self.texts:
            return self.texts[f"numbers.{path}"]
        parts = path.split(".")
        field = next(
            (self.texts[f"fields.{part}"] for part in reversed(parts) if f"fields.{part}" in self.texts),
            parts[-1],
        )
        known = self.texts.get(f"strategies.{parts[1]}") if len(parts) > 1 else None
        return f"{known or parts[1 if len(parts) > 1 else 0].replace('_', ' ')}: {field}"

    def plan(self, name: str) -> str:
        return self.label(name) if name in ("do_nothing", "optimised") else name.replace("_", " ")

    def verdict(self, one: Judged) -> str:
        return self.text("breaks.often" if one.breaks_often else "breaks.holds")
