"""Packets: which papers go together on a day, in what order, and what stands in each form.

The rules are the pack's `packet.yaml` and `forms/*.yaml`. `plan` decides with the answers and the
advocate's choices; `fill` writes the forms; printchecks.py checks the whole before it is printed. All say
"not yet known" where something is open, and none of them decides for the advocate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any

from jornada.domain.conditions import UNKNOWN, Condition, NotInForce, Scope, condition
from jornada.domain.facts import Answers, Outcome, Source
from jornada.domain.formfill import (
    SHEET,
    Blank,
    FilledForm,
    Overflow,
    Paper,
    Said,
    SheetRow,
    Trouble,
    fill_form,
)
from jornada.domain.formmaps import FormMap, Printed, read_map
from jornada.domain.packparts import PackKey, RulePack, needs_review
from jornada.domain.vocabulary import Fact

Choices = Mapping[str, Any]
"""The advocate's decisions, by the names under `choices` in packet.yaml. `editions` holds editions by form
that an attorney confirmed by hand; they come before the dated ones."""


# --- the rules, read once -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """One entry of an ordered list of rules: the first that holds decides."""

    when: Condition | None
    gives: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _FormRule:
    form: str
    when: Condition | None
    edition: str
    by_hand: bool
    optional: bool
    sources: tuple[Source, ...]
    only_edition: str = ""


@dataclass(frozen=True, slots=True)
class _ExhibitRule:
    key: str
    when: Condition | None
    need: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class PacketRules:
    """`packet.yaml` and the form maps of one pack, read."""

    agency: str
    maps: Mapping[tuple[str, str], FormMap]
    forms: tuple[_FormRule, ...]
    exhibits: tuple[_ExhibitRule, ...]
    values: Mapping[str, tuple[_Case, ...]]
    fee: tuple[_Case, ...]
    file_at: tuple[_Case, ...]
    letters: Mapping[str, Condition]
    order: tuple[tuple[str, str], ...]
    gate: Condition | None
    checks: Mapping[str, Any]
    wanted: tuple[str, ...]
    computed: tuple[str, ...] = ()


def rules_of(pack: RulePack) -> PacketRules:
    """The packet rules of a pack, read once for each pack."""
    return _rules(PackKey(pack))


@lru_cache(maxsize=64)
def _rules(key: PackKey) -> PacketRules:
    raw = document(key.pack)
    forms = tuple(_form_rule(key.pack, given) for given in raw["forms"])
    return PacketRules(
        agency=raw["agency"],
        maps={(made.form, made.edition): made for made in maps(key.pack)},
        forms=forms,
        exhibits=tuple(_exhibit_rule(key.pack, given) for given in raw["exhibits"]),
        values={name: _cases(given) for name, given in raw.get("values", {}).items()},
        fee=_cases(raw.get("fee", ())),
        file_at=_cases(raw.get("file_at", ())),
        letters={name: condition(given) for name, given in raw["letters"].items()},
        order=tuple(_ordered(raw["order"], forms)),
        gate=_when(raw["checks"], "gate"),
        checks=raw["checks"],
        wanted=tuple(raw.get("wanted", ())),
        computed=tuple(raw.get("computed", ())),
    )


@lru_cache(maxsize=64)
def _document(key: PackKey) -> Mapping[str, Any]:
    made: dict[str, Any] = {}
    shared = sorted(
        name for name in key.pack.documents if name.startswith("../") and name.endswith("/packet.yaml")
    )
    for name in (*shared, "packet.yaml"):
        for part, given in key.pack.documents.get(name, {}).items():
            before = made.get(part)
            made[part] = (
                {**before, **given} if isinstance(before, dict) and isinstance(given, dict) else given
            )
    return made


def document(pack: RulePack) -> Mapping[str, Any]:
    """What packet.yaml says: first that of the vocabularies that the pack uses, then the pack's own over it."""
    return _document(PackKey(pack))


