"""Reading a pack's `wages.yaml` into a `Law`: everything wrong with it at once, each with file, line and mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date
from itertools import pairwise
from typing import Any, get_type_hints

from jornada.domain.facts import Source
from jornada.domain.located import Located, PackError, PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.packparts import RulePack
from jornada.domain.wages import Fraction
from jornada.domain.wages.components import COMPONENTS
from jornada.domain.wages.damages import DAMAGES
from jornada.domain.wages.lawbook import (
    FORUMS,
    GROUPS,
    Law,
    Limit,
    Rate,
    RateTable,
    Region,
    Rule,
    Size,
    Step,
    Toll,
)
from jornada.domain.wages.weekview import REGULAR

FILE = "wages.yaml"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LIMIT_KEYS = ("groups", "components", "when", "tolls", "source", "sure", "sources")
_RULE_KEYS = ("when", "from", "until", "source", "sure", "sources", "possible", "forum", "key")


class NoWageLaw(LookupError):
    """The pack has no wages.yaml."""


def law_of(pack: RulePack) -> Law:
    """The wage law of a pack. NoWageLaw if it has none, PackErrors with all that is wrong with it."""
    if FILE not in pack.located:
        raise NoWageLaw(f"{pack.name} has no {FILE}")
    return parse(pack.name, pack.title, pack.located[FILE], pack.sources, pack.facts, pack.fingerprint)


def parse(
    name: str,
    title: Mapping[str, str],
    page: Located,
    sources: Mapping[str, Source],
    facts: Iterable[str],
    fingerprint: str = "",
) -> Law:
    """The law in a page that was read already; PackErrors otherwise. `facts` are the names that conditions may use."""
    reader = _LawReader(page, sources, frozenset(facts))
    law = reader.law(name, title, fingerprint)
    if reader.errors or law is None:
        raise PackErrors(tuple(sorted(reader.errors, key=lambda error: error.line)))
    return law


class _LawReader(Pages):
    """Reads the page part by part and collects what is wrong on the way."""

    def __init__(self, page: Located, sources: Mapping[str, Source], facts: frozenset[str]) -> None:
        super().__init__("", {})
        self.pages = {FILE: page}
        self.sources = dict(sources)
        self.facts = facts
        self.columns: dict[str, tuple[str, ...]] = {}

    def law(self, name: str, title: Mapping[str, str], fingerprint: str) -> Law | None:
        raw = self.mapping(
            FILE,
            (),
            self.pages[FILE].data,
            ("law", "components", "limits"),
            ("state", "zone", "week_starts", "payday_after_days", "regions", "sizes", "tables", "damages"),
        )
        if raw is None:
            return None
        regions = tuple(self.regions(raw.get("regions") or []))
        sizes = tuple(self.sizes(raw.get("sizes") or []))
        tables = self.tables(raw.get("tables") or {}, regions, sizes)
        rules = tuple(self.rules("components", raw["components"], tables))
        beside = (rule.component for rule in rules if COMPONENTS[rule.component].group in ("extras", "sums"))
        return Law(
            str(raw["law"]),
            title,
            str(raw.get("state", "")),
            str(raw.get("zone", "")),
            _WEEKDAYS.index(self.one_of(FILE, ("week_starts",), raw.get("week_starts", "sunday"), _WEEKDAYS)),
            int(raw.get("payday_after_days", 7)),
            regions,
            sizes,
            tables,
            rules,
            tuple(self.rules("damages", raw.get("damages") or [], tables)),
            tuple(self.limits(raw["limits"])),
            tuple(dict.fromkeys(beside)),
            fingerprint,
        )

    # --- where and how big -------------------------------------------------------------------------------

    def regions(self, raw: Any) -> Iterable[Region]:
        for place, entry in enumerate(raw):
            made = self.mapping(FILE, ("regions", place), entry, ("is",), ("counties", "cities"))
            if made:
                yield Region(str(made["is"]), _names(made.get("counties")), _names(made.get("cities")))

    def sizes(self, raw: Any) -> Iterable[Size]:
        for place, entry in enumerate(raw):
            made = self.mapping(FILE, ("sizes", place), entry, ("is",), ("at_least", "at_most"))
            if made:
                yield Size(str(made["is"]), int(made.get("at_least", 0)), made.get("at_most"))

    # --- tables ------------------------------------------------------------------------------------------

    def tables(self, raw: Any, regions: Sequence[Region], sizes: Sequence[Size]) -> dict[str, RateTable]:
        names = {region.name for region in regions} | {"all"}
        known = names | {f"{region}.{size.name}" for region in names for size in sizes}
        found = {}
        for name, entry in raw.items():
            table = self.table(("tables", name), name, entry, known)
            if table is not None:
                found[name] = table
        return found

    def table(self, path: Path, name: str, raw: Any, known: set[str]) -> RateTable | None:
        entry = self.mapping(FILE, path, raw, ("describe", "unit", "confirmed_until", "columns", "steps"))
        if entry is None:
            return None
        columns = self.words(FILE, (*path, "columns"), entry["columns"], sorted(known))
        confirmed = self.day(FILE, (*path, "confirmed_until"), entry["confirmed_until"])
        steps = [self.step((*path, "steps", place), one, columns) for place, one in enumerate(entry["steps"])]
        whole = tuple(step for step in steps if step is not None)
        if any(later.start <= earlier.start for earlier, later in pairwise(whole)):
            self.wrong(
                FILE, (*path, "steps"), "the steps are not in order of their days", "Sort them by from"
            )
        if confirmed is None or not whole:
            return None
        starts = tuple(step.start for step in whole)
        return RateTable(name, str(entry["unit"]), columns, whole, confirmed, str(entry["describe"]), starts)

    def step(self, path: Path, raw: Any, columns: Sequence[str]) -> Step | None:
        entry = self.mapping(FILE, path, raw, ("from", "is"), ("source", "sure", "sources", "except"))
        if entry is None:
            return None
        start = self.day(FILE, (*path, "from"), entry["from"])
        sources = self.cited(FILE, path, entry, "the step")
        values = entry["is"]
        if not isinstance(values, list) or len(values) != len(columns):
            self.wrong(
                FILE,
                path,
                f"is needs {len(columns)} amounts, one for each of {', '.join(columns)}",
                "Add or remove amounts",
            )
            return None
        doubts = entry.get("except") or {}
        rates = {
            column: self.rate((*path, "is", place), value, _doubted(sources, doubts.get(column)))
            for place, (column, value) in enumerate(zip(columns, values, strict=True))
        }
        return Step(start, rates) if start else None

    def rate(self, path: Path, value: Any, sources: tuple[Source, ...]) -> Rate | None:
        if value == "awaited":
            return None
        amount = self.number(path, value)
        return Rate(amount, sources) if amount is not None else None

    def number(self, path: Path, value: Any) -> Fraction | None:
        try:
            amount = Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            self.wrong(
                FILE,
                path,
                f"{value!r} is no amount",
                'Write "15.00", or awaited where nobody has published it',
            )
            return None
        if amount < 0:
            self.wrong(FILE, path, f"{value!r} is less than nothing", "Write the amount without a sign")
        return amount

    # --- rules -------------------------------------------------------------------------------------------

    def rules(self, part: str, raw: Any, tables: Mapping[str, RateTable]) -> Iterable[Rule]:
        kinds: dict[str, type] = (
            {name: one.options for name, one in COMPONENTS.items()}
            if part == "components"
            else {name: options for name, (options, _) in DAMAGES.items()}
        )
        for place, entry in enumerate(raw):
            rule = self.rule((part, place), entry, kinds, tables)
            if rule is not None:
                yield rule

    def rule(
        self, path: Path, raw: Any, kinds: Mapping[str, type], tables: Mapping[str, RateTable]
    ) -> Rule | None:
        name = str(raw.get("component")) if isinstance(raw, dict) else ""
        if name not in kinds:
            self.wrong(FILE, path, f"unknown component {name!r}", f"Known here: {', '.join(sorted(kinds))}")
            return None
        own = [one.name for one in fields(kinds[name])]
        entry = self.mapping(FILE, path, raw, ("component",), (*own, *_RULE_KEYS))
        if entry is None:
            return None
        options = self.options(path, kinds[name], entry, tables)
        forum = self.one_of(FILE, (*path, "forum"), entry.get("forum", ""), ("", *FORUMS))
        return Rule(
            name,
            options,
            self.condition(path, entry),
            self.dated(path, entry, "from"),
            self.dated(path, entry, "until"),
            self.cited(FILE, path, entry, f"the component {name}"),
            entry.get("possible", False) is True,
            forum,
            str(entry.get("key", "")),
        )

    def dated(self, path: Path, entry: Mapping[str, Any], key: str) -> date | None:  # type: ignore[override]
        return self.day(FILE, (*path, key), entry[key]) if key in entry else None

    def condition(self, path: Path, entry: Mapping[str, Any]) -> Any:
        if "when" not in entry:
            return None
        read = self.when(FILE, (*path, "when"), entry["when"])
        for name in sorted(read.facts - self.facts) if read is not None else ():
            self.wrong(FILE, (*path, "when"), f"unknown fact {name!r}", "Declare it in facts.yaml")
        return read

    def options(
        self, path: Path, kind: type, entry: Mapping[str, Any], tables: Mapping[str, RateTable]
    ) -> Any:
        """The component's options, each read by its type; tables must exist."""
        hints = get_type_hints(kind)
        given: dict[str, Any] = {}
        for one in fields(kind):
            if one.name in entry:
                given[one.name] = self.option(
                    (*path, one.name), one.name, hints[one.name], entry[one.name], tables
                )
        try:
            return kind(**given)
        except TypeError:
            missing = [one.name for one in fields(kind) if one.name not in given and one.default is MISSING]
            self.wrong(FILE, path, f"{', '.join(missing) or 'something'} missing", "Add it")
            return None

    def option(self, path: Path, name: str, kind: Any, value: Any, tables: Mapping[str, RateTable]) -> Any:
        if kind is bool:
            return value is True
        if kind is int:
            if not isinstance(value, int):
                self.wrong(FILE, path, f"{value!r} is no whole number", "Write 10")
            return value
        if kind is str:
            self.named(path, name, str(value), tables)
            return str(value)
        choices = GROUPS if name == "groups" else ()
        return self.words(FILE, path, value, choices)

    def named(self, path: Path, name: str, value: str, tables: Mapping[str, RateTable]) -> None:
        """Complains of a table or method that does not exist."""
        if name in _TABLES and value not in tables:
            self.wrong(
                FILE, path, f"there is no table {value!r}", f"Known here: {', '.join(tables) or 'none'}"
            )
        if name == "regular_rate" and value not in REGULAR:
            self.wrong(FILE, path, f"unknown method {value!r}", f"Known here: {', '.join(REGULAR)}")

    # --- limits ------------------------------------------------------------------------------------------

    def limits(self, raw: Any) -> Iterable[Limit]:
        for place, entry in enumerate(raw):
            path: Path = ("limits", place)
            made = self.mapping(
                FILE,
                path,
                entry,
                ("forum", "years"),
                ("groups", "components", "when", "tolls", "source", "sure", "sources"),
            )
            if made is None:
                continue
            yield Limit(
                self.one_of(FILE, (*path, "forum"), made["forum"], FORUMS),
                self.words(FILE, (*path, "groups"), made.get("groups"), GROUPS),
                int(made["years"]),
                self.condition(path, made),
                tuple(self.tolls((*path, "tolls"), made.get("tolls") or [])),
                self.cited(FILE, path, made, "the limit"),
                self.words(FILE, (*path, "components"), made.get("components")),
            )

    def tolls(self, path: Path, raw: Any) -> Iterable[Toll]:
        for place, entry in enumerate(raw):
            here = (*path, place)
            made = self.mapping(FILE, here, entry, ("from", "until"), ("source", "sure", "sources"))
            first = self.day(FILE, (*here, "from"), made["from"]) if made else None
            last = self.day(FILE, (*here, "until"), made["until"]) if made else None
            if made and first and last:
                yield Toll(first, last, self.cited(FILE, here, made, "the toll"))


_TABLES = frozenset({"table", "credit", "lower_credit", "threshold", "weekly_table", "high", "middle", "low"})


def _names(raw: Any) -> frozenset[str]:
    return frozenset(str(name).strip().casefold() for name in raw or ())


def _doubted(sources: tuple[Source, ...], sure: Any) -> tuple[Source, ...]:
    """The sources of a cell that is less sure than its row."""
    if not sure:
        return sources
    return tuple(Source(source.title, source.url, str(sure)) for source in sources[:1])


__all__ = ["FILE", "NoWageLaw", "PackError", "law_of", "parse"]
