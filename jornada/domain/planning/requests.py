"""Who asks for help and when: bursts at worksites, listed or by rate, with take-up, arrival curve and policy states.

Requests are counted in people, by region, class and month; a class is a group, a language and a complexity. A
burst's workers come over the months after the agency's letter (notes, section 7.2). Splitting by language and
complexity is by shares: nobody is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jornada.domain.planning.figures import Draws, Floats, stream
from jornada.domain.planning.scenario import ALL, Region, Scenario


@dataclass(frozen=True)
class Classes:
    """The kinds of people told apart: groups × languages × complexities, in this order, the same in every region."""

    groups: tuple[str, ...]
    languages: tuple[str, ...]
    complexities: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Classes:
        return cls(scenario.groups, scenario.languages, tuple(scenario.catalogue.complexities))

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.groups), len(self.languages), len(self.complexities)

    @property
    def count(self) -> int:
        return len(self.groups) * len(self.languages) * len(self.complexities)

    @cached_property
    def complexity(self) -> NDArray[np.intp]:
        """The complexity of each class, as its place in `complexities`."""
        return np.tile(np.arange(len(self.complexities)), len(self.groups) * len(self.languages))

    @cached_property
    def language(self) -> NDArray[np.intp]:
        repeated = np.repeat(np.arange(len(self.languages)), len(self.complexities))
        return np.tile(repeated, len(self.groups))

    @cached_property
    def group(self) -> NDArray[np.intp]:
        return np.repeat(np.arange(len(self.groups)), len(self.languages) * len(self.complexities))

    def named(self, place: int) -> tuple[str, str, str]:
        return (
            self.groups[self.group[place]],
            self.languages[self.language[place]],
            self.complexities[self.complexity[place]],
        )


def complexity_mix(draws: Draws, classes: Classes) -> Floats:
    """Shares of simple, moderate and complex files, shape (replications, complexities); they add up to 1."""
    others = {
        name: draws[f"demand.{name}"] for name in classes.complexities if f"demand.{name}" in draws.figures
    }
    rest = 1 - sum(others.values(), np.zeros(draws.count))
    return np.stack([others.get(name, rest) for name in classes.complexities], axis=1)


def policy_path(scenario: Scenario, draws: Draws, shocks: Mapping[str, int]) -> tuple[Floats, Floats]:
    """What policy does in each month, each (replications, months): factor on requests, share of filings possible.

    The scenario's supposed state holds until a shock sets in; of two shocks the later one takes over.
    """
    state = [scenario.supposed_state] * scenario.months
    for name, begins in sorted(shocks.items(), key=lambda item: item[1]):
        month = begins
        for one, lasts in scenario.catalogue.shocks[name].states:
            until = scenario.months if lasts is None else month + lasts
            state[month:until] = [one] * (min(until, scenario.months) - min(month, scenario.months))
            month = until
    found = [scenario.catalogue.policy[one] for one in state]
    requests = np.stack([draws[one.requests] for one in found], axis=1)
    return requests, np.stack([draws[one.filing] for one in found], axis=1)


def requests(scenario: Scenario, draws: Draws, shocks: Mapping[str, int] | None = None) -> Floats:
    """People who ask, shape (replications, regions, classes, months).

    Without a seed: what is expected of the middles. With one: worksites come by chance (Poisson), each with its own
    size, and its own take-up unless the scenario lets take-up vary together.
    """
    classes = Classes.of(scenario)
    shape = (draws.count, len(scenario.regions), *classes.shape, scenario.months)
    found = np.zeros(shape)
    factor, _ = policy_path(scenario, draws, shocks or {})
    mix = complexity_mix(draws, classes)
    for place, region in enumerate(scenario.regions):
        for site in region.worksites:
            coming = _burst(scenario, draws, region, site.id, site.covered, site.month) * factor
            group = classes.groups.index(site.id) if site.id in classes.groups else 0
            spoken = np.array([site.languages.get(name, 0.0) for name in classes.languages])
            found[:, place, group] += (
                coming[:, None, None, :] * spoken[None, :, None, None] * mix[:, None, :, None]
            )
    if scenario.worksites_per_month:
        _add_by_rate(found, scenario, draws, factor, mix, classes)
    return found.reshape(draws.count, len(scenario.regions), classes.count, scenario.months)


def _burst(scenario: Scenario, draws: Draws, region: Region, site: str, covered: str, month: int) -> Floats:
    """One listed worksite's requests by month, shape (replications, months)."""
    takeup = draws["demand.takeup"]
    if not scenario.takeup_together and draws.seed is not None:
        chances = stream(draws.seed, "takeup", region.id, site).random(draws.count)
        takeup = draws.figures["demand.takeup"].quantile(chances)
    coming = np.zeros((draws.count, scenario.months))
    for later, share in enumerate(scenario.catalogue.curve):
        if month + later < scenario.months:
            coming[:, month + later] = share * draws[covered] * takeup
    return coming


def _add_by_rate(
    found: Floats, scenario: Scenario, draws: Draws, factor: Floats, mix: Floats, classes: Classes
) -> None:
    """Worksites that nobody has named yet. They came before the plan as well, so requests are steady from its start."""
    until = scenario.months if scenario.rate_until is None else scenario.rate_until + 1
    before = len(scenario.catalogue.curve) - 1
    curve = np.array(scenario.catalogue.curve)
    for place, region in enumerate(scenario.regions):
        if not region.share_of_rate:
            continue
        rate = draws[scenario.worksites_per_month] * region.share_of_rate
        workers = _asking_by_month(scenario, draws, region.id, rate, before + until)
        coming = np.zeros((draws.count, before + scenario.months))
        for later, share in enumerate(curve):
            last = min(before + scenario.months, before + until + later)
            coming[:, later:last] += share * workers[:, : last - later]
        spoken = np.array([region.languages.get(name, 0.0) for name in classes.languages])
        month = coming[:, before:] * factor
        found[:, place, classes.groups.index(ALL) if ALL in classes.groups else 0] += (
            month[:, None, None, :] * spoken[None, :, None, None] * mix[:, None, :, None]
        )


def _asking_by_month(scenario: Scenario, draws: Draws, region: str, rate: Floats, months: int) -> Floats:
    """Workers who will ask, by the month in which their worksite's letter comes, shape (replications, months)."""
    size, cap = draws.figures["demand.workers_per_site"], draws.figures["demand.largest_site"].mid
    if draws.seed is None:
        middles = (np.arange(2000) + 0.5) / 2000
        mean = float(np.minimum(size.quantile(middles), cap).mean())
        return np.repeat((rate * mean * draws["demand.takeup"])[:, None], months, axis=1)
    luck = stream(draws.seed, "worksites", region)
    number = luck.poisson(np.repeat(rate[:, None], months, axis=1))
    total = int(number.sum())
    covered = np.minimum(size.quantile(luck.random(total)), cap)
    where = np.repeat(np.arange(number.size), number.ravel())
    if scenario.takeup_together:
        covered = covered * draws["demand.takeup"][where // months]
    else:
        covered = covered * draws.figures["demand.takeup"].quantile(luck.random(total))
    return np.bincount(where, covered, number.size).astype(float).reshape(number.shape)
