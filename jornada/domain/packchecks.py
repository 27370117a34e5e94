"""What a pack can get wrong as a whole: names that point nowhere, rules that never fire, missing words.

Each check yields what it found with file, line and mend. None of them runs an
example; see examples.py for that.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jornada.domain import satisfiable
from jornada.domain.conditions import Condition
from jornada.domain.facts import UNSURE, NotADate, PartialDate
from jornada.domain.located import PackError, Path
from jornada.domain.packparts import Gate, Question, RulePack, TrackRule, placeholders
from jornada.domain.vocabulary import ADDRESS_PARTS, NAME_PARTS, Fact

_NUMBERS = ("at_least", "at_most", "more_than", "less_than")
_DATES = ("on_or_after", "after", "before", "on_or_before")
_FITS = {
    **dict.fromkeys(_NUMBERS, ("whole_number", "money")),
    **dict.fromkeys(_DATES, ("date",)),
    "has": ("choices",),
    "has_any": ("choices",),
}
_NOT_COMPARED = ("name", "address", "entries")


@dataclass(frozen=True, slots=True)
class Placed:
    """A condition and the file it stands in."""

    file: str
    condition: Condition
    triage: bool = False


def check(pack: RulePack) -> list[PackError]:
    """Everything that is wrong with the pack as a whole."""
    names = [*_names(pack)]
    if names:
        # Rules that point nowhere cannot be tried out: mend the names first.
        return [*names, *_wording(pack)]
    return [*_never(pack), *_unreachable(pack), *_wording(pack), *_examples(pack)]


def _error(pack: RulePack, file: str, path: Path, problem: str, mend: str) -> PackError:
    return PackError(file, pack.line_of(file, path), problem, mend)


def placed(pack: RulePack) -> Iterator[Placed]:
    """Every outermost condition of the pack with its file."""
    yield from (Placed(rule.file, rule.condition) for rule in pack.findings.values())
    yield from (Placed(question.file, question.when) for question in pack.questions if question.when)
    yield from (Placed(gate.file, gate.when, triage=True) for gate in pack.gates)
    yield from (Placed(track.file, track.when, triage=True) for track in pack.tracks)
    yield from (Placed("deadlines.yaml", rule.when) for rule in pack.deadlines if rule.when)


# --- names that point nowhere ---------------------------------------------------------------------


def _names(pack: RulePack) -> Iterator[PackError]:
    for one in placed(pack):
        yield from _condition_names(pack, one, one.condition, {})
    yield from _question_names(pack)
    yield from _finding_names(pack)
    yield from _triage_names(pack)
    yield from _deadline_names(pack)
    yield from _cycles(pack)


def _condition_names(
    pack: RulePack, where: Placed, one: Condition, fields: Mapping[str, Fact]
) -> Iterator[PackError]:
    """What a condition and its parts name: facts, fields, findings, dated values, levels, gates."""
    if one.kind in ("fact", "known", "answered", "any_entry", "every_entry", "count"):
        yield from _fact_use(pack, where, one, pack.facts, "fact")
    elif one.kind == "entry":
        yield from _fact_use(pack, where, one, fields, "field of the entry")
    elif one.kind in ("finding", "value"):
        yield from _known(pack, where, one, one.subject, pack.findings, "finding", "findings.yaml")
    elif one.kind in ("level", "gate"):
        known = pack.levels if one.kind == "level" else [gate.name for gate in pack.gates]
        if not where.triage:
            yield _error(
                pack,
                where.file,
                one.path,
                f"{one.kind} stands outside triage.yaml",
                "Only tracks can ask for it",
            )
        yield from _known(pack, where, one, one.subject, known, one.kind, "triage.yaml")
    yield from _right_sides(pack, where, one)
    if one.kind in ("any_entry", "every_entry", "count") and one.subject in pack.facts:
        fields = pack.facts[one.subject].entry
    for part in one.parts:
        yield from _condition_names(pack, where, part, fields)


def _right_sides(pack: RulePack, where: Placed, one: Condition) -> Iterator[PackError]:
    """Dated values anywhere in it; facts as a date's start or a function's argument."""
    if one.parts and one.kind != "function":
        return
    for name in sorted(one.parameters):
        yield from _known(pack, where, one, name, pack.parameters, "parameter", "parameters.yaml")
    subject = {one.subject} if one.kind in ("fact", "known", "answered") else set()
    for name in sorted(one.facts - subject - {fact for part in one.parts for fact in part.facts}):
        yield from _known(pack, where, one, name, pack.facts, "fact", "facts.yaml")


def _known(
    pack: RulePack, where: Placed, one: Condition, name: str, known: Iterable[str], what: str, file: str
) -> Iterator[PackError]:
    if name not in known:
        near = satisfiable.nearest(name, known)
        hint = f"Did you mean {near}? " if near else ""
        yield _error(
            pack,
            where.file,
            one.path,
            f"unknown {what} {name!r}",
            f"{hint}Declare it in {file} or mend the name",
        )


def _fact_use(
    pack: RulePack, where: Placed, one: Condition, known: Mapping[str, Fact], what: str
) -> Iterator[PackError]:
    fact = known.get(one.subject)
    if fact is None:
        yield from _known(pack, where, one, one.subject, known, what, "facts.yaml")
        return
    if one.kind in ("any_entry", "every_entry", "count"):
        if fact.kind != "entries":
            yield _error(
                pack, where.file, one.path, f"{fact.name} is no list of entries", "Use {fact: …} for it"
            )
        return
    for verb, value in one.comparisons:
        if problem := unfit(fact, verb, value):
            yield _error(pack, where.file, one.path, problem[0], problem[1])


def unfit(fact: Fact, verb: str, value: Any) -> tuple[str, str] | None:
    """Why this comparison does not fit the fact's kind, and the mend."""
    if verb in _FITS and fact.kind not in _FITS[verb]:
        return (
            f"{verb} does not fit {fact.name}, which is {fact.kind}",
            f"{verb} is for {' and '.join(_FITS[verb])}",
        )
    if verb in ("is", "in") and fact.kind == "choices" and not _only_unsure(value):
        return f"{verb} does not fit {fact.name}, of which several can be chosen", "Write has or has_any"
    if verb in ("is", "in") and fact.kind in _NOT_COMPARED and not _only_unsure(value):
        return f"{verb} does not fit {fact.name}, which is {fact.kind}", "Use known or answered, or any_entry"
    if verb in _DATES or verb in _NUMBERS or isinstance(value, Mapping):
        return None
    for item in value if isinstance(value, list) else [value]:
        if not fact.allows(item):
            near = satisfiable.nearest(str(item), ("yes", "no") if fact.kind == "yes_no" else fact.options)
            return (
                f"{fact.name} can never be {item!r}",
                f"Did you mean {near}?" if near else "See its kind and options in facts.yaml",
            )
    return None


