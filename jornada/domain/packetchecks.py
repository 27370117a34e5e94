"""Whole-packet checks: what a pack's packet.yaml and form maps may not say, with file, line and mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jornada.domain.conditions import Condition
from jornada.domain.formmaps import FormMap, MapError, Printed, read_map
from jornada.domain.located import PackError, Path
from jornada.domain.packets import PacketRules, document, rules_of
from jornada.domain.packparts import RulePack

PACKET = "packet.yaml"


def check_packet(pack: RulePack) -> tuple[PackError, ...]:
    """Everything wrong with the packet of a pack; nothing for a pack without one."""
    if PACKET not in pack.documents:
        return ()
    errors = [
        error for name in sorted(pack.documents) if name.startswith("forms/") for error in _map(pack, name)
    ]
    if errors:
        return tuple(errors)
    try:
        rules = rules_of(pack)
    except (KeyError, ValueError) as wrong:
        problem = f"{wrong}" if isinstance(wrong, ValueError) else f"the key {wrong} is missing or unknown"
        return (_error(pack, PACKET, (), problem, "Compare it with the packet of a neighbouring pack"),)
    return (*_names(pack, rules), *_words(pack, rules))


def _error(pack: RulePack, file: str, path: Path, problem: str, mend: str) -> PackError:
    return PackError(file, pack.line_of(file, path), problem, mend)


def _map(pack: RulePack, file: str) -> Iterator[PackError]:
    try:
        form = read_map(pack.documents[file])
    except MapError as wrong:
        for problem in wrong.problems:
            said, _, mend = problem.partition("; ")
            yield _error(pack, file, (), said, mend[:1].upper() + mend[1:])
        return
    except KeyError as wrong:
        yield _error(pack, file, (), f"the key {wrong} is missing", "See a neighbouring form map")
        return
    for place, item in enumerate(form.items):
        for name in _unknown(pack, item):
            problem = f"{form.form} part {item.part} item {item.item} names {name!r}, which is not declared"
            yield _error(pack, file, ("items", place), problem, "Declare it in facts.yaml or packet.yaml")


def _unknown(pack: RulePack, item: Printed) -> Iterator[str]:
    raw = document(pack)
    if item.source not in ("text", "never"):
        held = {"choice": raw["choices"], "value": {*raw.get("values", ()), "forms_filed"}}.get(
            item.source, {*pack.facts, *raw.get("computed", ())}
        )
        names = item.name if isinstance(item.name, list) else [str(item.name).partition(".")[0]]
        yield from (name for name in names if name not in held)
    if item.other and item.other not in pack.facts:
        yield item.other
    yield from _strange(item.when, {*pack.facts, *raw["choices"], *raw.get("computed", ())})


def _strange(condition: Condition | None, known: set[str]) -> Iterator[str]:
    yield from sorted(condition.facts - known if condition else ())


def _names(pack: RulePack, rules: PacketRules) -> Iterator[PackError]:
    """Facts, choices and parameters that the rules of the packet name and nobody declares."""
    raw = document(pack)
    short = [rule.form.lower().replace("-", "") for rule in rules.forms]
    made = {f"{kind}_{form}" for form in short for kind in ("edition", "planned")}
    known = {*pack.facts, *raw["choices"], *made, *raw.get("computed", ())}
    for path, condition in _conditions(rules):
        for name in _strange(condition, known):
            yield _error(pack, PACKET, path, f"the condition names {name!r}, which is no fact and no choice",
                         "Declare it in facts.yaml or under choices")  # fmt: skip
        for name in sorted(condition.parameters - set(pack.parameters)):
            yield _error(pack, PACKET, path, f"there is no parameter {name!r}", "Add it to parameters.yaml")
    for place, rule in enumerate(rules.forms):
        if rule.edition and rule.edition not in pack.parameters:
            problem = f"the edition of {rule.form} is the parameter {rule.edition!r}, which does not exist"
            yield _error(pack, PACKET, ("forms", place), problem, "Add it to parameters.yaml")
    for name in sorted({*raw["choices"]} & set(pack.facts)):
        yield _error(
            pack, PACKET, ("choices", name), f"{name!r} is a fact already", "Give the choice another name"
        )


def _conditions(rules: PacketRules) -> Iterator[tuple[Path, Condition]]:
    listed: Mapping[str, Any] = {
        "forms": rules.forms, "exhibits": rules.exhibits, "fee": rules.fee, "file_at": rules.file_at, **{
            f"values.{name}": cases for name, cases in rules.values.items()
        },
    }  # fmt: skip
    for key, entries in listed.items():
        for place, entry in enumerate(entries):
            if entry.when is not None:
                yield (*key.split("."), place), entry.when
    for name, condition in rules.letters.items():
        yield ("letters", name), condition


def _words(pack: RulePack, rules: PacketRules) -> Iterator[PackError]:
    """Choices, their options, exhibits and letters need their words in every language."""
    raw = document(pack)
    exhibits = [(("exhibits", place), rule.key) for place, rule in enumerate(rules.exhibits)]
    wanted: list[tuple[Path, str]] = [(path, f"exhibits.{key}") for path, key in exhibits]
    wanted += [(path, f"exhibit_hints.{key}") for path, key in exhibits]
    for name, choice in raw["choices"].items():
        wanted.append((("choices", name), f"choices.{name}"))
        if choice["kind"] == "choice":
            wanted += [(("choices", name), f"options.{name}.{option}") for option in choice["options"]]
    wanted += [(("order",), f"packet_parts.{key}") for kind, key in rules.order if kind == "letter"]
    for path, key in wanted:
        for language in pack.languages:
            if not pack.has_text(key, language):
                problem = f"the text {key!r} is missing in {language!r}"
                yield _error(pack, PACKET, path, problem, f"Add it to wording/{language}-preparation.yaml")


def check_fields(form: FormMap, fields: frozenset[str]) -> tuple[str, ...]:
    """What of a map an installed form does not have, and what of the form the map forgets, as sentences."""
    missing = (f"{name} is not in the installed {form.form}" for name in sorted(form.boxes.names - fields))
    forgotten = (
        f"{name} of the installed {form.form} is not in the map" for name in sorted(fields - form.boxes.names)
    )
    return (*missing, *forgotten)
