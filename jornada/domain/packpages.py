"""The pages of a pack while it is read: shapes looked at, sources resolved, complaints with their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from jornada.domain import located
from jornada.domain.conditions import Condition, ConditionError, condition
from jornada.domain.facts import Source
from jornada.domain.located import Located, PackError, Path

Made = TypeVar("Made")


class Pages:
    """The files of a pack as data with lines, and all that was found wrong with them so far."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.errors: list[PackError] = []
        self.pages: dict[str, Located] = {
            file: located.read(file, text, self.errors) for file, text in sorted(files.items())
        }
        self.sources: dict[str, Source] = {}

    def unreadable(self) -> bool:
        """Whether some file came out as nothing at all because it is no YAML."""
        complained = {error.file for error in self.errors}
        return any(page.data is None and file in complained for file, page in self.pages.items())

    def wrong(self, file: str, path: Path, problem: str, mend: str) -> None:
        page = self.pages.get(file)
        self.errors.append(PackError(file, page.line(path) if page else 1, problem, mend))

    def mapping(
        self, file: str, path: Path, raw: Any, needed: Sequence[str], allowed: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        """The mapping if it has the needed keys and no unknown ones; else None, with the complaints noted."""
        if not isinstance(raw, dict):
            self.wrong(
                file,
                path,
                f"{raw!r} is not a mapping",
                f"It needs the keys {', '.join(needed) or ', '.join(allowed)}",
            )
            return None
        for key in raw:
            if key not in needed and key not in allowed:
                self.wrong(
                    file,
                    (*path, key),
                    f"unknown key {key!r}",
                    f"Known here: {', '.join((*needed, *allowed))}",
                )
        missing = [key for key in needed if raw.get(key) is None]
        if missing:
            self.wrong(file, path, f"{', '.join(missing)} missing", "Add it")
        return None if missing else raw

    def top(self, file: str, key: str, *others: str) -> Any:
        """What stands under the one top key of a file."""
        page = self.pages.get(file)
        if page is None or page.data is None:
            return None
        data = self.mapping(file, (), page.data, (key,), others)
        return data[key] if data else None

    def listed(
        self, file: str, key: str, make: Callable[[str, Path, Any], Made | None], *others: str
    ) -> list[Made]:
        raw = self.top(file, key, *others)
        if raw is None:
            return []
        if not isinstance(raw, list):
            self.wrong(file, (key,), f"{key} is not a list", f"Write {key}: and one - for each")
            return []
        made = [make(file, (key, place), item) for place, item in enumerate(raw)]
        return [one for one in made if one is not None]

    def words(self, file: str, path: Path, raw: Any, choices: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of words, each among the choices if there are any."""
        if raw is None:
            return ()
        if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
            self.wrong(file, path, f"{raw!r} is not a list of words", "Write [one, two]")
            return ()
        for place, item in enumerate(raw):
            if choices and item not in choices:
                self.wrong(file, (*path, place), f"unknown {item!r}", f"Known here: {', '.join(choices)}")
        return tuple(raw)

    def one_of(self, file: str, path: Path, value: Any, choices: Sequence[str]) -> str:
        if value not in choices:
            self.wrong(file, path, f"unknown {value!r}", f"Known here: {', '.join(choices)}")
        return str(value)

    def day(self, file: str, path: Path, raw: Any) -> date | None:
        try:
            return date.fromisoformat(raw)
        except (TypeError, ValueError):
            self.wrong(file, path, f"{raw!r} is not a day", 'Write "2025-02-05"')
            return None

    def when(self, file: str, path: Path, raw: Any) -> Condition | None:
        try:
            return condition(raw, path)
        except ConditionError as wrong:
            self.wrong(file, wrong.path or path, wrong.problem, wrong.mend)
            return None

    # --- sources ------------------------------------------------------------------------------------

    def read_sources(self, raw: Any) -> None:
        self.sources["design"] = Source("Our own default")
        if not isinstance(raw, dict):
            self.wrong(
                "pack.yaml", ("sources",), "sources is not a mapping", 'Write S1: {title: "…", url: "…"}'
            )
            return
        for key, entry in raw.items():
            made = self.mapping("pack.yaml", ("sources", key), entry, ("title",), ("url",))
            if made:
                self.sources[key] = Source(str(made["title"]), str(made.get("url", "")))

    def cited(self, file: str, path: Path, raw: Mapping[str, Any], needed: str = "") -> tuple[Source, ...]:
        """The sources of an entry: `{source: S5, sure: S}` beside it or a list under `sources`."""
        listed = raw.get("sources")
        if listed is None:
            listed = [{"source": raw["source"], "sure": raw.get("sure")}] if "source" in raw else []
        if not listed and needed:
            self.wrong(
                file,
                path,
                f"{needed} has no source",
                "Add sources: [{source: S1, sure: P}]; where it is ours: {source: design, sure: D}",
            )
        if not isinstance(listed, list):
            self.wrong(
                file, (*path, "sources"), "sources is not a list", "Write sources: [{source: S1, sure: P}]"
            )
            return ()
        made = [self.source(file, (*path, "sources", place), entry) for place, entry in enumerate(listed)]
        return tuple(one for one in made if one is not None)

    def source(self, file: str, path: Path, raw: Any) -> Source | None:
        entry = self.mapping(file, path, raw, ("source", "sure"))
        if entry is None:
            return None
        if not set(str(entry["sure"]).split("/")) <= set("PSGIMUD"):
            self.wrong(
                file,
                path,
                f"{entry['sure']!r} is no certainty",
                "Use P, S, G, I, M, U or D, joined by / when both",
            )
        known = self.sources.get(str(entry["source"]))
        if known is None:
            self.wrong(
                file,
                path,
                f"the source {entry['source']!r} is not in pack.yaml",
                "Add it under sources there",
            )
            return None
        return replace(known, certainty=str(entry["sure"]))
