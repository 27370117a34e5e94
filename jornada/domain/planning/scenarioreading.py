"""A scenario file read against the planning pack: shapes, units, names, sums; all that is wrong, with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from jornada.domain.facts import Source
from jornada.domain.located import PackError, PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.planning import reading, scenariochecks
from jornada.domain.planning.catalogue import OTHER_GROUPS, Catalogue
from jornada.domain.planning.figures import Change, Figure, NotAFigure, parse
from jornada.domain.planning.scenario import (
    AIMS,
    COALITION,
    ORDERS,
    Aims,
    Fund,
    Grant,
    Judgement,
    Limit,
    Organisation,
    Plan,
    Region,
    Scenario,
    Start,
    Target,
    Worksite,
)
from jornada.domain.planning.strategyreading import COST_KINDS

SCENARIOS = "scenarios/"
OWN = Source("The scenario itself", "", "D")
LONGEST = 120
LARGEST_FTE = 60
"""More full-time people than this in one place reads like hours; the notes' largest region has 17 (section 10.3)."""
_MONTHS = re.compile(r"(-?\d+)(?:\s*-\s*(-?\d+))?")
_TOP = ("start", "months", "languages", "policy", "regions", "requests", "aims")
_OPTIONAL = (
    "scenario",
    "title",
    "describe",
    "numbers",
    "funds",
    "limits",
    "plans",
    "shocks",
    "not_used",
    "pack",
)


def read(file: str, text: str, catalogue: Catalogue) -> Scenario:
    """The scenario in this text; PackErrors holds everything that is wrong with it, each with its line."""
    sheet = Sheet(file, text, catalogue)
    scenario = sheet.scenario()
    if scenario is not None and not sheet.pages.errors:
        for fault in scenariochecks.faults(scenario, sheet.begun):
            sheet.wrong(fault.path, fault.problem, fault.mend)
    if sheet.pages.errors or scenario is None:
        raise PackErrors(tuple(sorted(sheet.pages.errors, key=lambda one: one.line)))
    return scenario


def read_pack(name: str, files: Mapping[str, str]) -> Catalogue:
    """The planning pack with every scenario that ships with it read as well; PackErrors of all of them together."""
    own = {file: text for file, text in files.items() if not file.startswith(SCENARIOS)}
    catalogue = reading.read(name, own)
    shipped = {file: text for file, text in files.items() if file.startswith(SCENARIOS)}
    wrong: list[PackError] = []
    for file, text in shipped.items():
        try:
            read(file, text, catalogue)
        except PackErrors as errors:
            wrong += errors.errors
    if wrong:
        raise PackErrors(tuple(wrong))
    names = tuple(sorted(file.removeprefix(SCENARIOS).removesuffix(".yaml") for file in shipped))
    return replace(catalogue, scenarios=names)


