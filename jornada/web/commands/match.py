"""`jornada match`: match people and sources of help from files, with reasons; compare what-ifs; explain one person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from jornada.domain.conditions import NotInForce
from jornada.domain.facts import Reason
from jornada.domain.located import PackErrors
from jornada.domain.matching import (
    Difference,
    LeftOut,
    LookAhead,
    Matching,
    Plan,
    Price,
    Pricing,
    Reached,
    Round,
    RoundFaults,
    difference,
    look_ahead,
    outcome,
    plan,
    words,
)
from jornada.domain.matching.explaining import Explaining, sources_in_order
from jornada.domain.matching.reasons import as_plain, pairing
from jornada.domain.restrictions import Restrictions
from jornada.gateways import matchfiles, packfiles
from jornada.web.commands.packs import Day

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_EXISTING)
@click.option(
    "--on", type=Day(), default=lambda: date.today(), show_default="today", help="The day of the round."
)
@click.option("--seed", default=0, show_default=True, help="Settles equal cases, the same each time.")
@click.option("--limit", default=30.0, show_default=True, help="Seconds for rules that are no flow.")
@click.option("--what-if", "changes", type=_EXISTING, help="Changes in a file; both outcomes side by side.")
@click.option("--explain", "person", help="One person: every source, what is in the way, what would help.")
@click.option("--draws", default=100, show_default=True, help="Draws of arrivals to compare look-ahead on.")
@click.option("--language", default="en", show_default=True)
@click.option("--pack", "pack_name", default="restrictions", show_default=True, help="Restrictions and aims.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def match(
    files: tuple[Path, ...], on: date, seed: int, limit: float, changes: Path | None, person: str | None,
    draws: int, language: str, pack_name: str, as_json: bool,
) -> None:  # fmt: skip
    """Match the people and sources in FILES (YAML, or CSV of people and of sources)."""
    pack = _pack(pack_name)
    if language not in pack.languages:
        raise click.ClickException(f"{pack_name} speaks {', '.join(pack.languages)}, not {language}")
    told = Told(pack, language, as_json)
    try:
        given = matchfiles.read(files, pack, on)
        if person is not None:
            told.explained(plan(given, pack, on=on, seed=seed, limit_seconds=limit), person)
        elif changes is not None:
            after = matchfiles.read(files, pack, on, changes)
            before = plan(given, pack, on=on, seed=seed, limit_seconds=limit)
            told.compared(difference(before, plan(after, pack, on=on, seed=seed, limit_seconds=limit)))
        elif given.expectations:
            told.looked_ahead(_looked(given, pack, on, seed, draws))
        else:
            told.matched(plan(given, pack, on=on, seed=seed, limit_seconds=limit))
    except (PackErrors, RoundFaults, NotInForce) as wrong:
        raise click.ClickException(f"cannot match:\n{wrong}") from None


def _pack(name: str) -> Restrictions:
    try:
        found = packfiles.load_any(name)
    except (PackErrors, packfiles.NoSuchPack) as wrong:
        raise click.ClickException(str(wrong)) from None
    if not isinstance(found, Restrictions):
        raise click.ClickException(f"{name} is no pack of restrictions")
    return found


def _looked(given: Round, pack: Restrictions, on: date, seed: int, draws: int) -> LookAhead:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Playing arrivals", total=draws)
        return look_ahead(
            given, pack, on=on, seed=seed, draws=draws, progress=lambda done: bar.update(task, completed=done)
        )


class Told:
    """Outcomes in tables and sentences, or as one JSON object."""

    def __init__(self, pack: Restrictions, language: str, as_json: bool) -> None:
        self.pack, self.language, self.as_json = pack, language, as_json
        self.console = Console(width=110)

    def matched(self, found: Plan, more: Mapping[str, Any] | None = None) -> None:
        came, pricing = outcome(found), Pricing(found)
        prices = [*pricing.helpers(5), *pricing.languages()]
        if self.as_json:
            click.echo(json.dumps({**self._matching(came, prices), **(more or {})}, ensure_ascii=False))
            return
        self._aims(came)
        self._people(came)
        if prices:
            self.console.print()
            for price in prices:
                self.console.print(f"- {words.priced(self.pack, price.reason, self.language)}")

    def looked_ahead(self, found: LookAhead) -> None:
        held = [
            {
                "expectation": one.expectation,
                "source": one.source,
                "places": one.places,
                "until": str(one.until),
            }
            for one in found.held
        ]
        compared = [
            {"policy": one.policy, "deadlines": one.deadlines, "complex": one.complex_, "people": one.people}
            for one in found.compared
        ]
        self.matched(found.plan, {"held": held, "compared": compared, "draws": found.draws})
        if self.as_json:
            return
        self.console.print()
        for one in found.held:
            text = words.sentence(
                self.pack, "told.held", {"expected": one.expectation, "until": str(one.until)}, self.language
            )
            self.console.print(f"{one.source}: {one.places} × {text}")
        title = words.sentence(self.pack, "told.draws", {"draws": found.draws}, self.language)
        table = self._table("policy", "deadlines", "complex", "people", title=title)
        for came in found.compared:
            table.add_row(
                self._word(f"policies.{came.policy}"),
                *(_spread(one) for one in (came.deadlines, came.complex_, came.people)),
            )
        self.console.print(table)

    def compared(self, found: Difference) -> None:
        if self.as_json:
            click.echo(json.dumps(_difference(found), ensure_ascii=False))
            return
        nobody = self._word("nobody")
        table = self._table("person", "now", "changed")
        for one in found.people:
            table.add_row(one.person, one.before or nobody, one.after or nobody)
        self.console.print(table if found.people else self._word("same"))
        loads = self._table("source", "now", "changed")
        for load in found.sources:
            if load.before != load.after:
                loads.add_row(load.source, _number(load.before), _number(load.after))
        if loads.row_count:
            self.console.print(loads)
        aims = self._table("aim", "now", "changed")
        for before, after in zip(found.before, found.after, strict=True):
            aims.add_row(
                self.pack.text(f"aims.{before.aim}", self.language), str(before.value), str(after.value)
            )
        self.console.print(aims)

    def explained(self, found: Plan, person: str) -> None:
        if person not in found.index:
            raise click.ClickException(f"there is no person {person!r} in the round")
        pair = pairing(found, person)
        left = Explaining(found).left_out(person) if pair is None else None
        if self.as_json:
            click.echo(json.dumps(_explained(found, person, left), ensure_ascii=False))
            return
        self.console.print(f"{person}: {pair.source.id if pair else self._word('nobody')}")
        for name, obstacles, flags in sources_in_order(found, person):
            self.console.print(f"  {name}: {self._texts(obstacles) or self._free(found, name)}")
            if flags and not obstacles:
                self.console.print(f"    {self._word('settle')}: {self._texts(flags)}")
        for change in left.changes if left else ():
            self.console.print(f"  {self._word('would_help')}: {self._change(change)}")

    # --- parts ------------------------------------------------------------------------------------------

    def _aims(self, came: Matching) -> None:
        table = self._table("aim", "reached", "proof")
        for one in came.reached:
            table.add_row(self.pack.text(f"aims.{one.aim}", self.language), str(one.value), self._proof(one))
        self.console.print(table)
        if came.within:
            self.console.print(self._word("within"))

    def _proof(self, one: Reached) -> str:
        if one.proven:
            return self._word("proven")
        if one.gap is None:
            return self._word("not_bounded")
        return words.sentence(self.pack, "told.gap", {"gap": f"{one.gap:.4%}"}, self.language)

    def _people(self, came: Matching) -> None:
        table = self._table("person", "source", "why", "settle")
        for one in came.matches:
            table.add_row(one.person, one.source, self._texts(one.reasons), self._texts(one.flags))
        if came.matches:
            self.console.print(table)
        left = self._table("person", "nearest", "would_help")
        for out in came.left_out:
            left.add_row(out.person, self._nearest(out), "\n".join(self._change(one) for one in out.changes))
        if came.left_out:
            self.console.print(left)

    def _nearest(self, out: LeftOut) -> str:
        full = self._word("fits_but_full")
        return "\n".join(f"{near.source}: {self._texts(near.obstacles) or full}" for near in out.nearest)

    def _free(self, found: Plan, name: str) -> str:
        place = next(n for n, one in enumerate(found.given.sources) if one.id == name)
        free = found.given.sources[place].seats - int(found.loads[place])
        return f"+{free}" if free > 0 else self._word("fits_but_full")

    def _change(self, reason: Reason) -> str:
        source = str(reason.values.get("source", ""))
        text = words.said(self.pack, reason, self.language)
        return f"{source}: {text}" if source else text

    def _texts(self, reasons: Sequence[Reason]) -> str:
        return "; ".join(words.said(self.pack, one, self.language) for one in reasons)

    def _table(self, *columns: str, title: str | None = None) -> Table:
        return Table(*map(self._word, columns), title=title)

    def _word(self, key: str) -> str:
        return self.pack.text(f"told.{key}", self.language)

    # --- as JSON ----------------------------------------------------------------------------------------

    def _matching(self, came: Matching, prices: Sequence[Price]) -> dict[str, Any]:
        return {
            "on": str(came.on),
            "seed": came.seed,
            "fingerprint": came.fingerprint,
            "proven": came.proven,
            "aims": [_reached(one) for one in came.reached],
            "matches": [
                {
                    "person": one.person,
                    "source": one.source,
                    "reasons": [as_plain(reason) for reason in one.reasons],
                    "flags": [as_plain(reason) for reason in one.flags],
                }
                for one in came.matches
            ],
            "left_out": [_left_out(one) for one in came.left_out],
            "prices": [as_plain(one.reason) for one in prices],
        }


def _explained(found: Plan, person: str, left: LeftOut | None) -> dict[str, Any]:
    return {
        "person": person,
        "source": found.source_of(person),
        "sources": [
            {
                "source": name,
                "obstacles": [as_plain(one) for one in obstacles],
                "flags": [as_plain(one) for one in flags],
            }
            for name, obstacles, flags in sources_in_order(found, person)
        ],
        "changes": [as_plain(one) for one in left.changes] if left else [],
    }


def _left_out(one: LeftOut) -> dict[str, Any]:
    return {
        "person": one.person,
        "nearest": [
            {"source": near.source, "obstacles": [as_plain(reason) for reason in near.obstacles]}
            for near in one.nearest
        ],
        "changes": [as_plain(reason) for reason in one.changes],
    }


def _reached(one: Reached) -> dict[str, Any]:
    return {"aim": one.aim, "value": one.value, "bound": one.bound, "gap": one.gap, "proven": one.proven}


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "people": [{"person": one.person, "before": one.before, "after": one.after} for one in found.people],
        "sources": [
            {"source": one.source, "before": one.before, "after": one.after} for one in found.sources
        ],
        "aims": {
            "before": [_reached(one) for one in found.before],
            "after": [_reached(one) for one in found.after],
        },
    }


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def _spread(values: tuple[float, float, float]) -> str:
    mean, low, high = values
    return f"{mean:.2f} ({low:.0f}–{high:.0f})"