def _only_unsure(value: Any) -> bool:
    return value in (UNSURE, [UNSURE]) or isinstance(value, Mapping)


def _question_names(pack: RulePack) -> Iterator[PackError]:
    seen: set[str] = set()
    for question in pack.questions:
        if question.id in seen:
            yield _error(
                pack,
                question.file,
                question.path,
                f"the question {question.id} stands twice",
                "Give it a new id; ids are never reused",
            )
        seen.add(question.id)
        for place, name in enumerate(question.asks):
            if name not in pack.facts:
                near = satisfiable.nearest(name, pack.facts)
                yield _error(
                    pack,
                    question.file,
                    (*question.path, "asks", place),
                    f"unknown fact {name!r}",
                    (f"Did you mean {near}? " if near else "") + "Declare it in facts.yaml or mend the name",
                )


def _finding_names(pack: RulePack) -> Iterator[PackError]:
    known = {question.id for question in pack.questions}
    for rule in pack.findings.values():
        if rule.question and rule.question not in known:
            yield _error(
                pack,
                rule.file,
                (*rule.path, "question"),
                f"there is no question {rule.question!r}",
                "Mend the id or leave the key out",
            )
        for key, (kind, name) in rule.values.items():
            if name not in (pack.facts if kind == "fact" else pack.parameters):
                yield _error(
                    pack,
                    rule.file,
                    (*rule.path, "values", key),
                    f"unknown {kind} {name!r}",
                    "Mend the name",
                )
    for place, name in enumerate(pack.stop_early):
        if name not in pack.findings:
            yield _error(
                pack,
                "pack.yaml",
                ("stop_early", place),
                f"there is no finding {name!r}",
                "Mend the name or take it out",
            )


