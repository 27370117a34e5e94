"""Real forms, filled: what prints, what stays blank, what is refused. Łucja and her papers are invented."""

from __future__ import annotations

import io
import os
import threading
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
import typst
import zxingcpp

from jornada.gateways import pdf, typeface
from jornada.gateways.pdf import CompiledForm

BLANKS = Path(os.environ.get("JORNADA_BLANK_FORMS") or Path(__file__).parents[3] / "shared" / "forms")
FILES = {
    "I-765": "i-765/2025-08-21.pdf",
    "I-765WS": "i-765ws/2025-08-21.pdf",
    "I-912": "i-912/2025-07-22.pdf",
    "G-1145": "g-1145/2014-09-26.decrypted.pdf",
}
EVERY_FORM = pytest.mark.parametrize("form", FILES)

FAMILY = "form1[0].Page1[0].Line1a_FamilyName[0]"
GIVEN = "form1[0].Page1[0].Line1b_GivenName[0]"
A_NUMBER = "form1[0].Page2[0].Line7_AlienNumber[0]"
STATE = "form1[0].Page2[0].Pt2Line5_State[0]"
UNIT = "form1[0].Page2[0].Pt2Line5_Unit[2]"
SIGNATURE = "form1[0].Page4[0].Pt3Line7a_Signature[0]"
SIGNED_ON = "form1[0].Page4[0].Pt3Line7b_DateofSignature[0]"
MORE = "form1[0].Page7[0].Pt6Line4d_AdditionalInfo[1]"
INCOME = "form1[0].#subform[0].Annual_Income[0]"

NAME = "Łucja Nguyễn-Ortiz Peña"
STORY = "Trabajé seis días por semana; nos pagaban en efectivo. Nguyễn Thị Hường lo vio. Łódź, ngõ Trần Phú. "


def blank(form: str) -> bytes:
    return (BLANKS / FILES[form]).read_bytes()


@cache
def compiled(form: str) -> CompiledForm:
    return pdf.compile_edition(blank(form))


