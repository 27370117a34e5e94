"""What to ask next, what is left to ask, when to stop, and every path through.

The next question is derived: danger signs first, then the pack's order; a
question is asked while its `when` is not "no", one of its facts is unanswered
(a skip is not asked again) and something still open needs one of them. The
index from facts to what needs them is made once for each pack.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from jornada.domain.candidates import candidates
from jornada.domain.conditions import Condition
from jornada.domain.facts import OPEN, UNSURE, YES, Answers, Circumstances, Finding
from jornada.domain.packparts import DeadlineRule, PackKey, Question, RulePack

Need = Condition | DeadlineRule | str
"""What may need a fact: a triage condition, a deadline, or a finding (by name)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A pack's questions of one stage and, for each fact, what may need it."""

    questions: tuple[Question, ...]
    needs: Mapping[str, tuple[Need, ...]]
    gates: Mapping[str, tuple[Question, ...]]


def plan_of(pack: RulePack, stage: str) -> Plan:
    """The plan of that stage, made once for each pack."""
    return _plan(PackKey(pack), stage)


@lru_cache(maxsize=64)
def _plan(key: PackKey, stage: str) -> Plan:
    pack = key.pack
    needs: dict[str, list[Need]] = {}
    for name in pack.findings:
        for fact in pack.facts_behind(name):
            needs.setdefault(fact, []).append(name)
    for one in (*(gate.when for gate in pack.gates), *(track.when for track in pack.tracks)):
        for fact in one.facts:
            needs.setdefault(fact, []).append(one)
    for rule in pack.deadlines:
        for fact in (
            *((rule.start[1],) if rule.start[0] == "fact" else ()),
            *(rule.when.facts if rule.when else ()),
        ):
            needs.setdefault(fact, []).append(rule)
    questions = tuple(question for question in pack.questions if question.stage == stage)
    gates: dict[str, list[Question]] = {}
    for question in questions:
        for fact in question_facts(pack, question):
            gates.setdefault(fact, []).append(question)
    return Plan(
        questions,
        {fact: tuple(found) for fact, found in needs.items()},
        {f: tuple(q) for f, q in gates.items()},
    )


def question_facts(pack: RulePack, question: Question) -> frozenset[str]:
    """The facts on which it depends whether the question is asked."""
    if question.when is None:
        return frozenset()
    return question.when.facts.union(*(pack.facts_behind(name) for name in question.when.findings))


class _Walk:
    """One look at the answers: which questions are still to be asked."""

    def __init__(
        self,
        pack: RulePack,
        answers: Answers | Mapping[str, Any],
        on: date,
        stage: str,
        wanted: Iterable[str] | None,
        circumstances: Circumstances | None = None,
    ) -> None:
        self.pack, self.stage = pack, stage
        self.plan = plan_of(pack, stage)
        self.scope = pack.scope(answers, on, circumstances)
        self.answers = self.scope.answers
        self.wanted = frozenset(wanted) if wanted is not None else None

    def open(self) -> Iterator[Question]:
        answers = self.answers
        for question in self.plan.questions:
            for fact in question.asks:
                if fact not in answers:
                    break
            else:
                continue
            if self.applies(question) and self.needed(question, frozenset()):
                yield question

    def applies(self, question: Question) -> bool:
        return question.when is None or question.when.test(self.scope) is not False

    def needed(self, question: Question, seen: frozenset[str]) -> bool:
        """Whether something open needs a fact of it, or whether a question that does hangs on it.

        A pack that asks every question (`asks: every`, where a sum is counted from the answers) needs each one.
        """
        if (self.stage != "screening" or self.pack.asks_every) and self.wanted is None:
            return True
        missing = [fact for fact in question.asks if fact not in self.answers]
        if any(self.fact_needed(fact) for fact in missing):
            return True
        return any(self.gates_a_needed(fact, seen | {question.id}) for fact in missing)

    def fact_needed(self, fact: str) -> bool:
        if self.wanted is not None and fact in self.wanted:
            return True
        return any(self.open_need(need, fact) for need in self.plan.needs.get(fact, ()))

    def open_need(self, need: Need, fact: str) -> bool:
        if isinstance(need, str):
            found = self.scope.finding(need)
            return found.outcome is OPEN and fact in found.missing
        if isinstance(need, DeadlineRule):
            return need.when is None or need.when.test(self.scope) is not False
        return need.test(self.scope) is None

    def gates_a_needed(self, fact: str, seen: frozenset[str]) -> bool:
        """Whether a later question is asked or not by this fact, and is itself needed."""
        for question in self.plan.gates.get(fact, ()):
            if question.id in seen or question.when is None or question.when.test(self.scope) is not None:
                continue
            if any(one not in self.answers for one in question.asks) and self.needed(question, seen):
                return True
        return False


