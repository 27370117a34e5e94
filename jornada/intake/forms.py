"""From a submitted page to values of facts, and what to say where one cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.http import QueryDict

from jornada.domain.facts import UNSURE, NotADate, PartialDate
from jornada.domain.rulepacks import Fact, Question, RulePack
from jornada.domain.vocabulary import ADDRESS_PARTS, NAME_PARTS, ONGOING, NotUnderstood
from jornada.intake import wording

DATE_PARTS = ("month", "day", "year")


@dataclass(frozen=True, slots=True)
class Read:
    """What a page said: values that can be saved, complaints by fact (and part), and what was typed."""

    values: Mapping[str, Any]
    complaints: Mapping[str, NotUnderstood]
    typed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.complaints and all(value is None for value in self.values.values())


def typed(fact: Fact, post: QueryDict, prefix: str = "") -> Any:
    """What was typed or ticked for a fact, in the shape that `Fact.read` takes; "" or [] for nothing."""
    name = prefix + fact.name
    if post.get(f"{name}-unsure"):
        return UNSURE
    if fact.kind == "date":
        return _typed_date(fact, post, name)
    if fact.kind in ("name", "address"):
        parts = NAME_PARTS if fact.kind == "name" else ADDRESS_PARTS
        given = {part: post.get(f"{name}-{part}", "").strip() for part in parts}
        if not any(text for part, text in given.items() if part != "unit_kind"):
            return ""
        return {part: text for part, text in given.items() if text}
    if fact.kind == "choices":
        return post.getlist(name)
    return post.get(name, "").strip() if fact.kind != "long_text" else post.get(name, "")


def _typed_date(fact: Fact, post: QueryDict, name: str) -> Any:
    parts = {part: post.get(f"{name}-{part}", "").strip() for part in DATE_PARTS}
    if any(parts.values()):
        return parts
    return ONGOING if fact.may_be == ONGOING and post.get(f"{name}-ongoing") else ""


def read(question: Question, pack: RulePack, post: QueryDict, on: date, born: PartialDate | None) -> Read:
    """What a question's page said, lists of entries excepted: those have pages of their own."""
    values: dict[str, Any] = {}
    complaints: dict[str, NotUnderstood] = {}
    given: dict[str, Any] = {}
    for name in question.asks:
        fact = pack.facts[name]
        if fact.kind == "entries":
            continue
        given[name] = typed(fact, post)
        try:
            values[name] = fact.read(given[name], on, born)
        except NotUnderstood as wrong:
            complaints[name] = wrong
    return Read(values, complaints, given)


def read_entry(fact: Fact, post: QueryDict, on: date, born: PartialDate | None) -> Read:
    """One entry of a list, typed on a page of its own; complaints by the entry's field."""
    row = {name: typed(part, post, f"{fact.name}-") for name, part in fact.entry.items()}
    filled = {name: value for name, value in row.items() if value not in ("", [])}
    complaints: dict[str, NotUnderstood] = {}
    values: dict[str, Any] = {}
    for name, value in filled.items():
        try:
            values[name] = fact.entry[name].read(value, on, born)
        except NotUnderstood as wrong:
            complaints[name] = wrong
    if not complaints and values:
        try:
            fact.read([filled], on, born)  # what only the row as a whole shows: its dates in order
        except NotUnderstood as wrong:
            complaints[str(wrong.values.get("part", next(iter(filled))))] = wrong
    return Read(values, complaints, row)


def born(answers: Mapping[str, Any]) -> PartialDate | None:
    """The birth date, where it is known."""
    said = answers.get("birth_date")
    try:
        return PartialDate.parse(said) if isinstance(said, str) and said != UNSURE else None
    except NotADate:
        return None


def complaint(language: str, wrong: NotUnderstood) -> str:
    """What to say to the person, in her language."""
    return wording.text(language, f"problems.{wrong.key}").format(**wrong.values)


# ── The consent page ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sharing:
    """What the consent page said. Nothing is chosen beforehand but the shortest span."""

    provider: str = ""
    which: str = ""
    sections: tuple[str, ...] = ()
    until: str = "30"
    name: str = ""
    phone: str = ""
    place: str = ""
    spoken: str = ""
    organiser: tuple[str, ...] = ()
    may_refer: bool = False
    agree: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


_NAME = Fact("name", "name")
_PHONE = Fact("phone", "phone")
_PLACE = Fact("place", "text", max_length=60)


def read_sharing(post: QueryDict, offer: Mapping[str, Any], language: str) -> Sharing:
    """What was chosen, with a complaint for each thing that consent cannot do without."""
    offered = {
        key: {one[0] for one in offer[key]}
        for key in ("sections", "spans", "providers", "languages", "fields")
    }
    said = Sharing(
        provider=post.get("provider", ""),
        which=post.get("which", ""),
        sections=tuple(one for one in post.getlist("sections") if one in offered["sections"]),
        until=post.get("until", ""),
        name=post.get("name", "").strip()[:120],
        phone=post.get("phone", "").strip()[:60],
        place=post.get("place", "").strip()[:80],
        spoken=post.get("spoken", ""),
        organiser=tuple(one for one in post.getlist("organiser") if one in offered["fields"]),
        may_refer=bool(post.get("may_refer")),
        agree=bool(post.get("agree")),
    )
    missing = {
        "provider": "who_needed" if said.provider not in offered["providers"] else "",
        "which": "which_needed" if said.which not in ("all", "some") else "",
        "sections": "some_needed" if said.which == "some" and not said.sections else "",
        "until": "until_needed" if said.until not in offered["spans"] else "",
        "name": "" if said.name else "name_needed",
        "place": "" if said.place else "place_needed",
        "agree": "" if said.agree else "agree_needed",
    }
    errors = {key: wording.text(language, f"share.{why}") for key, why in missing.items() if why}
    errors |= _unreadable(said, language)
    spoken = said.spoken if said.spoken in offered["languages"] else language
    return replace(said, errors=errors, spoken=spoken)


def _unreadable(said: Sharing, language: str) -> dict[str, str]:
    """Complaints about a name, place or phone that was typed but cannot be taken."""
    wrong: dict[str, str] = {}
    for key, fact, raw in (
        ("name", _NAME, {"given": said.name}),
        ("phone", _PHONE, said.phone),
        ("place", _PLACE, said.place),
    ):
        try:
            if raw not in ("", {"given": ""}):
                fact.read(raw, date.max)
        except NotUnderstood as not_understood:
            wrong[key] = complaint(language, not_understood)
    return wrong