def everything(form: str) -> dict[str, str]:
    """A value for every field but signatures, with Spanish, Vietnamese and Polish letters."""
    values = {}
    for name, box in compiled(form).fields.items():
        if box.signature:
            continue
        if box.kind == "checkbox":
            values[name] = box.on_states[0]
        elif box.kind == "dropdown":
            values[name] = next(option for option in reversed(box.options) if option.strip())
        elif box.comb:
            values[name] = "9876543210123"[: box.max_length]
        elif box.lines > 1:
            values[name] = (STORY * 30)[: box.lines * box.line_capacity * 4 // 5].strip()
        else:
            values[name] = (NAME + " y de la Cruz")[
                : min(box.max_length or 99, box.line_capacity - 2)
            ].strip()
    return values


@cache
def filled(form: str) -> bytes:
    return pdf.fill(compiled(form), everything(form))


@lru_cache(maxsize=12)
def picture(data: bytes, page: int, scale: float = 1.5, with_fields: bool = False) -> np.ndarray:
    with pypdfium2.PdfDocument(data) as document:
        if with_fields:
            document.init_forms()
        return np.asarray(document[page - 1].render(scale=scale).to_pil().convert("L"), dtype=np.int16)


def text_of(data: bytes, page: int) -> str:
    return pdf.inspect(data).text[page - 1]


def inside(form: str, name: str, data: bytes) -> np.ndarray:
    """The pixels strictly inside a field's box."""
    box = compiled(form).fields[name]
    x0, y0, x1, y1 = (round(2 * number) for number in box.rect)
    return picture(data, box.page, scale=2)[1584 - y1 + 3 : 1584 - y0 - 3, x0 + 3 : x1 - 3]


# --- the fast way prints what the slow way prints ---


@EVERY_FORM
def test_the_fast_fill_looks_like_the_slow_one_on_every_page(form: str) -> None:
    slowly = pdf.fill_slowly(blank(form), everything(form))
    for page in range(1, compiled(form).pages + 1):
        difference = np.abs(picture(filled(form), page) - picture(slowly, page))
        assert (difference > 64).mean() < 0.0005, f"page {page} differs"
        assert difference.mean() < 0.02, f"page {page} differs"


@EVERY_FORM
def test_a_blank_filled_with_nothing_looks_like_the_official_blank(form: str) -> None:
    empty = pdf.fill(compiled(form), {})
    for page in range(1, compiled(form).pages + 1):
        difference = np.abs(picture(empty, page) - picture(blank(form), page, with_fields=True))
        for box in compiled(form).fields.values():  # a viewer draws arrows and grey frames on live fields
            if box.page == page:
                x0, y0, x1, y1 = (round(1.5 * number) for number in box.rect)
                difference[1188 - y1 - 3 : 1188 - y0 + 3, x0 - 3 : x1 + 3] = 0
        assert difference.max() < 64


@EVERY_FORM
def test_filling_changes_the_page_where_the_boxes_are(form: str) -> None:
    empty = pdf.fill(compiled(form), {})
    for name, value in everything(form).items():
        if compiled(form).fields[name].kind == "text" and len(value) > 3:
            assert (inside(form, name, filled(form)) < 128).sum() > (inside(form, name, empty) < 128).sum(), (
                name
            )


@EVERY_FORM
def test_no_glyph_leaves_its_box(form: str) -> None:
    for name, value in everything(form).items():
        box = compiled(form).fields[name]
        if box.kind == "text" and not box.comb and box.lines == 1:
            assert pdf.measure(compiled(form), value) <= box.width + 0.5, name


# --- barcodes ---


@EVERY_FORM
def test_every_page_keeps_its_barcode(form: str) -> None:
    edition = compiled(form).edition
    for page in range(1, compiled(form).pages + 1):
        foot = picture(filled(form), page, scale=300 / 72).astype(np.uint8)[-260:]
        assert [code.text for code in zxingcpp.read_barcodes(foot)] == [f"{form}|{edition}|{page}"]


def test_an_edition_is_named_by_its_barcodes() -> None:
    assert {form: compiled(form).edition for form in FILES} == {
        "I-765": "08/21/25",
        "I-765WS": "08/21/25",
        "I-912": "07/22/25",
        "G-1145": "09/26/14",
    }
    assert not any("PDF417" in name for form in FILES for name in compiled(form).fields)


# --- letters ---


def test_names_with_polish_and_vietnamese_letters_can_be_read_and_copied() -> None:
    page = text_of(pdf.fill(compiled("I-765"), {FAMILY: "Nguyễn-Ñúñez", GIVEN: "Łucja Thị Hường"}), 1)
    assert "Nguyễn-Ñúñez" in page
    assert "Łucja Thị Hường" in page


def test_a_name_typed_with_combining_accents_prints_as_one_letter() -> None:
    apart = pdf.fill(compiled("I-765"), {FAMILY: "Nguye\u0302\u0303n"})
    assert apart == pdf.fill(compiled("I-765"), {FAMILY: "Nguyễn"})


def test_an_a_number_spread_over_its_cells_is_still_found_as_one_number() -> None:
    assert "123456789" in text_of(pdf.fill(compiled("I-765"), {A_NUMBER: "123456789"}), 2)


def test_the_digits_stand_one_in_each_cell() -> None:
    digits = inside("I-765", A_NUMBER, pdf.fill(compiled("I-765"), {A_NUMBER: "000000000"}))
    cells = np.array_split(digits, 9, axis=1)
    ink = [(cell < 128).sum() for cell in cells]
    assert min(ink) > 0
    assert max(ink) - min(ink) <= 6


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Ana 🙂", "U+1F642"), ("李", "U+674E"), ("Ana\u200bB", "U+200B"), ("x\u0330", "U+0330")],
)
def test_a_letter_without_a_glyph_is_refused_by_field_and_character(text: str, shown: str) -> None:
    with pytest.raises(pdf.CannotFill) as refused:
        pdf.fill(compiled("I-765"), {FAMILY: text})
    (problem,) = refused.value.problems
    assert isinstance(problem, pdf.Unprintable)
    assert problem.field == FAMILY
    assert shown in str(problem)


@pytest.mark.parametrize("name", ["محمد", "שרה"])
def test_right_to_left_names_are_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(pdf.CannotFill, match="right-to-left") as refused:
        pdf.fill(compiled("I-765"), {FAMILY: name})
    assert FAMILY in str(refused.value)
    assert "Use Latin letters" in str(refused.value)


def test_unprintable_characters_can_be_asked_for_before_filling() -> None:
    assert pdf.unprintable(compiled("I-765"), "Ñandú 🙂🙂 ễ\n") == ("🙂",)


