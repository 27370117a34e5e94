"""The directory of official forms: recognise a file, keep it with its compiled twin, list what is there.

A form is known by the SHA-256 of its file (`rulepacks/known-forms.yaml`). Everything else is refused with
what can be read from it: agencies reject mixed and stale editions, and re-saved copies may lack barcodes.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from jornada.gateways import pdf
from jornada.gateways.pdf import CompiledForm, NotAForm

_PROJECT = Path(__file__).resolve().parents[2]
KNOWN = _PROJECT / "rulepacks" / "known-forms.yaml"
_PRINTED_DAY = re.compile(r"(\d\d)/(\d\d)/(\d\d)")
_PRINTED_MONTH = re.compile(r"(\d\d)/(\d{4})")


class Refused(ValueError):
    """A file that must not be filled; the message says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class KnownEdition:
    """One line of `known-forms.yaml`; without `sha256`, nobody has checked a copy yet."""

    form: str
    edition: str
    title: str
    pages: int
    source: str
    sha256: str = ""
    fields: int = 0
    address: str = ""
    refused: str = ""
    instead: str = ""

    @property
    def name(self) -> str:
        """Form and edition as people say them."""
        return f"{self.form} edition {self.edition}"

    @property
    def file_name(self) -> str:
        """`i-765/2025-08-21.pdf`"""
        return f"{self.form.lower()}/{sortable(self.edition)}.pdf"


@dataclass(frozen=True, slots=True)
class Added:
    """What `add` recognised; `already` when the same file was there before."""

    form: str
    edition: str
    pages: int
    fields: int
    already: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One known, usable edition and whether it is installed."""

    form: str
    edition: str
    title: str
    installed: bool
    source: str
    address: str


def directory() -> Path:
    """Where official forms are kept: JORNADA_FORMS, or var/forms under the project."""
    return Path(os.environ.get("JORNADA_FORMS") or _PROJECT / "var" / "forms")


def sortable(edition: str) -> str:
    """`08/21/25` as `2025-08-21`, `07/2025` as `2025-07`; anything else as it is."""
    if day := _PRINTED_DAY.fullmatch(edition):
        return f"20{day[3]}-{day[1]}-{day[2]}"
    if month := _PRINTED_MONTH.fullmatch(edition):
        return f"{month[2]}-{month[1]}"
    return edition


@lru_cache(maxsize=1)
def known() -> tuple[KnownEdition, ...]:
    """Every edition in `known-forms.yaml`, in its order."""
    lines: list[dict[str, Any]] = yaml.safe_load(KNOWN.read_text(encoding="utf-8"))["forms"]
    return tuple(KnownEdition(**line) for line in lines)


def add(path: Path) -> Added:
    """Recognise a file and keep it, ready to fill. `Refused` leaves the directory as it was.

    Adding the same file again changes nothing.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused(
            f"{path.name} cannot be read: {error.strerror}. Give the path of a PDF file."
        ) from error
    edition = _recognised(path.name, data)
    target = directory() / edition.file_name
    already = target.is_file() and target.read_bytes() == data
    compiled = installed(edition.form, edition.edition) if already else None
    if compiled is None:
        compiled = _compiled(edition, data, path.name)
        _write(_twin(target), compiled.to_bytes())
        _write(target, data)
    return Added(edition.form, edition.edition, compiled.pages, len(compiled.fields), already)


def installed(form: str, edition: str) -> CompiledForm | None:
    """The compiled form if this edition (`08/21/25` or `2025-08-21`) is here, else None.

    A twin that is missing or of an older format is made anew; `Refused` if the PDF was changed meanwhile.
    """
    found = _usable(form, edition)
    if found is None:
        return None
    target = directory() / found.file_name
    if not target.is_file():
        return None
    twin = _twin(target)
    return _loaded(found, target, twin, _stamp(target), _stamp(twin))


def listing() -> tuple[Listed, ...]:
    """Every usable edition, and whether it is installed."""
    return tuple(
        Listed(
            one.form, one.edition, one.title, (directory() / one.file_name).is_file(), one.source, one.address
        )
        for one in known()
        if not one.refused
    )


def recompile() -> tuple[KnownEdition, ...]:
    """Make every installed edition's twin anew, and say which."""
    done = []
    for edition in known():
        target = directory() / edition.file_name
        if not edition.refused and target.is_file():
            _write(_twin(target), _compiled(edition, target.read_bytes(), target.name).to_bytes())
            done.append(edition)
    return tuple(done)