def has_packet(pack: RulePack) -> bool:
    """Whether anything is prepared under this pack at all."""
    return "packet.yaml" in pack.documents


def _ordered(listed: Sequence[Mapping[str, str]], forms: Sequence[_FormRule]) -> Iterator[tuple[str, str]]:
    """The order of the pieces; `forms: all` stands for every form of the pack that is not named by itself."""
    named = {name for entry in listed for kind, name in entry.items() if kind == "form"}
    for entry in listed:
        kind, name = next(iter(entry.items()))
        if kind == "forms":
            yield from (("form", rule.form) for rule in forms if rule.form not in named)
        else:
            yield kind, name


def maps(pack: RulePack) -> tuple[FormMap, ...]:
    """The form maps of a pack and of the vocabularies it uses, every edition. MapError says what is wrong with one."""
    named = (
        raw for name, raw in sorted(pack.documents.items()) if name.startswith("forms/") or "/forms/" in name
    )
    return tuple(read_map(raw) for raw in named)


def choices(pack: RulePack) -> Mapping[str, Fact]:
    """The advocate's choices by name, declared like facts: `Fact.read` takes what was typed or ticked.

    They are strategy, hence privileged (P4).
    """
    declared: Mapping[str, Mapping[str, Any]] = document(pack)["choices"]
    return {
        name: Fact(
            name, raw["kind"], "packet", "P4", tuple(raw.get("options", ())),
            length=(raw["length"],) if "length" in raw else (), may_be_future=True,
        )
        for name, raw in declared.items()
    }  # fmt: skip


def _when(raw: Mapping[str, Any], key: str = "when") -> Condition | None:
    return condition(raw[key]) if key in raw else None


def _cases(raw: Sequence[Mapping[str, Any]]) -> tuple[_Case, ...]:
    return tuple(_Case(_when(given), given) for given in raw)


def _sources(pack: RulePack, raw: Mapping[str, Any]) -> tuple[Source, ...]:
    named = ((pack.sources[given["source"]], given["sure"]) for given in raw.get("sources", ()))
    return tuple(Source(source.title, source.url, sure) for source, sure in named)


def _form_rule(pack: RulePack, raw: Mapping[str, Any]) -> _FormRule:
    """A form's rule. Its edition is a dated parameter, or a text where only one edition was ever seen."""
    edition = raw.get("edition") or {}
    optional, by_hand = bool(raw.get("optional")), bool(raw.get("by_hand"))
    return _FormRule(
        raw["form"], _when(raw), edition.get("parameter", ""), by_hand, optional, _sources(pack, raw),
        edition.get("text", ""),
    )  # fmt: skip


def _exhibit_rule(pack: RulePack, raw: Mapping[str, Any]) -> _ExhibitRule:
    return _ExhibitRule(raw["exhibit"], _when(raw), raw["need"], _sources(pack, raw))


# --- the plan -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlannedForm:
    """A form of the packet. `edition` is empty while nobody can say which is in force.

    `outcome` is not yet known while an answer or a choice is open: `missing` names it.
    """

    form: str
    outcome: Outcome
    edition: str = ""
    map: FormMap | None = None
    by_hand: bool = False
    optional: bool = False
    confirmed_by_hand: bool = False
    missing: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def needs_review(self) -> bool:
        return needs_review(self.sources)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A piece of evidence. `need` is required, advised or if_any; `letter` (A, B, …) once it is in."""

    key: str
    outcome: Outcome
    need: str
    letter: str = ""
    on_hand: bool = False
    english: bool = True
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Fee:
    """What is due on the day. `amount` is dollars as text, UNKNOWN if nobody knows, None while open."""

    amount: str | None
    paid_by: str = ""
    needs_review: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the packet in its order: a form, an exhibit or a letter."""

    kind: str
    key: str
    letter: str = ""


