"""A first scenario from what a hub has on record: how many people came, whence, in which languages, how hard; what
help there is. Counts only, and small ones rounded, so that nobody can be made out in them.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jornada.domain.planning.catalogue import Catalogue

STEP = 5
"""Counts are told in steps of so many; one to seven people are told as five."""
MOST_REGIONS = 8
GROUPS_A_MONTH = 4
"""The month's people come in so many groups, about one a week: the planner knows requests by worksite."""
FEW_MONTHS = 6
"""Fewer months than this show too little of how months differ; then half and double are taken."""
SPOKEN: Mapping[str, str] = {
    "es": "es", "en": "es", "ht": "haitian", "zh": "chinese", "yue": "chinese", "cmn": "chinese",
    **dict.fromkeys(("quc", "mam", "kek", "kjb", "ixl", "cak", "poh", "yua", "tzh", "tzo", "agu"), "mayan"),
    **dict.fromkeys(("mix", "zap", "nah", "trq", "tri", "pua", "maz", "zpq"), "indigenous_mexican"),
}  # fmt: skip
"""A hub's language codes as the planning pack counts them: English with Spanish, since neither takes an interpreter."""


class TooFew(ValueError):
    """There is nothing on record yet that a scenario could be drawn from."""


@dataclass(frozen=True)
class Counted:
    """What is on record, in counts: people by month, by region and language; files by level; places with advocates by
    credential; clinic days ahead with their seats. `months` are those looked at, oldest first."""

    months: tuple[date, ...]
    by_month: Mapping[date, int]
    by_region: Mapping[str, Mapping[str, int]]
    by_level: Mapping[str, int] = field(default_factory=dict)
    files_at_once: Mapping[str, int] = field(default_factory=dict)
    clinic_days: tuple[tuple[date, int], ...] = ()

    @property
    def source(self) -> str:
        """How every number drawn from this names its source."""
        return f"hub records, {len(self.months)} month{'' if len(self.months) == 1 else 's'}"


def rounded(count: float) -> int:
    """The count in steps of five, never nought where there was somebody."""
    if count <= 0:
        return 0
    return max(STEP, STEP * math.floor(count / STEP + 0.5))


