"""The facts that packs declare, and how a value of each kind is read from what a person typed.

Reading is kind where it can be (dates of a year alone, phone numbers with
dashes, names in any script) and says plainly what is not understood, by a
wording key, so that each screen can answer in the person's language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jornada.domain.facts import UNSURE, NotADate, PartialDate

KINDS = (
    "yes_no",
    "choice",
    "choices",
    "text",
    "long_text",
    "whole_number",
    "money",
    "date",
    "time",
    "hours",
    "name",
    "address",
    "phone",
    "email",
    "digits",
    "entries",
)
CLASSES = ("P0", "P1", "P2", "P3", "P4")
NAME_PARTS = ("family", "given", "middle")
ADDRESS_PARTS = ("in_care_of", "street", "unit_kind", "unit", "city", "state", "zip")
UNIT_KINDS = ("apt", "ste", "flr")
ONGOING = "ongoing"

PROBLEMS = (
    "not_an_option",
    "none_excludes_the_rest",
    "too_long",
    "control_characters",
    "no_emoji_in_names",
    "name_without_letters",
    "not_a_whole_number",
    "not_an_amount",
    "number_too_small",
    "number_too_large",
    "not_a_date",
    "date_in_the_future",
    "date_before_birth",
    "date_too_long_ago",
    "not_a_phone_number",
    "not_an_email",
    "wrong_number_of_digits",
    "not_a_list",
    "too_many_rows",
    "unknown_part",
    "zip_not_understood",
    "ends_before_it_starts",
    "not_a_time",
    "not_hours",
    "more_than_a_day",
)
"""Every wording key that `NotUnderstood` may carry."""

_OLDEST_YEAR = 1900
_FURTHEST_YEARS = 100
_BIDI = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
_PHONE = re.compile(r"\+?[\d\s().\-/]+(?:\s*(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\".]{2,63}")


class NotUnderstood(ValueError):
    """A value that cannot be taken as it is: a wording key of `PROBLEMS` and the values to put in it."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values: Mapping[str, Any] = values

    def within(self, part: str, row: int | None = None) -> NotUnderstood:
        """The same, naming the part of an address, name or row in which it stands."""
        place = {"part": part} | ({"row": row + 1} if row is not None else {})
        return NotUnderstood(self.key, **{**self.values, **place})


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days that bound a date: today, and the birth date where it is known."""

    on: date
    born: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One declared fact: what kind of answer it takes, its section of consent and its data class."""

    name: str
    kind: str
    section: str = ""
    data_class: str = "P3"
    options: tuple[str, ...] = ()
    entry: Mapping[str, Fact] = field(default_factory=dict)
    length: tuple[int, ...] = ()
    max_length: int = 200
    at_least: int | None = None
    at_most: int | None = None
    may_be_future: bool = False
    may_be: str = ""
    sources: tuple[Any, ...] = ()
    most_rows: int = 60

    def read(self, raw: Any, on: date, born: PartialDate | None = None) -> Any:
        """The value to store for what was typed or ticked; None if nothing was.

        `UNSURE` is taken for any kind. Raises NotUnderstood with a wording key.
        `on` is today; `born` the birth date, before which no other date may lie.
        """
        if raw is None or raw == "" or raw == []:
            return None
        if raw == UNSURE or raw == [UNSURE]:
            return UNSURE
        return _READERS[self.kind](self, raw, Bounds(on, born))

    def allows(self, value: Any) -> bool:
        """Whether a condition may compare this fact with that value."""
        if value == UNSURE:
            return True
        if self.kind == "yes_no":
            return value in ("yes", "no")
        if self.kind in ("choice", "choices"):
            return value in self.options
        if self.kind == "whole_number":
            return isinstance(value, int)
        return not self.may_be or isinstance(value, str)


def _clean(raw: Any, most: int) -> str:
    """The text in one Unicode form, without direction marks and outer blanks."""
    text = unicodedata.normalize("NFC", str(raw)).translate(_BIDI).strip()
    if any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and char not in "\n\r\t" for char in text):
        raise NotUnderstood("control_characters")
    if len(text) > most:
        raise NotUnderstood("too_long", most=most, length=len(text))
    return text


def _line(raw: Any, most: int) -> str:
    return " ".join(_clean(raw, most).split())


def _text(fact: Fact, raw: Any, bounds: Bounds) -> str | None:
    return _line(raw, fact.max_length) or None


def _long_text(fact: Fact, raw: Any, bounds: Bounds) -> str | None:
    return _clean(raw, fact.max_length if fact.max_length != 200 else 8000).replace("\r\n", "\n") or None


