"""The directory of official forms: what is recognised, what is refused and why, and nothing half-written."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from jornada.gateways import formfiles, pdf
from jornada.web.commands.forms import forms

BLANKS = Path(os.environ.get("JORNADA_BLANK_FORMS") or Path(__file__).parents[3] / "shared" / "forms")
I_765 = BLANKS / "i-765/2025-08-21.pdf"
I_765WS = BLANKS / "i-765ws/2025-08-21.pdf"


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory of forms."""
    monkeypatch.setenv("JORNADA_FORMS", str(tmp_path / "shelf"))
    return tmp_path / "shelf"


def saved_again(original: Path, **how: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(original) as opened:
        opened.save(out, **how)
    return out.getvalue()


def written(tmp_path: Path, data: bytes) -> Path:
    (tmp_path / "download.pdf").write_bytes(data)
    return tmp_path / "download.pdf"


def refusal(path: Path) -> str:
    with pytest.raises(formfiles.Refused) as refused:
        formfiles.add(path)
    return str(refused.value)


def test_the_official_form_is_recognised_and_kept(shelf: Path) -> None:
    added = formfiles.add(I_765)
    assert added == formfiles.Added("I-765", "08/21/25", pages=7, fields=154, already=False)
    assert (shelf / "i-765/2025-08-21.pdf").read_bytes() == I_765.read_bytes()


def test_adding_the_same_form_twice_changes_nothing(shelf: Path) -> None:
    formfiles.add(I_765WS)
    before = {path: path.stat().st_mtime_ns for path in shelf.rglob("*")}
    assert formfiles.add(I_765WS).already
    assert {path: path.stat().st_mtime_ns for path in shelf.rglob("*")} == before


@pytest.mark.parametrize(
    ("file", "form", "edition"),
    [
        ("i-765ws/2025-08-21.pdf", "I-765WS", "08/21/25"),
        ("i-912/2025-07-22.pdf", "I-912", "07/22/25"),
        ("g-1145/2014-09-26.decrypted.pdf", "G-1145", "09/26/14"),
        ("i-821d/2025-01-20.pdf", "I-821D", "01/20/25"),
    ],
)
def test_each_edition_that_packets_use_can_be_added(file: str, form: str, edition: str) -> None:
    added = formfiles.add(BLANKS / file)
    assert (added.form, added.edition) == (form, edition)
    known = next(
        one for one in formfiles.known() if (one.form, one.edition) == (form, edition) and not one.refused
    )
    assert (added.pages, added.fields) == (known.pages, known.fields)


def test_an_installed_form_can_be_filled_by_printed_or_sortable_edition() -> None:
    formfiles.add(I_765WS)
    by_print = formfiles.installed("I-765WS", "08/21/25")
    assert by_print is not None
    assert formfiles.installed("i-765ws", "2025-08-21") is by_print
    assert pdf.fill(by_print, {}).startswith(b"%PDF")


def test_what_is_not_installed_or_not_known_is_none() -> None:
    assert formfiles.installed("I-765", "08/21/25") is None
    assert formfiles.installed("I-765", "01/20/25") is None
    assert formfiles.installed("I-999", "01/01/99") is None


def test_a_twin_of_an_older_version_is_made_anew(shelf: Path) -> None:
    formfiles.add(I_765WS)
    twin = shelf / "i-765ws/2025-08-21.compiled"
    twin.write_bytes(b"jornada-form-0\nsomething older")
    again = formfiles.installed("I-765WS", "08/21/25")
    assert again is not None
    assert pdf.CompiledForm.from_bytes(twin.read_bytes()) == again


def test_a_kept_pdf_that_was_changed_is_not_compiled(shelf: Path) -> None:
    formfiles.add(I_765WS)
    (shelf / "i-765ws/2025-08-21.compiled").unlink()
    (shelf / "i-765ws/2025-08-21.pdf").write_bytes(saved_again(I_765WS))
    with pytest.raises(formfiles.Refused, match="was changed"):
        formfiles.installed("I-765WS", "08/21/25")


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("g-325a/2015-06-01.flat.pdf", "not the deferred-action form"),
        ("i-765/2025-01-20.pdf", "replaced by the edition 08/21/25"),
        ("i-765/2025-08-21.instructions.pdf", "instructions, not the form"),
        ("i-912/2025-07-22.instructions.pdf", "instructions, not the form"),
        ("ar-11/2019-09-10.redrawn-fields.pdf", "drawn anew by another program"),
    ],
)
def test_files_that_people_have_but_must_not_use_are_refused_by_name(
    file: str, why: str, shelf: Path
) -> None:
    said = refusal(BLANKS / file)
    assert why in said
    assert "ownload" in said  # what to do
    assert not shelf.exists()


