"""Scenario files in, tables and charts out: what a coalition copies, edits, keeps and prints."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from jornada.domain.located import PackError, PackErrors
from jornada.domain.planning import scenarioreading
from jornada.domain.planning.catalogue import Catalogue
from jornada.domain.planning.scenario import Scenario
from jornada.gateways import packfiles

PACK = "planning"


class NoSuchScenario(LookupError):
    """There is no scenario of that name or file; the message lists those that ship."""


def catalogue(pack: str = PACK) -> Catalogue:
    """The planning pack; PackErrors if it is not whole."""
    found = packfiles.load_any(pack)
    if not isinstance(found, Catalogue):
        raise PackErrors(
            (PackError("pack.yaml", 1, f"{pack} is no planning pack", "Name a pack of kind planning"),)
        )
    return found


def shipped(pack: str = PACK) -> dict[str, Path]:
    """The scenarios that come with the pack, by name."""
    folder = packfiles.directory() / pack / "scenarios"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def file_of(named: str, pack: str = PACK) -> Path:
    """The file of a scenario named by its path or, if it ships, by its name."""
    path = Path(named)
    if path.is_file():
        return path
    known = shipped(pack)
    if named in known:
        return known[named]
    raise NoSuchScenario(
        f"There is no scenario {named!r}: name a file, or one of {', '.join(known) or 'none'}"
    )


def scenario(named: str, pack: str = PACK) -> Scenario:
    """The scenario in that file or of that name; PackErrors with lines if it is not whole."""
    path = file_of(named, pack)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PackErrors(
            (PackError(path.name, 1, "the file is not UTF-8 text", "Save it as UTF-8"),)
        ) from None
    return scenarioreading.read(path.name, text, catalogue(pack))


def copy(named: str, to: Path, pack: str = PACK) -> Path:
    """A copy of a scenario to edit; FileExistsError rather than writing over one."""
    if to.exists():
        raise FileExistsError(f"{to} is there already: name another file")
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file_of(named, pack), to)
    return to


def write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file that spreadsheets open as UTF-8; numbers as they are, nothing that a spreadsheet would run."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(head)
        table.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return value