def _triage_names(pack: RulePack) -> Iterator[PackError]:
    if not pack.levels:
        yield _error(
            pack, "triage.yaml", (), "levels is missing", "Write levels: [OK, ATTY, COMPLEX], ascending"
        )
    if not pack.tracks or pack.tracks[-1].when.kind != "always":
        path = pack.tracks[-1].path if pack.tracks else ()
        yield _error(
            pack,
            "triage.yaml",
            path,
            "not everybody ends in a track",
            "Let the last track be for when: {always: true}",
        )
    for track in pack.tracks[:-1]:
        if track.when.kind == "always":
            yield _error(
                pack,
                track.file,
                track.path,
                "the tracks after this one can never be chosen",
                "Move it to the end",
            )


def _deadline_names(pack: RulePack) -> Iterator[PackError]:
    for rule in pack.deadlines:
        kind, name, _ = rule.start
        if kind != "event" and name not in (pack.facts if kind == "fact" else pack.findings):
            yield _error(
                pack, "deadlines.yaml", (*rule.path, "from"), f"unknown {kind} {name!r}", "Mend the name"
            )
        if rule.calendar and rule.calendar not in pack.calendars:
            yield _error(
                pack,
                "deadlines.yaml",
                (*rule.path, "calendar"),
                f"there is no calendar {rule.calendar!r}",
                f"Add rulepacks/calendars/{rule.calendar}.yaml",
            )
        if "working" in " ".join((rule.due, *rule.remind)) and not (rule.calendar or pack.calendar):
            yield _error(
                pack, "deadlines.yaml", rule.path, "working days need a calendar", "Add calendar: us-federal"
            )


def _cycles(pack: RulePack) -> Iterator[PackError]:
    """Findings that hang on themselves, each ring once."""
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> Iterator[PackError]:
        if name in trail:
            ring = " → ".join((*trail[trail.index(name) :], name))
            rule = pack.findings[name]
            yield _error(
                pack,
                rule.file,
                rule.path,
                f"findings hang on each other in a ring: {ring}",
                "Take one of them out of the other's condition",
            )
            return
        if name in done or name not in pack.findings:
            return
        for other in sorted(pack.findings[name].condition.findings):
            yield from visit(other, (*trail, name))
        done.add(name)

    for name in pack.findings:
        yield from visit(name, ())


# --- rules that never fire, questions that nobody reaches -----------------------------------------


def _never(pack: RulePack) -> Iterator[PackError]:
    solver = satisfiable.Solver(pack)
    for rule in pack.findings.values():
        if not solver.can(rule.condition, True):
            yield _error(
                pack,
                rule.file,
                rule.path,
                f"the finding {rule.name!r} can never be yes",
                "Its conditions exclude each other: mend them or take it out",
            )
    triage: list[Gate | TrackRule] = [*pack.gates, *pack.tracks]
    for one in triage:
        if not solver.can(one.when, True):
            what = "gate" if isinstance(one, Gate) else "track"
            yield _error(
                pack,
                one.file,
                one.path,
                f"this {what} can never hold",
                "Its conditions exclude each other: mend them or take it out",
            )


def _unreachable(pack: RulePack) -> Iterator[PackError]:
    solver = satisfiable.Solver(pack)
    used = _used_facts(pack)
    for question in pack.questions:
        if question.when is not None and not (solver.can(question.when, True)):
            yield _error(
                pack,
                question.file,
                question.path,
                f"{question.id} can never be asked",
                "Its condition can never hold: mend it",
            )
        elif question.stage == "screening" and not pack.asks_every and not used.intersection(question.asks):
            yield _error(
                pack,
                question.file,
                question.path,
                f"nothing needs the answer to {question.id}",
                "Use one of its facts in a finding, deadline, track or form, or take the question out",
            )


def _used_facts(pack: RulePack) -> frozenset[str]:
    used: set[str] = set()
    for one in placed(pack):
        used |= one.condition.facts
    used |= {rule.start[1] for rule in pack.deadlines if rule.start[0] == "fact"}
    used |= {name for rule in pack.findings.values() for kind, name in rule.values.values() if kind == "fact"}
    used |= {text.split(".")[0] for document in pack.documents.values() for text in _strings(document)} & set(
        pack.facts
    )
    return frozenset(used)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from itertools.chain.from_iterable(map(_strings, value.values()))
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(map(_strings, value))


