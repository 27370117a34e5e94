"""What rule packs may call by name, because a table of conditions cannot say it.

Each function returns a whole finding (the pack gives it its name, level and
words) and cites the notes it follows. Nothing here decides for a person:
whatever is near but not the same is put before an attorney, never accepted.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from jornada.domain import calendars
from jornada.domain.conditions import Condition, Scope, Span, Weighed, named, span_of
from jornada.domain.facts import NO, OPEN, UNSURE, YES, Finding, Statement

_NEAR = 0.84
"""How alike two names must be before an attorney is asked whether they are the same. Our default."""

_COMPANY_ENDINGS = frozenset(
    {
        "inc",
        "incorporated",
        "llc",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "lp",
        "llp",
        "plc",
    }
)
_STREET_WORDS = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "drive": "dr",
    "boulevard": "blvd",
    "highway": "hwy",
    "lane": "ln",
    "suite": "ste",
    "parkway": "pkwy",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "and": "",
    "the": "",
}
_TRADE_NAME = re.compile(r"\s+(?:d\s*/\s*b\s*/\s*a|dba|doing business as|aka|a/k/a)\s+", re.IGNORECASE)


# --- names of employers and worksites -------------------------------------------------------------


def _words(text: str) -> list[str]:
    """Words in lower case without accents, punctuation, legal endings and spelled-out street kinds."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    words = re.sub(r"[^\w\s]", "", re.sub(r"[-/,]", " ", letters)).split()
    return [short for word in words if (short := _STREET_WORDS.get(word, word))]


@lru_cache(maxsize=4096)
def same_name(text: str) -> tuple[str, ...]:
    """The forms in which a company's name is compared: legal and trade name, without "Inc." and the like."""
    forms = []
    for part in _TRADE_NAME.split(text):
        words = _words(part)
        while len(words) > 1 and words[-1] in _COMPANY_ENDINGS:
            words.pop()
        if words:
            forms.append(" ".join(words))
    return tuple(forms)


@lru_cache(maxsize=4096)
def _place(text: str) -> str:
    return " ".join(_words(text))


@lru_cache(maxsize=8192)
def _alike(left: str, right: str) -> bool:
    """Near enough that somebody should look: similar spelling, or one holds all words of the other."""
    if not left or not right:
        return False
    one, other = set(left.split()), set(right.split())
    if min(len(one), len(other)) and (one <= other or other <= one):
        return True
    return difflib.SequenceMatcher(None, left, right, autojunk=False).ratio() >= _NEAR


@lru_cache(maxsize=4096)
def _names_match(given: str, names: tuple[str, ...]) -> bool | None:
    """True: the same name; None: near, an attorney must look; False: another."""
    forms = same_name(given)
    if not forms:
        return None
    theirs = [form for name in names for form in same_name(name)]
    if not set(forms).isdisjoint(theirs):
        return True
    return None if any(_alike(form, name) for form in forms for name in theirs) else False


@lru_cache(maxsize=4096)
def _sites_match(site: str, city: str, state: str, sites: tuple[str, ...]) -> bool | None:
    """The same three for the worksite. A statement without worksites means all of the employer's.

    Only the site itself, with or without its town, can be the same: a town alone
    cannot tell two plants in one town apart.
    """
    if not sites:
        return True
    theirs = [_place(name) for name in sites]
    named_so = {_place(site), _place(f"{site} {city}"), _place(f"{site} {city} {state}")}
    if site and not named_so.isdisjoint(theirs):
        return True
    written = [form for form in (_place(site), _place(f"{site} {city}"), _place(city)) if form]
    if not written:
        return None
    return None if any(_alike(form, name) for form in written for name in theirs) else False


# --- days of a job inside a statement's period ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stint:
    """One job against one statement: surely and possibly covered days, and what an attorney must look at."""

    statement: str
    sure: Span | None
    possible: Span | None
    look: tuple[str, ...]


def _meet(left: Span, right: Span) -> Span | None:
    first, last = max(left[0], right[0]), min(left[1], right[1])
    return (first, last) if first <= last else None


def _said(job: Mapping[str, Any], part: str) -> str:
    """What was said of the job, empty if nothing or "I am not sure"."""
    value = job.get(part)
    return "" if value is None or value == UNSURE else str(value)


def _where(job: Mapping[str, Any]) -> tuple[str, str, str]:
    return _said(job, "worksite"), _said(job, "city"), _said(job, "state")