@dataclass(frozen=True)
class PacketPlan:
    """The papers of one packet on one day; `undecided` names the choices and facts that are still open."""

    pack: RulePack
    on: date
    choices: Choices
    forms: tuple[PlannedForm, ...]
    exhibits: tuple[Exhibit, ...]
    pieces: tuple[Piece, ...]
    fee: Fee
    file_at: str | None
    gate: Outcome
    undecided: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    def form(self, name: str) -> PlannedForm | None:
        """The form if it is surely in the packet."""
        found = (one for one in self.forms if one.form == name and one.outcome is Outcome.YES)
        return next(found, None)

    @property
    def included(self) -> tuple[PlannedForm, ...]:
        return tuple(one for one in self.forms if one.outcome is Outcome.YES)


def plan(
    pack: RulePack,
    answers: Answers,
    on: date,
    choices: Choices | None = None,
    computed: Mapping[str, Any] | None = None,
) -> PacketPlan:
    """The packet for these answers and choices on that day.

    A form whose edition is not in force on that day (or unknown) is planned without an edition: nothing is
    filled from it until an attorney confirms one (`choices["editions"]`). `computed` are values that another
    engine worked out from the answers, such as what is owed; packet.yaml names them under `computed`.
    """
    rules, chosen = rules_of(pack), choices or {}
    facts: dict[str, Any] = {**answers, **chosen, **(computed or {})}
    facts.pop("editions", None)
    editions = {rule.form: _edition(pack, rule, on, chosen) for rule in rules.forms}
    facts.update({f"edition_{_short(form)}": edition for form, edition in editions.items() if edition})
    scope = pack.scope(facts, on)
    forms = tuple(_planned(rules, rule, editions[rule.form], scope, chosen) for rule in rules.forms)
    facts.update({f"planned_{_short(one.form)}": one.outcome.value for one in forms if one.outcome.known})
    scope = pack.scope(facts, on)
    exhibits = _exhibits(rules, scope, chosen)
    return PacketPlan(
        pack=pack, on=on, choices=chosen, forms=forms, exhibits=exhibits,
        pieces=_pieces(rules, forms, exhibits, scope), fee=_fee(pack, rules, scope, chosen),
        file_at=_dated(pack, rules.file_at, "address", scope),
        gate=rules.gate.holds(scope) if rules.gate else Outcome.NO,
        undecided=_undecided(forms), facts=facts,
        values=_values(rules, forms, scope),
    )  # fmt: skip


def _short(form: str) -> str:
    return form.lower().replace("-", "")


def _edition(pack: RulePack, rule: _FormRule, on: date, chosen: Choices) -> str:
    confirmed = chosen.get("editions", {}).get(rule.form, "")
    if confirmed or not rule.edition:
        return str(confirmed or rule.only_edition)
    try:
        value = pack.parameter(rule.edition).on(on).value
    except NotInForce:
        return ""
    return "" if value == UNKNOWN else str(value)


def _planned(rules: PacketRules, rule: _FormRule, edition: str, scope: Scope, chosen: Choices) -> PlannedForm:
    outcome = rule.when.holds(scope) if rule.when else Outcome.YES
    missing = rule.when.turning(scope) if rule.when and not outcome.known else ()
    if rule.form in chosen.get("leave_out_forms", ()):
        outcome = Outcome.NO
    elif rule.form in chosen.get("add_forms", ()):
        outcome = Outcome.YES
    return PlannedForm(
        rule.form, outcome, edition, rules.maps.get((rule.form, edition)), rule.by_hand, rule.optional,
        rule.form in chosen.get("editions", {}), () if outcome.known else missing, rule.sources,
    )  # fmt: skip


def _exhibits(rules: PacketRules, scope: Scope, chosen: Choices) -> tuple[Exhibit, ...]:
    found = {rule.key: rule.when.holds(scope) if rule.when else Outcome.YES for rule in rules.exhibits}
    order = [key for kind, key in rules.order if kind == "exhibit"]
    there = [key for key in order if _goes_in(rules, key, found[key], chosen)]
    letters = {key: _letter(place) for place, key in enumerate(there)}
    on_hand, foreign = chosen.get("on_hand", ()), chosen.get("not_english", ())
    return tuple(
        Exhibit(
            rule.key, found[rule.key], rule.need, letters.get(rule.key, ""),
            rule.key in on_hand, rule.key not in foreign, rule.sources,
        )
        for rule in rules.exhibits
    )  # fmt: skip


