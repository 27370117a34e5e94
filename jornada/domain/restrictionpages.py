"""Reading the pack of restrictions: from its files to one checked, fingerprinted `Restrictions`.

As with remedies everything that is wrong is found before giving up, with file, line and mend; and a pack is
whole or refused. Each rule needs an example in which it bites and a neighbour in which it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jornada.domain import functions, packchecks, satisfiable, vocabulary
from jornada.domain.conditions import Condition
from jornada.domain.located import PackError, PackErrors, Path
from jornada.domain.packpages import Pages
from jornada.domain.packparts import placeholders
from jornada.domain.restrictions import (
    AIMS,
    EFFECTS,
    PAIR_AIMS,
    REACHES,
    SIDES,
    Aims,
    PairExample,
    Restriction,
    Restrictions,
    Trait,
    failing,
    untried,
)
from jornada.domain.vocabulary import Fact

KIND = "restrictions"
_NEEDED = ("pack.yaml", "facts.yaml", "restrictions.yaml", "aims.yaml")
_FUNCTIONS = functions  # imported so that packs can name what it registers
_RULES, _FACTS, _AIMS, _EXAMPLES = "restrictions.yaml", "facts.yaml", "aims.yaml", "examples.yaml"
_NUMBERS = (
    "near_days",
    "wait_step_days",
    "wait_most_steps",
    "flag_cost",
    "open_cost",
    "load_steps",
    "elsewhere_cost",
    "anywhere_cost",
    "minutes_a_step",
    "interpreter_cost",
    "hold_percent",
)
_AT_LEAST_ONE = ("wait_step_days", "wait_most_steps", "load_steps", "minutes_a_step")
_MOST = {"load_steps": 100, "hold_percent": 100, "wait_most_steps": 1000}


def parse(name: str, files: Mapping[str, str]) -> Restrictions:
    """The pack from the text of its files; PackErrors with all that is wrong."""
    reader = _Reader(name, files)
    pack = reader.pack()
    errors = list(reader.errors)
    if pack is not None and not errors:
        errors += [*_names(pack), *_wording(pack)]
        errors += [*_tried(pack)] if not errors else []
    if errors or pack is None:
        raise PackErrors(tuple(dict.fromkeys(sorted(errors, key=lambda error: (error.file, error.line)))))
    return pack


class _Reader(Pages):
    """Reads the parts one after the other and collects what is wrong on the way."""

    def pack(self) -> Restrictions | None:
        for file in _NEEDED:
            if file not in self.pages:
                self.errors.append(PackError(file, 1, "the file is missing", "Add it"))
        head = self.head_with()
        if head is None:
            return None
        judgements, confirmed = self.judgements()
        languages = tuple(head["languages"])
        return Restrictions(
            self.name,
            self.title(head),
            languages,
            self.sources,
            self.traits(),
            self.parameters(),
            self.rules(),
            judgements,
            confirmed,
            self.own_wording(languages),
            tuple(self.listed(_EXAMPLES, "examples", self.example)),
            self.approvals(head),
            self.fingerprint_with(),
            str(head.get("owner", "")),
            self.pages,
        )

    # --- facts of cards and sources -----------------------------------------------------------------

    def traits(self) -> dict[str, Trait]:
        raw = self.top(_FACTS, "facts")
        made = {
            name: self.trait(("facts", name), name, entry)
            for name, entry in (raw.items() if isinstance(raw, dict) else ())
        }
        return {name: trait for name, trait in made.items() if trait is not None}

    def trait(self, path: Path, name: str, raw: Any) -> Trait | None:
        entry = self.mapping(_FACTS, path, raw, ("of", "kind", "class"), ("options", "derived"))
        if entry is None:
            return None
        of = self.one_of(_FACTS, (*path, "of"), entry["of"], SIDES)
        several = entry["kind"] == "words"
        kind = "choices" if several else self.one_of(_FACTS, (*path, "kind"), entry["kind"], _kinds())
        level = self.one_of(_FACTS, (*path, "class"), entry["class"], vocabulary.CLASSES)
        if level > "P2":
            self.wrong(
                _FACTS,
                (*path, "class"),
                f"{name} is {level}, and matching reads nothing above P2",
                "Ask for a plainer fact that the worker can release on her placement card",
            )
        if (entry["kind"] in ("choice", "choices")) != ("options" in entry):
            self.wrong(_FACTS, path, "options are for choice and choices, which need them", "Mend the kind")
        options = self.words(_FACTS, (*path, "options"), entry.get("options"))
        return Trait(Fact(name, kind, data_class=level, options=options), of, several)

    # --- rules --------------------------------------------------------------------------------------

    def rules(self) -> tuple[Restriction, ...]:
        made = self.listed(_RULES, "restrictions", self.rule)
        seen: set[str] = set()
        for rule in made:
            if rule.id in seen:
                self.wrong(_RULES, rule.path, f"the rule {rule.id!r} stands twice", "Give it another id")
            seen.add(rule.id)
        return tuple(made)

    def rule(self, file: str, path: Path, raw: Any) -> Restriction | None:
        entry = self.mapping(
            file,
            path,
            raw,
            ("rule", "row", "effect", "reach", "when", "reason", "confirmed_until"),
            ("since", "lifts", "needs", "at_most", "percent", "values", "would_change", *_CITED),
        )
        when = self.when(file, (*path, "when"), entry["when"]) if entry else None
        confirmed = self.day(file, (*path, "confirmed_until"), entry["confirmed_until"]) if entry else None
        if entry is None or when is None or confirmed is None:
            return None
        return Restriction(
            str(entry["rule"]),
            str(entry["row"]),
            self.one_of(file, (*path, "effect"), entry["effect"], EFFECTS),
            self.one_of(file, (*path, "reach"), entry["reach"], REACHES),
            when,
            str(entry["reason"]),
            self.cited(file, path, entry, f"the rule {entry['rule']!r}"),
            confirmed,
            self.day(file, (*path, "since"), entry["since"]) if "since" in entry else None,
            self.words(file, (*path, "lifts"), entry.get("lifts")),
            self.words(file, (*path, "needs"), entry.get("needs")),
            self.amount(file, path, entry, "at_most"),
            self.amount(file, path, entry, "percent"),
            self.pairs(file, (*path, "values"), entry.get("values")),
            self.mend(file, (*path, "would_change"), entry.get("would_change")),
            path,
        )

    def amount(self, file: str, path: Path, entry: Mapping[str, Any], key: str) -> str | None:
        """A whole number, or the name of a dated value."""
        said = entry.get(key)
        if said is None:
            return None
        if isinstance(said, dict) and set(said) == {"parameter"}:
            return str(said["parameter"])
        if isinstance(said, int) and said >= 0:
            return str(said)
        self.wrong(file, (*path, key), f"{said!r} is no number of people", "Write 5 or {parameter: name}")
        return None

    def pairs(self, file: str, path: Path, raw: Any) -> dict[str, str]:
        """Placeholders of the reason and the facts that fill them."""
        if raw is not None and not isinstance(raw, dict):
            self.wrong(file, path, f"{raw!r} is not a mapping", "Write {until: credential_until}")
        return {str(key): str(value) for key, value in raw.items()} if isinstance(raw, dict) else {}

    def mend(self, file: str, path: Path, raw: Any) -> tuple[str, str] | None:
        entry = self.mapping(file, path, raw, ("fact", "to")) if raw is not None else None
        return (str(entry["fact"]), str(entry["to"])) if entry else None

    # --- aims -----------------------------------------------------------------------------------------

    def judgements(self) -> tuple[tuple[Aims, ...], date]:
        raw = self.mapping(_AIMS, ("aims",), self.top(_AIMS, "aims"), ("confirmed_until", "history"))
        confirmed = self.day(_AIMS, ("aims", "confirmed_until"), raw["confirmed_until"]) if raw else None
        made = [
            self.judgement(("aims", "history", place), entry)
            for place, entry in enumerate(raw["history"] if raw else ())
        ]
        known = [one for one in made if one is not None]
        if known != sorted(known, key=lambda one: one.start):
            self.wrong(_AIMS, ("aims", "history"), "the history is not in order of its days", "Sort it")
        if raw and not known:
            self.wrong(_AIMS, ("aims", "history"), "there is no order of aims", "Add one")
        return tuple(known), confirmed or date.min

    def judgement(self, path: Path, raw: Any) -> Aims | None:
        entry = self.mapping(
            _AIMS, path, raw,
            ("start", "order", "complex_levels", "decided_by", "why", *_NUMBERS), _CITED,
        )  # fmt: skip
        start = self.day(_AIMS, (*path, "start"), entry["start"]) if entry else None
        if entry is None or start is None:
            return None
        numbers = {name: self.number((*path, name), name, entry[name]) for name in _NUMBERS}
        return Aims(
            order=self.order((*path, "order"), entry["order"]),
            complex_levels=self.words(_AIMS, (*path, "complex_levels"), entry["complex_levels"]),
            decided_by=str(entry["decided_by"]),
            why=str(entry["why"]),
            start=start,
            sources=self.cited(_AIMS, path, entry, "the order of aims"),
            **numbers,
        )

    def number(self, path: Path, name: str, raw: Any) -> int:
        low = 1 if name in _AT_LEAST_ONE else 0
        if not isinstance(raw, int) or raw < low or raw > _MOST.get(name, 10_000):
            self.wrong(_AIMS, path, f"{raw!r} is no number for {name}", f"Write one from {low} on")
            return low
        return raw

    def order(self, path: Path, raw: Any) -> tuple[str, ...]:
        """All aims, each once; nothing that serving nobody would serve best may stand before serving people."""
        order = self.words(_AIMS, path, raw, AIMS)
        if sorted(order) != sorted(AIMS):
            self.wrong(_AIMS, path, "an aim is missing or stands twice", f"Name each of {', '.join(AIMS)}")
            return AIMS
        before = [aim for aim in order[: order.index("people_served")] if aim in PAIR_AIMS]
        if before:
            self.wrong(
                _AIMS,
                path,
                f"{before[0]} stands before people_served, and is best where nobody is served",
                "Move it behind people_served",
            )
        return order

    # --- examples -----------------------------------------------------------------------------------

    def example(self, file: str, path: Path, raw: Any) -> PairExample | None:
        entry = self.mapping(file, path, raw, ("name", "day", "person", "source", "expect"))
        day = self.day(file, (*path, "day"), entry["day"]) if entry else None
        if entry is None or day is None:
            return None
        for key in ("person", "source", "expect"):
            if not isinstance(entry[key], dict):
                self.wrong(file, (*path, key), f"{key} is not a mapping", f"Write {key}: {{fact: value}}")
                return None
        return PairExample(str(entry["name"]), day, entry["person"], entry["source"], entry["expect"], path)


_CITED = ("source", "sure", "sources")


def _kinds() -> tuple[str, ...]:
    return ("yes_no", "choice", "choices", "text", "whole_number", "date")


# --- checks of the whole --------------------------------------------------------------------------


def _error(pack: Restrictions, file: str, path: Path, problem: str, mend: str) -> PackError:
    return PackError(file, pack.located[file].line(path), problem, mend)


def _names(pack: Restrictions) -> Iterator[PackError]:
    """What rules and examples name: facts, values of facts, dated values, other rules."""
    for rule in pack.rules:
        for part in rule.when.walk():
            yield from _condition_names(pack, part)
        yield from _rule_names(pack, rule)
    for example in pack.examples:
        yield from _example_names(pack, example)


def _condition_names(pack: Restrictions, part: Condition) -> Iterator[PackError]:
    if part.kind in ("finding", "value", "level", "gate", "any_entry", "every_entry", "count", "entry"):
        yield _error(
            pack, _RULES, part.path, f"{part.kind} has no place in a restriction", "Compare facts instead"
        )
    if part.parts:
        return
    for name in sorted(part.facts - set(pack.traits)):
        yield _unknown(pack, _RULES, part.path, name)
    for name in sorted(part.parameters - set(pack.parameters)):
        yield _error(pack, _RULES, part.path, f"unknown parameter {name!r}", "Declare it in parameters.yaml")
    trait = pack.traits.get(part.subject) if part.kind == "fact" else None
    if trait is None:
        return
    for verb, value in part.comparisons:
        free = trait.several and verb in ("has", "has_any")
        problem = None if free else packchecks.unfit(trait.fact, verb, value)
        if problem:
            yield _error(pack, _RULES, part.path, *problem)


def _unknown(pack: Restrictions, file: str, path: Path, name: str) -> PackError:
    near = satisfiable.nearest(name, pack.traits)
    hint = f"Did you mean {near}? " if near else ""
    return _error(pack, file, path, f"unknown fact {name!r}", f"{hint}Declare it in facts.yaml or mend it")


def _rule_names(pack: Restrictions, rule: Restriction) -> Iterator[PackError]:
    sides = {pack.traits[name].of for name in rule.when.facts if name in pack.traits}
    if not sides - {"person"}:
        problem = f"{rule.id} reads nothing of the source, so it would keep everybody from everyone"
        yield _error(pack, _RULES, rule.path, problem, "Name what the source is")
    for name in rule.lifts:
        if name not in pack.by_id:
            yield _error(pack, _RULES, (*rule.path, "lifts"), f"there is no rule {name!r}", "Mend the id")
    if rule.effect == "ALLOW" and not rule.lifts:
        yield _error(pack, _RULES, rule.path, "ALLOW lifts nothing", "Add lifts: [R1]")
    for said in (rule.at_most, rule.percent):
        if said is not None and not said.isdecimal() and said not in pack.parameters:
            yield _error(pack, _RULES, rule.path, f"unknown parameter {said!r}", "Declare it")
    named = [*rule.values.values(), *([rule.would_change[0]] if rule.would_change else [])]
    for name in named:
        if name not in pack.traits:
            yield _unknown(pack, _RULES, rule.path, name)
    if rule.would_change and rule.would_change[0] in pack.traits:
        yield from _change_names(pack, rule, *rule.would_change)


def _change_names(pack: Restrictions, rule: Restriction, name: str, to: str) -> Iterator[PackError]:
    trait, path = pack.traits[name], (*rule.path, "would_change")
    if trait.of == "person":
        yield _error(pack, _RULES, path, f"{name} is the person's", "Name what the source could change")
    elif not trait.fact.allows(to) and not trait.several:
        yield _error(pack, _RULES, path, f"{name} can never be {to!r}", "See its options in facts.yaml")


def _example_names(pack: Restrictions, example: PairExample) -> Iterator[PackError]:
    for key, said, others in (
        ("person", example.person, ("person",)),
        ("source", example.source, ("source", "provider")),
    ):
        for name, value in said.items():
            path, trait = (*example.path, key, name), pack.traits.get(name)
            if trait is None or trait.of not in others:
                yield _unknown(pack, _EXAMPLES, path, name)
            elif not trait.allows(value):
                yield _error(
                    pack, _EXAMPLES, path, f"{value!r} is no value of {name}", "See its kind in facts.yaml"
                )
    for name in example.expect:
        if name != "pair" and name not in pack.by_id:
            yield _error(
                pack, _EXAMPLES, (*example.path, "expect", name), f"there is no rule {name!r}", "Mend it"
            )


def _wording(pack: Restrictions) -> Iterator[PackError]:
    """Each rule's reason, each fact and each aim has words, the same keys and placeholders everywhere."""
    wanted = [(f"reasons.{rule.reason}", _RULES, rule.path) for rule in pack.rules if rule.effect != "ALLOW"]
    wanted += [(f"facts.{name}", _FACTS, ("facts", name)) for name in pack.traits]
    wanted += [(f"aims.{aim}", _AIMS, ("aims",)) for aim in AIMS]
    wanted += [
        (f"reasons.would_help.{rule.reason}", _RULES, (*rule.path, "would_change"))
        for rule in pack.rules
        if rule.would_change
    ]
    for key, file, path in wanted:
        for language in pack.languages:
            if not pack.has_text(key, language):
                yield _error(
                    pack,
                    file,
                    path,
                    f"the text {key!r} is missing in {language!r}",
                    f"Add it to wording/{language}.yaml",
                )
    yield from _same_everywhere(pack)


