"""`jornada matrix`: who may do what, every cell of it."""

from __future__ import annotations

import json
from collections import Counter

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Every cell: route, method, who, relation, outcome.")
def matrix(as_json: bool) -> None:
    """The permission matrix; exit 1 where an address of the hub has no row in it."""
    from jornada.web.cli import start_django

    start_django()
    from jornada.web import authorisation

    faults = authorisation.undeclared()
    if as_json:
        click.echo(json.dumps(authorisation.as_data(), indent=1))
    else:
        _summary(authorisation)
    for fault in faults:
        click.echo(f"undeclared: {fault}", err=True)
    if faults:
        raise click.exceptions.Exit(1)


def _summary(authorisation: object) -> None:
    found = authorisation.matrix()  # type: ignore[attr-defined]
    outcomes = Counter(cell.outcome for cell in found.cells())
    for route in found.routes.values():
        click.echo(f"{route.name:32} {' '.join(route.methods):32} {route.who:16} {route.of}")
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    click.echo(f"{len(found.routes)} routes, {sum(outcomes.values())} cells: {told}")