def next_question(
    pack: RulePack,
    answers: Answers | Mapping[str, Any],
    on: date,
    *,
    stage: str = "screening",
    wanted: Iterable[str] | None = None,
    circumstances: Circumstances | None = None,
) -> Question | None:
    """The question to ask now; None when nothing open needs another, or a danger sign ended the screening.

    `wanted` are the facts that a packet or a consent needs besides; at the
    preparation stage without `wanted` every question that applies is asked.
    """
    if stage == "screening" and stopped(pack, answers, on, circumstances) is not None:
        return None
    return next(_Walk(pack, answers, on, stage, wanted, circumstances).open(), None)


def open_questions(
    pack: RulePack,
    answers: Answers | Mapping[str, Any],
    on: date,
    *,
    stage: str = "screening",
    wanted: Iterable[str] | None = None,
    circumstances: Circumstances | None = None,
) -> tuple[Question, ...]:
    """Every question still to be asked as things stand, in order. An early stop is not looked at here."""
    return tuple(_Walk(pack, answers, on, stage, wanted, circumstances).open())


def progress(
    pack: RulePack,
    answers: Answers | Mapping[str, Any],
    on: date,
    *,
    stage: str = "screening",
    wanted: Iterable[str] | None = None,
    circumstances: Circumstances | None = None,
) -> tuple[int, int]:
    """How many questions are answered or skipped, and about how many there are (answers change that)."""
    walk = _Walk(pack, answers, on, stage, wanted, circumstances)
    done = sum(
        1 for q in walk.plan.questions if all(fact in walk.answers for fact in q.asks) and walk.applies(q)
    )
    return done, done + sum(1 for _ in walk.open())


def stopped(
    pack: RulePack,
    answers: Answers | Mapping[str, Any],
    on: date,
    circumstances: Circumstances | None = None,
) -> Finding | None:
    """The finding that ends the interview early with help, if one is clear ("yes", never "not sure")."""
    if not pack.stop_early:
        return None
    scope = pack.scope(answers, on, circumstances)
    for name in pack.stop_early:
        found = scope.finding(name)
        if found.outcome is YES:
            return found
    return None


# --- every path -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Walked:
    """One way through the interview: the questions in order, the answers given, and what stopped it early."""

    questions: tuple[str, ...]
    answers: Mapping[str, Any]
    stopped: str


def paths(
    pack: RulePack, on: date, *, stage: str = "screening", limit: int = 3000, seed: int = 1
) -> Iterator[Walked]:
    """Ways through the interview, enough to reach every question that can be, with each kind of answer.

    All ways of forty questions are more than can be walked. So: from each way
    already walked, branch at each question into each answer not yet given to it
    anywhere, until no new (question, answer) pair is left; then as many again
    with answers drawn at random (by `seed`), which meet most pairs of answers.
    At most `limit` ways.
    """
    values = {name: candidates(pack, name, on) for name in pack.facts}
    seen: set[tuple[str, str]] = set()
    todo: list[dict[str, Any]] = [{}]
    walked = 0
    while todo and walked < limit:
        given = todo.pop()
        way = _walk(pack, given, on, stage, values, None)
        walked += 1
        yield way
        todo.extend(_branches(pack, way, values, seen))
    draw = random.Random(seed)  # noqa: S311 - a repeatable choice of ways, no secret
    for _ in range(min(walked, limit - walked)):
        yield _walk(pack, {}, on, stage, values, draw)


def _branches(
    pack: RulePack, way: Walked, values: Mapping[str, Sequence[Any]], seen: set[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """Beginnings of new ways: this way up to a question, then an answer that it never got."""
    before: dict[str, Any] = {}
    for number in way.questions:
        for fact in pack.question_by_id[number].asks:
            seen.add((fact, repr(way.answers[fact])))
        for fact in pack.question_by_id[number].asks:
            for value in values[fact]:
                if (fact, repr(value)) not in seen:
                    seen.add((fact, repr(value)))
                    yield {**before, fact: value}
        before.update({fact: way.answers[fact] for fact in pack.question_by_id[number].asks})


def _walk(
    pack: RulePack,
    given: Mapping[str, Any],
    on: date,
    stage: str,
    values: Mapping[str, Sequence[Any]],
    draw: random.Random | None,
) -> Walked:
    """Answers each question as given, else by chance, else with the first answer that does not stop."""
    answers: dict[str, Any] = {}
    asked: list[str] = []
    while (question := next_question(pack, answers, on, stage=stage)) is not None:
        if question.id in asked:
            raise RuntimeError(f"{question.id} is asked twice although it was answered")
        asked.append(question.id)
        for fact in question.asks:
            if fact in given:
                answers[fact] = given[fact]
            elif draw is not None:
                answers[fact] = draw.choice(values[fact])
            else:
                answers[fact] = _gentle(pack, answers, fact, values[fact], on)
    end = stopped(pack, answers, on) if stage == "screening" else None
    return Walked(tuple(asked), answers, end.name if end else "")


def _gentle(pack: RulePack, answers: Mapping[str, Any], fact: str, values: Sequence[Any], on: date) -> Any:
    for value in values:
        if value != UNSURE and stopped(pack, {**answers, fact: value}, on) is None:
            return value
    return values[0]
