"""What a strategy adds once it works: how much of which help, how it ramps up, how many files that is at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jornada.domain.planning.catalogue import Strategy
from jornada.domain.planning.figures import Draws
from jornada.domain.planning.quantities import Quantities
from jornada.domain.planning.scenario import Scenario

SEATS = "clinic_seats"


@dataclass(frozen=True, slots=True)
class Fruit:
    """What one unit gives of a resource at the full rate, and by month of service as shares of that.

    `files` is how many files one unit carries at once (for clinic days: its seats); 0 where no file is carried.
    """

    resource: str
    amount: float
    files: float
    ramp: tuple[float, ...]
    full_scope: bool


def fruit(strategy: Strategy, scenario: Scenario) -> tuple[Fruit, ...]:
    """What one unit of the strategy gives in its last phase, by the middles of the scenario's numbers.

    Empty for what gives no work of its own, as a digital tool or a consulate's help with fees.
    """
    quantities = Quantities(scenario, Draws(scenario.figures))
    phase = strategy.phases[-1]
    found = [
        _of(resource, float(quantities.amount(amount)[0]), quantities.ramp(amount), scenario)
        for resource, amount in phase.gives.items()
    ]
    if phase.team is not None:
        seats = quantities.seats(phase.team)
        found.append(Fruit(SEATS, seats, seats, (1.0,), full_scope=False))
    return tuple(found)


def _of(resource: str, amount: float, ramp: tuple[float, ...], scenario: Scenario) -> Fruit:
    catalogue = scenario.catalogue
    help_ = next((one for one in catalogue.help.values() if one.draws_on == resource), None)
    if help_ is None or help_.model == "information":
        return Fruit(resource, amount, 0.0, ramp, full_scope=False)
    monthly = amount * (scenario.figures[help_.cases].mid if help_.cases else 1.0)
    in_hours = catalogue.resources[resource].dimension == "hours per month"
    stays = catalogue.models[help_.model].liability_months or 1.0
    return Fruit(resource, amount, 0.0 if in_hours else monthly * stays, ramp, help_.model == "full")


def steps(files: int, ramp: tuple[float, ...], begins: date) -> tuple[tuple[date, int], ...]:
    """Files at once from which day on, as a ramp says month by month; months alike are one step."""
    found: list[tuple[date, int]] = []
    for place, share in enumerate(ramp or (1.0,)):
        now = max(1, round(files * share)) if files else 0
        if not found or found[-1][1] != now:
            found.append((later(begins, place), now))
    return tuple(found)


def later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for back in range(4):
        try:
            return date(year, month + 1, day.day - back)
        except ValueError:
            continue
    raise AssertionError("every month has twenty-eight days")