def _same_everywhere(pack: Restrictions) -> Iterator[PackError]:
    for key in dict.fromkeys(key for texts in pack.wording.values() for key in texts):
        having = [language for language in pack.languages if pack.has_text(key, language)]
        file, path = f"wording/{having[0]}.yaml", tuple(key.split("."))
        if len(having) < len(pack.languages):
            lacking = next(one for one in pack.languages if one not in having)
            yield _error(
                pack, file, path, f"{key!r} has no translation in {lacking!r}", f"Add wording/{lacking}.yaml"
            )
        elif len({placeholders(pack.wording[language][key]) for language in having}) > 1:
            yield _error(pack, file, path, f"the placeholders of {key!r} differ", "Use the same everywhere")


def _tried(pack: Restrictions) -> Iterator[PackError]:
    """Examples that do not come out, and rules that the examples do not show both ways."""
    for example, name, wanted, came in failing(pack):
        yield _error(
            pack,
            _EXAMPLES,
            (*example.path, "expect", name),
            f"{example.name}: {name} is {came!r}, not {wanted!r}",
            "Mend the rule or the example",
        )
    for rule, outcome in untried(pack):
        what = "bites" if outcome == "yes" else "lets a pair be"
        yield _error(
            pack,
            _RULES,
            rule.path,
            f"no example shows a pair in which {rule.id} {what}",
            f'Add one to examples.yaml that expects {rule.id}: "{outcome}"',
        )
