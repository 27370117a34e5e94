"""The `jornada` command. Every engine runs from files without the web; `jornada --help` lists them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import click

from jornada.gateways import database

# Verbs that work from files alone: mounted from their own module, no Django, no database.
FROM_FILES = {
    "packs": "jornada.web.commands.packs:packs",
    "forms": "jornada.web.commands.forms:forms",
    "match": "jornada.web.commands.match:match",
    "wages": "jornada.web.commands.wages:wages",
    "clinic": "jornada.web.commands.clinic:clinic",
    "plan": "jornada.web.commands.plan:plan",
}
# Verbs that read settings: mounted the same way, after Django has started.
FROM_THE_HUB = {
    "matrix": "jornada.web.commands.authorisation:matrix",
}


class Verbs(click.Group):
    """Loads a verb's module when it is asked for, so that `jornada packs` starts without Django."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *FROM_FILES, *FROM_THE_HUB])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        mounted = {**FROM_FILES, **FROM_THE_HUB}.get(name)
        if mounted is None:
            return super().get_command(ctx, name)
        if name in FROM_THE_HUB:
            start_django()
        module, _, attribute = mounted.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=Verbs)
@click.version_option(package_name="jornada")
def main() -> None:
    """Jornada: from a worker's first question to a reviewed packet and a kept deadline."""


def start_django() -> None:
    """Database up, settings loaded, apps ready."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jornada.web.settings")
    database.ensure()
    import django

    django.setup()


@main.command()
def migrate() -> None:
    """Bring the database's tables and policies up to this version, as the owner role."""
    start_django()
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    click.echo("The database is up to date.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option(
    "--processes",
    default=2,
    show_default=True,
    help="Web processes; up to two a core, since a save waits for the disk.",
)
def serve(host: str, port: int, processes: int) -> None:
    """Serve the hub. Refuses to start where it would be unsafe, and says why."""
    start_django()
    _refuse_if_unsafe(host)
    _granian(host, port, processes)


@main.command()
@click.option("--name", default=None, help="Name of this worker in the job list.")
@click.option("--once", is_flag=True, help="Do what waits, then stop.")
def worker(name: str | None, once: bool) -> None:
    """Work through background jobs: forgetting what was never shared, ending consent that has run out."""
    start_django()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(name=name, wait=not once, install_signal_handlers=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Make the sample coalition and stop.")
def demo(host: str, port: int, no_serve: bool) -> None:
    """A hub with a sample coalition of synthetic people, ready to click through."""
    # The sample stands on its own day: past the last day that its rules are confirmed for, they say so and no more.
    os.environ.setdefault("JORNADA_DAY", _day_of_the_sample())
    os.environ.setdefault("JORNADA_PUBLIC_URL", f"http://localhost:{port}")
    start_django()
    if not no_serve:
        # Web processes are forks, and the threads of the letter composer do not survive a fork: a parent that had
        # composed the sample's letters would leave each of them waiting for ever at its first packet.
        click.echo(
            "Making sure that the sample coalition is there; the first time takes about half a minute."
        )
        if code := subprocess.run(
            [sys.executable, "-m", "jornada.web.cli", "demo", "--no-serve"], check=False
        ).returncode:
            sys.exit(code)
        _refuse_if_unsafe(host)
        click.echo(f"Open http://localhost:{port}/ (Ctrl+C stops it)")
        with _working_too():
            _granian(host, port, processes=2)
        return
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    from jornada.web import sample

    try:
        lines = sample.ensure()
    except sample.HalfMade as interrupted:
        raise click.ClickException(str(interrupted)) from None
    click.echo("\n".join(lines))


@main.command("demo-code")
def demo_code() -> None:
    """The six digits of the sample coalition's second factor at this moment."""
    start_django()
    from jornada.web import sample

    click.echo(sample.code_now())


@main.command("verify-log")
def verify_log() -> None:
    """Check every chain of the access log, as the owner role; exit 1 where something was changed."""
    start_django()
    from jornada.vault import audit

    broken = 0
    for found in audit.verify_all(using="owner"):
        if not found.whole:
            broken += 1
            click.echo(str(found), err=True)
    click.echo("The access log is whole." if not broken else f"{broken} chains were changed.")
    sys.exit(1 if broken else 0)


@main.command("check-safe")
@click.option("--rehearsal", is_flag=True, help="On a throw-away embedded database, as in `make check`.")
def check_safe(rehearsal: bool) -> None:
    """What would stop this hub from starting, one line each; exit 1 if there is anything."""
    start_django()
    from django.core.management import call_command

    from jornada.web import safety

    if rehearsal:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    faults = safety.faults("127.0.0.1")
    for fault in faults:
        click.echo(f"unsafe: {fault}", err=True)
    click.echo("safe to start" if not faults else f"{len(faults)} reasons not to start")
    sys.exit(1 if faults else 0)


def _day_of_the_sample() -> str:
    import yaml

    return str(yaml.safe_load(Path(__file__).with_name("sample.yaml").read_text("utf-8"))["day"])


@contextmanager
def _working_too() -> Iterator[None]:
    """Two workers for background jobs beside the server, for as long as that one serves.

    Two, since a long plan would hold up a clinic day's forecast.
    """
    command = [sys.executable, "-m", "jornada.web.cli", "worker", "--name"]
    processes = [subprocess.Popen([*command, f"beside-{number}"]) for number in (1, 2)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _refuse_if_unsafe(host: str) -> None:
    from jornada.web import safety

    faults = safety.faults(host)
    if faults:
        raise click.ClickException("Not starting, because it would be unsafe:\n- " + "\n- ".join(faults))


def _granian(host: str, port: int, processes: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces, RuntimeModes

    Granian(
        "jornada.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=1,
        runtime_mode=RuntimeModes.st,  # one thread of the server's own a process: half the cost of a small page
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