def _goes_in(rules: PacketRules, key: str, outcome: Outcome, chosen: Choices) -> bool:
    """Required exhibits keep their place while they are looked for; others get one when they are on hand."""
    need = next(rule.need for rule in rules.exhibits if rule.key == key)
    return outcome is Outcome.YES and (need == "required" or key in chosen.get("on_hand", ()))


def _letter(place: int) -> str:
    return chr(ord("A") + place % 26) * (place // 26 + 1)


def _pieces(
    rules: PacketRules, forms: Sequence[PlannedForm], exhibits: Sequence[Exhibit], scope: Scope
) -> tuple[Piece, ...]:
    letters = {exhibit.key: exhibit.letter for exhibit in exhibits}
    included = {one.form for one in forms if one.outcome is Outcome.YES}
    made = []
    for kind, key in rules.order:
        if kind == "exhibit" and letters[key]:
            made.append(Piece(kind, key, letters[key]))
        elif kind == "form" and key in included:
            made.append(Piece(kind, key))
        elif kind == "letter":
            needed = rules.letters[key].holds(scope) if key in rules.letters else Outcome.YES
            made.extend([Piece(kind, key)] if needed is Outcome.YES else [])
    return tuple(made)


def _first(cases: Sequence[_Case], scope: Scope) -> Mapping[str, Any] | None:
    """The first case that holds; None if none does or one before it is not yet known."""
    for case in cases:
        outcome = case.when.holds(scope) if case.when else Outcome.YES
        if outcome is Outcome.NOT_YET_KNOWN:
            return None
        if outcome is Outcome.YES:
            return case.gives
    return None


def _dated(pack: RulePack, cases: Sequence[_Case], key: str, scope: Scope) -> str | None:
    """The value of the first case that holds, as of its day; a text where nothing dated is known of it."""
    given = _first(cases, scope)
    if given is None:
        return None
    value = given[key]["text"] if "text" in given[key] else scope.parameter(given[key]["parameter"])
    return None if value is None else str(value)


def _fee(pack: RulePack, rules: PacketRules, scope: Scope, chosen: Choices) -> Fee:
    amount = _dated(pack, rules.fee, "amount", scope)
    given = _first(rules.fee, scope)
    if amount is None or given is None:
        return Fee(None, str(chosen.get("fee_by") or ""))
    in_force = pack.parameter(given["amount"]["parameter"]).on(scope.on)
    return Fee(amount, str(chosen.get("fee_by") or ""), in_force.needs_review)


def _value(cases: Sequence[_Case], scope: Scope) -> Any:
    given = _first(cases, scope)
    if given is None:
        return None
    return given["text"] if "text" in given else scope.answers.get(given["fact"])


def _values(rules: PacketRules, forms: Sequence[PlannedForm], scope: Scope) -> dict[str, Any]:
    """The values under `values` in packet.yaml, and the forms that the agency is asked to act on."""
    filed = (one.form for one in forms if one.outcome is Outcome.YES and not one.optional and not one.by_hand)
    listed = ", ".join(form for form in filed if form not in rules.checks.get("not_filed", ()))
    return {**{name: _value(cases, scope) for name, cases in rules.values.items()}, "forms_filed": listed}


def _undecided(forms: Sequence[PlannedForm]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in forms if not one.optional for name in one.missing))


