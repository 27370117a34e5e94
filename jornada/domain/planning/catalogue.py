"""What a coalition can draw on: resources, kinds of help, strategies with phases, seasons, policy states and shocks.

All of it is data of the planning pack (`reading.py`); numbers stand apart, by path, so that a scenario can
overwrite any of them with who and why. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from jornada.domain.facts import Source
from jornada.domain.packparts import Approval, Signed, Worded
from jornada.domain.planning.figures import Figure

HOURS_PER_FTE = "work.hours_per_fte"
EVERYONE = "everyone"
OTHER_GROUPS = "other_groups"
Where = Literal["region", "coalition"]
Beside = Literal["", "before", "next"]
BESIDE: tuple[Beside, ...] = ("", "before", "next")


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure by its path, times a plain factor; `hours` of a resource that is counted in FTE are divided by
    the hours that one full-time person has."""

    number: str
    times: float = 1.0
    hours: bool = False
    ramp: str = ""


@dataclass(frozen=True, slots=True)
class ClinicTeam:
    """Who stands at one clinic day and for how long: its seats follow from the times drawn (notes, section 3.5)."""

    attorneys: int
    preparers: int
    hours: float


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that strategies give and work takes. `grown_from`: so much of it comes with another resource."""

    id: str
    dimension: str
    everywhere: bool = False
    grown_from: Mapping[str, str] = field(default_factory=dict)
    share_of_requests: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A delivery model: full scope, limited scope, information; and how long its follow-up binds."""

    id: str
    complexities: frozenset[str]
    liability_months: float


@dataclass(frozen=True, slots=True)
class Help:
    """One kind of help: what it draws on, for one simple case so much, whom it may serve, what of it is filed.

    `room_for_filed`: only cases that come to a filing take of the resource, as referrals that are accepted do.
    """

    id: str
    model: str
    draws_on: str
    serves: frozenset[str]
    filed: tuple[str, ...] = ()
    cases: str = ""
    per_case: str = ""
    hours: str = ""
    interpreted: bool = False
    fluent: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    room_for_filed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of section 5: whom it closes off, on what authority."""

    id: str
    effect: Literal["DENY", "LIMIT", "FLAG"]
    closes: frozenset[str]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch in the life of a unit: when it begins, what it gives and takes in each month."""

    name: str
    after: Amount | None = None
    together: bool = False
    gives: Mapping[str, Amount] = field(default_factory=dict)
    takes: Mapping[str, Amount] = field(default_factory=dict)
    team: ClinicTeam | None = None
    frees: Amount | None = None
    pays_fees: Amount | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A step towards a strategy's first service, for milestones; it may run beside those before it or the next."""

    name: str
    months: str
    beside: Beside = ""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to build capacity. `dated`: the month of a start is its first month of service, else of the decision."""

    id: str
    unit: str
    phases: tuple[Phase, ...]
    where: Where = "region"
    dated: bool = False
    programme: str = ""
    season: str = ""
    prepare: str = ""
    success: str = ""
    leaves: str = ""
    lasts: int | None = None
    needs: Mapping[str, int] = field(default_factory=dict)
    staff_at_least: Mapping[str, float] = field(default_factory=dict)
    cost_kind: str = "staff"
    cost_start: str = ""
    cost_monthly: Amount | None = None
    most_per_month: str = ""
    most_in_all: str = ""
    nationality: str = ""
    rules: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """A yearly cycle: opens, is due, and starts so many years after the due date's year. A pattern, not a promise."""

    id: str
    opens: tuple[int, int]
    due: tuple[int, int]
    starts: tuple[int, int]
    years_later: int
    looked_at: date
    holds_until: date
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Season:
    """Months of the year in which something may begin, and for how many months it then works."""

    id: str
    begins: frozenset[int]
    works: int | None
    looked_at: date
    holds_until: date
    sources: tuple[Source, ...] = ()

    def in_session(self, month: int) -> bool:
        """Whether it works in that month of the year (1 to 12)."""
        works = self.works or 12
        return any((month - begin) % 12 < works for begin in self.begins)


@dataclass(frozen=True, slots=True)
class PolicyState:
    """What a state of the program does to first requests and to filings."""

    id: str
    requests: str
    filing: str


@dataclass(frozen=True, slots=True)
class Shock:
    """A series of states, each for so many months; the last one stays."""

    id: str
    states: tuple[tuple[str, int | None], ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Catalogue(Worded, Signed):
    """A planning pack once read and whole."""

    name: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    as_of: date
    figures: Mapping[str, Figure]
    ramps: Mapping[str, tuple[float, ...]]
    curve: tuple[float, ...]
    relayed: Mapping[str, bool]
    complexities: Mapping[str, str]
    resources: Mapping[str, Resource]
    models: Mapping[str, Model]
    help: Mapping[str, Help]
    rules: Mapping[str, Rule]
    strategies: Mapping[str, Strategy]
    programmes: Mapping[str, Programme]
    seasons: Mapping[str, Season]
    policy: Mapping[str, PolicyState]
    shocks: Mapping[str, Shock]
    known_state: str
    known_as_of: date
    wording: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fingerprint: str = ""
    approvals: tuple[Approval, ...] = ()
    scenarios: tuple[str, ...] = ()

    @property
    def sizes(self) -> Mapping[str, int]:
        return {
            "strategies": len(self.strategies),
            "kinds of help": len(self.help),
            "numbers": len(self.figures),
            "shocks": len(self.shocks),
            "scenarios": len(self.scenarios),
        }

    def with_figures(self, changed: Mapping[str, Figure]) -> Catalogue:
        """The same pack with some numbers overwritten."""
        return replace(self, figures={**self.figures, **changed})