def _option(fact: Fact, raw: Any, bounds: Bounds) -> str:
    options = ("yes", "no") if fact.kind == "yes_no" else fact.options
    if raw not in options:
        raise NotUnderstood("not_an_option", options=options)
    return str(raw)


def _options(fact: Fact, raw: Any, bounds: Bounds) -> list[str]:
    """The ticked options in the order in which the pack lists them; "none" stands alone."""
    if not isinstance(raw, str | list | tuple):
        raise NotUnderstood("not_a_list")
    ticked = [raw] if isinstance(raw, str) else list(raw)
    if unknown := [item for item in ticked if item not in fact.options]:
        raise NotUnderstood("not_an_option", options=fact.options, unknown=unknown)
    if "none" in ticked and len(set(ticked)) > 1:
        raise NotUnderstood("none_excludes_the_rest")
    return [option for option in fact.options if option in ticked]


def _whole_number(fact: Fact, raw: Any, bounds: Bounds) -> int:
    text = str(raw).strip()
    if isinstance(raw, bool) or not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise NotUnderstood("not_a_whole_number")
    number = int(text)
    _within(fact, Decimal(number))
    return number


def _money(fact: Fact, raw: Any, bounds: Bounds) -> str:
    """Dollars and cents as text ("520.00"), from "$1,234.5" or "1234.50"."""
    text = str(raw).strip().removeprefix("$").strip()
    if not re.fullmatch(r"(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,2})?", text, re.ASCII):
        raise NotUnderstood("not_an_amount")
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise NotUnderstood("not_an_amount") from None
    _within(fact, amount)
    return f"{amount:.2f}"


def _within(fact: Fact, number: Decimal) -> None:
    low = 0 if fact.at_least is None else fact.at_least
    if number < low:
        raise NotUnderstood("number_too_small", at_least=low)
    if fact.at_most is not None and number > fact.at_most:
        raise NotUnderstood("number_too_large", at_most=fact.at_most)


def _date(fact: Fact, raw: Any, bounds: Bounds) -> str:
    if fact.may_be and raw == fact.may_be:
        return fact.may_be
    text = _date_text(raw) if isinstance(raw, Mapping) else str(raw).strip()
    try:
        day = PartialDate.parse(text)
    except NotADate:
        raise NotUnderstood("not_a_date") from None
    if day.year < _OLDEST_YEAR:
        raise NotUnderstood("date_too_long_ago", year=_OLDEST_YEAR)
    if day.year > bounds.on.year + _FURTHEST_YEARS:
        raise NotUnderstood("not_a_date")
    if day.earliest > bounds.on and not fact.may_be_future:
        raise NotUnderstood("date_in_the_future")
    if bounds.born is not None and day.latest < bounds.born.earliest:
        raise NotUnderstood("date_before_birth")
    return str(day)


def _date_text(parts: Mapping[str, Any]) -> str:
    """2013-05 from {year: "2013", month: "5", day: ""}; a day without a month is no date."""
    year, month, day = (str(parts.get(name) or "").strip() for name in ("year", "month", "day"))
    if day and not month:
        raise NotUnderstood("not_a_date")
    return "-".join([year] + [part.zfill(2) for part in (month, day) if part])


_TIME = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:hrs?)?\s*([ap])?\.?\s*(?:m\.?)?", re.ASCII | re.IGNORECASE
)
_NUMBER = r"(\d{1,2}(?:[.,]\d{1,2})?)"
_HOURS = re.compile(rf"{_NUMBER}(?:\s*(?:-|–|to|a|o|or)\s*{_NUMBER})?\s*(?:h|hrs|hours|horas)?", re.ASCII)


def _time(fact: Fact, raw: Any, bounds: Bounds) -> str:
    """A time of day as "19:05", from "7:05 pm", "7 p. m.", "19:05" or "19h05"."""
    match = _TIME.fullmatch(_line(raw, 20).casefold())
    if match is None:
        raise NotUnderstood("not_a_time")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if minute > 59 or hour > (12 if half else 24) or (half and hour == 0) or (hour == 24 and minute):
        raise NotUnderstood("not_a_time")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour % 24:02}:{minute:02}"


def _hours(fact: Fact, raw: Any, bounds: Bounds) -> str:
    """Hours as "10", "10.5" or, known roughly, "10-12"; the lower one first."""
    match = _HOURS.fullmatch(_line(raw, 30).casefold())
    if match is None:
        raise NotUnderstood("not_hours")
    ends = sorted(Decimal(part.replace(",", ".")) for part in match.groups() if part)
    most = Decimal(24) if fact.at_most is None else Decimal(fact.at_most)
    if ends[-1] > most:
        raise NotUnderstood("more_than_a_day", most=most)
    return "-".join(dict.fromkeys(f"{end.normalize():f}" for end in ends))


