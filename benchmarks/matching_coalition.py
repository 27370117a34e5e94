"""A synthetic coalition of any size for the benchmark of matching: nobody in it is real.

Shares of languages, levels and needs follow the judgements of the capacity notes (sections 2.1 and 7.3, code D). With
up to 20 places each is a region; above that twenty places make a state, and most sources serve their neighbourhood.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from jornada.domain.conditions import condition
from jornada.domain.matching import Ceiling, Column, Crowd, Mix, Person, Round, Source
from jornada.domain.matching.cards import NEVER

ON = date(2026, 11, 26)
PROVIDERS = 60
SUPERVISORS = 4
"""Supervisors of each provider."""
LANGUAGES = ("es", "mam", "kiche", "ht", "zh", "en")
STATES = ("CA", "NC", "TX", "NY", "FL", "GA", *(f"S{number:02}" for number in range(20)))
NATIONALITIES = ("MX", "GT", "HN", "SV", "EC")
UNIONS = tuple(f"union-{number}" for number in range(5))
_KINDS: tuple[tuple[str, float, frozenset[str], frozenset[str]], ...] = (
    ("advocate", 0.30, frozenset({"attorney"}), frozenset({"full", "limited", "wage_claim"})),
    ("advocate", 0.22, frozenset({"accredited_partial"}), frozenset({"full", "limited"})),
    ("advocate", 0.06, frozenset({"accredited_full"}), frozenset({"full", "limited"})),
    ("clinic", 0.16, frozenset({"attorney"}), frozenset({"limited", "wage_claim"})),
    ("student", 0.10, frozenset({"student"}), frozenset({"limited", "wage_claim"})),
    ("pro_bono", 0.14, frozenset({"attorney"}), frozenset({"full", "limited"})),
    ("consulate", 0.02, frozenset(), frozenset({"consulate"})),
)


@dataclass(frozen=True)
class Size:
    """How large a coalition, and what limits it has besides its sources' places."""

    people: int
    sources: int
    zones: int
    nested: bool = True
    mixed: bool = False
    seed: int = 0


