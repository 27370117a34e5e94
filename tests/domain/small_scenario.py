"""Scenarios for the planner's tests: the shipped pack, a tiny town, and texts with one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from jornada.domain.planning import scenarioreading
from jornada.domain.planning.catalogue import Catalogue
from jornada.domain.planning.figures import Figure
from jornada.domain.planning.scenario import Scenario
from jornada.gateways import planfiles

TOWN = """\
scenario: town
start: "2026-12-01"
months: 12
languages: [es]
policy: {state: open, why: "a test"}
numbers:
  demand.moderate: {is: 0 share, who: "Olga", why: "simple files only", day: "2026-11-22"}
  demand.complex: {is: 0 share, who: "Olga", why: "simple files only", day: "2026-11-22"}
requests: {takeup: 1 share}
regions:
  - id: town
    organisations: 10
    languages: {es: 1 share}
    worksites:
      - {id: plant, covered: 120, month: 1}
    has: {attorney_time: 1 FTE, volunteer_time: 1000 hours per month}
funds:
  - {id: all, grants: [{months: "1-12", amount: 100000 USD per month}]}
aims:
  first: waiting
  most_per_year_spared: 20000 USD
  judgement:
    weights: {simple: 1, moderate: 1, complex: 1}
    order: proportional
    who: "Olga"
    why: "everybody alike"
    day: "2026-11-22"
plans:
  by_hand:
    - {strategy: clinic_day_small, months: [3, 5]}
"""


@lru_cache(maxsize=1)
def pack() -> Catalogue:
    """The planning pack that ships."""
    return planfiles.catalogue()


def read(text: str = TOWN) -> Scenario:
    """The scenario in this text, read as from a file called town.yaml."""
    return scenarioreading.read("town.yaml", text, pack())


@lru_cache(maxsize=4)
def shipped(name: str) -> Scenario:
    return planfiles.scenario(name)


def only(scenario: Scenario, *strategies: str) -> Scenario:
    """The scenario with these strategies alone to choose from."""
    others = frozenset(scenario.catalogue.strategies) - set(strategies)
    return replace(scenario, not_used=others)


def sure(scenario: Scenario, **numbers: float) -> Scenario:
    """The scenario with every number at its middle for certain, some at others (dots as double underscores)."""
    fixed: dict[str, Figure] = {}
    for path, figure in scenario.figures.items():
        value = numbers.get(path.replace(".", "__"), figure.mid)
        fixed[path] = replace(figure, low=value, mid=value, high=value, spread="fixed")
    return scenario.with_figures(fixed)
