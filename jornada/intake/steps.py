"""One step of the interview: from what a page said to what is saved and which question comes next.

A step reads once, saves once and commits once. Where two pages save at the same
time the second reads again and tries once more; nothing is ever half saved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict

from jornada.domain import interview
from jornada.domain.facts import UNSURE, Answers
from jornada.domain.rulepacks import Fact, Question, RulePack
from jornada.domain.vocabulary import NotUnderstood
from jornada.gateways import packfiles
from jornada.intake import drafts, forms, services
from jornada.intake.drafts import ChangedMeanwhile, Opened
from jornada.intake.visits import Visit, pack_mark
from jornada.vault.worker import WorkerSession

_COUNT_EVERY = 8
SHARED = frozenset({"employer_legal", "work_address"})
"""Facts, besides the job, that a cohort may know already."""

Change = Callable[[Opened], Mapping[str, Any]]
"""What a page changes, worked out on the answers as they stand; so that it can be worked out again."""


class NoSuchQuestion(LookupError):
    """The pack has no question of that id, or no entry of that number."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a page: complaints to show, or the question that comes next ("" when there is none)."""

    opened: Opened
    visit: Visit
    read: forms.Read | None = None
    next: str = ""


def question_of(pack: RulePack, question_id: str) -> Question:
    """The question of that id; NoSuchQuestion otherwise."""
    try:
        return pack.question_by_id[question_id]
    except KeyError:
        raise NoSuchQuestion(f"{pack.name} has no question {question_id!r}") from None


def list_of(pack: RulePack, question: Question) -> Fact | None:
    """The list of entries that a question asks for; None for a question that is one page."""
    return next((pack.facts[name] for name in question.asks if pack.facts[name].kind == "entries"), None)


def entries_in(answers: Mapping[str, Any], fact: Fact) -> list[Mapping[str, Any]]:
    """The entries given so far."""
    given = answers.get(fact.name)
    return list(given) if isinstance(given, list) else []


def take(session: WorkerSession, visit: Visit, question_id: str, post: QueryDict, on: date) -> Step:
    """Save what a question's page said and find the next question."""
    opened = drafts.opened(session)
    question = question_of(opened.pack, question_id)
    act = post.get("act", "save")
    if act == "done":
        return _moved(opened, opened.answers, visit, on)
    if act == "skip":
        return _saved(session, visit, opened, question, _skipping(question), on)
    read = forms.read(question, opened.pack, post, on, forms.born(opened.answers))
    if act == "unsure" and not read.complaints:
        values = {name: UNSURE if value is None else value for name, value in read.values.items()}
        return _saved(session, visit, opened, question, lambda now: values, on)
    if read.complaints or read.empty:
        return Step(opened, visit, read if read.complaints else _nothing_said(question, read))
    return _saved(session, visit, opened, question, lambda now: read.values, on)


def take_entry(
    session: WorkerSession, visit: Visit, question_id: str, number: int, post: QueryDict, on: date
) -> Step:
    """Save one entry of a list: the next free number adds one, an earlier one changes its entry."""
    opened = drafts.opened(session)
    question = question_of(opened.pack, question_id)
    fact = list_of(opened.pack, question)
    if fact is None or not 1 <= number <= len(entries_in(opened.answers, fact)) + 1:
        raise NoSuchQuestion(f"{question_id} has no entry {number}")
    act = post.get("act", "save")
    if act == "skip":
        return _saved(session, visit, opened, question, _skipping(question), on)
    if act == "remove":
        return _listed(session, visit, opened, question, fact, number, None, on)
    read = forms.read_entry(fact, post, on, forms.born(opened.answers))
    if read.complaints or not read.values:
        return Step(opened, visit, read if read.complaints else _nothing_in_row(fact, read))
    return _listed(session, visit, opened, question, fact, number, read.values, on)


def next_up(opened: Opened, visit: Visit, on: date) -> Step:
    """The question that comes next as things stand, without saving anything."""
    return _moved(opened, opened.answers, visit, on)


def _nothing_said(question: Question, read: forms.Read) -> forms.Read:
    return replace(read, complaints={question.asks[0]: NotUnderstood("choose")})


def _nothing_in_row(fact: Fact, read: forms.Read) -> forms.Read:
    return replace(read, complaints={next(iter(fact.entry)): NotUnderstood("choose")})


def _skipping(question: Question) -> Change:
    """A skip leaves what was answered before, and remembers of the rest that it was shown."""
    return lambda now: {name: now.answers.get(name) for name in question.asks}


