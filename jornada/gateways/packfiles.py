"""Rule packs on disk: found, read once, and kept while the program runs (a changed pack is a release)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jornada.domain import rulepacks
from jornada.domain.rulepacks import PackError, PackErrors, RulePack

_KEPT: dict[tuple[Path, str], RulePack] = {}


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

    A pack once read is kept: see `forget`.
    """
    top = folder or directory()
    kept = _KEPT.get((top, name))
    if kept is None:
        if name not in available(top):
            known = ", ".join(available(top)) or "none"
            raise NoSuchPack(f"There is no rule pack {name!r} in {top.name}/: known are {known}")
        kept = _KEPT[(top, name)] = read(top / name, top)
    return kept


def forget() -> None:
    """Reads every pack again when next asked for."""
    _KEPT.clear()


def read(pack: Path, top: Path, name: str = "") -> RulePack:
    """The pack in that folder, with the vocabularies and calendars of `top`. Not kept.

    `name` is the pack's name where the folder has another (a changed copy).
    """
    vocabularies = {
        folder.name: texts(folder)
        for folder in sorted(top.iterdir())
        if (folder / "facts.yaml").is_file() and not (folder / "pack.yaml").is_file()
    }
    calendars = {
        path.stem: path.read_text(encoding="utf-8") for path in sorted((top / "calendars").glob("*.yaml"))
    }
    return rulepacks.parse(name or pack.name, texts(pack), vocabularies, calendars)


def texts(folder: Path) -> Mapping[str, str]:
    """Every YAML file of a folder by its path within; PackErrors if one is not UTF-8."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        try:
            found[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise PackErrors(
                (PackError(name, 1, "the file is not UTF-8 text", "Save it as UTF-8"),)
            ) from None
    return found