# --- wording --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A text that must exist, and who wants it."""

    key: str
    file: str
    path: Path


def _wording(pack: RulePack) -> Iterator[PackError]:
    for wanted in _wanted(pack):
        for language in pack.languages:
            if not pack.has_text(wanted.key, language):
                yield _error(
                    pack,
                    wanted.file,
                    wanted.path,
                    f"the text {wanted.key!r} is missing in {language!r}",
                    f"Add it to wording/{language}.yaml",
                )
    yield from _same_everywhere(pack)


def _same_everywhere(pack: RulePack) -> Iterator[PackError]:
    """Every key in every language, with the same placeholders."""
    everywhere = dict.fromkeys(key for texts in pack.wording.values() for key in texts)
    for key in everywhere:
        having = [language for language in pack.languages if pack.has_text(key, language)]
        file, path = _text_place(pack, key, having[0])
        for language in pack.languages:
            if language not in having:
                yield _error(
                    pack,
                    file,
                    path,
                    f"the text {key!r} has no translation in {language!r}",
                    f"Add it to wording/{language}.yaml",
                )
        wants = {language: placeholders(pack.wording[language][key]) for language in having}
        if len(set(wants.values())) > 1:
            shown = "; ".join(
                f"{language}: {', '.join(sorted(names)) or 'none'}" for language, names in wants.items()
            )
            yield _error(
                pack,
                file,
                path,
                f"the placeholders of {key!r} differ ({shown})",
                "Use the same placeholders in every language",
            )


def _text_place(pack: RulePack, key: str, language: str) -> tuple[str, Path]:
    """File and path of a text, for its line; nested and dotted keys alike."""
    from_top = tuple(key.split("."))
    for file, page in pack.located.items():
        if f"wording/{language}" not in file:
            continue
        for path in page.lines:
            if path and ".".join(map(str, path)) == key:
                return file, path
    return f"wording/{language}.yaml", from_top


def _wanted(pack: RulePack) -> Iterator[_Wanted]:
    for question in pack.questions:
        yield _Wanted(f"questions.{question.id}.ask", question.file, question.path)
        yield _Wanted(f"questions.{question.id}.why", question.file, question.path)
        yield from _wanted_facts(pack, question)
    for section in dict.fromkeys(
        pack.facts[name].section
        for question in pack.questions
        for name in question.asks
        if name in pack.facts
    ):
        yield _Wanted(f"sections.{section}", "pack.yaml", ("sections",))
    for rule in pack.findings.values():
        keys = [key for key in (rule.reason, rule.reason_no, rule.reason_open) if key]
        yield from (_Wanted(f"reasons.{key}", rule.file, rule.path) for key in keys)
        yield from (_Wanted(f"tasks.{task}", rule.file, (*rule.path, "tasks")) for task in rule.tasks)
    yield from _wanted_triage(pack)
    yield from (_Wanted(f"deadlines.{rule.key}", "deadlines.yaml", rule.path) for rule in pack.deadlines)


def _wanted_triage(pack: RulePack) -> Iterator[_Wanted]:
    yield from (_Wanted(f"levels.{level}", "triage.yaml", ("levels",)) for level in pack.levels)
    rules: list[Gate | TrackRule] = [*pack.gates, *pack.tracks]
    for one in rules:
        yield _Wanted(f"reasons.{one.reason}", one.file, one.path)
        yield from (_Wanted(f"tasks.{task}", one.file, (*one.path, "tasks")) for task in one.tasks)
    yield from (_Wanted(f"tracks.{track.track}", track.file, track.path) for track in pack.tracks)


def _wanted_facts(pack: RulePack, question: Question) -> Iterator[_Wanted]:
    for name in question.asks:
        fact = pack.facts.get(name)
        if fact is None:
            continue
        if len(question.asks) > 1:
            yield _Wanted(f"facts.{name}", question.file, question.path)
        yield from (
            _Wanted(f"options.{name}.{option}", question.file, question.path) for option in fact.options
        )
        for field, part in fact.entry.items():
            yield _Wanted(f"entries.{name}.{field}", question.file, question.path)
            yield from (
                _Wanted(f"options.{name}.{field}.{option}", question.file, question.path)
                for option in part.options
            )