def _person_name(fact: Fact, raw: Any, bounds: Bounds) -> dict[str, str] | None:
    """A name in any script. Emoji and control characters are refused, direction marks are dropped."""
    parts = _parts(raw, NAME_PARTS, 100)
    for part, text in parts.items():
        if any(
            unicodedata.category(char) in ("So", "Sk", "Cf") and char not in "\u200c\u200d`´" for char in text
        ):
            raise NotUnderstood("no_emoji_in_names").within(part)
        if not any(char.isalpha() for char in text):
            raise NotUnderstood("name_without_letters").within(part)
    return parts or None


def _address(fact: Fact, raw: Any, bounds: Bounds) -> dict[str, str] | None:
    parts = _parts(raw, ADDRESS_PARTS, 200)
    if parts.get("unit_kind", "apt") not in UNIT_KINDS:
        raise NotUnderstood("not_an_option", options=UNIT_KINDS).within("unit_kind")
    if "zip" in parts and not re.fullmatch(r"\d{5}(?:-?\d{4})?", parts["zip"], re.ASCII):
        raise NotUnderstood("zip_not_understood").within("zip")
    return parts or None


def _parts(raw: Any, names: Sequence[str], most: int) -> dict[str, str]:
    if not isinstance(raw, Mapping) or set(raw) - set(names):
        raise NotUnderstood("unknown_part", parts=tuple(names))
    found: dict[str, str] = {}
    for name in names:
        try:
            text = _line(raw.get(name) or "", most)
        except NotUnderstood as wrong:
            raise wrong.within(name) from None
        if text:
            found[name] = text
    return found


def _phone(fact: Fact, raw: Any, bounds: Bounds) -> str:
    text = _line(raw, 40)
    if (
        not _PHONE.fullmatch(text)
        or not 7 <= sum(char.isdigit() for char in re.split("(?i)x|ext", text)[0]) <= 15
    ):
        raise NotUnderstood("not_a_phone_number")
    return text


def _email(fact: Fact, raw: Any, bounds: Bounds) -> str:
    text = _line(raw, 254)
    if not _EMAIL.fullmatch(text):
        raise NotUnderstood("not_an_email")
    return text


def _digits(fact: Fact, raw: Any, bounds: Bounds) -> str:
    """The digits alone, from "123-45 6789" or "A 123 456 789"."""
    text = re.sub(r"[\s.\-]", "", str(raw)).removeprefix("A").removeprefix("a")
    if not text.isdecimal() or not text.isascii() or (fact.length and len(text) not in fact.length):
        raise NotUnderstood("wrong_number_of_digits", length=fact.length)
    return text


def _entries(fact: Fact, raw: Any, bounds: Bounds) -> list[dict[str, Any]]:
    if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
        raise NotUnderstood("not_a_list")
    if len(raw) > fact.most_rows:
        raise NotUnderstood("too_many_rows", most=fact.most_rows)
    rows = [_row(fact, position, row, bounds) for position, row in enumerate(raw)]
    return [row for row in rows if row]


def _row(fact: Fact, position: int, raw: Mapping[str, Any], bounds: Bounds) -> dict[str, Any]:
    if unknown := set(raw) - set(fact.entry):
        raise NotUnderstood("unknown_part", parts=tuple(fact.entry)).within(sorted(unknown)[0], position)
    row: dict[str, Any] = {}
    for name, part in fact.entry.items():
        try:
            value = part.read(raw.get(name), bounds.on, bounds.born)
        except NotUnderstood as wrong:
            raise wrong.within(name, position) from None
        if value is not None:
            row[name] = value
    _in_order(row, position)
    return row


def _in_order(row: Mapping[str, Any], position: int) -> None:
    """Refuses a row whose `to` surely lies before its `from`."""
    start, end = row.get("from"), row.get("to")
    if not isinstance(start, str) or not isinstance(end, str) or {start, end} & {UNSURE, ONGOING}:
        return
    if PartialDate.parse(end).latest < PartialDate.parse(start).earliest:
        raise NotUnderstood("ends_before_it_starts").within("to", position)


_READERS: dict[str, Callable[[Fact, Any, Bounds], Any]] = {
    "yes_no": _option,
    "choice": _option,
    "choices": _options,
    "text": _text,
    "long_text": _long_text,
    "whole_number": _whole_number,
    "money": _money,
    "date": _date,
    "time": _time,
    "hours": _hours,
    "name": _person_name,
    "address": _address,
    "phone": _phone,
    "email": _email,
    "digits": _digits,
    "entries": _entries,
}
