"""Reading a rule pack: from its files to one checked, fingerprinted `RulePack`.

`parse` finds everything that is wrong before it gives up, and says file, line
and mend for each. Nothing is read from disk here; see gateways/packfiles.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jornada.domain import calendars as days
from jornada.domain import functions, located, packchecks, vocabulary
from jornada.domain.calendars import Calendar
from jornada.domain.conditions import Condition, NotInForce, Scope, condition
from jornada.domain.facts import Circumstances, Statement
from jornada.domain.located import Located, PackError, PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.packparts import (
    FINDING_KINDS,
    FIRMNESS,
    LEVELS_OF_SERVICE,
    STAGES,
    TRACKS,
    Approval,
    DeadlineRule,
    Example,
    FindingRule,
    Gate,
    InForce,
    MissingWording,
    Parameter,
    Question,
    RulePack,
    TrackRule,
)
from jornada.domain.vocabulary import Fact

__all__ = [
    "Approval",
    "Circumstances",
    "DeadlineRule",
    "Example",
    "Fact",
    "FindingRule",
    "Gate",
    "InForce",
    "MissingWording",
    "NotInForce",
    "PackError",
    "PackErrors",
    "Parameter",
    "Question",
    "RulePack",
    "Scope",
    "TrackRule",
    "condition",
    "parse",
]

_NEEDED = ("pack.yaml", "facts.yaml", "interview.yaml", "findings.yaml", "triage.yaml")
_NOT_DOCUMENTS = (*_NEEDED, "parameters.yaml", "preparation.yaml", "deadlines.yaml", "examples.yaml")
_ASKS = ("needed", "every")
_STATEMENT_DAYS = ("issued_on", "period_from", "period_to", "withdrawn_on")
_FUNCTIONS = functions  # imported so that packs can name what it registers


def parse(
    name: str,
    files: Mapping[str, str],
    vocabularies: Mapping[str, Mapping[str, str]] | None = None,
    calendars: Mapping[str, str] | None = None,
) -> RulePack:
    """The pack of that name from the text of its files (keys are paths within the pack's folder).

    `vocabularies` are the folders that it `uses`, `calendars` the calendar files
    by name. Raises PackErrors with all that is wrong; a pack is whole or refused.
    """
    reader = _Reader(name, files, vocabularies or {}, calendars or {})
    pack = reader.pack()
    # With a whole file unreadable every name in it would look unknown: that one comes first.
    checkable = pack is not None and not reader.unreadable()
    errors = [*reader.errors, *(packchecks.check(pack) if pack is not None and checkable else ())]
    if errors or pack is None:
        raise PackErrors(tuple(dict.fromkeys(sorted(errors, key=lambda error: (error.file, error.line)))))
    return pack


class _Reader(Pages):
    """Reads the parts one after the other and collects what is wrong on the way."""

    def __init__(
        self,
        name: str,
        files: Mapping[str, str],
        vocabularies: Mapping[str, Mapping[str, str]],
        calendars: Mapping[str, str],
    ) -> None:
        super().__init__(name, files)
        self.vocabularies, self.calendar_files = vocabularies, calendars
        self.shared: dict[str, Located] = {}

    # --- the pack ---------------------------------------------------------------------------------

    def pack(self) -> RulePack | None:
        head = self.head()
        self.missing_files()
        if head is None:
            return None
        levels, gates, tracks = self.triage()
        facts = self.facts(head)
        found_calendars = self.calendars()
        files = {file: page.data for file, page in self.pages.items() if not file.startswith("wording/")}
        return RulePack(
            name=self.name,
            title=self.title(head),
            languages=tuple(head["languages"]),
            uses=tuple(head.get("uses") or ()),
            sources=self.sources,
            facts=facts,
            sections=self.sections(head, facts),
            parameters=self.parameters(),
            questions=self.questions(),
            findings=self.findings(levels),
            levels=levels,
            gates=gates,
            tracks=tracks,
            deadlines=self.deadlines(),
            wording=self.wording(tuple(head["languages"])),
            examples=self.examples(),
            statements=self.statements(),
            stop_early=self.words("pack.yaml", ("stop_early",), head.get("stop_early")),
            approvals=self.approvals(head),
            fingerprint=self.fingerprint(),
            documents={file: data for file, data in files.items() if file not in _NOT_DOCUMENTS},
            calendar=self.own_calendar(head, found_calendars),
            calendars=found_calendars,
            jurisdiction=str(head.get("jurisdiction", "")),
            owner=str(head.get("owner", "")),
            asks_every=self.one_of("pack.yaml", ("asks",), head.get("asks", "needed"), _ASKS) == "every",
            located=self.pages,
        )

    def missing_files(self) -> None:
        """Complains of parts that neither the pack nor a vocabulary that it uses has."""
        for file in _NEEDED:
            if not self.parts(file):
                self.errors.append(
                    PackError(file, 1, "the file is missing", "Copy it from a neighbouring pack")
                )

    def parts(self, file: str) -> list[str]:
        """Where a part stands: in vocabularies that hold one for all packs of their kind, then in the pack itself."""
        shared = [key for key in self.shared if key.endswith(f"/{file}") and key.count("/") == 2]
        return [*shared, file] if file in self.pages else shared

    def head(self) -> dict[str, Any] | None:
        head = self.head_with(("jurisdiction", "uses", "stop_early", "sections", "calendar", "asks"))
        if head is not None:
            self.read_vocabularies(self.words("pack.yaml", ("uses",), head.get("uses")))
        return head

    def read_vocabularies(self, names: Iterable[str]) -> None:
        for place, name in enumerate(names):
            files = self.vocabularies.get(name)
            if files is None:
                self.wrong(
                    "pack.yaml",
                    ("uses", place),
                    f"there is no vocabulary {name!r}",
                    f"Add rulepacks/{name}/facts.yaml or take it out of uses",
                )
                continue
            for file, text in sorted(files.items()):
                key = f"../{name}/{file}"
                self.shared[key] = self.pages[key] = located.read(key, text, self.errors)
            if f"../{name}/sources.yaml" in self.shared:
                self.read_sources(self.top(f"../{name}/sources.yaml", "sources") or {})

    def fingerprint(self) -> str:
        return self.fingerprint_with({"calendars": dict(self.calendar_files)})

    def calendars(self) -> dict[str, Calendar]:
        found: dict[str, Calendar] = {}
        for name, text in self.calendar_files.items():
            try:
                found[name] = days.parse(f"../calendars/{name}.yaml", text)
            except PackErrors as wrong:
                self.errors.extend(wrong.errors)
        return found

    def own_calendar(self, head: Mapping[str, Any], found: Mapping[str, Calendar]) -> Calendar | None:
        name = head.get("calendar")
        if name is None:
            return None
        if name not in found:
            self.wrong(
                "pack.yaml",
                ("calendar",),
                f"there is no calendar {name!r}",
                f"Add rulepacks/calendars/{name}.yaml",
            )
        return found.get(name)

    # --- facts, wording ------------------------------------------------------------------

    def facts(self, head: Mapping[str, Any]) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        where: dict[str, str] = {}
        for file in self.parts("facts.yaml"):
            raw = self.top(file, "facts")
            for name, entry in raw.items() if isinstance(raw, dict) else ():
                fact = self.fact(file, ("facts", name), name, entry)
                if name in found:
                    self.wrong(
                        file,
                        ("facts", name),
                        f"the fact {name!r} is declared in {where[name]} already",
                        "Keep one: a fact has one name across packs",
                    )
                if fact is not None:
                    found[name], where[name] = fact, file
        return found

    def fact(self, file: str, path: Path, name: str, raw: Any, nested: bool = False) -> Fact | None:
        own = () if nested else ("section", "class")
        entry = self.mapping(
            file,
            path,
            raw,
            ("kind", *own),
            (
                "options",
                "entry",
                "length",
                "max_length",
                "at_least",
                "at_most",
                "may_be_future",
                "may_be",
                "most_rows",
                "source",
                "sure",
                "sources",
            ),
        )
        if entry is None:
            return None
        kind = self.one_of(file, (*path, "kind"), entry["kind"], vocabulary.KINDS)
        if not nested:
            self.one_of(file, (*path, "class"), entry["class"], vocabulary.CLASSES)
        self.fact_shape(file, path, kind, entry)
        fields = self.fact_fields(file, (*path, "entry"), entry.get("entry"))
        length = entry.get("length", [])
        return Fact(
            name,
            kind,
            str(entry.get("section", "")),
            str(entry.get("class", "")),
            self.words(file, (*path, "options"), entry.get("options")),
            fields,
            tuple(length) if isinstance(length, list) else (length,),
            entry.get("max_length", 200),
            entry.get("at_least"),
            entry.get("at_most"),
            entry.get("may_be_future", False),
            str(entry.get("may_be", "")),
            self.cited(file, path, entry),
            entry.get("most_rows", 60),
        )

    def fact_shape(self, file: str, path: Path, kind: str, entry: Mapping[str, Any]) -> None:
        """Complains where options or entry stand without their kind, or the kind without them."""
        for key, kinds in (("options", ("choice", "choices")), ("entry", ("entries",))):
            if (kind in kinds) != (key in entry):
                self.wrong(
                    file,
                    path,
                    f"{key} and the kind {kind} do not go together",
                    f"{key} is for {' and '.join(kinds)}, and they need it",
                )

    def fact_fields(self, file: str, path: Path, raw: Any) -> dict[str, Fact]:
        """The fields of an entry."""
        if raw is not None and not isinstance(raw, dict):
            self.wrong(file, path, f"{raw!r} is not a mapping", "Write employer: {kind: text}")
        parts = raw if isinstance(raw, dict) else {}
        made = {key: self.fact(file, (*path, key), key, part, nested=True) for key, part in parts.items()}
        return {key: part for key, part in made.items() if part is not None}

    def sections(self, head: Mapping[str, Any], facts: Mapping[str, Fact]) -> tuple[str, ...]:
        named = tuple(dict.fromkeys(fact.section for fact in facts.values()))
        fixed = self.words("pack.yaml", ("sections",), head.get("sections"), named)
        return (*fixed, *(section for section in named if section not in fixed))

    def wording(self, languages: Sequence[str]) -> dict[str, dict[str, str]]:
        """Every text by language and dotted key; a key twice in one language is an error."""
        found: dict[str, dict[str, str]] = {language: {} for language in languages}
        for file, page in self.pages.items():
            folder, _, rest = file.rpartition("wording/")
            if (
                "wording/" not in file
                or not rest.endswith(".yaml")
                or folder not in ("", *(f"../{name}/" for name in self.vocabularies))
            ):
                continue
            language = rest.removesuffix(".yaml").split("-")[0]
            if language not in found:
                if not folder:
                    self.wrong(
                        file,
                        (),
                        f"the pack does not offer the language {language!r}",
                        "Add it to languages in pack.yaml",
                    )
                continue
            self.read_texts(file, page, found[language])
        return found

    # --- questions, findings, triage, deadlines ---------------------------------------------------

    def questions(self) -> tuple[Question, ...]:
        """Danger signs first, then in order; a question with `after` stands behind the one it names."""
        found: list[Question] = []
        for file in (*self.parts("interview.yaml"), *self.parts("preparation.yaml")):
            for question in self.listed(file, "questions", self.question):
                ids = [one.id for one in found]
                if question.after and question.after not in ids:
                    self.wrong(
                        file,
                        question.path,
                        f"there is no question {question.after!r} before it",
                        "Mend after",
                    )
                found.insert(ids.index(question.after) + 1 if question.after in ids else len(found), question)
        return (*(one for one in found if one.danger), *(one for one in found if not one.danger))

    def question(self, file: str, path: Path, raw: Any) -> Question | None:
        entry = self.mapping(
            file,
            path,
            raw,
            ("id", "asks", "stage"),
            ("danger", "when", "why_level", "after", "source", "sure", "sources"),
        )
        if entry is None:
            return None
        return Question(
            str(entry["id"]),
            self.words(file, (*path, "asks"), entry["asks"]),
            self.one_of(file, (*path, "stage"), entry["stage"], STAGES),
            entry.get("danger", False) is True,
            self.when(file, (*path, "when"), entry["when"]) if "when" in entry else None,
            str(entry.get("why_level", "")),
            self.cited(file, path, entry),
            path,
            file,
            str(entry.get("after", "")),
        )

    def findings(self, levels: Sequence[str]) -> dict[str, FindingRule]:
        made: dict[str, FindingRule] = {}
        for file in self.parts("findings.yaml"):
            for rule in self.listed(file, "findings", lambda f, p, raw: self.finding(f, p, raw, levels)):
                if rule.name in made:
                    self.wrong(
                        file,
                        rule.path,
                        f"the finding {rule.name!r} stands twice",
                        "Give one of them another name",
                    )
                made[rule.name] = rule
        return made

    def finding(self, file: str, path: Path, raw: Any, levels: Sequence[str]) -> FindingRule | None:
        entry = self.mapping(
            file,
            path,
            raw,
            ("finding", "kind", "reason"),
            (
                "question",
                "when",
                "function",
                "with",
                "level",
                "level_unsure",
                "reason_no",
                "reason_open",
                "tasks",
                "values",
                "source",
                "sure",
                "sources",
            ),
        )
        if entry is None:
            return None
        self.one_of(file, (*path, "kind"), entry["kind"], FINDING_KINDS)
        level = self.one_of(file, (*path, "level"), entry["level"], levels) if "level" in entry else ""
        unsure = (
            self.one_of(file, (*path, "level_unsure"), entry["level_unsure"], levels)
            if "level_unsure" in entry
            else _above(level, levels)
        )
        read = self.rule_condition(file, path, entry)
        sources = self.cited(file, path, entry, f"the finding {entry['finding']!r}")
        if read is None:
            return None
        return FindingRule(
            str(entry["finding"]),
            str(entry["kind"]),
            read,
            str(entry["reason"]),
            level,
            unsure,
            str(entry.get("reason_no", "")),
            str(entry.get("reason_open", "")),
            self.words(file, (*path, "tasks"), entry.get("tasks")),
            str(entry.get("question", "")),
            sources,
            self.value_names(file, (*path, "values"), entry.get("values") or {}),
            path,
            file,
        )

    def rule_condition(self, file: str, path: Path, entry: Mapping[str, Any]) -> Condition | None:
        if ("when" in entry) == ("function" in entry):
            self.wrong(file, path, "a finding has either when or function", "Write one of them")
            return None
        if "when" in entry:
            return self.when(file, (*path, "when"), entry["when"])
        call = {key: entry[key] for key in ("function", "with") if key in entry}
        return self.when(file, path, call)

    def value_names(self, file: str, path: Path, raw: Any) -> dict[str, tuple[str, str]]:
        made: dict[str, tuple[str, str]] = {}
        for name, where in raw.items() if isinstance(raw, dict) else ():
            if not isinstance(where, dict) or len(where) != 1 or set(where) - {"fact", "parameter"}:
                self.wrong(
                    file,
                    (*path, name),
                    f"{where!r} names no value",
                    "Write {fact: name} or {parameter: name}",
                )
                continue
            [(kind, target)] = where.items()
            made[name] = (kind, str(target))
        return made

    def triage(self) -> tuple[tuple[str, ...], tuple[Gate, ...], tuple[TrackRule, ...]]:
        """The pack's own triage.yaml, else that of a vocabulary."""
        file = next(reversed(self.parts("triage.yaml")), "")
        page = self.pages.get(file)
        if page is None or not isinstance(page.data, dict):
            return (), (), ()
        levels = self.words(file, ("levels",), page.data.get("levels"))
        gates: list[Gate] = []
        if "gates" in page.data:
            gates = self.listed(
                file, "gates", lambda f, p, raw: self.gate(f, p, raw, levels), "levels", "tracks"
            )
        tracks = self.listed(file, "tracks", self.track, "levels", "gates")
        return levels, tuple(gates), tuple(tracks)

    def gate(self, file: str, path: Path, raw: Any, levels: Sequence[str]) -> Gate | None:
        entry = self.mapping(
            file, path, raw, ("gate", "when", "level", "reason"), ("tasks", "source", "sure", "sources")
        )
        when = self.when(file, (*path, "when"), entry["when"]) if entry else None
        if entry is None or when is None:
            return None
        level = self.one_of(file, (*path, "level"), entry["level"], levels)
        tasks = self.words(file, (*path, "tasks"), entry.get("tasks"))
        return Gate(
            str(entry["gate"]),
            when,
            level,
            str(entry["reason"]),
            tasks,
            self.cited(file, path, entry),
            path,
            file,
        )

    def track(self, file: str, path: Path, raw: Any) -> TrackRule | None:
        entry = self.mapping(
            file,
            path,
            raw,
            ("when", "track", "reason"),
            ("level_of_service", "delivery", "tasks", "source", "sure", "sources"),
        )
        when = self.when(file, (*path, "when"), entry["when"]) if entry else None
        if entry is None or when is None:
            return None
        service = (
            self.one_of(file, (*path, "level_of_service"), entry["level_of_service"], LEVELS_OF_SERVICE)
            if "level_of_service" in entry
            else ""
        )
        tasks = self.words(file, (*path, "tasks"), entry.get("tasks"))
        return TrackRule(
            when,
            self.one_of(file, (*path, "track"), entry["track"], TRACKS),
            str(entry["reason"]),
            service,
            str(entry.get("delivery", "")),
            tasks,
            self.cited(file, path, entry),
            path,
            file,
        )

    def deadlines(self) -> tuple[DeadlineRule, ...]:
        files = self.parts("deadlines.yaml")
        return tuple(rule for file in files for rule in self.listed(file, "deadlines", self.deadline))

    def deadline(self, file: str, path: Path, raw: Any) -> DeadlineRule | None:
        entry = self.mapping(
            file,
            path,
            raw,
            ("deadline", "from", "firmness"),
            ("due", "when", "remind", "calendar", "source", "sure", "sources"),
        )
        if entry is None:
            return None
        due = entry.get("due") or {"plus": "0 days"}
        on_notice = due == {"on_notice": True}
        if not on_notice:
            self.mapping(file, (*path, "due"), due, ("plus",))
        plus = str(due.get("plus", "0 days")) if isinstance(due, dict) else "0 days"
        remind = self.words(file, (*path, "remind"), entry.get("remind"))
        for text in (plus, *remind):
            self.shift(file, path, text)
        return DeadlineRule(
            str(entry["deadline"]),
            self.start(file, (*path, "from"), entry["from"]),
            plus,
            on_notice,
            self.when(file, (*path, "when"), entry["when"]) if "when" in entry else None,
            self.one_of(file, (*path, "firmness"), entry["firmness"], FIRMNESS),
            remind,
            str(entry.get("calendar", "")),
            self.cited(file, path, entry, f"the deadline {entry['deadline']!r}"),
            path,
        )

    def shift(self, file: str, path: Path, text: str) -> None:
        try:
            days.shift(text)
        except days.NotAShift as wrong:
            self.wrong(file, path, str(wrong), "Mend it")

    def start(self, file: str, path: Path, raw: Any) -> tuple[str, str, str]:
        """What a deadline runs from: (event | fact | finding, name, the finding's value)."""
        entry = raw if isinstance(raw, dict) else {}
        for kind in ("event", "fact", "finding"):
            if kind in entry and set(entry) <= {kind, "value"}:
                return kind, str(entry[kind]), str(entry.get("value", ""))
        self.wrong(
            file,
            path,
            f"{raw!r} is no start",
            "Write {event: name}, {fact: name} or {finding: name, value: key}",
        )
        return "event", "", ""

    # --- examples ---------------------------------------------------------------------------------

    def statements(self) -> dict[str, Statement]:
        page = self.pages.get("examples.yaml")
        raw = page.data.get("statements") if page is not None and isinstance(page.data, dict) else None
        made: dict[str, Statement] = {}
        for place, entry in enumerate(raw or ()):
            statement = self.statement(("statements", place), entry)
            if statement is not None:
                made[statement.id] = statement
        return made

    def statement(self, path: Path, raw: Any) -> Statement | None:
        file = "examples.yaml"
        entry = self.mapping(
            file,
            path,
            raw,
            ("id", "agency", "agency_level", "issued_on", "employers", "period_from"),
            (
                "matter_ref",
                "worksites",
                "period_to",
                "covers_former",
                "covers_witnesses",
                "withdrawn_on",
            ),
        )
        if entry is None:
            return None
        dates = {key: self.day(file, (*path, key), entry[key]) for key in _STATEMENT_DAYS if entry.get(key)}
        if None in dates.values():
            return None
        values: dict[str, Any] = {key: value for key, value in entry.items() if value is not None} | dates
        for key in ("employers", "worksites"):
            values[key] = self.words(file, (*path, key), entry.get(key))
        return Statement(**{"matter_ref": "", **values})

    def examples(self) -> tuple[Example, ...]:
        return tuple(self.listed("examples.yaml", "examples", self.example, "statements"))

    def example(self, file: str, path: Path, raw: Any) -> Example | None:
        entry = self.mapping(file, path, raw, ("name", "day", "answers", "expect"), ("statements", "events"))
        if entry is None:
            return None
        self.mapping(
            file,
            (*path, "expect"),
            entry["expect"],
            (),
            (
                "level",
                "track",
                "findings",
                "values",
                "tasks",
                "missing",
                "lapsed",
                "stopped",
                "gates",
                "deadlines",
                "delivery",
                "level_of_service",
            ),
        )
        day = self.day(file, (*path, "day"), entry["day"])
        if day is None:
            return None
        statements = self.words(file, (*path, "statements"), entry.get("statements"))
        return Example(
            str(entry["name"]),
            day,
            entry["answers"],
            entry["expect"],
            statements,
            tuple(entry.get("events") or ()),
            path,
        )


def _above(level: str, levels: Sequence[str]) -> str:
    """One level up, as an unsure answer counts; the highest stays."""
    if level not in levels:
        return ""
    return levels[min(levels.index(level) + 1, len(levels) - 1)]