def draft(counted: Counted, catalogue: Catalogue, *, title: str, on: date, months: int = 36) -> str:
    """A scenario's text. Each number says that it is from the hub's records; money is left for people to fill in.

    TooFew where nobody is on record.
    """
    regions = dict(_regions(counted))
    if not regions:
        raise TooFew(
            "Nobody is on record yet, so there is nothing to draw a scenario from. Copy one of those that ship."
        )
    lines = [
        *_head(counted, title, on, months),
        *_numbers(counted, catalogue, on),
        "",
        f"requests: {{worksites_per_month: {GROUPS_A_MONTH} worksites per month, takeup: 1 share}}",
        "",
        "regions:",
        *(line for name in regions for line in _region(counted, catalogue, regions, name)),
        *_AIMS.format(served_by=months // 2, day=on.isoformat()).splitlines(),
        *_arranged(counted, on, months, next(iter(regions))),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def monthly(counted: Counted) -> tuple[int, int, int]:
    """People a month: low, middle and high of the months looked at, rounded."""
    people = sorted(counted.by_month.get(month, 0) for month in counted.months)
    mid = max(STEP, rounded(sum(people) / max(1, len(people))))
    if len(people) < FEW_MONTHS:
        return max(1, mid // 2), mid, 2 * mid
    low, high = people[len(people) // 10], people[-1 - len(people) // 10]
    return min(mid, max(1, rounded(low))), mid, max(mid, rounded(high))


# --- parts of the text ------------------------------------------------------------------------------

_AIMS = """
aims:
  first: waiting
  served_by: {served_by}
  most_per_year_spared: 5000 USD
  judgement:
    weights: {{simple: 1, moderate: 2, complex: 3}}
    order: proportional
    who: "Drawn from the hub's records"
    why: "Nobody has decided yet who comes first: decide it and write who and why"
    day: "{day}"
"""


def _head(counted: Counted, title: str, on: date, months: int) -> Iterator[str]:
    yield f"# Drawn on {on} from the {counted.source}: counts only, in steps of {STEP}."
    yield "# Money is not on record: add funds (see the scenarios that ship); without them no budget holds the plan."
    yield f"title: {json.dumps(title, ensure_ascii=False)}"
    yield f'start: "{on.replace(day=1).isoformat()}"'
    yield f"months: {months}"
    yield f"languages: [{', '.join(_languages(counted))}]"
    yield ""
    yield 'policy: {state: open, why: "To see what it would take; look at the reported state"}'
    yield ""


def _languages(counted: Counted) -> list[str]:
    return sorted({language for spoken in counted.by_region.values() for language in spoken})


def _numbers(counted: Counted, catalogue: Catalogue, on: date) -> Iterator[str]:
    yield "numbers:"
    low, mid, high = (_plain(people / GROUPS_A_MONTH) for people in monthly(counted))
    yield _number("demand.workers_per_site", f"{low} / {mid} / {high} people", counted, on)
    for level in ("moderate", "complex"):
        if share := _share(counted.by_level, level):
            yield _number(f"demand.{level}", share, counted, on)


def _number(name: str, written: str, counted: Counted, on: date) -> str:
    why = f"about {monthly(counted)[1]} people a month" if "workers" in name else "levels that were decided"
    said = {"who": "Hub records", "why": why, "day": on.isoformat(), "source": counted.source}
    return (
        f"  {name}: {{is: {written}, {', '.join(f'{key}: {json.dumps(one)}' for key, one in said.items())}}}"
    )


def _share(levels: Mapping[str, int], level: str) -> str:
    """A share with the spread that so few files leave open; empty where nothing was decided."""
    total = sum(rounded(one) for one in levels.values())
    if not total:
        return ""
    mid = min(0.9, max(0.01, rounded(levels.get(level, 0)) / total))
    wide = 1.28 * math.sqrt(mid * (1 - mid) / total)
    return f"{_plain(max(0.005, mid - wide))} / {_plain(mid)} / {_plain(min(0.95, mid + wide))} share"


def _regions(counted: Counted) -> Iterator[tuple[str, dict[str, int]]]:
    """Regions by how many came, with languages; the smallest together once there are many."""
    whole = {
        name: {key: rounded(one) for key, one in spoken.items()} for name, spoken in counted.by_region.items()
    }
    ordered = sorted(whole.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    yield from ordered[:MOST_REGIONS]
    rest: dict[str, int] = {}
    for _, spoken in ordered[MOST_REGIONS:]:
        for language, people in spoken.items():
            rest[language] = rest.get(language, 0) + people
    if rest:
        yield "elsewhere", rest


def _region(
    counted: Counted, catalogue: Catalogue, regions: Mapping[str, Mapping[str, int]], name: str
) -> Iterator[str]:
    spoken = regions[name]
    people = {key: sum(each.values()) for key, each in regions.items()}
    yield f"  - id: {identifier(name)}"
    yield f'    note: "{counted.source}: about {people[name]} people; staff by the files advocates can carry"'
    yield "    organisations: 1"
    yield f"    share: {_part(people, name)} share"
    yield f"    languages: {{{', '.join(f'{key}: {_part(spoken, key)} share' for key in sorted(spoken))}}}"
    if name == next(iter(regions)) and (has := list(_help(counted, catalogue))):
        yield f"    has: {{{', '.join(has)}}}"


def _part(counts: Mapping[str, int], name: str) -> str:
    """A share in thousandths such that all of them add up to one."""
    total = sum(counts.values())
    ordered = sorted(counts)
    parts = {key: math.floor(1000 * counts[key] / total) for key in ordered}
    parts[ordered[0]] += 1000 - sum(parts.values())
    return _plain(parts[name] / 1000)


def _help(counted: Counted, catalogue: Catalogue) -> Iterator[str]:
    """Advocates in full-time equivalents: the files they say they can carry, by what one full-time person carries."""
    stays = catalogue.models["full"].liability_months or 1
    for resource, number in (
        ("attorney_time", "work.attorney_cases"),
        ("accredited_time", "work.accredited_cases"),
    ):
        carries = catalogue.figures[number].mid * stays
        if files := rounded(counted.files_at_once.get(resource, 0)):
            yield f"{resource}: {_plain(files / carries)} FTE"


def _arranged(counted: Counted, on: date, months: int, place: str) -> Iterator[str]:
    """Clinic days that are arranged already, as a plan to compare with."""
    first = on.replace(day=1)
    ahead = [(day.year - first.year) * 12 + day.month - first.month + 1 for day, _ in counted.clinic_days]
    held = sorted(month for month in ahead if 1 <= month <= months)
    if held:
        yield ""
        yield "plans:"
        yield "  as_arranged:"
        for month in sorted(set(held)):
            where = f"strategy: clinic_day_small, place: {identifier(place)}, months: {month}"
            yield f"    - {{{where}, units: {held.count(month)}, agreed: true}}"


def identifier(name: str) -> str:
    """A place's name as scenarios write it: letters without accents, underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "elsewhere"


def months_between(first: date, last: date, most: int = 24) -> tuple[date, ...]:
    """The first days of the months from one day's to another's, the newest `most` of them, oldest first."""
    found: list[date] = []
    month = last.replace(day=1)
    while month >= first.replace(day=1) and len(found) < most:
        found.append(month)
        month = month.replace(month=month.month - 1) if month.month > 1 else date(month.year - 1, 12, 1)
    return tuple(reversed(found))


def spoken(codes: Sequence[str]) -> str:
    """The language that the planner counts a person under: the one that is hardest to find help in."""
    known = [SPOKEN.get(code.split("-")[0].lower(), "other") for code in codes if code]
    return next((one for one in known if one != "es"), "es" if known else "other")


def _plain(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