def wanted(plan: PacketPlan) -> frozenset[str]:
    """The facts that the planned forms and letters take: what preparation asks besides screening."""
    scope, rules = plan.pack.scope(plan.facts, plan.on), rules_of(plan.pack)
    names: set[str] = set(rules.wanted) if plan.included else set()
    for planned in plan.included:
        for item in planned.map.items if planned.map else ():
            if item.when is None or item.when.holds(scope) is not Outcome.NO:
                names.update(item.when.facts if item.when else ())
                names.update(_facts_of(item, rules))
    if Piece("letter", "statement") in plan.pieces:
        names.update(name for name, fact in plan.pack.facts.items() if fact.section == "statement")
    return frozenset(name for name in names if name in plan.pack.facts)


def _facts_of(item: Printed, rules: PacketRules) -> Iterator[str]:
    """The facts that an item may take, through a value too."""
    if item.source in ("fact", "rows", "total_of"):
        yield str(item.name).partition(".")[0]
    elif item.source == "total":
        yield from item.name
    elif item.source == "value":
        for case in rules.values.get(str(item.name).partition(".")[0], ()):
            yield from case.when.facts if case.when else ()
            yield str(case.gives.get("fact", ""))
    if item.other:
        yield item.other


# --- filling --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """Every form of the plan, filled. `values` are to be drawn; forms in `sheets` become answer sheets."""

    forms: Mapping[str, FilledForm]
    sheets: tuple[str, ...] = ()

    @property
    def values(self) -> Mapping[str, Mapping[str, str]]:
        return {name: form.values for name, form in self.forms.items() if name not in self.sheets}

    @property
    def overflow(self) -> tuple[Overflow, ...]:
        """What did not fit the boxes of the drawn forms."""
        drawn = (form for name, form in self.forms.items() if name not in self.sheets)
        return tuple(one for form in drawn for one in form.overflow)

    @property
    def attached(self) -> tuple[Overflow, ...]:
        """What goes to an attached sheet, since the form has no room for it."""
        return tuple(one for one in self.overflow if one.goes_to == SHEET)

    @property
    def blanks(self) -> tuple[Blank, ...]:
        return tuple(blank for form in self.forms.values() for blank in form.blanks)

    @property
    def problems(self) -> tuple[Trouble, ...]:
        return tuple(trouble for form in self.forms.values() for trouble in form.troubles)


def fill(plan: PacketPlan, answers: Answers, editions: Mapping[str, Paper] | None = None) -> Filled:
    """The planned forms filled from answers. `editions` holds, by form, what measures its installed PDF.

    A form that is not in `editions`, or whose map says so, becomes an answer sheet. Forms without a map of
    their edition are not filled at all; the report says so.
    """
    papers = editions or {}
    scope = plan.pack.scope({**plan.facts, **answers}, plan.on)
    said = Said(scope, plan.choices, plan.values, partial(_english, plan.pack))
    filled = {one.form: fill_form(one.map, said, papers.get(one.form)) for one in plan.included if one.map}
    sheets = (one.form for one in plan.included if one.map and (one.map.sheet_only or one.form not in papers))
    return Filled(filled, tuple(sheets))


def _english(pack: RulePack, fact: str, option: str) -> str:
    """English words for an option, as forms print them; the option itself where there is no wording."""
    key = f"options.{fact}.{option}"
    return pack.text(key, "en") if pack.has_text(key, "en") else option


def answer_sheet(filled: Filled, form: str) -> tuple[SheetRow, ...]:
    """What to copy by hand onto a form whose PDF is not at hand, in the form's order."""
    return tuple(filled.forms[form].rows)


def assembled(plan: PacketPlan, filled: Filled) -> tuple[Piece, ...]:
    """The pieces in their order, without an attached sheet or a certificate that nothing needs."""
    foreign = any(not exhibit.english for exhibit in plan.exhibits if exhibit.letter)
    own_words = Piece("letter", "statement") in plan.pieces and plan.facts.get("written_language") != "en"
    unneeded = {"attached_sheet": not filled.attached, "translation": not (foreign or own_words)}
    return tuple(one for one in plan.pieces if not (one.kind == "letter" and unneeded.get(one.key)))
