"""A question as a page: rendered once per pack, question and language; again only to show an earlier answer.

The blank page of a question is the same for everyone, so it is kept as text with
two slots, the form's token and how far the visit has come.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape

from jornada.domain.facts import UNSURE
from jornada.domain.rulepacks import Fact, Question, RulePack
from jornada.domain.vocabulary import ADDRESS_PARTS, NAME_PARTS, ONGOING, UNIT_KINDS, NotUnderstood
from jornada.intake import forms, wording

TOKEN = "form-token-slot"  # noqa: S105 - a mark in a template, not a secret
PROGRESS = "progress-slot"
_PART_WORDS = {"given": "given_name"}
_SHORT = {"zip": 10, "state": 4, "unit": 5}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a fact."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One box of a date, name or address."""

    name: str
    label: str
    value: str = ""
    width: int = 20
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One fact as the page asks it."""

    id: str
    kind: str
    label: str
    value: str = ""
    options: tuple[Option, ...] = ()
    parts: tuple[Part, ...] = ()
    error: str = ""
    ongoing: str = ""
    still: bool = False
    unsure: bool = False
    alone: bool = False

    @property
    def first_box(self) -> str:
        """The id of the box to which a complaint leads."""
        if self.parts:
            return f"{self.id}-{self.parts[0].name}"
        return f"{self.id}-0" if self.options else self.id


@dataclass(frozen=True, slots=True)
class Page:
    """All that a question's template needs."""

    language: str
    question: str
    ask: str
    why: str
    hint: str
    script: str
    fields: tuple[Field, ...]
    helped: bool = False
    given: bool = False
    action: str = ""
    notice: str = ""
    removable: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.error)

    @property
    def offers_unsure(self) -> bool:
        """Whether "I am not sure" stands as a button: pages of choices have it among the answers."""
        return not all(one.kind in ("yes_no", "choice", "choices") for one in self.fields)


def blank(
    pack: RulePack, question: Question, language: str, *, helped: bool, token: str, progress: tuple[int, int]
) -> str:
    """The page of a question that has no answer yet."""
    parts = _blank_parts(pack, question, language, helped)
    done = (
        wording.text(language, "page.progress", answered=progress[0], total=progress[1])
        if progress[1]
        else ""
    )
    slots = {TOKEN: token, PROGRESS: escape(done)}
    return "".join(slots.get(part, part) for part in parts)


def filled(page: Page, token: str, progress: tuple[int, int]) -> str:
    """A page with earlier answers or complaints; never kept."""
    return _rendered(page, token, progress)


_BLANKS: dict[tuple[str, str, str, bool], tuple[str, ...]] = {}
"""Blank pages in pieces, by the pack's fingerprint, the question, the language and whether a helper reads."""
_MOST_BLANKS = 4000


def _blank_parts(pack: RulePack, question: Question, language: str, helped: bool) -> tuple[str, ...]:
    key = (pack.fingerprint, question.id, language, helped)
    if key not in _BLANKS:
        if len(_BLANKS) >= _MOST_BLANKS:  # packs that changed leave theirs behind
            _BLANKS.clear()
        html = _rendered(page_of(pack, question, language, helped=helped), TOKEN, None)
        _BLANKS[key] = tuple(re.split(f"({TOKEN}|{PROGRESS})", html))
    return _BLANKS[key]


def _rendered(page: Page, token: str, progress: tuple[int, int] | None) -> str:
    done = PROGRESS
    if progress is not None:
        answered, total = progress
        done = wording.text(page.language, "page.progress", answered=answered, total=total) if total else ""
    context = {
        "page": page,
        "w": wording.words(page.language),
        "language": page.language,
        "token": token,
        "done": done,
    }
    return render_to_string(
        "intake/question.html", {**context, "path_tail": f"q/{page.question}", "inside": True}
    )


