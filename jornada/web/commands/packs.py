"""`jornada packs`: check, show, compare and explain rule packs from the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
import yaml

from jornada.domain import assessment, examples, interview, packetchecks, triage
from jornada.domain.clinic.dayfile import failing_examples
from jornada.domain.clinic.template import Template
from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Answers, Circumstances, Finding
from jornada.domain.packparts import RulePack, needs_review
from jornada.domain.rulepacks import PackError, PackErrors
from jornada.gateways import packfiles

_MARK = "needs review by a supervising attorney"


class Day(click.ParamType[date]):
    """A day as 2026-11-22."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day: write 2026-11-22", param, ctx)


_on = click.option(
    "--on", "on", type=Day(), default=lambda: date.today(), show_default="today", help="The day to look at."
)


@click.group()
def packs() -> None:
    """Check, show, compare and explain rule packs."""


@packs.command()
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Read every pack (or those NAMED) whole and run its examples."""
    wrong = 0
    for name in names or packfiles.kinds():
        errors = _errors(name)
        wrong += len(errors)
        for error in errors:
            click.echo(f"{name}/{error}", err=True)
        if not errors:
            pack = packfiles.load_any(name)
            click.echo(
                f"{name}: whole; {_sizes(pack)}; fingerprint {pack.fingerprint[:12]}; {_approval(pack)}"
            )
    if wrong:
        raise click.ClickException(f"{wrong} things to mend")


def _errors(name: str) -> tuple[PackError, ...]:
    try:
        pack = packfiles.load_any(name)
        if isinstance(pack, Template):
            return failing_examples(pack)
        return (
            (*packetchecks.check_packet(pack), *examples.failing(pack)) if isinstance(pack, RulePack) else ()
        )
    except PackErrors as errors:
        return errors.errors
    except packfiles.NoSuchPack as wrong:
        raise click.ClickException(str(wrong)) from None


def _sizes(pack: packfiles.Whole) -> str:
    return ", ".join(f"{number} {what}" for what, number in pack.sizes.items())


def _approval(pack: packfiles.Whole) -> str:
    return "signed off" if pack.approved else _MARK


@packs.command()
@click.argument("name")
@_on
def show(name: str, on: date) -> None:
    """What is in force on a day, the questions, rules, fingerprint and approvals."""
    pack = _load(name)
    click.echo(f"{pack.title[pack.languages[0]]} ({pack.name}) on {on}")
    click.echo(f"fingerprint {pack.fingerprint}; {_approval(pack)}")
    for approval in pack.approvals:
        click.echo(f"  approved by {approval.name} on {approval.day}: {approval.fingerprint[:12]}")
    _show_values(pack, on)
    click.echo("\nQuestions")
    for question in pack.questions:
        danger = " (danger sign)" if question.danger else ""
        click.echo(f"  {question.id:6} {question.stage:11} {', '.join(question.asks)}{danger}")
    click.echo("\nFindings")
    for rule in pack.findings.values():
        mark = f"  [{_MARK}]" if needs_review(rule.sources) else ""
        click.echo(f"  {rule.name:34} {rule.kind:13} {rule.level:8}{mark}")


def _show_values(pack: RulePack, on: date) -> None:
    click.echo("\nIn force")
    for parameter in pack.parameters.values():
        try:
            found = parameter.on(on)
        except NotInForce as lapsed:
            click.echo(f"  {parameter.name:34} NOT IN FORCE: {lapsed}")
            continue
        mark = f"  [{_MARK}]" if found.needs_review else ""
        span = f"since {found.start}, confirmed until {found.confirmed_until}"
        click.echo(f"  {parameter.name:34} {found.value}  {span}{mark}")


@packs.command()
@click.argument("name")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def diff(name: str, folder: Path) -> None:
    """What the changed copy of pack NAME in FOLDER does: parts that differ, examples that change."""
    old, new = _load(name), _changed(name, folder)
    parts, otherwise = examples.part_changes(old, new), examples.example_changes(old, new)
    click.echo(f"{old.fingerprint[:12]} → {new.fingerprint[:12]}: {len(parts)} parts differ")
    for part in parts:
        click.echo(f"  {part.how:8} {part.kind} {part.name}")
        if part.how == "changed":
            click.echo(f"           {_short(part.before)}\n         → {_short(part.after)}")
    click.echo(f"{len(otherwise)} of {len(old.examples)} examples come out otherwise")
    for change in otherwise:
        click.echo(f"  {change.name}")
        for key, (before, after) in change.differs.items():
            click.echo(f"    {key}: {_plain(before)} → {_plain(after)}")


def _changed(name: str, folder: Path) -> RulePack:
    """The pack in a folder of any name, read beside the vocabularies of the packs' own folder."""
    try:
        return packfiles.read(folder, packfiles.directory(), name)
    except PackErrors as errors:
        raise click.ClickException(f"the changed copy is not whole:\n{errors}") from None


