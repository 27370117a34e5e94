"""Why a person was matched or not, in keys and values: what speaks for a pair, what is in its way, what is open.

The same rules as in the tables of `eligibility`, looked at pair by pair; texts for the keys are in the pack of
restrictions. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from jornada.domain.facts import Reason
from jornada.domain.matching.cards import NEVER, Ceiling, Source, above, plain, source_facts
from jornada.domain.matching.eligibility import needed
from jornada.domain.matching.planned import NOBODY, Plan
from jornada.domain.restrictions import Restriction, Verdict, verdicts


class Pairing:
    """One person of a plan with one of its sources."""

    def __init__(self, found: Plan, person: int, place: int) -> None:
        self.plan, self.person, self.place = found, person, place
        self.source: Source = found.given.sources[place]
        ceilings = {one.id: one for one in found.given.ceilings}
        self.above: tuple[Ceiling, ...] = above(self.source.within, ceilings)
        self.card = facts_of(found, person)
        self.facts = {**source_facts(self.source, self.above, found.on), **self.card}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return verdicts(self.plan.pack, self.facts, self.plan.on)

    # --- what is in the way ---------------------------------------------------------------------------

    def obstacles(self) -> tuple[Reason, ...]:
        """Every hard rule that forbids the pair; none: only free places are another matter."""
        return tuple([*self._own_obstacles(), *self._ruled_out()])

    def _own_obstacles(self) -> Iterator[Reason]:
        source, where = self.source, {"source": self.source.id}
        if not self.plan.sources.names[self.place].isdisjoint(self.card.get("not_with") or ()):
            yield Reason("kept_apart", where)
        need = needed(self.card, self.plan.aims)
        if need not in source.gives:
            key = "needs_full_scope" if need == "full" else "does_not_give"
            yield Reason(key, {**where, "need": need})
        home = str(self.card.get("place") or "")
        if source.places and home and home not in source.places:
            yield Reason("out_of_area", {**where, "place": home})
        yield from self._too_late()

    def _too_late(self) -> Iterator[Reason]:
        day, where = self.source.available_on, {"source": self.source.id}
        if day is None:
            return
        if self.source.held_on is not None and self.source.held_on < self.plan.on:
            yield Reason("clinic_over", {**where, "held_on": day.isoformat()})
        days = int(self.plan.people.deadline_in[self.person])
        if days < NEVER and (day - self.plan.on).days >= days:
            deadline = self.plan.on + timedelta(days=days)
            yield Reason("after_deadline", {**where, "deadline_on": deadline.isoformat()})
        arrives = self.plan.people.arrives_in
        if arrives is not None and (day - self.plan.on).days < arrives[self.person]:
            yield Reason("before_arrival", {**where, "held_on": day.isoformat()})

    def _ruled_out(self) -> Iterator[Reason]:
        for told in self.verdicts:
            closed = told.bearing == "limits" and self._quota(told.rule) == 0
            if told.bearing == "forbids" or closed:
                yield self._reason(told.rule)

    def _quota(self, rule: Restriction) -> int:
        return self.plan.pack.quota(rule, self.source.seats, self.plan.on)

    def _reason(self, rule: Restriction) -> Reason:
        values = {name: said(self.facts.get(fact)) for name, fact in rule.values.items()}
        return Reason(
            rule.reason, {"source": self.source.id, "rule": rule.id, **values}, (rule.sources or (None,))[0]
        )

    # --- what a person must settle first ----------------------------------------------------------------

    def flags(self) -> tuple[Reason, ...]:
        """What must be looked at or asked before the pair is offered; all missing facts together, with their rules."""
        told = self.verdicts
        found = [self._reason(one.rule) for one in told if one.bearing == "flags"]
        lapsed = [one.rule.id for one in told if one.bearing == "open" and one.lapsed]
        found += [Reason("rule_not_confirmed", {"source": self.source.id, "rule": rule}) for rule in lapsed]
        open_ = [one for one in told if one.bearing == "open" and not one.lapsed]
        if open_:
            facts = dict.fromkeys(fact for one in open_ for fact in one.missing)
            rules = [one.rule.id for one in open_]
            found.append(
                Reason("not_yet_known", {"source": self.source.id, "facts": list(facts), "rules": rules})
            )
        return tuple(found)

    # --- what speaks for it -----------------------------------------------------------------------------

    def speaks_for(self) -> tuple[Reason, ...]:
        """What speaks for an allowed pair, in the order of the rules it passed."""
        return tuple([*self._scope(), *self._language(), *self._place(), *self._care()])

    def _scope(self) -> Iterator[Reason]:
        need = needed(self.card, self.plan.aims)
        keys = {"full": "takes_full_scope", "limited": "fits_limited_scope"}
        yield Reason(keys.get(need, "gives"), {} if need in keys else {"need": need})

    def _language(self) -> Iterator[Reason]:
        common = sorted(set(self.card.get("languages") or ()) & self.source.languages)
        if common:
            yield Reason("speaks", {"languages": common})
        elif self.card.get("brings_interpreter") == "yes":
            yield Reason("brings_interpreter", {})
        elif self.source.interpreter == "in_house" and self.card.get("languages"):
            yield Reason("has_interpreter", {"languages": list(self.card["languages"])})

    def _place(self) -> Iterator[Reason]:
        place = str(self.card.get("place") or "")
        if place and place == self.source.home:
            yield Reason("serves_place" if self.source.places else "at_home", {"place": place})
        elif place:
            yield Reason("serves_place" if self.source.places else "serves_anywhere", {"place": place})

    def _care(self) -> Iterator[Reason]:
        if self.card.get("level") in self.plan.aims.complex_levels:
            yield Reason("may_carry_complex", {})
        days = int(self.plan.people.deadline_in[self.person])
        if days <= self.plan.aims.near_days and days < NEVER:
            yield Reason(
                "before_deadline", {"deadline_on": (self.plan.on + timedelta(days=days)).isoformat()}
            )
        if self.plan.people.value("arranged_with", self.person) == self.source.id:
            yield Reason("stays", {})
        if self.plan.locked[self.person]:
            yield Reason("locked", {})
        for told in self.verdicts:
            if told.bearing == "limits" and self._quota(told.rule) > 0:
                yield Reason("counts_among", {"rule": told.rule.id, "most": self._quota(told.rule)})


def facts_of(found: Plan, person: int) -> dict[str, Any]:
    """One person's facts as conditions see them."""
    return {name: found.people.value(name, person) for name in found.people.columns}


def said(value: Any) -> Any:
    """A fact as it goes into a text's place: lists stay lists, what is missing is an empty text."""
    if value is None:
        return ""
    return list(value) if isinstance(value, tuple) else value


def pairing(found: Plan, person: str) -> Pairing | None:
    """The person's own proposal; None if she has none. KeyError for an unknown person."""
    number = found.index[person]
    place = int(found.place[number])
    return None if place == NOBODY else Pairing(found, number, place)


def as_plain(reason: Reason) -> Mapping[str, Any]:
    """A reason for files and records: key and values, the source's title and certainty where there is one."""
    told: dict[str, Any] = {
        "key": reason.key,
        "values": {k: said(plain(v)) for k, v in reason.values.items()},
    }
    if reason.source is not None:
        told["source"] = {"title": reason.source.title, "certainty": reason.source.certainty}
    return told
