"""A what-if: places, people, what is there already, money, limits, aims, and plans made by hand.

Months count from 0 here; in files and on pages they count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from jornada.domain.planning.catalogue import Catalogue, Strategy
from jornada.domain.planning.figures import Figure

ALL = "all"
"""The group of people whose worksite makes no difference to who may help them."""
COALITION = "coalition"
"""The place of strategies that belong to no region."""
Aim = Literal["waiting", "served_by", "cost"]
Order = Literal["proportional", "complex_first", "simple_first"]
ORDERS: tuple[Order, ...] = ("proportional", "complex_first", "simple_first")
AIMS: tuple[Aim, ...] = ("waiting", "served_by", "cost")


@dataclass(frozen=True, slots=True)
class Worksite:
    """A burst of requests: so many covered workers from the month of the agency's letter on."""

    id: str
    covered: str
    month: int
    languages: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member of the coalition with staff of its own and the rules that bind it."""

    id: str
    has: Mapping[str, str]
    rules: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Region:
    """A place: how many organisations, what is there already, who asks for help."""

    id: str
    organisations: int
    has: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Organisation, ...] = ()
    worksites: tuple[Worksite, ...] = ()
    share_of_rate: float = 0.0
    languages: Mapping[str, float] = field(default_factory=dict)
    nationalities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Start:
    """So many units of a strategy begun in a place in a month (see `Strategy.dated` for what the month means).

    What is `agreed` was decided before the plan: no window or time to prepare is asked of it.
    """

    strategy: str
    place: str
    month: int
    units: int = 1
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is begun when."""

    name: str
    starts: tuple[Start, ...] = ()

    def units(self, strategy: str) -> int:
        return sum(start.units for start in self.starts if start.strategy == strategy)


@dataclass(frozen=True, slots=True)
class Grant:
    """Money that comes in each of some months."""

    first: int
    last: int
    amount: str


@dataclass(frozen=True, slots=True)
class Fund:
    """Money with what it may pay for; what is not spent stays."""

    id: str
    grants: tuple[Grant, ...]
    pays_for: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Limit:
    """So many units of these strategies together, a month or in all, in one place or everywhere."""

    id: str
    strategies: frozenset[str]
    place: str
    per_month: str = ""
    in_all: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A share of all requests up to then, to be served by the end of a month."""

    share: float
    month: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whom we put first, and who decided so, why, on which day: said aloud and kept with every result."""

    weights: Mapping[str, float]
    order: Order
    who: str
    why: str
    on: date


@dataclass(frozen=True, slots=True)
class Aims:
    """What the optimiser is to bring about. Money is spent only where sparing one person a year of waiting (or, for
    the aim `served_by`, serving one person in time) costs at most `most_per_year`. Of all money the share `reserve` is
    kept for bad luck: the optimiser does not plan with it."""

    first: Aim
    judgement: Judgement
    served_by: int
    most_per_year: str = ""
    reserve: str = ""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One what-if, whole, with the pack's numbers and its own."""

    name: str
    title: Mapping[str, str]
    start: date
    months: int
    catalogue: Catalogue
    languages: tuple[str, ...]
    regions: tuple[Region, ...]
    aims: Aims
    supposed_state: str
    supposed_why: str
    worksites_per_month: str = ""
    rate_until: int | None = None
    takeup_together: bool = True
    funds: tuple[Fund, ...] = ()
    limits: tuple[Limit, ...] = ()
    plans: Mapping[str, Plan] = field(default_factory=dict)
    shocks: Mapping[str, int] = field(default_factory=dict)
    not_used: frozenset[str] = frozenset()
    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def figures(self) -> Mapping[str, Figure]:
        return self.catalogue.figures

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """Those that this coalition considers."""
        return tuple(one for one in self.catalogue.strategies.values() if one.id not in self.not_used)

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(region.id for region in self.regions)

    @property
    def groups(self) -> tuple[str, ...]:
        """Worksites apart where some organisation may serve only theirs; else everybody together."""
        bound = any(member.groups for region in self.regions for member in region.members)
        sites = [site.id for region in self.regions for site in region.worksites]
        return tuple(sites) if bound else (ALL,)

    def changed(self) -> tuple[Figure, ...]:
        """The numbers that somebody wrote over the pack's."""
        return tuple(figure for figure in self.figures.values() if figure.change is not None)

    def month_of(self, day: date) -> int:
        """The plan's month in which a day lies; negative before the plan."""
        return (day.year - self.start.year) * 12 + day.month - self.start.month

    def first_of(self, month: int) -> date:
        """The first day of a month of the plan."""
        year, place = divmod(self.start.year * 12 + self.start.month - 1 + month, 12)
        return date(year, place + 1, 1)

    def until(self, months: int) -> Scenario:
        """The same scenario cut off, or drawn out, to so many months."""
        return replace(self, months=months)

    def with_figures(self, changed: Mapping[str, Figure]) -> Scenario:
        return replace(self, catalogue=self.catalogue.with_figures(changed))