def _listed(
    session: WorkerSession,
    visit: Visit,
    opened: Opened,
    question: Question,
    fact: Fact,
    number: int,
    entry: Mapping[str, Any] | None,
    on: date,
) -> Step:
    def change(now: Opened) -> Mapping[str, Any]:
        entries = entries_in(now.answers, fact)
        entries[number - 1 : number] = [entry] if entry is not None else []
        return {fact.name: entries or None}

    step = _saved(session, visit, opened, question, change, on)
    stays = entries_in(step.opened.answers, fact)
    return replace(step, next=question.id) if stays else step


def _saved(
    session: WorkerSession, visit: Visit, opened: Opened, question: Question, change: Change, on: date
) -> Step:
    try:
        after = drafts.save(session, opened, change(opened), question=question.id, on=on)
    except ChangedMeanwhile:
        opened = drafts.opened(session)
        after = drafts.save(session, opened, change(opened), question=question.id, on=on)
    return _moved(replace(opened, answers=after), after, visit, on)


def _moved(opened: Opened, answers: Answers, visit: Visit, on: date) -> Step:
    """Where the visit stands: the next question, how far, and whether a danger sign stopped it."""
    pack = opened.pack
    question = interview.next_question(pack, answers, on, stage=visit.stage)
    stopped = question is None and not visit.preparing and interview.stopped(pack, answers, on) is not None
    if stopped:
        # What the coalition has on file may say otherwise: "no statement" stops nobody whose cohort has one.
        known = services.circumstances_in_her_session(replace(opened, answers=answers))
        question = interview.next_question(pack, answers, on, stage=visit.stage, circumstances=known)
        stopped = question is None and interview.stopped(pack, answers, on, known) is not None
    answered, total = _progress(pack, answers, visit, on)
    fresh = _places(pack)[question.id] if question and _untouched(question, answers) else 0
    moved = replace(
        visit,
        stopped=stopped,
        answered=answered,
        total=total,
        fresh=fresh,
        pack_mark=pack_mark(pack.fingerprint),
        cohort=opened.cohort_id is not None,
    )
    return Step(opened, moved, None, question.id if question else "")


def _progress(pack: RulePack, answers: Answers, visit: Visit, on: date) -> tuple[int, int]:
    """How many questions are answered and about how many there are; the whole is counted again now and then.

    Counting the whole looks at every question still open, which a step need not pay for each time.
    """
    answered = len(_asked_first(pack, visit.stage) & answers.plain.keys())
    if visit.total and answered % _COUNT_EVERY and answered < visit.total:
        return answered, visit.total
    return interview.progress(pack, answers, on, stage=visit.stage)


_PLACES: dict[str, Mapping[str, int]] = {}
_ASKED_FIRST: dict[tuple[str, str], frozenset[str]] = {}


def _places(pack: RulePack) -> Mapping[str, int]:
    """The place of each question in its pack, from 1; worked out once a pack."""
    if pack.fingerprint not in _PLACES:
        _PLACES[pack.fingerprint] = {question.id: place for place, question in enumerate(pack.questions, 1)}
    return _PLACES[pack.fingerprint]


def _asked_first(pack: RulePack, stage: str) -> frozenset[str]:
    """The first fact of each question of a stage: answered or skipped with it; worked out once a pack."""
    key = (pack.fingerprint, stage)
    if key not in _ASKED_FIRST:
        _ASKED_FIRST[key] = frozenset(one.asks[0] for one in pack.questions if one.stage == stage)
    return _ASKED_FIRST[key]


def _untouched(question: Question, answers: Answers) -> bool:
    return all(name not in answers for name in question.asks)


# ── Packs at hand ─────────────────────────────────────────────────────────────────────────────────────────

_LOOK_AGAIN = 5.0
_at_hand: tuple[float, Mapping[int, RulePack]] = (0.0, {})


def pack_at_hand(mark: int) -> RulePack | None:
    """The pack that a visit's mark means, among those last read; None when it is not sure which."""
    global _at_hand
    read_at, packs = _at_hand
    if time.monotonic() - read_at > _LOOK_AGAIN or not packs:
        found = [packfiles.load(name) for name in packfiles.available()]
        marks = [pack_mark(pack.fingerprint) for pack in found]
        packs = {one: pack for one, pack in zip(marks, found, strict=True) if marks.count(one) == 1}
        _at_hand = (time.monotonic(), packs)
    return packs.get(mark)


def fresh_question(visit: Visit, question_id: str) -> tuple[RulePack, Question] | None:
    """The question, where the visit knows that it has no answer yet; None where answers must be read."""
    pack = pack_at_hand(visit.pack_mark) if visit.fresh else None
    if pack is None or visit.fresh > len(pack.questions):
        return None
    question = pack.questions[visit.fresh - 1]
    known = visit.cohort and (list_of(pack, question) or SHARED & set(question.asks))
    if question.id != question_id or known:
        return None
    return pack, question