# --- refusals ---


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(pdf.CannotFill) as refused:
        pdf.fill(
            compiled("I-765"),
            {
                "form1[0].Nothing[0]": "x",
                UNIT: "APT",
                STATE: "Texas",
                A_NUMBER: "A123-456-789",
                FAMILY: "W" * 60,
            },
        )
    found = {problem.field: type(problem) for problem in refused.value.problems}
    assert found == {
        "form1[0].Nothing[0]": pdf.UnknownField,
        UNIT: pdf.UnknownState,
        STATE: pdf.UnknownState,
        A_NUMBER: pdf.TooLong,
        FAMILY: pdf.TooLong,
    }
    assert "' APT '" in str(refused.value)  # the state the form does have, with its blanks


def test_problems_lists_what_fill_would_refuse_and_nothing_else() -> None:
    values = {FAMILY: "Ortiz", GIVEN: "🙂", "nowhere": "x"}
    with pytest.raises(pdf.CannotFill) as refused:
        pdf.fill(compiled("I-765"), values)
    assert set(pdf.problems(compiled("I-765"), values)) == set(refused.value.problems)
    assert pdf.problems(compiled("I-765"), {FAMILY: "Ortiz"}) == ()


@pytest.mark.parametrize("field", [SIGNATURE, SIGNED_ON])
def test_signatures_and_their_dates_are_left_for_ink(field: str) -> None:
    with pytest.raises(pdf.CannotFill) as refused:
        pdf.fill(compiled("I-765"), {field: "x"})
    assert isinstance(refused.value.problems[0], pdf.LeftForInk)


def test_signature_boxes_are_white_when_all_else_is_filled() -> None:
    for form, count in (("I-765", 6), ("I-912", 6)):
        signatures = [name for name, box in compiled(form).fields.items() if box.signature]
        assert len(signatures) == count
        for name in signatures:
            assert inside(form, name, filled(form)).min() > 200, name


def test_an_empty_value_leaves_the_box_blank() -> None:
    assert pdf.fill(compiled("I-765"), {FAMILY: "", UNIT: ""}) == pdf.fill(compiled("I-765"), {})


def test_what_the_form_itself_prefills_is_printed() -> None:
    assert "Self" in text_of(pdf.fill(compiled("I-912"), {}), 2)


# --- fitting ---


def test_a_long_name_is_set_smaller_and_a_very_long_one_refused() -> None:
    form = compiled("I-765")
    assert pdf.fits(form, FAMILY, "Hernández de la Torre y Villavicencio"[:34])
    assert not pdf.fits(form, FAMILY, "Hernández de la Torre y Villavicencio de los Ríos Bravo")


def test_a_value_longer_than_the_form_allows_does_not_fit_however_narrow() -> None:
    assert pdf.fits(compiled("I-765"), "form1[0].Page2[0].Pt2Line5_ZipCode[0]", "iiiii")
    assert not pdf.fits(compiled("I-765"), "form1[0].Page2[0].Pt2Line5_ZipCode[0]", "iiiiii")


def test_fits_tells_of_unknown_fields_and_characters() -> None:
    with pytest.raises(pdf.CannotFill, match="is no field"):
        pdf.fits(compiled("I-765"), "nowhere", "x")
    with pytest.raises(pdf.CannotFill, match="cannot print"):
        pdf.wrap(compiled("I-765"), MORE, "🙂")


def test_text_too_long_for_a_ruled_box_is_split_and_no_word_is_lost() -> None:
    story = (STORY * 20).strip()
    lines, rest = pdf.wrap(compiled("I-765"), MORE, story)
    assert len(lines) == compiled("I-765").fields[MORE].lines == 10
    assert f"{' '.join(lines)} {rest}".split() == story.split()
    assert pdf.fits(compiled("I-765"), MORE, "\n".join(lines))


def test_blank_lines_at_the_end_take_no_room() -> None:
    assert pdf.fits(compiled("I-765"), MORE, "Nada más." + "\r\n" * 40)
    assert pdf.fits(compiled("I-765"), FAMILY, "Ortiz\n")


def test_text_that_fits_is_not_split() -> None:
    lines, rest = pdf.wrap(compiled("I-765"), MORE, "Dos líneas.\nNada más.")
    assert (lines, rest) == (["Dos líneas.", "Nada más."], "")