def coalition(size: Size) -> Round:
    """The round of a coalition of that size, its people as columns; the same seed, the same coalition."""
    places = [f"place-{number:03}" for number in range(size.zones)]
    random = np.random.default_rng(size.seed)
    state = np.arange(size.zones) * max(1, size.zones // 20) // size.zones
    people = _people(size, places, state, random)
    sources, ceilings = _sources(size, places, state, random)
    mixes = _mixes(ceilings) if size.mixed else []
    return Round(people, sources, ceilings, mixes)


# --- people ---------------------------------------------------------------------------------------


def _people(size: Size, places: list[str], state: Any, random: np.random.Generator) -> Crowd:
    count = size.people
    crowded = 1 / np.arange(1, size.zones + 1) ** 0.6
    random.shuffle(crowded)
    zone = random.choice(size.zones, count, p=crowded / crowded.sum())
    level = random.choice(3, count, p=[0.74, 0.19, 0.07])
    need = np.where(level > 0, 0, random.choice(4, count, p=[0.25, 0.60, 0.11, 0.04]))
    in_court = (level == 2) & (random.random(count) < 0.5)
    member = np.where(random.random(count) < 0.03, 1 + random.integers(0, len(UNIONS), count), 0)
    near = random.random(count) < 0.04
    nothing = np.zeros(count, dtype=int)
    columns = {
        "place": (zone, tuple(places)),
        "need": (need, ("full", "limited", "wage_claim", "consulate")),
        "level": (level, ("OK", "ATTY", "COMPLEX")),
        "languages": (
            random.choice(6, count, p=[0.70, 0.09, 0.05, 0.05, 0.04, 0.07]),
            tuple((language,) for language in LANGUAGES),
        ),
        "brings_interpreter": (nothing, ("no",)),
        "lsc_category": (random.choice(3, count, p=[0.85, 0.08, 0.07]), ("no", "yes", None)),
        "lsc_abuse_route": (nothing, ("no",)),
        "h2_worker": (random.random(count) < 0.05, ("none", "h2a")),
        "forum": (in_court, ("agency", "immigration_court")),
        "income_band": (
            random.choice(3, count, p=[0.6, 0.3, 0.1]), ("under_125", "from_125_to_200", "over_200"),
        ),
        "state": (state[zone], STATES),
        "nationality": (
            np.where(need == 3, random.choice(5, count, p=[0.45, 0.2, 0.12, 0.1, 0.13]), 5),
            (*NATIONALITIES, None),
        ),
        "memberships": (member, ((), *((union,) for union in UNIONS))),
        "in_question_with": (nothing, ((),)),
        "can_pay": (random.random(count) < 0.3, ("no", "yes")),
    }  # fmt: skip
    waited = np.minimum(random.exponential(60, count), 400).astype(np.int64)
    deadline = np.where(near, random.integers(1, 30, count), NEVER)
    return Crowd(
        range(count),  # type: ignore[arg-type]  # numbers are ids as good as words
        waited,
        deadline.astype(np.int64),
        {
            name: Column(np.asarray(codes).astype(np.int16), values)
            for name, (codes, values) in columns.items()
        },
    )


_FIELDS = ("need", "level", "place", "languages", "brings_interpreter", "in_question_with")


def card(people: Crowd, number: int, name: str, place_of: int | None = None) -> Person:
    """Somebody like one of the people, living where another one does."""
    facts = {
        fact: list(value) if isinstance(value := people.value(fact, number), tuple) else value
        for fact in people.columns
        if fact not in _FIELDS
    }
    days = int(people.deadline_in[number])
    return Person(
        name,
        ON - timedelta(days=int(people.waited[number])),
        need=people.value("need", number),
        level=people.value("level", number),
        place=people.value("place", number if place_of is None else place_of),
        languages=frozenset(people.value("languages", number)),
        deadline_on=ON + timedelta(days=days) if days < NEVER else None,
        facts=facts,
    )


# --- sources --------------------------------------------------------------------------------------


def _sources(
    size: Size, places: list[str], state: Any, random: np.random.Generator
) -> tuple[list[Source], list[Ceiling]]:
    where = random.random((size.zones, 2))
    provider = random.integers(0, PROVIDERS, size.sources)
    supervisor = provider * SUPERVISORS + random.integers(0, SUPERVISORS, size.sources)
    kind = random.choice(len(_KINDS), size.sources, p=[share for _, share, _, _ in _KINDS])
    mean = 0.75 * size.people / size.sources
    seats = np.maximum(1, random.gamma(2, mean / 2, size.sources)).astype(int) * np.where(kind == 3, 2, 1)
    money = _money(random)
    sources = [
        _source(size, number, int(kind[number]), int(seats[number]), int(supervisor[number]), places, state, where,
                money[provider[number]], random)
        for number in range(size.sources)
    ]  # fmt: skip
    return sources, _ceilings(size, supervisor, seats, money)


def _money(random: np.random.Generator) -> list[dict[str, Any]]:
    """What pays at each provider: an LSC grantee now and then, a fund with an income ceiling, a union's plan."""
    found = []
    for _ in range(PROVIDERS):
        lsc = bool(random.random() < 0.12)
        fund = random.choice(["unrestricted", "state_civil_legal_aid", "members_plan"], p=[0.74, 0.18, 0.08])
        found.append({"lsc": lsc, "paid_by": str(fund), "union": str(random.choice(UNIONS))})
    return found


def _source(
    size: Size, number: int, kind: int, seats: int, supervisor: int, places: list[str], state: Any, where: Any,
    money: dict[str, Any], random: np.random.Generator,
) -> Source:  # fmt: skip
    name, _, credentials, gives = _KINDS[kind]
    home = int(random.integers(0, size.zones))
    spoken = [language for language, share in zip(LANGUAGES, (0.8, 0.08, 0.05, 0.1, 0.1, 1.0), strict=True)
              if random.random() < share]  # fmt: skip
    facts: dict[str, Any] = {"paid_by": money["paid_by"], "licensed_in": [STATES[state[home]]],
                             "recognized_places": [places[home]]}  # fmt: skip
    if money["paid_by"] == "state_civil_legal_aid":
        facts["fund_state"] = STATES[state[home]]
    if money["paid_by"] == "members_plan":
        facts["members_of"] = [money["union"]]
    if name == "student":
        facts |= {
            "supervised_by": "faculty",
            "paid_by_client": "no",
            "practice_permission": "yes",
            "term": "in_term",
        }
    if name == "consulate":
        facts |= {"consulate_offers": "documents", "nationalities": [str(random.choice(NATIONALITIES))]}
    return Source(
        f"source-{number:04}",
        name,
        seats,
        gives,
        frozenset(spoken),
        str(random.choice(["in_house", "on_request", "none"], p=[0.3, 0.2, 0.5])),
        places[home],
        _served(size, home, places, state, where, random),
        credentials,
        held_on=ON + timedelta(days=2 + 7 * int(random.integers(0, 6))) if name == "clinic" else None,
        within=f"supervisor-{supervisor:03}",
        held=int(random.integers(0, 5)),
        facts=facts,
    )


def _served(
    size: Size, home: int, places: list[str], state: Any, where: Any, random: np.random.Generator
) -> frozenset[str]:
    """Where a source goes: near its home, through its state, or anywhere (no places named)."""
    reach = random.random()
    if reach < 0.08:
        return frozenset()
    if size.zones > 20 and reach < 0.28:
        return frozenset(places[zone] for zone in np.flatnonzero(state == state[home]))
    near = np.argsort(((where - where[home]) ** 2).sum(axis=1), kind="stable")
    number = int(random.integers(1, 4)) if size.zones <= 20 else int(random.integers(3, 12))
    return frozenset(places[zone] for zone in near[: max(1, number)])


def _ceilings(size: Size, supervisor: Any, seats: Any, money: list[dict[str, Any]]) -> list[Ceiling]:
    below = np.bincount(supervisor, seats, minlength=PROVIDERS * SUPERVISORS).astype(int)
    found = [
        Ceiling(
            f"provider-{number:02}",
            facts={
                "funding": ["lsc"] if one["lsc"] else ["none"],
                "recognized": "yes",
                "charges_fees": "no",
                "indigent_policy": "yes",
            },
        )
        for number, one in enumerate(money)
    ]
    found += [
        Ceiling(
            f"supervisor-{number:03}",
            int(below[number] * 0.9) + 1 if size.nested else None,
            f"provider-{number // SUPERVISORS:02}",
        )
        for number in range(PROVIDERS * SUPERVISORS)
    ]
    return found


def _mixes(ceilings: list[Ceiling]) -> list[Mix]:
    """A hundred ratios: at each provider not too many complex files, with some supervisors enough of them."""
    complex_ = condition({"fact": "level", "is": "COMPLEX"})
    others = condition({"fact": "level", "in": ["OK", "ATTY"]})
    providers = [one.id for one in ceilings if not one.within]
    supervisors = [one.id for one in ceilings if one.within]
    found = [Mix(f"load {name}", name, complex_, others, Fraction(1, 4), 2) for name in providers]
    found += [Mix(f"learning {name}", name, others, complex_, Fraction(6), 3) for name in supervisors[::6]]
    return found