def _stint(job: Mapping[str, Any], statement: Statement, on: date) -> _Stint | None:
    """How the job lies in the statement's scope; None if it surely does not."""
    employer = _names_match(_said(job, "employer"), statement.employers)
    if employer is False:
        return None
    site = _sites_match(*_where(job), statement.worksites)
    if site is False:
        return None
    look = ("employer",) * (employer is None) + ("worksite",) * (site is None)
    start, end = span_of(job.get("from"), on), span_of(job.get("to"), on)
    period = (statement.period_from, statement.period_to or on)
    widest = (start[0] if start else date.min, min(end[1], on) if end else on)
    possible = _meet(widest, period) if widest[0] <= widest[1] else None
    if possible is None:
        return None
    surest = (start[1], min(end[0], on)) if start and end else None
    sure = _meet(surest, period) if surest and surest[0] <= surest[1] else None
    if sure is None:
        look += ("dates",)
    if not statement.covers_former and end is not None and end[1] < statement.issued_on:
        look += ("former",)
    return _Stint(statement.id, sure, possible, look)


def _days(spans: Iterable[Span]) -> list[Span]:
    """The spans joined where they touch or overlap, in order."""
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _length(spans: Iterable[Span]) -> int:
    return sum((last - first).days + 1 for first, last in spans)


def _statement_values(stints: Sequence[_Stint]) -> dict[str, Any]:
    sure = _days(s.sure for s in stints if s.sure and not set(s.look) - {"dates"})
    possible = _days(s.possible for s in stints if s.possible)
    gaps = [(a[1] + timedelta(days=1), b[0] - timedelta(days=1)) for a, b in pairwise(sure)]
    look = list(dict.fromkeys(word for stint in stints for word in stint.look))
    return {
        "statements": sorted({stint.statement for stint in stints}),
        "overlap_days": _length(sure),
        "overlap_days_possible": _length(possible),
        "gaps": [f"{first} to {last}" for first, last in gaps],
        "gap_days": _length(gaps),
        "look": look,
        "needs_look": "yes" if look else "no",
    }


@named(from_answers=False, jobs="fact?=jobs", exists="fact?=soi_exists")
def matches_statement(scope: Scope, arguments: Mapping[str, Any]) -> Finding:
    """Does some job of the person fall within a statement of interest: employer, worksite and days?

    Yes needs the same employer and worksite (normalised, trade names read) and
    at least one day that surely overlaps. Near names, approximate dates and
    former workers whom the statement does not clearly take in stay open, listed
    in `look` for an attorney. Nothing alike is no, unless the person says that
    there is a statement and it is not on file. `gaps` are the days between
    covered stints. Source: deferred-action notes, E2, E3, section 2.2 (O2, O3)
    and 2.3 (data rule).
    """
    jobs_fact, exists_fact = arguments["jobs"], arguments["exists"]
    statements = [one for one in scope.circumstances.statements if one.in_force(scope.on)]
    exists, jobs = scope.get(exists_fact), scope.get(jobs_fact)
    if not statements:
        if exists == "no":
            return Finding("", NO, turning=(exists_fact,))
        return _still_open({exists_fact: exists, jobs_fact: jobs})
    if jobs is None or jobs == UNSURE:
        return _still_open({jobs_fact: jobs})
    stints = [stint for job in jobs for one in statements if (stint := _stint(job, one, scope.on))]
    if not stints and exists == "yes" and not any(_knows(job, statements) for job in jobs):
        return Finding(
            "",
            OPEN,
            turning=(jobs_fact, exists_fact),
            values={"look": ["statement"], "needs_look": "yes"},
        )
    values = _statement_values(stints)
    matched = any(stint.sure and not stint.look for stint in stints)
    outcome = YES if matched else (OPEN if stints else NO)
    return Finding("", outcome, turning=(jobs_fact,), values=values)


def _knows(job: Mapping[str, Any], statements: Iterable[Statement]) -> bool:
    """Whether the job's employer is that of a statement on file (so only days or place keep it out)."""
    return any(_names_match(_said(job, "employer"), one.employers) is not False for one in statements)


def _still_open(facts: Mapping[str, Any]) -> Finding:
    missing = tuple(name for name, value in facts.items() if value is None)
    unsure = tuple(name for name, value in facts.items() if value == UNSURE)
    settled = () if missing or unsure else tuple(facts)
    return Finding("", OPEN, missing=missing, turning=unsure or settled)


# --- who decides, and when a grant ends -----------------------------------------------------------