def test_a_word_longer_than_a_line_is_cut_and_kept_whole_in_meaning() -> None:
    word = "x" * 500
    lines, rest = pdf.wrap(compiled("I-765"), MORE, word)
    assert "".join(lines) + rest == word


def test_one_line_boxes_split_between_words() -> None:
    lines, rest = pdf.wrap(
        compiled("I-765"), FAMILY, "Hernández de la Torre y Villavicencio de los Ríos Bravo"
    )
    assert f"{lines[0]} {rest}" == "Hernández de la Torre y Villavicencio de los Ríos Bravo"
    assert pdf.fits(compiled("I-765"), FAMILY, lines[0])


def test_a_second_line_does_not_go_into_a_one_line_box() -> None:
    assert pdf.wrap(compiled("I-765"), FAMILY, "Ortiz\nde Łódź") == (["Ortiz"], "de Łódź")


def test_lines_of_text_stand_eighteen_points_apart_above_their_rules() -> None:
    ink = (inside("I-765", MORE, pdf.fill(compiled("I-765"), {MORE: "\n".join(["HHHH"] * 10)})) < 100)[:, :60]
    starts = [row for row, (before, now) in enumerate(pairwise(ink.any(axis=1))) if now and not before]
    assert {after - before for before, after in pairwise(starts)} == {36}  # at two pixels a point


