"""Facts, answers, findings and their reasons; yes, no and not yet known.

This module is the floor of the domain: it imports nothing of Jornada. A missing
answer is never read as zero or as "no"; "I am not sure" is an answer of its own
(`UNSURE`) that rules can see.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

UNSURE = "unsure"
"""The stored value of the answer "I am not sure", for a fact of any kind."""


class Outcome(Enum):
    """What a condition or finding comes to. Kleene's three values."""

    YES = "yes"
    NO = "no"
    NOT_YET_KNOWN = "not yet known"

    @property
    def known(self) -> bool:
        return self is not Outcome.NOT_YET_KNOWN

    @classmethod
    def of(cls, truth: bool | None) -> Outcome:
        """YES for true, NO for false, NOT_YET_KNOWN for None."""
        if truth is None:
            return cls.NOT_YET_KNOWN
        return cls.YES if truth else cls.NO


# By name: looking a member up in its class costs Python 3.11 more than a whole comparison.
YES, NO, OPEN = Outcome.YES, Outcome.NO, Outcome.NOT_YET_KNOWN


READ = frozenset("PSGA")
"""Certainties of a text that somebody read: primary (P, in some notes A for official), secondary, a guide's."""
CERTAINTIES = READ | frozenset("IMUDBCR")
"""All of them. Besides those read: I inferred, M general knowledge, U unknown, D our proposed default or judgement,
B a reputable secondary source (the notes on wages and capacity ask for a review of these), C general knowledge
(wages) or computed (capacity), R recalled and not read again."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule or value comes from and how sure we are of it.

    `certainty` is a code of the domain notes (`CERTAINTIES`), several joined by
    "/". Anything that is not a text read needs review by a supervising attorney
    and is shown with that mark.
    """

    title: str
    url: str = ""
    certainty: str = "U"

    @property
    def needs_review(self) -> bool:
        return not set(self.certainty.split("/")) <= READ


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a finding came out as it did: a wording key, the values to put in it, the source."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A named conclusion from answers, with its reasons.

    `missing` names the facts that would settle it while it is not yet known;
    `turning` names the facts that decided it, so that a screen can say what
    would change it.
    """

    name: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    turning: tuple[str, ...] = ()
    level: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class NotADate(ValueError):
    """The text is no date that we understand; the message says what to write instead."""


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date as people remember it: a year, a month of a year, or a day."""

    year: int
    month: int | None = None
    day: int | None = None

    _PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """The date written as 2013, 2013-05 or 2013-05-02; NotADate otherwise."""
        match = cls._PATTERN.fullmatch(text)
        if match is None:
            raise NotADate(f"{text!r} is not a date: write 2013, 2013-05 or 2013-05-02")
        year, month, day = (int(part) if part else None for part in match.groups())
        try:
            date(year or 0, month or 1, day or 1)
        except ValueError as wrong:
            raise NotADate(f"{text!r} is not in the calendar: {wrong}") from None
        return cls(year or 0, month, day)

    @property
    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def exact(self) -> bool:
        return self.day is not None

    def __str__(self) -> str:
        parts = [f"{self.year:04}"]
        if self.month is not None:
            parts.append(f"{self.month:02}")
        if self.day is not None:
            parts.append(f"{self.day:02}")
        return "-".join(parts)


class Answers(Mapping[str, Any]):
    """What has been answered so far, by fact name. Immutable.

    Values are plain JSON: "yes"/"no", an option's key, a list of keys, text, a
    whole number, money as text ("520.00"), a date as text (2013, 2013-05,
    2013-05-02), or a list of entries (each a mapping of the same kinds). Any of
    them may be `UNSURE`. `None` means the question was shown and skipped: the
    fact is still missing.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Answers({sorted(self._values)})"  # names only: values may be dangerous

    @property
    def plain(self) -> Mapping[str, Any]:
        """The same answers as a plain mapping, quick to read. Not to be changed."""
        return self._values

    def answered(self, name: str) -> bool:
        """Whether the fact has an answer; "I am not sure" counts, a skip does not."""
        return self._values.get(name) is not None

    def skipped(self, name: str) -> bool:
        """Whether the question was shown and passed over."""
        return name in self._values and self._values[name] is None

    def missing(self, *names: str) -> tuple[str, ...]:
        """Those of the named facts that have no answer yet, in the order given."""
        return tuple(name for name in names if not self.answered(name))

    def with_(self, values: Mapping[str, Any]) -> Answers:
        """These answers with some added or replaced."""
        return Answers({**self._values, **values})


@dataclass(frozen=True, slots=True)
class Statement:
    """A labor agency's statement of interest, as far as matching a job to it needs (notes, section 2.2).

    `employers` holds legal and trade names; no worksites means all of the
    employer's. `period_to` None means still going on.
    """

    id: str
    agency: str
    agency_level: str
    matter_ref: str
    issued_on: date
    employers: tuple[str, ...]
    worksites: tuple[str, ...]
    period_from: date
    period_to: date | None = None
    covers_former: bool = True
    covers_witnesses: bool = False
    withdrawn_on: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it had been issued and not yet withdrawn on that day."""
        return self.issued_on <= on and not (self.withdrawn_on and self.withdrawn_on <= on)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is on file about the dispute besides the person's own answers."""

    statements: tuple[Statement, ...] = ()