def page_of(
    pack: RulePack,
    question: Question,
    language: str,
    *,
    helped: bool = False,
    shown: Mapping[str, Any] | None = None,
    read: forms.Read | None = None,
    given: bool = False,
    notice: str = "",
    action: str = "",
) -> Page:
    """The page of a question, with the answers to show and the complaints of what was just sent."""
    asked = [pack.facts[name] for name in question.asks if pack.facts[name].kind != "entries"]
    fields = tuple(
        _field(
            pack,
            fact,
            language,
            _label(pack, fact.name, language, question),
            shown or {},
            read,
            len(asked) == 1,
        )
        for fact in asked
    )
    prefix = f"questions.{question.id}"
    return Page(
        language,
        question.id,
        pack.text(f"{prefix}.ask", language),
        pack.text(f"{prefix}.why", language),
        _optional(pack, f"{prefix}.hint", language),
        _script(pack, prefix, language) if helped else "",
        fields,
        helped=helped,
        given=given,
        notice=notice,
        action=action,
    )


def entry_page(
    pack: RulePack,
    question: Question,
    fact: Fact,
    language: str,
    number: int,
    *,
    helped: bool = False,
    shown: Mapping[str, Any] | None = None,
    read: forms.Read | None = None,
    removable: bool = False,
    notice: str = "",
    action: str = "",
) -> Page:
    """The page of one entry of a list, such as one job."""
    fields = entry_fields(pack, fact, language, shown, read)
    prefix = f"questions.{question.id}"
    hint = _optional(pack, f"{prefix}.hint", language)
    return Page(
        language,
        question.id,
        pack.text(f"{prefix}.ask", language),
        pack.text(f"{prefix}.why", language),
        hint,
        _script(pack, prefix, language) if helped else "",
        fields,
        helped=helped,
        notice=notice,
        action=action,
        removable=removable,
        extra={"number": number},
    )


def entry_fields(
    pack: RulePack,
    fact: Fact,
    language: str,
    shown: Mapping[str, Any] | None = None,
    read: forms.Read | None = None,
) -> tuple[Field, ...]:
    """The boxes of one entry of a list."""
    return tuple(
        _field(
            pack,
            part,
            language,
            pack.text(f"entries.{fact.name}.{name}", language),
            shown or {},
            read,
            False,
            f"{fact.name}-",
            f"options.{fact.name}.{name}",
        )
        for name, part in fact.entry.items()
    )


def summary(pack: RulePack, fact: Fact, value: Any, language: str) -> str:
    """An answer in words, for the page where answers are checked."""
    if value is None:
        return wording.text(language, "check.skipped")
    if value == UNSURE:
        return wording.text(language, "check.unsure")
    in_words = _SUMMARIES.get(fact.kind)
    return str(in_words(pack, fact, value, language) if in_words else value)


def entry_summary(pack: RulePack, fact: Fact, entry: Mapping[str, Any], language: str) -> str:
    """One entry in one line: its parts in the pack's order."""
    words = [
        summary(pack, part, entry[name], language) for name, part in fact.entry.items() if entry.get(name)
    ]
    return ", ".join(words)


def _choice(pack: RulePack, fact: Fact, value: Any, language: str) -> str:
    return pack.text(f"options.{fact.name}.{value}", language)


_SUMMARIES: dict[str, Any] = {
    "yes_no": lambda pack, fact, value, language: wording.text(language, f"question.{value}"),
    "choice": lambda pack, fact, value, language: _choice(pack, fact, value, language),
    "choices": lambda pack, fact, value, language: ", ".join(
        _choice(pack, fact, one, language) for one in value
    ),
    "date": lambda pack, fact, value, language: (
        wording.text(language, "question.ongoing_other")
        if value == ONGOING
        else wording.written_date(language, value)
    ),
    "name": lambda pack, fact, value, language: " ".join(
        value[part] for part in ("given", "middle", "family") if value.get(part)
    ),
    "address": lambda pack, fact, value, language: ", ".join(
        value[part] for part in ADDRESS_PARTS if part != "unit_kind" and value.get(part)
    ),
    "money": lambda pack, fact, value, language: f"${value}",
    "entries": lambda pack, fact, value, language: "; ".join(
        entry_summary(pack, fact, one, language) for one in value
    ),
}