# --- examples -------------------------------------------------------------------------------------


def _examples(pack: RulePack) -> Iterator[PackError]:
    """Names and values in examples; what must come out is tried elsewhere."""
    names: set[str] = set()
    for example in pack.examples:
        if example.name in names:
            yield _error(
                pack,
                "examples.yaml",
                example.path,
                f"the example {example.name!r} stands twice",
                "Give it another name",
            )
        names.add(example.name)
        for fact, value in example.answers.items():
            path = (*example.path, "answers", fact)
            if fact not in pack.facts:
                near = satisfiable.nearest(fact, pack.facts)
                yield _error(
                    pack,
                    "examples.yaml",
                    path,
                    f"unknown fact {fact!r}",
                    f"Did you mean {near}?" if near else "Mend the name",
                )
            elif problem := no_answer(pack.facts[fact], value):
                yield _error(
                    pack,
                    "examples.yaml",
                    path,
                    f"{value!r} is no answer to {fact}: {problem}",
                    "See its kind in facts.yaml",
                )
        yield from _expected_names(pack, example.expect, example.path, example.statements)


def _expected_names(
    pack: RulePack, expect: Mapping[str, Any], path: Path, statements: Sequence[str]
) -> Iterator[PackError]:
    known = {
        "findings": pack.findings,
        "missing": pack.facts,
        "lapsed": pack.parameters,
        "gates": [gate.name for gate in pack.gates],
        "deadlines": [rule.key for rule in pack.deadlines],
    }
    for key, names in known.items():
        for name in expect.get(key) or ():
            if name not in names:
                yield _error(
                    pack,
                    "examples.yaml",
                    (*path, "expect", key),
                    f"unknown name {name!r} under {key}",
                    "Mend the name",
                )
    if "level" in expect and expect["level"] not in pack.levels:
        yield _error(
            pack,
            "examples.yaml",
            (*path, "expect", "level"),
            f"unknown level {expect['level']!r}",
            f"Known: {', '.join(pack.levels)}",
        )
    for name in statements:
        if name not in pack.statements:
            yield _error(
                pack,
                "examples.yaml",
                (*path, "statements"),
                f"there is no statement {name!r}",
                "Add it under statements at the top",
            )


_SHAPES: Mapping[str, type] = {
    "choices": list,
    "entries": list,
    "whole_number": int,
    "name": dict,
    "address": dict,
}


def no_answer(fact: Fact, value: Any) -> str:
    """Why the value cannot be an answer to the fact; empty if it can."""
    if value is None or value == UNSURE:
        return ""
    if not isinstance(value, _SHAPES.get(fact.kind, str)) or isinstance(value, bool):
        return f"a {fact.kind} is written otherwise"
    look = _LOOKS.get(fact.kind)
    return look(fact, value) if look else ""


def _no_option(fact: Fact, value: Any) -> str:
    listed = value if isinstance(value, list) else [value]
    return (
        ""
        if all(fact.allows(item) for item in listed)
        else f"the options are {', '.join(fact.options) or 'yes, no'}"
    )


def _no_part(fact: Fact, value: Any) -> str:
    known = NAME_PARTS if fact.kind == "name" else ADDRESS_PARTS
    return f"its parts are {', '.join(known)}" if set(value) - set(known) else ""


def _no_rows(fact: Fact, value: Any) -> str:
    return next((found for row in value for found in _row_problems(fact, row)), "")


def _row_problems(fact: Fact, row: Any) -> Iterator[str]:
    if not isinstance(row, dict) or set(row) - set(fact.entry):
        yield f"an entry has the fields {', '.join(fact.entry)}"
        return
    yield from (problem for name, value in row.items() if (problem := no_answer(fact.entry[name], value)))


def _no_date(fact: Fact, value: Any) -> str:
    if fact.may_be and value == fact.may_be:
        return ""
    try:
        PartialDate.parse(value)
    except NotADate as wrong:
        return str(wrong)
    return ""


_LOOKS: Mapping[str, Callable[[Fact, Any], str]] = {
    "yes_no": _no_option,
    "choice": _no_option,
    "choices": _no_option,
    "date": _no_date,
    "name": _no_part,
    "address": _no_part,
    "entries": _no_rows,
}
