"""A planning pack's pages and numbers while they are read: what everybody who reads a part of it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from jornada.domain.located import Path
from jornada.domain.packpages import Pages
from jornada.domain.planning.catalogue import Amount
from jornada.domain.planning.figures import DIMENSIONS, Figure, NotAFigure, parse

Read = TypeVar("Read")


class Book:
    """The pages of the pack while they are read, and the numbers found so far by path."""

    def __init__(self, name: str, files: Mapping[str, str]) -> None:
        self.pages = Pages(name, files)
        self.figures: dict[str, Figure] = {}
        self.ramps: dict[str, tuple[float, ...]] = {}
        self.as_of = date.min
        self.referred: list[tuple[str, Path, str, tuple[str, ...]]] = []

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