class Sheet:
    """One scenario file while it is read."""

    def __init__(self, file: str, text: str, catalogue: Catalogue) -> None:
        self.file, self.catalogue = file, catalogue
        self.pages = Pages(file, {file: text})
        self.own: dict[str, Figure] = {}
        self.places: tuple[str, ...] = ()
        self.begun: list[tuple[Path, Start]] = []

    def wrong(self, path: Path, problem: str, mend: str) -> None:
        self.pages.wrong(self.file, path, problem, mend)

    def mapping(
        self, path: Path, raw: Any, needed: Sequence[str], allowed: Sequence[str] = ()
    ) -> dict[str, Any]:
        return self.pages.mapping(self.file, path, raw, needed, allowed) or {}

    def scenario(self) -> Scenario | None:
        page = self.pages.pages[self.file]
        if self.pages.unreadable():
            return None
        data = self.mapping((), page.data, _TOP, _OPTIONAL)
        start = self.pages.day(self.file, ("start",), data.get("start")) if data else None
        if start is None:
            return None
        months = self.whole(("months",), data["months"], 1, LONGEST)
        languages = self.pages.words(
            self.file, ("languages",), data["languages"], tuple(self.catalogue.relayed)
        )
        self.overwritten(data.get("numbers") or {})
        raw_regions = data["regions"] if isinstance(data["regions"], list) else []
        self.places = tuple(str(one.get("id")) for one in raw_regions if isinstance(one, dict))
        regions = tuple(
            self.region(("regions", place), one, languages) for place, one in enumerate(raw_regions)
        )
        requests = self.mapping(
            ("requests",),
            data["requests"],
            (),
            ("worksites_per_month", "until_month", "takeup", "takeup_varies"),
        )
        policy = self.mapping(("policy",), data["policy"], ("state", "why"))
        self.pages.one_of(self.file, ("policy", "state"), policy.get("state"), tuple(self.catalogue.policy))
        return Scenario(
            name=str(data.get("scenario") or self.file.rpartition("/")[2].removesuffix(".yaml")),
            title=self.title(data.get("title")),
            start=start.replace(day=1),
            months=months,
            languages=languages,
            regions=self.asked_for(regions, requests),
            aims=self.aims(data["aims"], months),
            supposed_state=str(policy.get("state", "")),
            supposed_why=str(policy.get("why", "")),
            worksites_per_month=self.worksites_per_month(requests),
            rate_until=self.month(("requests", "until_month"), requests["until_month"])
            if "until_month" in requests
            else None,
            takeup_together=self.takeup(requests),
            funds=tuple(self.each("funds", data.get("funds"), self.fund)),
            limits=tuple(self.each("limits", data.get("limits"), self.limit)),
            plans=self.plans(data.get("plans") or {}),
            shocks=self.shocks(data.get("shocks") or {}),
            not_used=frozenset(
                self.pages.words(
                    self.file, ("not_used",), data.get("not_used"), tuple(self.catalogue.strategies)
                )
            ),
            catalogue=self.catalogue.with_figures(self.own),
            file=self.file,
            lines={".".join(map(str, path)): line for path, line in page.lines.items()},
        )

    # --- numbers ------------------------------------------------------------------------------------

    def number(self, path: Path, name: str, raw: Any, dimensions: Sequence[str], spread: str = "") -> str:
        """Keeps the figure written here under `name`; the name, also when wrong."""
        try:
            figure = parse(name, raw if isinstance(raw, str | int) else repr(raw), tuple(dimensions), spread)
        except NotAFigure as wrong:
            self.wrong(path, wrong.problem, wrong.mend)
            figure = Figure(name, 0, 0, 0, dimensions[0])
        self.own[name] = replace(figure, sources=(OWN,), as_of=self.catalogue.as_of)
        return name

    def overwritten(self, raw: Mapping[str, Any]) -> None:
        """`numbers: {work.attorney_cases: {is: …, who: …, why: …, day: …}}`: the pack's number gives way."""
        for name, one in raw.items():
            path: Path = ("numbers", name)
            entry = self.mapping(path, one, ("is", "who", "why", "day"), ("spread", "source"))
            there = self.catalogue.figures.get(name)
            if there is None:
                close = [
                    known
                    for known in self.catalogue.figures
                    if known.rpartition(".")[2] == name.rpartition(".")[2]
                ]
                self.wrong(
                    path,
                    f"the pack has no number {name!r}",
                    f"Did you mean {' or '.join(close)}?"
                    if close
                    else "See numbers.yaml and strategies.yaml for the names",
                )
                continue
            if not entry:
                continue
            self.number(
                path, name, entry["is"], (there.unit,), str(entry.get("spread") or _kept_spread(there))
            )
            day = self.pages.day(self.file, (*path, "day"), entry["day"]) or self.catalogue.as_of
            change = Change(str(entry["who"]), str(entry["why"]), day, there.said())
            self.own[name] = replace(self.own[name], change=change, as_of=day)
            if "source" in entry:
                self.own[name] = replace(self.own[name], sources=(Source(str(entry["source"]), "", "C"),))

    def whole(self, path: Path, raw: Any, least: int, most: int) -> int:
        if not isinstance(raw, int) or not least <= raw <= most:
            self.wrong(
                path,
                f"{raw!r} is not a whole number from {least} to {most}",
                f"Write a number from {least} to {most}",
            )
            return most if isinstance(raw, int) and raw > most else least
        return raw

    def month(self, path: Path, raw: Any) -> int:
        """A month counted from 1, as a month counted from 0."""
        return self.whole(path, raw, 1, LONGEST) - 1

    def share(self, path: Path, raw: Any) -> float:
        try:
            return parse(
                ".".join(map(str, path)),
                str(raw) if "share" in str(raw) or "percent" in str(raw) else f"{raw} share",
                ("share",),
            ).mid
        except NotAFigure as wrong:
            self.wrong(path, wrong.problem, wrong.mend)
            return 0.0

    def shares(self, path: Path, raw: Any, known: Sequence[str]) -> dict[str, float]:
        """Shares that add up to 1, by name."""
        if not isinstance(raw, dict) or not raw:
            self.wrong(
                path,
                "these shares are missing",
                f"Write for example {{{', '.join(known[:2])}}} with shares that add up to 1",
            )
            return {}
        found = {}
        for name, one in raw.items():
            self.pages.one_of(self.file, (*path, name), name, known)
            found[name] = self.share((*path, name), one)
        if abs(sum(found.values()) - 1) > 0.005:
            self.wrong(path, f"these shares add up to {sum(found.values()):.2f}", "Make them add up to 1")
        return found

    def title(self, raw: Any) -> dict[str, str]:
        if isinstance(raw, dict):
            return {language: str(text) for language, text in raw.items()}
        return dict.fromkeys(self.catalogue.languages, str(raw or self.file))

    def each(self, key: str, raw: Any, make: Any) -> Iterator[Any]:
        if raw is not None and not isinstance(raw, list):
            self.wrong((key,), f"{key} is not a list", f"Write {key}: and one - for each")
            return
        for place, one in enumerate(raw or ()):
            yield make((key, place), one)

    # --- places and people ----------------------------------------------------------------------------

    def region(self, path: Path, raw: Any, languages: Sequence[str]) -> Region:
        allowed = ("has", "members", "worksites", "share", "languages", "nationalities", "note")
        entry = self.mapping(path, raw, ("id", "organisations"), allowed)
        if not entry:
            return Region("?", 0)
        own = f"regions.{entry['id']}"
        spoken = (
            self.shares((*path, "languages"), entry["languages"], languages) if "languages" in entry else {}
        )
        sites = [
            self.worksite((*path, "worksites", place), one, own, languages, spoken)
            for place, one in enumerate(entry.get("worksites") or ())
        ]
        members = [
            self.member((*path, "members", place), one, own)
            for place, one in enumerate(entry.get("members") or ())
        ]
        known = frozenset(site.id for site in sites)
        for place, member in enumerate(members):
            for group in member.groups - known:
                self.wrong(
                    (*path, "members", place),
                    f"{member.id} serves an unknown worksite {group!r}",
                    f"Known here: {', '.join(sorted(known))}",
                )
        nationalities = entry.get("nationalities") or {}
        return Region(
            id=str(entry["id"]),
            organisations=self.whole((*path, "organisations"), entry["organisations"], 0, 100_000),
            has=self.has((*path, "has"), entry.get("has") or {}, f"{own}.has"),
            members=tuple(members),
            worksites=tuple(sites),
            share_of_rate=self.share((*path, "share"), entry["share"]) if "share" in entry else 0.0,
            languages=spoken,
            nationalities={
                name: self.share((*path, "nationalities", name), one) for name, one in nationalities.items()
            },
        )

    def has(self, path: Path, raw: Mapping[str, Any], own: str) -> dict[str, str]:
        """What is there at the start: each resource in its own unit; hours where FTE belong are refused."""
        found = {}
        for resource, one in raw.items():
            known = self.catalogue.resources.get(resource)
            if known is None:
                self.pages.one_of(self.file, (*path, resource), resource, tuple(self.catalogue.resources))
                continue
            found[resource] = self.number((*path, resource), f"{own}.{resource}", one, (known.dimension,))
            if known.dimension == "FTE" and self.own[found[resource]].high > LARGEST_FTE:
                self.wrong(
                    (*path, resource),
                    f"{one} of {resource} in one place: are these hours?",
                    "Write full-time equivalents: hours a week divided by 40",
                )
        return found

    def member(self, path: Path, raw: Any, own: str) -> Organisation:
        entry = self.mapping(path, raw, ("id",), ("has", "rules", "serves_worksites", "note"))
        rules = self.pages.words(self.file, (*path, "rules"), entry.get("rules"), tuple(self.catalogue.rules))
        groups = self.pages.words(self.file, (*path, "serves_worksites"), entry.get("serves_worksites"))
        if not groups and any(
            OTHER_GROUPS in self.catalogue.rules[rule].closes
            for rule in rules
            if rule in self.catalogue.rules
        ):
            self.wrong(
                path,
                f"{entry.get('id')} may serve its own people only, and they are not named",
                "Add serves_worksites: [W1]",
            )
        identity = str(entry.get("id", "?"))
        return Organisation(
            identity,
            self.has((*path, "has"), entry.get("has") or {}, f"{own}.{identity}"),
            rules,
            frozenset(groups),
        )

    def worksite(
        self, path: Path, raw: Any, own: str, languages: Sequence[str], spoken: Mapping[str, float]
    ) -> Worksite:
        entry = self.mapping(
            path, raw, ("id", "covered"), ("month", "letter_month", "languages", "sector", "note")
        )
        if not entry:
            return Worksite("?", "", 0, {})
        when = [key for key in ("month", "letter_month") if key in entry]
        if len(when) != 1:
            self.wrong(
                path,
                f"{entry['id']} needs one month",
                "Write month: when requests begin, or letter_month: when the agency's letter comes, a month earlier",
            )
            return Worksite(str(entry["id"]), "", 0, {})
        first = self.month((*path, when[0]), entry[when[0]]) + (when[0] == "letter_month")
        covered = self.number(
            (*path, "covered"), f"{own}.{entry['id']}.covered", entry["covered"], ("people",)
        )
        tongues = (
            self.shares((*path, "languages"), entry["languages"], languages)
            if "languages" in entry
            else spoken
        )
        if not tongues:
            self.wrong(
                path,
                f"nothing says which languages {entry['id']} speaks",
                "Add languages: here or for the region",
            )
        return Worksite(str(entry["id"]), covered, first, tongues)

    def asked_for(self, regions: tuple[Region, ...], requests: Mapping[str, Any]) -> tuple[Region, ...]:
        """Complains of regions in which nobody asks, and of shares that do not add up."""
        by_rate = "worksites_per_month" in requests
        for place, region in enumerate(regions):
            if not region.worksites and not (by_rate and region.share_of_rate):
                self.wrong(
                    ("regions", place),
                    f"nobody asks for help in {region.id}",
                    "Give it worksites: or a share: of the worksites of a month, or take it out",
                )
            if by_rate and region.share_of_rate and not region.languages:
                self.wrong(
                    ("regions", place),
                    f"nothing says which languages people in {region.id} speak",
                    "Add languages: with shares",
                )
        total = sum(region.share_of_rate for region in regions)
        if by_rate and abs(total - 1) > 0.005:
            self.wrong(("regions",), f"the regions' shares add up to {total:.2f}", "Make them add up to 1")
        names = [region.id for region in regions]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong(("regions",), f"two regions are called {name!r}", "Give each a name of its own")
        return regions

    def worksites_per_month(self, requests: Mapping[str, Any]) -> str:
        if "worksites_per_month" not in requests:
            return ""
        return self.number(
            ("requests", "worksites_per_month"),
            "requests.worksites_per_month",
            requests["worksites_per_month"],
            ("worksites per month",),
        )

    def takeup(self, requests: Mapping[str, Any]) -> bool:
        if "takeup" in requests:
            self.number(("requests", "takeup"), "demand.takeup", requests["takeup"], ("share",), "triangular")
        return (
            self.pages.one_of(
                self.file,
                ("requests", "takeup_varies"),
                requests.get("takeup_varies", "together"),
                ("together", "by_worksite"),
            )
            == "together"
        )

    # --- money, limits, aims, plans -------------------------------------------------------------------

    def fund(self, path: Path, raw: Any) -> Fund:
        entry = self.mapping(path, raw, ("id", "grants"), ("pays_for", "places", "note"))
        own = f"funds.{entry.get('id')}"
        grants = []
        for place, one in enumerate(entry.get("grants") or ()):
            where = (*path, "grants", place)
            grant = self.mapping(where, one, ("months", "amount"))
            if grant:
                months = self.months((*where, "months"), grant["months"])
                amount = self.number(
                    (*where, "amount"), f"{own}.{place + 1}", grant["amount"], ("USD per month", "USD")
                )
                grants.append(Grant(months[0], months[-1], amount))
        pays = (
            self.pages.words(self.file, (*path, "pays_for"), entry.get("pays_for"), COST_KINDS) or COST_KINDS
        )
        places = self.pages.words(
            self.file, (*path, "places"), entry.get("places"), (*self.places, COALITION)
        )
        return Fund(str(entry.get("id", "?")), tuple(grants), frozenset(pays), frozenset(places))

    def limit(self, path: Path, raw: Any) -> Limit:
        entry = self.mapping(path, raw, ("id", "strategies"), ("place", "per_month", "in_all", "note"))
        if not entry:
            return Limit("?", frozenset(), "")
        own = f"limits.{entry['id']}"
        if not {"per_month", "in_all"} & entry.keys():
            self.wrong(path, f"the limit {entry['id']} limits nothing", "Add per_month: or in_all:")
        strategies = self.pages.words(
            self.file, (*path, "strategies"), entry["strategies"], tuple(self.catalogue.strategies)
        )
        place = str(entry.get("place", ""))
        if place:
            self.pages.one_of(self.file, (*path, "place"), place, self.places)
        numbers = {
            key: self.number((*path, key), f"{own}.{key}", entry[key], ("units",))
            for key in ("per_month", "in_all")
            if key in entry
        }
        return Limit(
            str(entry["id"]),
            frozenset(strategies),
            place,
            numbers.get("per_month", ""),
            numbers.get("in_all", ""),
        )

    def aims(self, raw: Any, months: int) -> Aims:
        path: Path = ("aims",)
        entry = self.mapping(
            path, raw, ("first", "judgement"), ("served_by", "most_per_year_spared", "reserve", "targets")
        )
        first = self.pages.one_of(self.file, (*path, "first"), entry.get("first"), AIMS)
        judged = self.mapping(
            (*path, "judgement"), entry.get("judgement", {}), ("weights", "order", "who", "why", "day")
        )
        order = self.pages.one_of(self.file, (*path, "judgement", "order"), judged.get("order"), ORDERS)
        weights = {
            name: self.weight((*path, "judgement", "weights", name), one)
            for name, one in (judged.get("weights") or {}).items()
        }
        for name in self.catalogue.complexities:
            if judged and name not in weights:
                self.wrong(
                    (*path, "judgement", "weights"),
                    f"{name} has no weight",
                    "Say what weight each level has, 1 for all if equal",
                )
        judgement = Judgement(
            weights,
            next((one for one in ORDERS if one == order), "proportional"),
            str(judged.get("who", "")),
            str(judged.get("why", "")),
            self.pages.day(self.file, (*path, "judgement", "day"), judged.get("day")) or date.min,
        )
        targets = [
            self.target((*path, "targets", place), one, months)
            for place, one in enumerate(entry.get("targets") or ())
        ]
        spend = entry.get("most_per_year_spared")
        return Aims(
            first=next((one for one in AIMS if one == first), "waiting"),
            judgement=judgement,
            served_by=self.month((*path, "served_by"), entry["served_by"])
            if "served_by" in entry
            else months - 1,
            most_per_year=self.number(
                (*path, "most_per_year_spared"), "aims.most_per_year_spared", spend, ("USD",)
            )
            if spend
            else "",
            reserve=self.number((*path, "reserve"), "aims.reserve", entry["reserve"], ("share",))
            if "reserve" in entry
            else "",
            targets=tuple(targets),
        )

    def weight(self, path: Path, raw: Any) -> float:
        try:
            return parse("weight", str(raw), ("times",)).mid
        except NotAFigure as wrong:
            self.wrong(path, wrong.problem, wrong.mend)
            return 1.0

    def target(self, path: Path, raw: Any, months: int) -> Target:
        entry = self.mapping(path, raw, ("share", "by_month"))
        if not entry:
            return Target(0.0, 0)
        return Target(
            self.share((*path, "share"), entry["share"]),
            self.whole((*path, "by_month"), entry["by_month"], 1, months) - 1,
        )

    def months(self, path: Path, raw: Any) -> tuple[int, ...]:
        """Months written 3, "2-4" or [2, 3, 5], counted from 1; as months counted from 0."""
        if isinstance(raw, int):
            return (raw - 1,)
        if isinstance(raw, list) and raw and all(isinstance(one, int) for one in raw):
            return tuple(one - 1 for one in raw)
        match = _MONTHS.fullmatch(str(raw).strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            self.wrong(path, f"{raw!r} is no month", "Write 3, 2-4 or [2, 3, 5]")
            return (0,)
        return tuple(range(int(match[1]) - 1, int(match[2] or match[1])))

    def plans(self, raw: Mapping[str, Any]) -> dict[str, Plan]:
        found = {}
        for name, rows in raw.items():
            starts = [
                start
                for place, one in enumerate(rows or ())
                for start in self.starts(("plans", name, place), one)
            ]
            found[name] = Plan(name, tuple(sorted(starts)))
        return found

    def starts(self, path: Path, raw: Any) -> Iterator[Start]:
        entry = self.mapping(path, raw, ("strategy", "months"), ("place", "units", "agreed", "note"))
        if not entry:
            return
        strategy = self.catalogue.strategies.get(str(entry["strategy"]))
        if strategy is None:
            self.pages.one_of(
                self.file, (*path, "strategy"), entry["strategy"], tuple(self.catalogue.strategies)
            )
            return
        place = (
            COALITION
            if strategy.where == "coalition"
            else str(entry.get("place") or (self.places[0] if len(self.places) == 1 else ""))
        )
        if place != COALITION:
            self.pages.one_of(self.file, (*path, "place"), place, self.places)
        units = self.whole((*path, "units"), entry.get("units", 1), 1, 10_000)
        for month in self.months((*path, "months"), entry["months"]):
            start = Start(strategy.id, place, month, units, bool(entry.get("agreed", False)))
            self.begun.append((path, start))
            yield start

    def shocks(self, raw: Mapping[str, Any]) -> dict[str, int]:
        found = {}
        for name, month in raw.items():
            self.pages.one_of(self.file, ("shocks", name), name, tuple(self.catalogue.shocks))
            found[name] = self.month(("shocks", name), month)
        return found


def _kept_spread(figure: Figure) -> str:
    return figure.spread if figure.uncertain else ""