def _plain(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:297] + "…"


@packs.command()
@click.argument("name")
@click.argument("file", type=click.File(encoding="utf-8"))
@_on
@click.option("--language", default="en", show_default=True)
def explain(name: str, file: Any, on: date, language: str) -> None:
    """Every finding for the answers in FILE (YAML or JSON), its reasons, and what would change it."""
    pack = _load(name)
    answers = _answers(file.read(), pack)
    if language not in pack.languages:
        raise click.ClickException(f"{name} speaks {', '.join(pack.languages)}, not {language}")
    found = assessment.assess(answers, pack, on)
    decision = triage.decide(found, pack)
    came = f"{decision.level} → {decision.track} {decision.delivery}".rstrip()
    click.echo(f"{name} {pack.fingerprint[:12]} on {on}: {came}")
    for reason in decision.reasons:
        click.echo(f"  because: {_reason(pack, reason.key, reason.values, language)}")
    for finding in found.findings:
        _explain(pack, finding, found, answers, language)
    for lapsed in found.lapsed:
        click.echo(f"\nNOT IN FORCE: {lapsed}")
    _next(pack, answers, on)


def _explain(
    pack: RulePack, finding: Finding, found: assessment.Assessment, answers: Answers, language: str
) -> None:
    rule = pack.findings[finding.name]
    click.echo(f"\n{finding.name}: {finding.outcome.value}{f'  [{finding.level}]' if finding.level else ''}")
    for reason in finding.reasons:
        click.echo(f"  {_reason(pack, reason.key, reason.values, language)}")
    for source in rule.sources:
        click.echo(
            f"  source ({source.certainty}{', needs review' if source.needs_review else ''}): {source.title}"
        )
    if finding.missing:
        click.echo(f"  still missing: {', '.join(finding.missing)}")
    for change in assessment.what_would_change(found, pack, answers, found.on, finding.name, Circumstances()):
        click.echo(f"  with {change.fact} = {_short(change.to)}: {change.outcome.value}")


def _reason(pack: RulePack, key: str, values: Mapping[str, Any], language: str) -> str:
    return pack.text(f"reasons.{key}", language, **values)


def _next(pack: RulePack, answers: Answers, on: date) -> None:
    end = interview.stopped(pack, answers, on)
    question = interview.next_question(pack, answers, on)
    if end is not None:
        click.echo(f"\nThe interview ends here, with help: {end.name}")
    else:
        click.echo(
            f"\nNext question: {question.id} ({', '.join(question.asks)})"
            if question
            else "\nNothing more to ask"
        )


def _answers(text: str, pack: RulePack) -> Answers:
    """The answers in the file; unknown names are refused, since a slip would read as "missing"."""
    try:
        raw = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, yaml.BaseLoader)  # noqa: S506 - texts only
    except (yaml.YAMLError, json.JSONDecodeError) as wrong:
        raise click.ClickException(f"the file is neither YAML nor JSON: {wrong}") from None
    if not isinstance(raw, Mapping):
        raise click.ClickException("the file must map facts to answers, for example  court_ever: unsure")
    if unknown := [fact for fact in raw if fact not in pack.facts]:
        raise click.ClickException(f"{pack.name} has no fact {', '.join(unknown)}")
    return Answers({fact: _typed(pack, fact, value) for fact, value in raw.items()})


def _typed(pack: RulePack, fact: str, value: Any) -> Any:
    """Whole numbers out of text; everything else is plain already."""
    kind = pack.facts[fact].kind
    return int(value) if kind == "whole_number" and isinstance(value, str) and value.isdecimal() else value


def _load(name: str) -> RulePack:
    try:
        return packfiles.load(name)
    except PackErrors as errors:
        raise click.ClickException(str(errors)) from None
    except packfiles.NoSuchPack as wrong:
        raise click.ClickException(str(wrong)) from None
