"""The pages of a pack while it is read: shapes looked at, sources resolved, complaints with their lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from jornada.domain import located
from jornada.domain.conditions import Condition, ConditionError, condition
from jornada.domain.facts import CERTAINTIES, Source
from jornada.domain.located import Located, PackError, Path
from jornada.domain.packparts import Approval, Dated, Parameter

Made = TypeVar("Made")


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class Pages:
    """The files of a pack as data with lines, and all that was found wrong with them so far."""

    def __init__(self, name: str, files: Mapping[str, str]) -> None:
        self.name = name
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
        self.sources.setdefault("design", Source("Our own default"))
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
        if not set(str(entry["sure"]).split("/")) <= CERTAINTIES:
            self.wrong(
                file,
                path,
                f"{entry['sure']!r} is no certainty",
                f"Use one of {', '.join(sorted(CERTAINTIES))}, joined by / when both",
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

    # --- what every pack has: its head, approvals, fingerprint ------------------------------------------

    def head_with(self, allowed: Sequence[str] = ()) -> dict[str, Any] | None:
        """What stands in pack.yaml, its sources read; None if it cannot be used. `allowed` are a kind's own keys."""
        page = self.pages.get("pack.yaml")
        if page is None:
            return None
        head = self.mapping(
            "pack.yaml",
            (),
            page.data,
            ("name", "title", "languages"),
            ("kind", "owner", "sources", "approvals", *allowed),
        )
        if head is None:
            return None
        if head["name"] != self.name:
            self.wrong(
                "pack.yaml",
                ("name",),
                f"the name {head['name']!r} is not the folder's, {self.name!r}",
                "Make them equal",
            )
        if not self.words("pack.yaml", ("languages",), head["languages"]):
            return None
        self.read_sources(head.get("sources") or {})
        return head

    def title(self, head: Mapping[str, Any]) -> dict[str, str]:
        """The title by language; one text stands for all."""
        raw = head["title"]
        if isinstance(raw, str):
            return dict.fromkeys(head["languages"], raw)
        titles = self.mapping("pack.yaml", ("title",), raw, tuple(head["languages"]))
        return {language: str(text) for language, text in (titles or {}).items()}

    def approvals(self, head: Mapping[str, Any]) -> tuple[Approval, ...]:
        made = []
        for place, raw in enumerate(head.get("approvals") or ()):
            entry = self.mapping("pack.yaml", ("approvals", place), raw, ("fingerprint", "name", "day"))
            if entry:
                made.append(Approval(str(entry["fingerprint"]), str(entry["name"]), str(entry["day"])))
        return tuple(made)

    def fingerprint_with(self, more: Mapping[str, Any] | None = None) -> str:
        """SHA-256 of the content that decides: not of comments, key order, approvals or examples."""
        content: dict[str, Any] = {}
        for file, page in self.pages.items():
            if file == "pack.yaml" and isinstance(page.data, dict):
                content[file] = {key: value for key, value in page.data.items() if key != "approvals"}
            elif file != "examples.yaml":
                content[file] = page.data
        content.update(more or {})
        return hashlib.sha256(_canonical(content).encode()).hexdigest()

    # --- wording ------------------------------------------------------------------------------------

    def own_wording(self, languages: Sequence[str]) -> dict[str, dict[str, str]]:
        """Every text of the pack's own wording/ by language and dotted key; a key twice is an error."""
        found: dict[str, dict[str, str]] = {language: {} for language in languages}
        for file, page in self.pages.items():
            folder, _, rest = file.partition("/")
            if folder != "wording" or not rest.endswith(".yaml"):
                continue
            language = rest.removesuffix(".yaml").split("-")[0]
            if language in found:
                self.read_texts(file, page, found[language])
            else:
                self.wrong(
                    file,
                    (),
                    f"the pack does not offer the language {language!r}",
                    "Add it to languages in pack.yaml",
                )
        return found

    def read_texts(self, file: str, page: Located, texts: dict[str, str]) -> None:
        for key, value, path in located.flat(page.data or {}):
            if not isinstance(value, str) or not value.strip():
                self.wrong(file, path, f"the text {key!r} is {value!r}", "Write the text in quotes")
            elif key in texts:
                self.wrong(file, path, f"the text {key!r} stands twice in this language", "Keep one of them")
            else:
                texts[key] = value.strip()

    # --- dated values -----------------------------------------------------------------------------

    def parameters(self) -> dict[str, Parameter]:
        raw = self.top("parameters.yaml", "parameters")
        made: dict[str, Parameter] = {}
        for name, entry in raw.items() if isinstance(raw, dict) else ():
            parameter = self.parameter(("parameters", name), name, entry)
            if parameter is not None:
                made[name] = parameter
        return made

    def parameter(self, path: Path, name: str, raw: Any) -> Parameter | None:
        file = "parameters.yaml"
        entry = self.mapping(file, path, raw, ("describe", "confirmed_until", "history"), ("kind", "unit"))
        if entry is None:
            return None
        confirmed = self.day(file, (*path, "confirmed_until"), entry["confirmed_until"])
        history = [self.dated((*path, "history", place), one) for place, one in enumerate(entry["history"])]
        entries = [one for one in history if one is not None]
        if any(later.start <= earlier.start for earlier, later in pairwise(entries)):
            self.wrong(
                file,
                (*path, "history"),
                "the history is not in order of its days",
                "Sort it by start, each day once",
            )
        if any(e.end is not None and e.end >= later.start for e, later in pairwise(entries)):
            self.wrong(
                file, (*path, "history"), "an entry ends after the next one starts", "End it the day before"
            )
        if confirmed is None or not entries:
            return None
        return Parameter(
            name,
            str(entry["describe"]),
            tuple(entries),
            confirmed,
            str(entry.get("kind", "")),
            str(entry.get("unit", "")),
        )

    def dated(self, path: Path, raw: Any) -> Dated | None:
        file = "parameters.yaml"
        entry = self.mapping(file, path, raw, ("start", "value"), ("end", "source", "sure", "sources"))
        if entry is None:
            return None
        sources = self.cited(file, path, entry, "the value")
        start = self.day(file, (*path, "start"), entry["start"])
        end = self.day(file, (*path, "end"), entry["end"]) if "end" in entry else None
        return Dated(entry["value"], start, end, sources) if start else None
