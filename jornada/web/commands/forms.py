"""`jornada forms`: put official forms where packets can use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from jornada.domain import formmaps, packetchecks
from jornada.gateways import formfiles, packfiles


@click.group()
def forms() -> None:
    """Official forms: add the PDFs you downloaded, see what is there."""


@forms.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def add(files: tuple[Path, ...]) -> None:
    """Recognise each FILE by its SHA-256 and keep it, ready to fill; anything else is refused."""
    refused = 0
    for file in files:
        try:
            added = formfiles.add(file)
        except formfiles.Refused as reason:
            refused += 1
            click.echo(f"refused: {reason}", err=True)
        else:
            state = "was already there" if added.already else "added"
            pages = "1 page" if added.pages == 1 else f"{added.pages} pages"
            click.echo(f"{added.form} edition {added.edition}: {state}, {pages}, {added.fields} fields")
            for fault in _against_maps(added.form, added.edition):
                click.echo(f"  mind: {fault}", err=True)
    if refused:
        raise click.exceptions.Exit(1)


@forms.command("list")
def list_() -> None:
    """Every edition that can be filled, and which are installed."""
    click.echo(f"Kept in {formfiles.directory()}")
    for one in formfiles.listing():
        click.echo(
            f"{'installed' if one.installed else 'missing  '}  {one.form:8} {one.edition:9} {one.title}"
        )
        if not one.installed:
            click.echo(f"           {one.address or one.source}")


@forms.command("compile")
def compile_() -> None:
    """Compile every installed edition anew. Jornada does so by itself at first use after an upgrade."""
    try:
        done = formfiles.recompile()
    except formfiles.Refused as reason:
        raise click.ClickException(str(reason)) from reason
    for edition in done:
        click.echo(f"compiled {edition.name}")
    if not done:
        click.echo("No form is installed yet. Download one and run `jornada forms add FILE`.")


def _against_maps(form: str, edition: str) -> Iterator[str]:
    """What the packs' maps of this edition and the installed file do not agree on, as sentences."""
    compiled = formfiles.installed(form, edition)
    for name in packfiles.available():
        documents = packfiles.load(name).documents
        for place in sorted(one for one in documents if one.startswith("forms/")):
            made = formmaps.read_map(documents[place])
            if compiled is not None and (made.form, made.edition) == (form, compiled.edition):
                fields = frozenset(compiled.fields)
                yield from packetchecks.check_fields(made, fields)