@named(detained="condition", in_court="condition", order="condition")
def decider(scope: Scope, arguments: Mapping[str, Condition]) -> Finding:
    """Who decides the deferred action, and who the work permit.

    USCIS for a person never in proceedings and without an order; ICE (through
    the filing at USCIS) where a case is pending or an order is final; ICE for a
    detained person, where nothing is known of the permit. Source: deferred-action
    notes, section 3.2.
    """
    detained, in_court, order = (arguments[name].weigh(scope) for name in ("detained", "in_court", "order"))
    if detained[0]:
        return _decided(scope, "ICE", "unknown", [detained])
    if deciding := [one for one in (in_court, order) if one[0]]:
        return _decided(scope, "ICE", "USCIS", deciding)
    weighed = (detained, in_court, order)
    if open_ones := [names for truth, names in weighed if truth is None]:
        names = list(dict.fromkeys(chain.from_iterable(open_ones)))
        missing = tuple([name for name in names if scope.get(name) is None])
        turning = tuple([name for name in names if name not in missing])
        return Finding("", OPEN, missing=missing, turning=turning)
    return _decided(scope, "USCIS", "USCIS", weighed)


def _decided(scope: Scope, who: str, permit_by: str, because: Sequence[Weighed]) -> Finding:
    names = dict.fromkeys(chain.from_iterable([names for _, names in because]))
    turning = tuple([name for name in names if scope.get(name) is not None])
    return Finding("", YES, turning=turning, values={"decider": who, "ead_by": permit_by})


@named(granted_on="fact", years="fact?", lengthened="fact?", length="parameter?", lengthened_to="parameter?")
def grant_end(scope: Scope, arguments: Mapping[str, str]) -> Finding:
    """When a grant of deferred action ends: its length after the day of the grant, less one day.

    The length is what the person's notice says (`years`), else what was given on
    the day of the grant; if it was lengthened, the lengthened total. Yes while
    it runs, no once it is over. Source: deferred-action notes, section 5.2 (V13:
    two years from 2024-02-10 end on 2026-02-09). An approximate day of grant
    leaves open what it leaves open; `da_end` is then the earliest end.
    """
    named_facts = [arguments[name] for name in ("granted_on", "years", "lengthened") if name in arguments]
    granted = span_of(scope.get(arguments["granted_on"]), scope.on)
    years = granted and _grant_years(scope, arguments, granted[0])
    if granted is None or not years:
        return _still_open(
            {fact: scope.get(fact) for fact in named_facts[:1] if granted is None}
            or {fact: scope.get(fact) for fact in named_facts[1:]}
        )
    length = calendars.shift(f"{years} years -1 day")
    first, last = length.after(granted[0]), length.after(granted[1])
    values = {"da_end": first.isoformat(), "days_left": (first - scope.on).days}
    turning = tuple(fact for fact in named_facts if scope.get(fact) is not None)
    outcome = YES if first >= scope.on else (NO if last < scope.on else OPEN)
    return Finding("", outcome, turning=turning, values=values)


def _grant_years(scope: Scope, arguments: Mapping[str, str], granted_on: date) -> int | None:
    """Years of the grant; None while an answer or a value that is needed is open."""
    if "lengthened" in arguments:
        lengthened = scope.get(arguments["lengthened"])
        if lengthened == "yes" and "lengthened_to" in arguments:
            return _whole(scope.parameter_on(arguments["lengthened_to"], granted_on))
        if lengthened == UNSURE:
            return None
    said = scope.get(arguments["years"]) if "years" in arguments else None
    if said is not None and said != UNSURE:
        return _whole(said)
    return _whole(scope.parameter_on(arguments["length"], granted_on)) if "length" in arguments else None


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() else None


# --- two facts compared ---------------------------------------------------------------------------


@named(left="fact", right="fact")
def in_common(scope: Scope, arguments: Mapping[str, str]) -> Finding:
    """Whether two facts share a value, each a single one or a list of them.

    For pairs: a language that both speak, a nationality that a consulate serves
    (capacity notes, section 5, R9, R10, R21). Open while either is missing or unsure.
    """
    values: dict[str, Any] = {name: scope.get(name) for name in arguments.values()}
    if any(value is None or value == UNSURE for value in values.values()):
        return _still_open(values)
    left, right = (values[arguments[side]] for side in ("left", "right"))
    shared = set([left] if isinstance(left, str) else left) & set(
        [right] if isinstance(right, str) else right
    )
    return Finding("", YES if shared else NO, turning=tuple(values))
