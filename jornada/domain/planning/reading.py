"""A planning pack from its pages: every number with its unit, source and line; all that is wrong, at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, TypeVar

from jornada.domain.located import PackError, PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.planning.catalogue import (
    EVERYONE,
    OTHER_GROUPS,
    Amount,
    Catalogue,
    Help,
    Model,
    PolicyState,
    Programme,
    Resource,
    Rule,
    Season,
    Shock,
    Strategy,
)
from jornada.domain.planning.figures import DIMENSIONS, Figure, NotAFigure, parse
from jornada.domain.planning.strategyreading import StrategyReader

Read = TypeVar("Read")
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
Effect = Literal["DENY", "LIMIT", "FLAG"]


def read(name: str, files: Mapping[str, str]) -> Catalogue:
    """The planning pack in these texts; PackErrors holds everything that is wrong with it."""
    book = Book(name, files)
    pack = None if book.pages.unreadable() else book.catalogue()
    if book.pages.errors or pack is None:
        raise PackErrors(tuple(sorted(book.pages.errors, key=lambda one: (one.file, one.line))))
    return pack


class Book:
    """The pages of the pack while they are read, and the numbers found so far by path."""

    def __init__(self, name: str, files: Mapping[str, str]) -> None:
        self.pages = Pages(name, files)
        self.figures: dict[str, Figure] = {}
        self.ramps: dict[str, tuple[float, ...]] = {}
        self.as_of = date.min
        self.referred: list[tuple[str, Path, str, tuple[str, ...]]] = []

    def catalogue(self) -> Catalogue | None:
        head = self.pages.head_with(("as_of",))
        if head is None:
            return None
        self.as_of = self.pages.day("pack.yaml", ("as_of",), head.get("as_of")) or date.min
        self.shared_numbers()
        curve = self.steps(
            "numbers.yaml", ("arrivals", "curve"), self.part("numbers.yaml", "arrivals").get("curve")
        )
        languages = self.each("help.yaml", "languages", self.language)
        complexities = self.each("help.yaml", "complexities", self.complexity)
        resources = self.each("help.yaml", "resources", self.resource)
        models = self.each("help.yaml", "models", self.model)
        rules = self.each("help.yaml", "rules", self.rule)
        helps = self.pages.listed(
            "help.yaml", "help", self.help, "languages", "complexities", "resources", "models", "rules"
        )
        programmes = self.each("calendars.yaml", "programmes", self.programme)
        seasons = self.each("calendars.yaml", "seasons", self.season)
        strategies = self.each("strategies.yaml", "strategies", StrategyReader(self).strategy)
        policy = self.each("policy.yaml", "states", self.state)
        shocks = self.each("policy.yaml", "shocks", self.shock)
        known = self.pages.mapping(
            "policy.yaml", ("known",), self.part("policy.yaml", "known"), ("state", "as_of", "source", "sure")
        )
        wording = self.pages.own_wording(head["languages"])
        if not self.resolved() or known is None:
            return None
        pack = Catalogue(
            name=self.pages.name,
            title=self.pages.title(head),
            languages=tuple(head["languages"]),
            as_of=self.as_of,
            figures=self.figures,
            ramps=self.ramps,
            curve=curve,
            relayed=languages,
            complexities=complexities,
            resources=resources,
            models=models,
            help={one.id: one for one in helps},
            rules=rules,
            strategies=strategies,
            programmes=programmes,
            seasons=seasons,
            policy=policy,
            shocks=shocks,
            known_state=str(known["state"]),
            known_as_of=self.pages.day("policy.yaml", ("known", "as_of"), known["as_of"]) or self.as_of,
            wording=wording,
            fingerprint=self.pages.fingerprint_with(),
            approvals=self.pages.approvals(head),
        )
        Whole(self.pages, pack).check()
        return pack

    # --- numbers ------------------------------------------------------------------------------------

    def part(self, file: str, key: str) -> dict[str, Any]:
        """What stands under a top key, as a mapping; empty with a complaint if it is none."""
        page = self.pages.pages.get(file)
        data = page.data.get(key) if page and isinstance(page.data, dict) else None
        if not isinstance(data, dict):
            self.pages.wrong(
                file, (key,), f"{key} is missing or not a mapping", f"Write {key}: and its entries"
            )
            return {}
        return data

    def each(
        self, file: str, key: str, make: Callable[[str, Path, str, Any], Read | None]
    ) -> dict[str, Read]:
        found = {name: make(file, (key, name), name, raw) for name, raw in self.part(file, key).items()}
        return {name: one for name, one in found.items() if one is not None}

    def shared_numbers(self) -> None:
        file = "numbers.yaml"
        for group, entries in self.part(file, "numbers").items():
            for name, raw in (entries if isinstance(entries, dict) else {}).items():
                self.figure(file, ("numbers", group, name), f"{group}.{name}", raw, tuple(sorted(DIMENSIONS)))
        for name, raw in self.part(file, "ramps").items():
            self.ramps[name] = self.steps(file, ("ramps", name), raw)

    def figure(self, file: str, path: Path, name: str, raw: Any, dimensions: Sequence[str]) -> str:
        """Reads `{is: …, source: …, sure: …}` and keeps the figure under its path; the path, also when wrong."""
        allowed = ("spread", "as_of", "describe", "ramp", "varies", "sources", "source", "sure", "times")
        entry = self.pages.mapping(file, path, raw, ("is",), allowed)
        if entry is None:
            return name
        sources = self.pages.cited(file, path, entry, f"{name}")
        day = self.pages.day(file, (*path, "as_of"), entry["as_of"]) if "as_of" in entry else self.as_of
        try:
            figure = parse(name, entry["is"], tuple(dimensions), str(entry.get("spread", "")))
        except NotAFigure as wrong:
            self.pages.wrong(file, path, wrong.problem, wrong.mend)
            figure = Figure(name, 0, 0, 0, dimensions[0])
        self.figures[name] = replace(figure, sources=sources, as_of=day)
        return name

    def amount(self, file: str, path: Path, name: str, raw: Any, dimensions: Sequence[str]) -> Amount | None:
        """A figure of its own, or `{number: work.x, times: …}`, or the path of a shared number."""
        if raw is None:
            return None
        if isinstance(raw, str):
            raw = {"number": raw}
        if isinstance(raw, dict) and "number" in raw:
            entry = self.pages.mapping(file, path, raw, ("number",), ("times", "ramp"))
            number = str(raw["number"])
            self.referred.append((file, path, number, tuple(dimensions)))
        else:
            entry, number = (
                raw if isinstance(raw, dict) else {},
                self.figure(file, path, name, raw, dimensions),
            )
        entry = entry or {}
        ramp = str(entry.get("ramp", ""))
        if ramp and ramp not in self.ramps:
            self.pages.wrong(file, path, f"unknown ramp {ramp!r}", f"Known here: {', '.join(self.ramps)}")
        figure = self.figures.get(number)
        hours = figure is not None and figure.unit == "hours per month" and dimensions[0] == "FTE"
        return Amount(number, self.plain(file, path, entry.get("times", 1)), hours, ramp)

    def path_of(self, file: str, path: Path, name: str, raw: Any, dimensions: Sequence[str]) -> str:
        found = self.amount(file, path, name, raw, dimensions)
        return found.number if found else ""

    def plain(self, file: str, path: Path, raw: Any) -> float:
        try:
            return float(raw)
        except (TypeError, ValueError):
            self.pages.wrong(
                file, path, f"{raw!r} is not a number", "Write a number, with quotes if it has a point"
            )
            return 0.0

    def steps(self, file: str, path: Path, raw: Any) -> tuple[float, ...]:
        """A row of plain numbers with its source: `{steps: "0.5 0.3 0.1 0.1", source: …, sure: …}`."""
        entry = self.pages.mapping(file, path, raw, ("steps", "source", "sure"), ("describe",))
        if entry is None:
            return (1.0,)
        self.pages.cited(file, path, entry, ".".join(map(str, path)))
        return tuple(self.plain(file, path, step) for step in str(entry["steps"]).split())

    def resolved(self) -> bool:
        """Whether every number that is referred to is there and counted in what its place asks for."""
        for file, path, number, dimensions in self.referred:
            figure = self.figures.get(number)
            if figure is None:
                self.pages.wrong(
                    file, path, f"there is no number {number!r}", "Add it to numbers.yaml, or mend the name"
                )
            elif figure.unit not in dimensions and not (
                dimensions[0] == "FTE" and figure.unit in ("share", "hours per month")
            ):
                self.pages.wrong(
                    file,
                    path,
                    f"{number} is counted in {figure.unit}, and this place in {' or '.join(dimensions)}",
                    "Use a number in that unit",
                )
        return not self.pages.errors

    # --- help ---------------------------------------------------------------------------------------

    def language(self, file: str, path: Path, name: str, raw: Any) -> bool | None:
        entry = self.pages.mapping(file, path, raw, (), ("relayed",))
        return None if entry is None else bool(entry.get("relayed", False))

    def complexity(self, file: str, path: Path, name: str, raw: Any) -> str | None:
        entry = self.pages.mapping(file, path, raw, (), ("times",))
        return None if entry is None else self.path_of(file, path, name, entry.get("times"), ("times",))

    def resource(self, file: str, path: Path, name: str, raw: Any) -> Resource | None:
        entry = self.pages.mapping(file, path, raw, ("unit",), ("from", "everywhere", "share_of_requests"))
        if entry is None:
            return None
        unit = self.pages.one_of(file, path, entry["unit"], sorted(DIMENSIONS))
        grown = {
            other: self.path_of(file, path, name, number, ("places per FTE",))
            for other, number in (entry.get("from") or {}).items()
        }
        share = self.path_of(file, path, name, entry.get("share_of_requests"), ("share",))
        return Resource(name, unit, bool(entry.get("everywhere", False)), grown, share)

    def model(self, file: str, path: Path, name: str, raw: Any) -> Model | None:
        entry = self.pages.mapping(file, path, raw, ("complexities", "liability_months"))
        if entry is None:
            return None
        serves = self.pages.words(file, path, entry["complexities"])
        return Model(name, frozenset(serves), self.plain(file, path, entry["liability_months"]))

    def help(self, file: str, path: Path, raw: Any) -> Help | None:
        allowed = ("cases", "per_case", "hours", "interpreted", "fluent", "rules", "filed", "room_for_filed")
        entry = self.pages.mapping(file, path, raw, ("id", "model", "draws_on", "serves"), allowed)
        if entry is None:
            return None
        name = f"help.{entry['id']}"
        filed = self.pages.words(file, path, entry.get("filed"))
        self.referred += [(file, path, number, ("share",)) for number in filed]
        return Help(
            id=str(entry["id"]),
            model=str(entry["model"]),
            draws_on=str(entry["draws_on"]),
            serves=frozenset(self.pages.words(file, path, entry["serves"])),
            filed=filed,
            cases=self.path_of(file, path, f"{name}.cases", entry.get("cases"), ("cases per FTE-month",)),
            per_case=self.path_of(
                file, (*path, "per_case"), f"{name}.per_case", entry.get("per_case"), ("USD per case",)
            ),
            hours=self.path_of(file, path, f"{name}.hours", entry.get("hours"), ("hours per case",)),
            interpreted=bool(entry.get("interpreted", False)),
            fluent=frozenset(self.pages.words(file, path, entry.get("fluent"))),
            rules=self.pages.words(file, path, entry.get("rules")),
            room_for_filed=bool(entry.get("room_for_filed", False)),
        )

    def rule(self, file: str, path: Path, name: str, raw: Any) -> Rule | None:
        entry = self.pages.mapping(file, path, raw, ("effect", "source", "sure"), ("closes",))
        if entry is None:
            return None
        closes = entry.get("closes", [])
        closes = [closes] if closes in (EVERYONE, OTHER_GROUPS) else closes
        effects: tuple[Effect, ...] = ("DENY", "LIMIT", "FLAG")
        self.pages.one_of(file, (*path, "effect"), entry["effect"], effects)
        effect: Effect = next((one for one in effects if one == entry["effect"]), "FLAG")
        return Rule(
            name, effect, frozenset(self.pages.words(file, path, closes)), self.pages.cited(file, path, entry)
        )

    # --- calendars and policy -------------------------------------------------------------------------

    def programme(self, file: str, path: Path, name: str, raw: Any) -> Programme | None:
        needed = ("opens", "due", "starts", "years_later", "source", "sure", "looked_at", "holds_until")
        entry = self.pages.mapping(file, path, raw, needed)
        looked, holds = self.kept(file, path, entry)
        if entry is None or looked is None or holds is None:
            return None
        days = [self.month_day(file, (*path, key), entry[key]) for key in ("opens", "due", "starts")]
        sources = self.pages.cited(file, path, entry)
        opens, due, starts = days
        return Programme(name, opens, due, starts, int(entry["years_later"]), looked, holds, sources)

    def kept(self, file: str, path: Path, entry: Mapping[str, Any] | None) -> tuple[date | None, date | None]:
        if entry is None:
            return None, None
        looked = self.pages.day(file, (*path, "looked_at"), entry["looked_at"])
        return looked, self.pages.day(file, (*path, "holds_until"), entry["holds_until"])

    def month_day(self, file: str, path: Path, raw: Any) -> tuple[int, int]:
        match = _MONTH_DAY.fullmatch(str(raw))
        try:
            if match is None:
                raise ValueError
            date(2001, int(match[1]), int(match[2]))
        except ValueError:
            self.pages.wrong(file, path, f"{raw!r} is not a day of the year", 'Write month and day, "09-17"')
            return 1, 1
        return int(match[1]), int(match[2])

    def season(self, file: str, path: Path, name: str, raw: Any) -> Season | None:
        entry = self.pages.mapping(
            file, path, raw, ("begins", "source", "sure", "looked_at", "holds_until"), ("works",)
        )
        looked, holds = self.kept(file, path, entry)
        if entry is None or looked is None or holds is None:
            return None
        begins = [month for month in entry["begins"] if isinstance(month, int) and 1 <= month <= 12]
        if len(begins) != len(entry["begins"]) or not begins:
            self.pages.wrong(
                file,
                (*path, "begins"),
                "begins is no list of months",
                "Write [1, 9] for January and September",
            )
        works = int(entry["works"]) if "works" in entry else None
        return Season(name, frozenset(begins), works, looked, holds, self.pages.cited(file, path, entry))

    def state(self, file: str, path: Path, name: str, raw: Any) -> PolicyState | None:
        entry = self.pages.mapping(file, path, raw, ("requests", "filing"))
        if entry is None:
            return None
        requests = self.path_of(
            file, (*path, "requests"), f"policy.{name}.requests", entry["requests"], ("times",)
        )
        return PolicyState(
            name,
            requests,
            self.path_of(file, (*path, "filing"), f"policy.{name}.filing", entry["filing"], ("share",)),
        )

    def shock(self, file: str, path: Path, name: str, raw: Any) -> Shock | None:
        entry = self.pages.mapping(file, path, raw, ("states", "source", "sure"))
        if entry is None:
            return None
        states = []
        known = self.part(file, "states")
        for place, one in enumerate(entry["states"]):
            step = self.pages.mapping(file, (*path, "states", place), one, ("state",), ("months",))
            if step:
                self.pages.one_of(file, (*path, "states", place), step["state"], tuple(known))
                states.append((str(step["state"]), int(step["months"]) if "months" in step else None))
        return Shock(name, tuple(states), self.pages.cited(file, path, entry))


class Whole:
    """Checks across files: names that must exist, texts in every language, seasons that strategies ask for."""

    def __init__(self, pages: Pages, pack: Catalogue) -> None:
        self.pages, self.pack = pages, pack

    def check(self) -> None:
        for strategy in self.pack.strategies.values():
            self.strategy(strategy)
        for place, one in enumerate(self.pack.help.values()):
            path: Path = ("help", place)
            self.known("help.yaml", path, (one.model,), self.pack.models)
            self.known("help.yaml", path, (one.draws_on,), self.pack.resources)
            self.known("help.yaml", path, one.rules, self.pack.rules)
            self.known("help.yaml", path, sorted(one.serves), self.pack.complexities)
        self.known("policy.yaml", ("known",), (self.pack.known_state,), self.pack.policy)
        if abs(sum(self.pack.curve) - 1) > 1e-9:
            self.pages.wrong(
                "numbers.yaml",
                ("arrivals", "curve"),
                "the arrival curve does not add up to 1",
                "Mend its steps",
            )
        self.texts()

    def strategy(self, one: Strategy) -> None:
        path: Path = ("strategies", one.id)
        if one.programme:
            self.known("strategies.yaml", (*path, "starts"), (one.programme,), self.pack.programmes)
        if one.season:
            self.known("strategies.yaml", (*path, "starts"), (one.season,), self.pack.seasons)
        self.known("strategies.yaml", (*path, "rules"), one.rules, self.pack.rules)
        self.known("strategies.yaml", (*path, "needs"), tuple(one.needs), self.pack.resources)
        if one.dated and not one.prepare:
            self.pages.wrong(
                "strategies.yaml", path, f"{one.id} is dated and says no time to prepare", "Add prepare:"
            )
        if not one.dated and any(phase.after is None for phase in one.phases):
            self.pages.wrong(
                "strategies.yaml",
                (*path, "phases"),
                f"a phase of {one.id} does not say when it begins",
                "Add after:",
            )

    def known(self, file: str, path: Path, names: Sequence[str], there: Mapping[str, object]) -> None:
        for name in names:
            if name not in there:
                self.pages.wrong(file, path, f"unknown {name!r}", f"Known here: {', '.join(there)}")

    def texts(self) -> None:
        """Every name that people read has a text in each language, and both languages have the same texts."""
        wanted = {f"strategies.{one.id}" for one in self.pack.strategies.values()}
        wanted |= {f"stages.{stage.name}" for one in self.pack.strategies.values() for stage in one.stages}
        wanted |= {f"documents.{name}" for one in self.pack.strategies.values() for name in one.documents}
        wanted |= {f"resources.{name}" for name in self.pack.resources} | {
            f"help.{name}" for name in self.pack.help
        }
        wanted |= {f"models.{name}" for name in self.pack.models} | {
            f"rules.{name}" for name in self.pack.rules
        }
        wanted |= {f"policy.{name}" for name in self.pack.policy} | {
            f"shocks.{name}" for name in self.pack.shocks
        }
        wanted |= {f"languages.{name}" for name in self.pack.relayed} | {
            f"complexities.{name}" for name in self.pack.complexities
        }
        everything = wanted.union(*(texts for texts in self.pack.wording.values()))
        for language, texts in self.pack.wording.items():
            for key in sorted(everything - texts.keys()):
                file = f"wording/{language}.yaml"
                self.pages.errors.append(
                    PackError(file, 1, f"there is no text {key!r} in {language!r}", "Add it")
                )