def _optional(pack: RulePack, key: str, language: str) -> str:
    return pack.text(key, language) if pack.has_text(key, language) else ""


def _script(pack: RulePack, prefix: str, language: str) -> str:
    """What a helper reads aloud: the question, and what the pack adds for helpers."""
    return _optional(pack, f"{prefix}.script", language)


def _label(pack: RulePack, name: str, language: str, question: Question) -> str:
    return _optional(pack, f"facts.{name}", language) or pack.text(f"questions.{question.id}.ask", language)


def _field(
    pack: RulePack,
    fact: Fact,
    language: str,
    label: str,
    shown: Mapping[str, Any],
    read: forms.Read | None,
    alone: bool,
    prefix: str = "",
    options_key: str = "",
) -> Field:
    value = read.typed.get(fact.name) if read is not None else shown.get(fact.name)
    wrong: NotUnderstood | None = read.complaints.get(fact.name) if read is not None else None
    return Field(
        prefix + fact.name,
        fact.kind,
        label,
        value=value
        if isinstance(value, str) and value != UNSURE
        else str(value)
        if isinstance(value, int)
        else "",
        options=_options(pack, fact, language, value, options_key or f"options.{fact.name}"),
        parts=_parts(fact, language, value),
        error=forms.complaint(language, wrong) if wrong else "",
        ongoing=wording.text(language, "question.ongoing") if fact.may_be == ONGOING else "",
        still=value == ONGOING,
        unsure=value == UNSURE,
        alone=alone,
    )


def _options(pack: RulePack, fact: Fact, language: str, value: Any, key: str) -> tuple[Option, ...]:
    if fact.kind == "yes_no":
        named = [(one, wording.text(language, f"question.{one}")) for one in ("yes", "no")]
    elif fact.kind in ("choice", "choices"):
        named = [(one, pack.text(f"{key}.{one}", language)) for one in fact.options]
    else:
        return ()
    named.append((UNSURE, wording.text(language, "question.unsure")))
    chosen = value if isinstance(value, list) else [value]
    return tuple(Option(one, label, one in chosen) for one, label in named)


def _parts(fact: Fact, language: str, value: Any) -> tuple[Part, ...]:
    if fact.kind == "date":
        return _date_parts(language, value)
    names = {"name": NAME_PARTS, "address": ADDRESS_PARTS}.get(fact.kind, ())
    given = value if isinstance(value, Mapping) else {}
    return tuple(
        Part(
            name,
            wording.text(language, f"question.{_PART_WORDS.get(name, name)}"),
            str(given.get(name, "")),
            _SHORT.get(name, 20),
            _unit_kinds(language, given) if name == "unit_kind" else (),
        )
        for name in names
    )


def _unit_kinds(language: str, given: Mapping[str, Any]) -> tuple[Option, ...]:
    kinds = [("", wording.text(language, "question.none_kind"))]
    kinds += [(kind, wording.text(language, f"question.{kind}")) for kind in UNIT_KINDS]
    return tuple(Option(kind, label, given.get("unit_kind", "") == kind) for kind, label in kinds)


def _date_parts(language: str, value: Any) -> tuple[Part, ...]:
    given = {}
    if isinstance(value, Mapping):
        given = dict(value)
    elif isinstance(value, str) and value not in ("", UNSURE, ONGOING):
        given = dict(zip(("year", "month", "day"), value.split("-"), strict=False))
    return tuple(
        Part(
            part, wording.text(language, f"question.{part}"), given.get(part, ""), 4 if part == "year" else 2
        )
        for part in forms.DATE_PARTS
    )
