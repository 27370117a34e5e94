"""`jornada wages`: from a file with hours and pay to what is owed, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from jornada.domain.rulepacks import PackErrors, RulePack
from jornada.domain.wages import claimfile, claims, worksheet
from jornada.domain.wages.claimfile import ReadClaim
from jornada.domain.wages.lawbook import FORUMS, Law
from jornada.domain.wages.weekview import Rounding, dollars
from jornada.domain.wages.worksheet import Line, Worksheet
from jornada.gateways import letters, wagelaws, wagepapers, wagesheets, wagewords
from jornada.web.commands.packs import Day


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--on", type=Day(), default=lambda: date.today(), show_default="today", help="The day of the claim."
)
@click.option(
    "--forum", type=click.Choice(FORUMS), default="agency", show_default=True, help="Where it would be filed."
)
@click.option(
    "--rounding", type=click.Choice([one.value for one in Rounding]), default="exact", show_default=True
)
@click.option("--explain", is_flag=True, help="Each line with its rule, its sources and how sure they are.")
@click.option(
    "--papers",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for worksheet (PDF, xlsx) and letter.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def wages(
    files: tuple[Path, ...],
    on: date,
    forum: str,
    rounding: str,
    explain: bool,
    papers: Path | None,
    as_json: bool,
) -> None:
    """What the claims in FILES (YAML) come to: lines, totals, what was left out and why, what is assumed.

    Several files are a cohort: a table of all claims follows. A file may name sheets of hours (CSV with the columns
    day, start, end, meal) that lie beside it.
    """
    laws = wagelaws.laws()
    found = [(path, _read(path)) for path in files]
    counted = [
        (path, one, claims.reckon(one.claim, laws, on, forum=forum, rounding=Rounding(rounding)))
        for path, one in found
    ]
    if papers is not None:
        for path, one, ends in counted:
            _write_papers(papers, path.stem, one, ends, on, forum)
    if as_json:
        click.echo(
            json.dumps(
                [_as_data(path, one, ends, laws) for path, one, ends in counted], indent=1, ensure_ascii=False
            )
        )
        return
    for path, one, ends in counted:
        _show(path, one, ends, on, forum, explain)
        if explain:
            _show_changes(one, laws, on, forum)
    if len(counted) > 1:
        _show_cohort([(one, ends) for _, one, ends in counted])


def _read(path: Path) -> ReadClaim:
    sheets = {one.name: one.read_text("utf-8") for one in path.parent.glob("*.csv")}
    try:
        return claimfile.read(path.name, path.read_text("utf-8"), wagelaws.facts(), sheets)
    except PackErrors as errors:
        raise click.ClickException(str(errors)) from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{path.name}: the file is not UTF-8 text. Save it as UTF-8") from None


def _write_papers(
    folder: Path, stem: str, one: ReadClaim, ends: tuple[Worksheet, Worksheet], on: date, forum: str
) -> None:
    """Worksheet and letter of one claim; what the file does not say stands in the letter as still open."""
    state = next(iter(one.claim.places.values())).state
    name = next((name for name, pack in wagelaws.packs().items() if _state(pack) == state), wagelaws.FEDERAL)
    pack = wagelaws.packs()[name]
    found = wagelaws.Reckoned(one.employer, state, one.claim, *ends)
    answers = {"legal_name": {"given": one.worker}, "jobs": [{"employer": one.employer}]}
    sending = wagepapers.Sending(pack, answers, {"count": "low"}, None, on)
    made = {
        f"{stem}-worksheet.pdf": letters.compose(
            "worksheet", "en", wagepapers.worksheet(pack, found, one.worker, on, forum)
        ),
        f"{stem}-worksheet.xlsx": wagesheets.worksheet(found),
        f"{stem}-letter.pdf": letters.compose("demand", "en", wagepapers.demand(sending, found)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in made.items():
        (folder / file).write_bytes(data)
        click.echo(f"wrote {folder / file}", err=True)


def _state(pack: RulePack) -> str:
    law = wagelaws.law(pack)
    return law.state if law else ""


# ── For people ────────────────────────────────────────────────────────────────────────────────────────────


def _show(
    path: Path, one: ReadClaim, ends: tuple[Worksheet, Worksheet], on: date, forum: str, explain: bool
) -> None:
    low, high = ends
    click.echo(f"{one.worker or path.stem} against {one.employer}, on {on}, at the {forum}")
    for error in one.errors:
        click.echo(f"  left out: {error}", err=True)
    click.echo(f"  {low.weeks} weeks, {low.minutes / 60:,.1f} hours" + _range(low.minutes, high.minutes))
    for sheet in (low,) if low.total == high.total and low.lines == high.lines else ends:
        _show_sheet(sheet, explain)
    for assumption in high.assumptions:
        click.echo(f"  assumed: {wagewords.assumed(assumption)}")
    for left in high.not_computed:
        click.echo(f"  not computed: {wagewords.left_out(left)}")
    if high.open_facts:
        click.echo(f"  not yet known, and it matters: {', '.join(high.open_facts)}")
    _show_time(low)


def _range(low: int, high: int) -> str:
    return "" if low == high else f" (full count {high / 60:,.1f})"


def _show_sheet(sheet: Worksheet, explain: bool) -> None:
    click.echo(
        f"\n  {wagelaws.text(f'marks.{sheet.end.value}', 'en')}: ${sheet.total:,.2f}{_doubt(sheet.unverified)}"
    )
    for line in (*worksheet.merged(sheet.lines), *sheet.damages):
        _show_line(line, explain)
    for line in sheet.possible:
        _show_line(line, explain, wagelaws.text("marks.possible", "en"))


def _show_line(line: Line, explain: bool, mark: str = "") -> None:
    row = wagewords.row(line)
    marks = " · ".join(one for one in (mark, *row.marks) if one)
    click.echo(f"    {row.what:42} {row.span:44} {row.sum:28} {row.amount:>14}  {marks}".rstrip())
    if explain:
        click.echo(f"        {row.law}: {row.rule}")
        for step in row.steps:
            click.echo(f"        {step}")
        for source in line.sources:
            click.echo(f"        source ({source.certainty}): {source.title}")


def _doubt(amount: Decimal) -> str:
    return f", of it ${amount:,.2f} {wagelaws.text('marks.unverified', 'en')}" if amount else ""


def _show_time(sheet: Worksheet) -> None:
    ends = claims.expiries(sheet)
    if sheet.late:
        click.echo(f"  too late: ${sheet.late:,.2f}")
    if ends:
        click.echo(
            f"  from {ends[0].on} on money is lost each week if nothing is filed; the last of it on {ends[-1].on}"
        )


def _show_changes(one: ReadClaim, laws: Sequence[Law], on: date, forum: str) -> None:
    for change in claims.what_changes(one.claim, laws, on, wagelaws.choices(), forum=forum):
        click.echo(f"  with {change.fact} = {change.to}: ${change.low:,.2f} to ${change.high:,.2f}")


def _show_cohort(counted: Iterable[tuple[ReadClaim, tuple[Worksheet, Worksheet]]]) -> None:
    click.echo("\nAll claims")
    low_sum = high_sum = Decimal("0.00")
    for one, (low, high) in counted:
        click.echo(
            f"  {one.worker:30} {one.employer:30} ${low.total:>14,.2f} ${high.total:>14,.2f}{_doubt(high.unverified)}"
        )
        low_sum, high_sum = low_sum + low.total, high_sum + high.total
    click.echo(f"  {'together':61} ${low_sum:>14,.2f} ${high_sum:>14,.2f}")


# ── For machines ──────────────────────────────────────────────────────────────────────────────────────────


def _as_data(
    path: Path, one: ReadClaim, ends: tuple[Worksheet, Worksheet], laws: Sequence[Law]
) -> dict[str, Any]:
    return {
        "file": path.name,
        "worker": one.worker,
        "employer": one.employer,
        "laws": {law.name: law.fingerprint for law in laws},
        "left_out": [str(error) for error in one.errors],
        **{sheet.end.value: _sheet_data(sheet) for sheet in ends},
    }


def _sheet_data(sheet: Worksheet) -> dict[str, Any]:
    return {
        "on": sheet.on.isoformat(),
        "weeks": sheet.weeks,
        "hours": str(Fraction(sheet.minutes, 60)),
        "wages": str(sheet.wages),
        "total": str(sheet.total),
        "unverified": str(sheet.unverified),
        "too_late": str(sheet.late),
        "lines": [_line_data(line) for line in sheet.lines],
        "damages": [_line_data(line) for line in sheet.damages],
        "possible": [_line_data(line) for line in sheet.possible],
        "not_computed": [wagewords.left_out(left) for left in sheet.not_computed],
        "assumed": [wagewords.assumed(one) for one in sheet.assumptions],
        "open_facts": list(sheet.open_facts),
        "months": [
            {"month": f"{m.first:%Y-%m}", "paid": str(m.paid), "owed": str(m.owed)} for m in sheet.months
        ],
    }


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "law": line.law,
        "component": line.component,
        "from": line.first.isoformat(),
        "to": line.last.isoformat(),
        "quantity": str(line.quantity),
        "unit": line.unit,
        "rate": str(line.rate),
        "due": str(dollars(line.due)),
        "owed": str(line.amount),
        "unverified": line.unverified,
        "late": line.late,
        "too_late_on": line.too_late_on.isoformat() if line.too_late_on else None,
        "sources": [{"title": one.title, "url": one.url, "certainty": one.certainty} for one in line.sources],
    }
