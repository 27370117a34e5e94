"""`jornada plan`: which strategies to start when, and what they will yield, from a scenario file alone.

Charts and tables go to a folder, progress to standard error, and with --json everything once more to standard output.
Ctrl-C ends the step that runs and writes what was reached so far.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from jornada.domain.located import PackErrors
from jornada.domain.planning import judging, optimiser, scenariochecks, simulation
from jornada.domain.planning.judging import Bar, Judged
from jornada.domain.planning.optimiser import Optimised
from jornada.domain.planning.scenario import Plan, Scenario
from jornada.domain.planning.simulation import Routing
from jornada.domain.planning.telling import Teller
from jornada.gateways import planfiles, planreports, plantold, solving
from jornada.gateways.planruns import DO_NOTHING, OPTIMISED, months_looked_at


@dataclass
class Stop:
    """Set once by Ctrl-C; every step asks it whether to go on."""

    asked: threading.Event = field(default_factory=threading.Event)

    def going(self) -> bool:
        return not self.asked.is_set()


@dataclass
class Job:
    """One call of the command: the scenario, what was asked, what was reached."""

    scenario: Scenario
    seed: int
    replications: int
    stop: Stop
    bar: Progress
    judged: dict[str, Judged] = field(default_factory=dict)
    runs: dict[str, simulation.Run] = field(default_factory=dict)
    routings: dict[str, Routing] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    optimised: Optimised | None = None
    bars: tuple[Bar, ...] = ()
    compared: judging.Compared | None = None


@click.command()
@click.argument("scenario")
@click.option("--optimise", "optimising", is_flag=True, help="Search the best plan.")
@click.option(
    "--simulate",
    "simulated",
    multiple=True,
    metavar="PLAN",
    help="Judge this plan of the file, or do_nothing; may be repeated.",
)
@click.option(
    "--compare", nargs=2, metavar="A B", help="Two plans under the same luck; `optimised` is one of them."
)
@click.option(
    "--equal-to", metavar="PLAN", help="Search the cheapest plan that serves as many as this one does."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("plan"),
    show_default=True,
    help="Folder for tables and charts.",
)
@click.option("--seconds", default=60.0, show_default=True, help="Longest time to search.")
@click.option(
    "--gap",
    default=0.01,
    show_default=True,
    help="Stop as soon as the plan is proved this close to the best.",
)
@click.option(
    "--caution",
    "cautions",
    multiple=True,
    default=(0.5,),
    show_default=True,
    type=click.FloatRange(0.5, 0.9),
    help="Plan with numbers at this quantile of their bad side; repeated, one plan for each.",
)
@click.option("--replications", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--shock",
    "shocks",
    multiple=True,
    metavar="NAME=MONTH",
    help="A policy shock in a month, for instance closing=9.",
)
@click.option("--months", type=click.IntRange(1, 120), help="Another length of the plan.")
@click.option("--tornado/--no-tornado", default=True, show_default=True, help="What the outcome hangs on.")
@click.option("--language", default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option(
    "--copy-to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Copy the scenario to a file of your own, and stop.",
)
def plan(scenario: str, copy_to: Path | None, as_json: bool, language: str, out: Path, **asked: Any) -> None:
    """Plan capacity for SCENARIO: a file, or the name of one that ships (small, metro, national).

    Without --optimise, --simulate or --compare every plan of the file is judged beside doing nothing, and the best one
    is searched.
    """
    if copy_to is not None:
        click.echo(f"Copied to {_copy(scenario, copy_to)}")
        return
    console = Console(stderr=True)
    read = _read(scenario, asked["months"], asked["shocks"], language)
    _say_what_it_supposes(console, read, language)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar, _stopping(console) as stop:
        job = Job(read, asked["seed"], asked["replications"], stop, bar)
        _work(job, asked)
    report = planreports.Report(
        read, Teller(read, language), job.judged, job.optimised, job.bars, job.compared
    )
    written = planreports.write(report, out)
    for line in planreports.summary(report):
        console.print(line, highlight=False, soft_wrap=True)
    console.print(f"{len(written)} files in {out}")
    if as_json:
        click.echo(json.dumps(planreports.as_json(report), ensure_ascii=False))


def _copy(scenario: str, to: Path) -> Path:
    try:
        return planfiles.copy(scenario, to)
    except (planfiles.NoSuchScenario, FileExistsError) as wrong:
        raise click.ClickException(str(wrong)) from None


def _read(named: str, months: int | None, shocks: tuple[str, ...], language: str) -> Scenario:
    try:
        found = planfiles.scenario(named)
        if months is not None:
            found = _cut(found, months)
    except planfiles.NoSuchScenario as wrong:
        raise click.ClickException(str(wrong)) from None
    except PackErrors as errors:
        lines = "\n".join(str(error) for error in errors.errors)
        raise click.ClickException(f"{len(errors.errors)} things to mend:\n{lines}") from None
    if language not in found.catalogue.languages:
        raise click.ClickException(
            f"The planning pack speaks {', '.join(found.catalogue.languages)}, not {language}"
        )
    return replace(found, shocks={**found.shocks, **_shocks(found, shocks)})


def _cut(scenario: Scenario, months: int) -> Scenario:
    """The scenario at another length, if its calendars reach so far; targets past it are left out."""
    aims = scenario.aims
    kept = tuple(target for target in aims.targets if target.month < months)
    cut = replace(
        scenario.until(months), aims=replace(aims, served_by=min(aims.served_by, months - 1), targets=kept)
    )
    for fault in scenariochecks.faults(cut, ()):
        raise click.ClickException(f"{fault.problem}. {fault.mend}")
    return cut


def _shocks(scenario: Scenario, written: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for one in written:
        name, _, month = one.partition("=")
        if name not in scenario.catalogue.shocks:
            raise click.ClickException(
                f"There is no shock {name!r}: known are {', '.join(scenario.catalogue.shocks)}"
            )
        if not month.isdecimal() or not 1 <= int(month) <= scenario.months:
            raise click.ClickException(f"{one!r} names no month: write {name}=9, from 1 to {scenario.months}")
        found[name] = int(month) - 1
    return found


def _say_what_it_supposes(console: Console, scenario: Scenario, language: str) -> None:
    """The policy state supposed and the one known; the value judgement; who changed which number."""
    teller = Teller(scenario, language)
    console.print(plantold.supposed(teller), soft_wrap=True)
    console.print(plantold.judgement(teller), soft_wrap=True)
    for figure in scenario.changed():
        change = figure.change
        assert change is not None
        console.print(
            f"Changed: {figure.path} is {figure.shown()}, was {change.was} ({change.who}, {change.on}: {change.why})",
            soft_wrap=True,
        )


@contextmanager
def _stopping(console: Console) -> Iterator[Stop]:
    """Ctrl-C asks to stop and keeps what was reached; a second one ends at once."""
    stop = Stop()

    def asked(*_: object) -> None:
        if stop.asked.is_set():
            raise KeyboardInterrupt
        stop.asked.set()
        console.print("Stopping; what was reached so far is kept.")

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


# --- steps ------------------------------------------------------------------------------------------


def _work(job: Job, asked: dict[str, Any]) -> None:
    job.plans = {DO_NOTHING: Plan(DO_NOTHING), **job.scenario.plans}
    everything = not (asked["optimising"] or asked["simulated"] or asked["compare"] or asked["equal_to"])
    named = [
        *asked["simulated"],
        *(asked["compare"] or ()),
        *((asked["equal_to"],) if asked["equal_to"] else ()),
    ]
    _known(job, [name for name in named if name != OPTIMISED])
    if everything or asked["optimising"] or asked["equal_to"] or OPTIMISED in named:
        _optimise(job, asked)
    ours = [name for name in job.plans if name.startswith(OPTIMISED)]
    wanted = list(job.plans) if everything else [DO_NOTHING, *named, *ours]
    for name in dict.fromkeys(wanted):
        if job.stop.going() and name in job.plans:
            _judge(job, name)
    if asked["compare"] and all(name in job.runs for name in asked["compare"]):
        first, second = (job.runs[name] for name in asked["compare"])
        job.compared = judging.compared(first, second, months_looked_at(job.scenario))
    if asked["tornado"] and job.stop.going() and job.judged:
        _tornado(job, OPTIMISED if OPTIMISED in job.judged else next(reversed(job.judged)))


def _known(job: Job, names: list[str]) -> None:
    for name in names:
        if name not in job.plans:
            raise click.ClickException(
                f"The scenario has no plan {name!r}: known are {', '.join(job.plans)} and {OPTIMISED}"
            )


def _optimise(job: Job, asked: dict[str, Any]) -> None:
    """The best plan, or with several cautions one for each: `optimised`, then `optimised_65` and the like."""
    scenario = job.scenario
    if asked["equal_to"]:
        scenario = _as_good_as(scenario, job.plans[asked["equal_to"]])
    for place, caution in enumerate(asked["cautions"]):
        name = OPTIMISED if place == 0 else f"{OPTIMISED}_{caution * 100:.0f}"
        if job.stop.going():
            _search(job, asked, scenario, caution, name)
    # What a stopped search has found is still judged, which takes a moment; another Ctrl-C ends that too.
    job.stop.asked.clear()


def _search(job: Job, asked: dict[str, Any], scenario: Scenario, caution: float, name: str) -> None:
    task = job.bar.add_task(f"searching {name}", total=asked["seconds"], note="")

    def told(progress: optimiser.Progress) -> None:
        gap = f"at most {progress.gap:.1%} missing" if progress.gap < 10 else "no proof yet"
        note = f"{len(progress.plan.starts)} starts, {gap}"
        job.bar.update(task, completed=progress.seconds, note=note)
        if not job.bar.console.is_terminal:
            job.bar.console.print(f"{progress.seconds:.0f} s: {name}: {note}")

    limits = {"seconds": asked["seconds"], "gap": asked["gap"], "caution": caution}
    try:
        found = solving.optimise(scenario, told=told, going=job.stop.going, **limits)
    except solving.SearchDied as died:
        raise click.ClickException(str(died)) from None
    job.bar.update(task, completed=asked["seconds"])
    if found is None:
        return
    job.optimised = job.optimised or found
    job.plans[name] = replace(found.plan, name=name)
    if found.routing is not None:
        job.routings[name] = found.routing


def _as_good_as(scenario: Scenario, other: Plan) -> Scenario:
    """The scenario with the aim to serve as many as another plan is expected to, as cheaply as may be."""
    run = simulation.simulate(scenario, other, seed=None)
    served, asked = run.served[0].sum(axis=(0, 1)), run.requests[0].sum(axis=(0, 1))
    return optimiser.least_cost(scenario, optimiser.service_of(served, asked, months_looked_at(scenario)))


def _judge(job: Job, name: str) -> None:
    task = job.bar.add_task(f"simulating {name}", total=1.0, note=f"{job.replications:,} runs")
    plan_ = replace(job.plans[name], name=name)
    run = simulation.simulate(
        job.scenario,
        plan_,
        replications=job.replications,
        seed=job.seed,
        routing=job.routings.get(name),
        progress=lambda done: _advance(job.bar, task, done),
    )
    job.runs[name] = run
    job.judged[name] = judging.summed_up(run)


def _tornado(job: Job, name: str) -> None:
    task = job.bar.add_task(f"what {name} hangs on", total=1.0, note="")
    job.bars = judging.tornado(
        job.scenario,
        job.plans[name],
        replications=min(200, job.replications),
        seed=job.seed,
        routing=job.routings.get(name),
        progress=lambda done: _advance(job.bar, task, done),
        going=job.stop.going,
    )


def _advance(bar: Progress, task: TaskID, done: float) -> None:
    bar.update(task, completed=done)