def test_money_is_aligned_as_the_form_asks() -> None:
    right = [box for box in compiled("I-765WS").fields.values() if box.align == 2]
    assert right
    for box in right:
        ink = (inside("I-765WS", box.name, pdf.fill(compiled("I-765WS"), {box.name: "1234"})) < 128).any(
            axis=0
        )
        assert ink[len(ink) // 2 :].any()
        assert not ink[: len(ink) // 4].any()


# --- the file ---


@EVERY_FORM
def test_nothing_active_and_nothing_telling_is_left(form: str) -> None:
    seen = pdf.inspect(filled(form))
    assert (seen.has_xfa, seen.has_scripts, seen.has_widgets) == (False, False, False)
    assert seen.metadata == {}
    for word in (
        b"/XFA",
        b"/Perms",
        b"/AcroForm",
        b"/JavaScript",
        b"/Widget",
        b"/Info",
        b"/Metadata",
        b"/home",
    ):
        assert word not in filled(form)


@EVERY_FORM
def test_other_programs_open_the_result_without_a_complaint(form: str) -> None:
    with pikepdf.open(io.BytesIO(filled(form))) as opened:
        assert opened.check_pdf_syntax() == []
        assert opened.get_warnings() == []
        assert len(opened.pages) == compiled(form).pages


def test_equal_answers_give_equal_bytes_in_whatever_order() -> None:
    values = everything("I-765")
    backwards = dict(reversed(values.items()))
    again = pdf.compile_edition(blank("I-765"))
    assert pdf.fill(again, backwards) == filled("I-765")


def test_filling_from_many_threads_gives_the_same() -> None:
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(pdf.fill(compiled("I-912"), everything("I-912"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [filled("I-912")] * 4


def test_a_compiled_form_is_the_same_after_a_night_on_disk() -> None:
    back = CompiledForm.from_bytes(compiled("I-912").to_bytes())
    assert back == compiled("I-912")
    assert pdf.fill(back, everything("I-912")) == filled("I-912")


@pytest.mark.parametrize("cut", [0, 10, 1000, -1])
def test_a_compiled_form_cut_short_is_noticed(cut: int) -> None:
    with pytest.raises(pdf.NotAForm, match="jornada forms compile"):
        CompiledForm.from_bytes(compiled("G-1145").to_bytes()[:cut])


def test_boxes_agree_with_the_published_field_lists() -> None:
    for form, file in FILES.items():
        rows = [
            line.split("\t")
            for line in (BLANKS / file).with_suffix(".fields.tsv").read_text().splitlines()[1:]
        ]
        listed = {row[0]: row for row in rows if row[1] in {"text", "checkbox", "dropdown"}}
        assert set(compiled(form).fields) == set(listed)
        for name, box in compiled(form).fields.items():
            row = listed[name]
            assert (box.kind, box.page) == (row[1], int(row[2]))
            assert box.max_length == (int(row[5]) if row[5] else None)
            assert box.rect == pytest.approx([float(number) for number in row[3].split(",")], abs=0.06)
            if box.kind == "checkbox":
                assert [f"/{state}" for state in box.on_states] == row[7].split("|")


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7\n"])
def test_what_is_no_pdf_cannot_be_compiled(data: bytes) -> None:
    with pytest.raises(pdf.NotAForm, match="not a whole PDF"):
        pdf.compile_edition(data)


def test_a_pdf_without_fields_cannot_be_compiled() -> None:
    with pytest.raises(pdf.NotAForm, match="no fields"):
        pdf.compile_edition((BLANKS / "g-325a/2015-06-01.flat.pdf").read_bytes())


# --- the typeface ---


def test_a_missing_typeface_is_an_error_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, installed = tmp_path / "built", tmp_path / "installed"
    monkeypatch.setattr(typeface, "_PLACES", (built, installed))
    with pytest.raises(typeface.FontMissing, match="make setup"):
        pdf.font_path()
    installed.mkdir()
    (installed / typeface.FILE_NAME).touch()
    assert pdf.font_path() == installed / typeface.FILE_NAME
    built.mkdir()
    (built / typeface.FILE_NAME).touch()
    assert pdf.font_path() == built / typeface.FILE_NAME


@pytest.mark.parametrize(
    "letters",
    [
        "áéíóúüñ ¿¡ çãõ",
        "ąćęłńóśźż ĄĆĘŁŃÓŚŹŻ",
        "ễ ơ ư đ Ạ ặ ậ ệ ợ ự ỹ",
        "ğıİşŞ",
        "Жанна Щербак",
        "Ελένη",
        "’ “ ” – — … €",
    ],
)
def test_the_typeface_has_the_letters_of_the_people_it_serves(letters: str) -> None:
    assert pdf.unprintable(compiled("I-765"), letters) == ()


# --- forms of other makers ---


def form_of_a_state_agency() -> bytes:
    """Two pages without barcodes: a name that both pages repeat, and a choice whose boxes are on both."""
    made = pikepdf.new()
    name = made.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, T="Name", Kids=[]))
    choice = made.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Btn, T="Paid", Ff=1 << 15, Kids=[]))
    for state in ("cash", "check"):
        page = made.add_blank_page(page_size=(612, 792))
        cross = made.make_stream(b"0 0 m 10 10 l S", BBox=[0, 0, 10, 10], Subtype=pikepdf.Name.Form)
        box = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Widget}
        text = made.make_indirect(pikepdf.Dictionary(**box, Rect=[72, 700, 272, 718], Parent=name))
        looks = pikepdf.Dictionary(N=pikepdf.Dictionary({f"/{state}": cross}))
        radio = made.make_indirect(
            pikepdf.Dictionary(**box, Rect=[72, 600, 92, 620], Parent=choice, AP=looks)
        )
        name.Kids.append(text)
        choice.Kids.append(radio)
        page.Annots = pikepdf.Array([text, radio])
    made.Root.AcroForm = pikepdf.Dictionary(Fields=[name, choice], DA=b"/Helv 0 Tf 0 g")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_form_without_barcodes_is_named_by_the_caller_and_filled_in_every_place() -> None:
    form = pdf.compile_edition(form_of_a_state_agency(), form="X-1", edition="07/2025")
    assert (form.form, form.edition, set(form.fields)) == ("X-1", "07/2025", {"Name", "Paid"})
    assert form.fields["Paid"].on_states == ("cash", "check")
    assert CompiledForm.from_bytes(form.to_bytes()) == form
    values = {"Name": "Łucja Ortiz", "Paid": "check"}
    done = pdf.fill(form, values)
    assert ["Łucja Ortiz" in page for page in pdf.inspect(done).text] == [True, True]
    crossed = [(picture(done, page)[258:288, 108:138] < 128).any() for page in (1, 2)]
    assert crossed == [False, True]
    slowly = pdf.fill_slowly(form_of_a_state_agency(), values)
    assert all(np.abs(picture(done, page) - picture(slowly, page)).max() < 64 for page in (1, 2))


# --- packets ---


def letter(words: str) -> bytes:
    """A page of somebody's own making, with a maker's name, a script and a field in it."""
    made = pikepdf.new()
    made.add_blank_page()
    made.docinfo["/Author"] = words
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=b"app.alert(1)")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def packet() -> bytes:
    parts = [letter("somebody"), *(filled(form) for form in ("G-1145", "I-765", "I-765WS", "I-912"))]
    return pdf.merge(parts, titles=["Letter", "G-1145", "I-765", "I-765WS", "I-912"])


