"""Rule packs on disk: found, read once, and kept while the program runs (a changed pack is a release)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from jornada.domain import restrictionpages, rulepacks
from jornada.domain.clinic import template as clinic_template
from jornada.domain.rulepacks import PackError, PackErrors, RulePack

REMEDY = "remedy"


class Whole(Protocol):
    """What a pack of any kind can say of itself once it is read and whole."""

    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def approved(self) -> bool: ...
    @property
    def sizes(self) -> Mapping[str, int]: ...


Parse = Callable[[str, Mapping[str, str]], Whole]
"""Name and texts to a whole pack; PackErrors otherwise."""


def _planning(name: str, files: Mapping[str, str]) -> Whole:
    # Brings NumPy with it, which the other commands do without.
    from jornada.domain.planning import scenarioreading

    return scenarioreading.read_pack(name, files)


KINDS: dict[str, Parse] = {
    "clinic": clinic_template.parse,
    "planning": _planning,
    restrictionpages.KIND: restrictionpages.parse,
}
"""Kinds of pack besides the remedies: what `kind` in pack.yaml says, and what reads it."""

_KIND = re.compile(r"^kind:\s*[\"']?([a-z_]+)", re.MULTILINE)
_KEPT: dict[tuple[Path, str], Any] = {}


class NoSuchPack(LookupError):
    """There is no pack of that name; the message lists those there are."""


def directory() -> Path:
    """The folder of packs: JORNADA_RULEPACKS, else `rulepacks/` beside the program."""
    named = os.environ.get("JORNADA_RULEPACKS")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "rulepacks"


def available(folder: Path | None = None, kind: str = REMEDY) -> tuple[str, ...]:
    """The names of the packs of that kind, in order. A folder is a pack if it holds pack.yaml."""
    return tuple(name for name, found in kinds(folder).items() if found == kind)


def kinds(folder: Path | None = None) -> dict[str, str]:
    """Every pack by name with its kind, in order."""
    found = sorted((folder or directory()).glob("*/pack.yaml"))
    return {path.parent.name: _kind(path.read_text(encoding="utf-8", errors="replace")) for path in found}


def _kind(head: str) -> str:
    named = _KIND.search(head)
    return named[1] if named else REMEDY


def load(name: str, folder: Path | None = None) -> RulePack:
    """The remedy of that name. NoSuchPack if there is none, PackErrors if it is not whole.

    A pack once read is kept: see `forget`.
    """
    found: RulePack = _kept(name, folder or directory(), available(folder))
    return found


def load_any(name: str, folder: Path | None = None) -> Any:
    """The pack of that name, of whatever kind it is; errors as in `load`."""
    return _kept(name, folder or directory(), tuple(kinds(folder)))


def _kept(name: str, top: Path, known: tuple[str, ...]) -> Any:
    kept = _KEPT.get((top, name))
    if kept is None or name not in known:
        if name not in known:
            raise NoSuchPack(
                f"There is no rule pack {name!r} in {top.name}/: known are {', '.join(known) or 'none'}"
            )
        kept = _KEPT[(top, name)] = _read_any(top / name, top)
    return kept


def _read_any(pack: Path, top: Path) -> Any:
    kind = kinds(top)[pack.name]
    if kind == REMEDY:
        return read(pack, top)
    if kind not in KINDS:
        known = ", ".join([REMEDY, *KINDS])
        raise PackErrors((PackError("pack.yaml", 1, f"unknown kind {kind!r}", f"Known here: {known}"),))
    return KINDS[kind](pack.name, texts(pack))


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
