"""Rule packs on disk: found, read, and kept for as long as their files do not change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jornada.domain import rulepacks
from jornada.domain.rulepacks import PackError, PackErrors, RulePack

_KEPT: dict[tuple[Path, str], tuple[tuple[tuple[str, int, int], ...], RulePack]] = {}


class NoSuchPack(LookupError):
    """There is no pack of that name; the message lists those there are."""


def directory() -> Path:
    """The folder of packs: JORNADA_RULEPACKS, else `rulepacks/` beside the program."""
    named = os.environ.get("JORNADA_RULEPACKS")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "rulepacks"


def available(folder: Path | None = None) -> tuple[str, ...]:
    """The names of the packs there are, in order. A folder is a pack if it holds pack.yaml."""
    top = folder or directory()
    return tuple(sorted(path.parent.name for path in top.glob("*/pack.yaml")))


def load(name: str, folder: Path | None = None) -> RulePack:
    """The pack of that name. NoSuchPack if there is none, PackErrors if it is not whole.

    A pack once read is kept until one of its files (or of the vocabularies and
    calendars beside it) changes.
    """
    top = folder or directory()
    if name not in available(top):
        raise NoSuchPack(f"There is no rule pack {name!r} in {top.name}/: known are {', '.join(available(top)) or 'none'}")
    stamp = _stamp(top, name)
    kept = _KEPT.get((top, name))
    if kept is None or kept[0] != stamp:
        kept = _KEPT[(top, name)] = (stamp, read(top / name, top))
    return kept[1]


def read(pack: Path, top: Path) -> RulePack:
    """The pack in that folder, with the vocabularies and calendars of `top`. Not kept."""
    vocabularies = {
        folder.name: texts(folder)
        for folder in sorted(top.iterdir())
        if (folder / "facts.yaml").is_file() and not (folder / "pack.yaml").is_file()
    }
    calendars = {path.stem: path.read_text(encoding="utf-8") for path in sorted((top / "calendars").glob("*.yaml"))}
    return rulepacks.parse(pack.name, texts(pack), vocabularies, calendars)


def texts(folder: Path) -> Mapping[str, str]:
    """Every YAML file of a folder by its path within; PackErrors if one is not UTF-8."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        try:
            found[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise PackErrors((PackError(name, 1, "the file is not UTF-8 text", "Save it as UTF-8"),)) from None
    return found


def _stamp(top: Path, name: str) -> tuple[tuple[str, int, int], ...]:
    """What tells whether the files changed: names, sizes and times of the pack and of all that packs share."""
    folders = [top / name, *(path.parent for path in top.glob("*/facts.yaml") if not (path.parent / "pack.yaml").is_file()), top / "calendars"]
    paths = [path for folder in folders for path in folder.rglob("*.yaml")]
    return tuple(sorted((str(path), (found := path.stat()).st_mtime_ns, found.st_size) for path in paths))