def test_a_packet_has_all_pages_in_order_with_one_edition_of_each_form() -> None:
    seen = pdf.inspect(packet())
    assert seen.pages == 18
    assert [one and one[0] for one in seen.printed] == [
        None,
        "G-1145",
        *["I-765"] * 7,
        "I-765WS",
        *["I-912"] * 8,
    ]
    assert seen.editions == {
        "G-1145": {"09/26/14"},
        "I-765": {"08/21/25"},
        "I-765WS": {"08/21/25"},
        "I-912": {"07/22/25"},
    }


def test_a_packet_tells_nothing_of_who_made_its_parts() -> None:
    seen = pdf.inspect(packet())
    assert (seen.has_xfa, seen.has_scripts, seen.has_widgets, seen.metadata) == (False, False, False, {})


def test_a_packet_keeps_every_barcode_and_every_letter() -> None:
    whole = packet()
    foot = picture(whole, 5, scale=300 / 72).astype(np.uint8)[-260:]
    assert [code.text for code in zxingcpp.read_barcodes(foot)] == ["I-765|08/21/25|3"]
    assert np.array_equal(picture(whole, 9), picture(filled("I-765"), 7))
    assert "Nguyễn" in text_of(whole, 9)


def test_a_packet_carries_the_typeface_once() -> None:
    with pikepdf.open(io.BytesIO(packet())) as opened:
        programs = [
            thing
            for thing in opened.objects
            if isinstance(thing, pikepdf.Dictionary) and "/FontFile2" in thing
        ]
        assert sum("JRNADA" in str(thing.FontName) for thing in programs) == 1


def test_equal_packets_are_equal_bytes() -> None:
    assert packet() == packet()


def test_separators_go_before_their_parts_and_bookmarks_lead_there() -> None:
    whole = pdf.merge(
        [filled("G-1145"), filled("I-765WS")], separators=[letter("a"), letter("b")], titles=["A", "B"]
    )
    with pikepdf.open(io.BytesIO(whole)) as opened, opened.open_outline() as outline:
        assert [item.title for item in outline.root] == ["A", "B"]
        assert outline.root[1].destination[0].objgen == opened.pages[2].objgen
    assert [one and one[0] for one in pdf.inspect(whole).printed] == [None, "G-1145", None, "I-765WS"]


def test_links_inside_two_letters_still_lead_into_their_own_letter() -> None:
    index = typst.compile(b'#set heading(numbering: "1.")\n= Exhibits <top>\n#link(<top>)[Exhibits]')
    with pikepdf.open(io.BytesIO(pdf.merge([index, filled("G-1145"), index]))) as opened:
        names = opened.Root.Names.Dests.Names
        leads_to = {str(names[n]): names[n + 1].D[0].objgen for n in range(0, len(names), 2)}
        for number in (0, 2):
            (link,) = opened.pages[number].Annots
            assert leads_to[str(link.Dest)] == opened.pages[number].objgen


def test_an_exhibit_with_fields_is_flattened_into_the_packet() -> None:
    seen = pdf.inspect(pdf.merge([blank("I-765WS")]))
    assert (seen.pages, seen.has_widgets, seen.has_xfa) == (1, False, False)


def test_a_damaged_part_is_named() -> None:
    with pytest.raises(pdf.NotAForm, match="Part 2 of the packet"):
        pdf.merge([filled("G-1145"), filled("G-1145")[:5000]])


def test_the_official_blank_shows_what_inspection_is_for() -> None:
    seen = pdf.inspect(blank("I-765"))
    assert (seen.has_xfa, seen.has_scripts, seen.has_widgets) == (True, True, True)
    assert "/Producer" in seen.metadata


def test_a_page_can_be_shown_beside_the_answers() -> None:
    from PIL import Image

    shown = Image.open(io.BytesIO(pdf.page_image(filled("I-765"), 2, dpi=72)))
    assert shown.size == (612, 792)
    with pytest.raises(IndexError, match="There is no page 8: the file has 7"):
        pdf.page_image(filled("I-765"), 8)
    with pytest.raises(pdf.NotAForm):
        pdf.page_image(b"no picture", 1)
