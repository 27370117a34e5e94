"""A run on paper for a board, as tagged PDF; and all of its tables as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from jornada.coalition import selectors as coalition
from jornada.gateways import letters, workbooks
from jornada.planning import selectors, shown
from jornada.planning.models import ScenarioRun

FOLDER = Path(__file__).with_name("wording")
ON_PAPER = {"gantt": (0, 1, 2, 3, 5, 7), "regions": (0, 1, 2, 3, 4, 5, 6)}
"""Charts whose tables stand below them on paper, and which columns; the others are long: see the spreadsheet."""
MOST_ROWS, MOST_LATER, MOST_ON_PAPER = 25, 15, 16


@cache
def words(language: str) -> Mapping[str, Any]:
    """The words of a board paper; KeyError for a language that is not offered."""
    found: Mapping[str, Any] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))[
        "paper"
    ]
    return found


def board_paper(run: ScenarioRun, language: str, on: date) -> bytes:
    """The run as PDF in that language, with the decisions as they stand on this day."""
    return letters.compose("board_paper", language, _paper(run, language, on))


def _paper(run: ScenarioRun, language: str, on: date) -> dict[str, Any]:
    told, w = run.told[language], words(language)
    due = shown.decisions(run, language, on)
    provider = coalition.provider(run.provider_id)
    return {
        **_head(run, w, provider.name if provider else ""),
        **{
            f"{part}_title": w[part]
            for part in ("now", "later", "results", "binds", "breaks", "mends", "changed")
        },
        "supposed": told["supposed"],
        "judgement": told["judgement"],
        "now": [one["text"] for one in due["now"]],
        "later": _some([one["text"] for one in due["later"]], w),
        "none_now": w["none_now"],
        "risky": told["risky"][:1].upper() + told["risky"][1:],
        "how_good": told["how_good"],
        "results_head": w["results_head"],
        "results": [_result(one, w) for one in told["results"]],
        "spread": w["spread"],
        "mends": told["mends"],
        "charts": list(_charts(run, language)),
        "binds": told["marginals"],
        "breaks": [f"{one['plan']}: {line}" for one in told["results"] for line in one["breaks"][:3]],
        "changed_head": w["changed_head"],
        "changed": [_changed(one) for one in run.figures["changed"]],
        "sources": w["sources"],
    }


def _some(lines: list[str], w: Mapping[str, Any]) -> list[str]:
    """The first of many lines, and how many more the spreadsheet has."""
    more = len(lines) - MOST_LATER
    return lines if more <= 0 else [*lines[:MOST_LATER], w["more"].format(count=more)]


def _head(run: ScenarioRun, w: Mapping[str, Any], provider: str) -> dict[str, Any]:
    asked, title = run.asked, run.scenario.title
    left = {key: f"{run.proof.get(key) or 0:,.1f}" for key in ("left", "least")}
    made = {"day": run.revision.made_on.isoformat(), "revision": run.revision.number, "seed": asked["seed"],
            "replications": f"{asked['replications']:,}", "provider": provider}  # fmt: skip
    return {
        "title": w["title"].format(title=title),
        "heading": w["heading"],
        "name": title,
        "made": w["made"].format(**made),
        "proof": w["proof"].format(**left, fingerprint=run.fingerprint) if run.proof else "",
        "footer": w["footer"],
    }


def _result(one: Mapping[str, Any], w: Mapping[str, Any]) -> list[str]:
    chances = [
        w["target"].format(share=f"{each['share']:.0%}", month=each["month"], chance=f"{each['chance']:.0%}")
        for each in one["chances"]
    ]
    return [
        one["plan"], " / ".join(f"{share:.0%}" for share in one["share"]), f"{one['money'][1]:,}",
        "; ".join(chances), one["verdict"],
    ]  # fmt: skip


def _charts(run: ScenarioRun, language: str) -> Iterator[dict[str, Any]]:
    """Each chart under its own title, with the table that belongs on paper, or its first rows."""
    for one in shown.charts(run, selectors.pictures(run, language), language):
        if not one["svg"]:
            continue
        title = shown.title_of(one["svg"]) or one["title"]
        table = one["tables"][0] if one["kind"] in ON_PAPER and one["tables"] else {"head": [], "rows": []}
        columns = [place for place in ON_PAPER.get(one["kind"], ()) if place < len(table["head"])]
        rows = _of_the_last_plan(table["rows"]) if one["kind"] == "regions" else table["rows"]
        more = len(rows) + table.get("more", 0) - MOST_ROWS
        yield {
            "title": title,
            "alt": title,
            "svg": one["svg"],
            "head": [table["head"][place] for place in columns],
            "rows": [[row[place] for place in columns] for row in rows[:MOST_ROWS]],
            "note": words(language)["more"].format(count=more) if more > 0 else "",
        }


def _of_the_last_plan(rows: list[list[str]]) -> list[list[str]]:
    """Of very many rows those that are about the same plan as the last one, which is the best found."""
    return rows if len(rows) <= MOST_ON_PAPER else [row for row in rows if row[0] == rows[-1][0]] or rows


def _changed(one: Mapping[str, Any]) -> list[str]:
    return [one["number"], one["is"], one["was"], f"{one['who']}, {one['on']}: {one['why']}"]


def spreadsheet(run: ScenarioRun, language: str) -> bytes:
    """Every table of the run as .xlsx, a sheet each; the numbers with source and certainty among them."""
    told = run.told[language]
    used: set[str] = set()
    return workbooks.workbook(
        (_sheet(name, used), table["head"], [[_rounded(value) for value in row] for row in table["rows"]])
        for name, table in told["tables"].items()
    )


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _sheet(name: str, used: set[str]) -> str:
    """A name of at most 31 letters that no other sheet has."""
    short = name[:28]
    while short in used:
        short = f"{name[:28]}_{len(used)}"
    used.add(short)
    return short