def _usable(form: str, edition: str) -> KnownEdition | None:
    wanted = (form.upper(), sortable(edition))
    return next(
        (one for one in known() if not one.refused and (one.form, sortable(one.edition)) == wanted), None
    )


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=32)
def _loaded(
    edition: KnownEdition, target: Path, twin: Path, _changed: int, _twin_changed: int
) -> CompiledForm:
    """The compiled form, read once per change of its files."""
    try:
        compiled = CompiledForm.from_bytes(twin.read_bytes())
        if compiled.sha256 == edition.sha256:
            return compiled
    except (OSError, NotAForm):
        pass  # no twin, or one of an older version: it is made below
    data = target.read_bytes()
    if hashlib.sha256(data).hexdigest() != edition.sha256:
        raise Refused(
            f"The installed {edition.name} was changed. Run `jornada forms add` with a fresh download."
        )
    compiled = _compiled(edition, data, target.name)
    _write(twin, compiled.to_bytes())
    return compiled


def _twin(target: Path) -> Path:
    return target.with_suffix(".compiled")


def _write(target: Path, data: bytes) -> None:
    """All of it or nothing: written beside, then renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".being-written-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _compiled(edition: KnownEdition, data: bytes, name: str) -> CompiledForm:
    try:
        compiled = pdf.compile_edition(data, form=edition.form, edition=edition.edition)
    except NotAForm as error:
        raise Refused(f"{name}: {error}") from error
    found = (compiled.form, compiled.edition, compiled.pages)
    if found != (edition.form, edition.edition, edition.pages):
        raise Refused(
            f"{name} is listed as {edition.name} with {edition.pages} pages, but its barcodes say {found}. "
            "Correct rulepacks/known-forms.yaml."
        )
    return compiled


def _recognised(name: str, data: bytes) -> KnownEdition:
    """The edition that this file is, or `Refused` with what can be read from it."""
    digest = hashlib.sha256(data).hexdigest()
    same = next((one for one in known() if one.sha256 == digest), None)
    if same is None:
        raise Refused(f"{name}: {_what_it_seems(data, digest)}")
    if same.refused:
        raise Refused(f"{name} is {same.name} ({same.title}). {same.refused} {same.instead}")
    return same


def _what_it_seems(data: bytes, digest: str) -> str:
    """For an unknown file: what it prints, which editions are known, and how to make it usable."""
    try:
        printed = sorted(set(_printed(data)))
    except NotAForm as error:
        return str(error)
    if not printed:
        return "This PDF prints no form number with an edition. Give the official form as it was downloaded."
    if len(printed) > 1:
        mixed = ", ".join(f"{form} {edition}" for form, edition in printed)
        return f"Its pages and barcodes do not agree ({mixed}). Agencies reject that; download it again."
    form, edition = printed[0]
    usable = [one for one in known() if one.form == form and not one.refused]
    if not usable:
        return f"It prints Form {form} edition {edition}. No pack here uses this form; known are {_names()}."
    same = next((one for one in usable if one.edition == edition), None)
    if same is None:
        others = ", ".join(one.edition for one in usable)
        return (
            f"It prints Form {form} edition {edition}; only {others} can be filled here. If it is newer, "
            f"map it first: docs/guides/write-a-rule-pack.md. SHA-256 {digest}."
        )
    return _unchecked_copy(same, digest)


def _unchecked_copy(same: KnownEdition, digest: str) -> str:
    where = f" from {same.address}" if same.address else " from the agency's own page"
    return (
        f"It prints {same.name}, but it is not the copy that was checked: perhaps it was saved again, which "
        f"can destroy barcodes. Download it{where}. If that gives the same file, add its SHA-256 "
        f"to rulepacks/known-forms.yaml: {digest}."
    )


def _printed(data: bytes) -> Iterator[tuple[str, str]]:
    """Form and edition wherever a page prints them or a barcode says them."""
    yield from (one for one in pdf.inspect(data).printed if one)
    try:
        compiled = pdf.compile_edition(data)
    except NotAForm:
        return
    if compiled.form:
        yield compiled.form, compiled.edition


def _names() -> str:
    return ", ".join(dict.fromkeys(one.form for one in known()))