def test_a_form_saved_again_is_refused_with_its_hash(tmp_path: Path, shelf: Path) -> None:
    data = saved_again(I_765)
    said = refusal(written(tmp_path, data))
    assert "I-765 edition 08/21/25" in said
    assert "not the copy that was checked" in said
    assert hashlib.sha256(data).hexdigest() in said
    assert not shelf.exists()


def worksheet_of_2029(*, barcode: str) -> bytes:
    """The worksheet as a later edition might print it."""
    out = io.BytesIO()
    with pikepdf.open(I_765WS) as newer:
        page = newer.pages[0]
        page.contents_coalesce()
        page.Contents.write(page.Contents.read_bytes().replace(b"08/21/25", b"08/21/29"))
        for widget in page.Annots:
            if str(widget.get("/V", "")).startswith("I-765WS|"):
                widget.V = pikepdf.String(barcode)
        newer.save(out)
    return out.getvalue()


def test_an_edition_nobody_knows_is_refused_with_the_editions_known(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, worksheet_of_2029(barcode="I-765WS|08/21/29|1")))
    assert "I-765WS" in said
    assert "08/21/29" in said
    assert "08/21/25" in said


def test_a_file_of_mixed_editions_is_refused(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, worksheet_of_2029(barcode="I-765WS|08/21/25|1")))
    assert "do not agree (I-765WS 08/21/25, I-765WS 08/21/29)" in said


@pytest.mark.parametrize("length", [0, 5_000, 200_000, -2_000])
def test_a_truncated_download_is_refused(tmp_path: Path, shelf: Path, length: int) -> None:
    said = refusal(written(tmp_path, I_765.read_bytes()[:length]))
    assert "not a whole PDF" in said
    assert "Download it again" in said
    assert not shelf.exists()


def test_a_pdf_locked_with_a_password_is_refused(tmp_path: Path, shelf: Path) -> None:
    locked = saved_again(I_765WS, encryption=pikepdf.Encryption(user="synthetic", owner="synthetic"))
    assert "locked with a password" in refusal(written(tmp_path, locked))
    assert not shelf.exists()


def test_a_pdf_that_is_no_form_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    empty = pikepdf.new()
    empty.add_blank_page()
    empty.save(out)
    assert "prints no form number" in refusal(written(tmp_path, out.getvalue()))


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    said = refusal(tmp_path / "gone.pdf")
    assert said.startswith("gone.pdf cannot be read")
    assert str(tmp_path) not in said


def test_a_full_disk_leaves_no_half_form(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(formfiles.os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        formfiles.add(I_765WS)
    assert [path for path in shelf.rglob("*") if path.is_file()] == []
    assert formfiles.installed("I-765WS", "08/21/25") is None


def test_the_list_of_known_editions_is_whole() -> None:
    for one in formfiles.known():
        assert one.source
        assert bool(one.refused) == bool(one.instead)
        assert not one.sha256 or len(one.sha256) == 64
    hashes = [one.sha256 for one in formfiles.known() if one.sha256]
    assert len(hashes) == len(set(hashes))
    usable = [(one.form, one.edition) for one in formfiles.known() if not one.refused]
    assert len(usable) == len(set(usable))


def test_known_hashes_are_those_of_the_files_at_hand() -> None:
    known = {one.sha256 for one in formfiles.known()}
    files = sorted(BLANKS.glob("*/*.pdf"))
    assert len(files) == 10
    for file in files:
        assert hashlib.sha256(file.read_bytes()).hexdigest() in known, file.name


@pytest.mark.parametrize(
    ("printed", "sorts"), [("08/21/25", "2025-08-21"), ("07/2025", "2025-07"), ("x", "x")]
)
def test_printed_editions_become_sortable(printed: str, sorts: str) -> None:
    assert formfiles.sortable(printed) == sorts


# --- the command ---


def test_the_command_adds_what_it_can_and_says_what_it_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(forms, ["add", str(I_765WS), str(BLANKS / "g-325a/2015-06-01.flat.pdf")])
    assert done.exit_code == 1
    assert "I-765WS edition 08/21/25: added, 1 page, 8 fields" in done.output
    assert "refused: 2015-06-01.flat.pdf is G-325A edition 06/01/15" in done.output


def test_the_command_lists_what_is_installed_and_what_is_missing() -> None:
    formfiles.add(I_765WS)
    shown = CliRunner().invoke(forms, ["list"]).output
    assert "installed  I-765WS  08/21/25" in shown
    assert "missing    G-325A   01/20/25" in shown
    assert "https://www.uscis.gov/sites/default/files/document/forms/g-325a.pdf" in shown


def test_the_command_compiles_what_is_installed() -> None:
    assert "No form is installed yet" in CliRunner().invoke(forms, ["compile"]).output
    formfiles.add(I_765WS)
    assert CliRunner().invoke(forms, ["compile"]).output == "compiled I-765WS edition 08/21/25\n"
