"""Every map against the field list of the real form: no field invented, none forgotten, the traps by name."""

import copy
import csv
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from jornada.domain import packets
from jornada.domain.facts import Answers
from jornada.domain.formmaps import FormMap, MapError, read_map
from jornada.domain.packetchecks import check_fields, check_packet
from jornada.gateways import packfiles, pdf

FORMS = Path(__file__).resolve().parents[3] / "shared" / "forms"
LISTS = {
    "I-765": "i-765/2025-08-21.fields.tsv",
    "I-765WS": "i-765ws/2025-08-21.fields.tsv",
    "I-912": "i-912/2025-07-22.fields.tsv",
    "G-1145": "g-1145/2014-09-26.decrypted.fields.tsv",
}

PACK = packfiles.load("us-labor-deferred-action")
MAPS = {form.form: form for form in packets.maps(PACK)}


def fields_of(form: str) -> list[dict[str, str]]:
    with (FORMS / LISTS[form]).open(encoding="utf-8") as listed:
        return list(csv.DictReader(listed, delimiter="\t"))


def questions(form: str) -> dict[str, dict[str, str]]:
    """The form's fields by name, without its barcodes and buttons."""
    printed = ("barcode(PDF417)", "pushbutton")
    return {row["name"]: row for row in fields_of(form) if row["type"] not in printed}


def item_that_writes(form: FormMap, field: str):
    return next(item for item in form.items if field in item.written)


def box_for(form: str, part: str, item: str, answer: str) -> str:
    """The field that an answer marks, without the prefix."""
    found = (
        one for one in MAPS[form].items if (one.part, one.item) == (part, item) and answer in (one.mark or {})
    )
    return next(found).mark[answer].removeprefix("form1[0].")


def test_the_pack_maps_the_six_forms_of_the_packet():
    assert {(form.form, form.edition) for form in MAPS.values()} == {
        ("I-765", "08/21/25"),
        ("I-765WS", "08/21/25"),
        ("I-912", "07/22/25"),
        ("G-1145", "09/26/14"),
        ("G-325A", "01/20/25"),
        ("G-28", "09/17/18"),
    }


@pytest.mark.parametrize("form", LISTS)
def test_every_field_of_the_map_is_a_field_of_the_edition_and_none_is_forgotten(form):
    assert MAPS[form].accounted == set(questions(form))
    assert MAPS[form].boxes.names == set(questions(form))


@pytest.mark.parametrize("form", LISTS)
def test_every_checkbox_is_marked_with_the_on_state_that_the_pdf_really_has(form):
    boxes = {
        name: row["options"].removeprefix("/")
        for name, row in questions(form).items()
        if row["type"] == "checkbox"
    }
    assert MAPS[form].boxes.marks == boxes


@pytest.mark.parametrize("form", LISTS)
def test_the_room_in_every_box_is_the_measured_one(form):
    boxes = MAPS[form].boxes
    for name, row in questions(form).items():
        if row["capacity"].startswith("comb:"):
            assert boxes.combs[name] == int(row["capacity"].removeprefix("comb:"))
        elif " lines x " in row["capacity"]:
            assert boxes.ruled[name] == tuple(map(int, row["capacity"].split(" lines x ")))
        elif row["type"] == "text":
            assert boxes.lines[name] == int(row["capacity"])
        if row["maxlen"] not in ("", "1") and name not in boxes.combs:
            assert boxes.limits[name] == int(row["maxlen"])


@pytest.mark.parametrize("form", LISTS)
def test_every_item_points_to_the_page_on_which_its_field_is_printed(form):
    pages = {name: int(row["page"]) for name, row in questions(form).items()}
    for item in MAPS[form].items:
        for name in {*item.written} - {*item.also}:
            assert pages[name] == item.page, f"{item.label}: {name}"


@pytest.mark.parametrize("form", LISTS)
def test_every_field_for_a_signature_or_its_date_is_left_for_ink(form):
    for name, row in questions(form).items():
        if "signature" in name.lower() or name.endswith(
            ("P7_L6_Date[0]", "P9_L6b_Date[0]", "P10_L8B_Date[0]")
        ):
            assert item_that_writes(MAPS[form], name).source == "never", row["tooltip"]


@pytest.mark.parametrize("form", LISTS)
def test_every_form_has_the_hash_and_the_pages_of_the_catalogue(form):
    catalogue = (FORMS / "CATALOGUE.md").read_text(encoding="utf-8")
    row = next(line for line in catalogue.splitlines() if MAPS[form].sha256 in line)
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[1] == form
    assert MAPS[form].edition in cells[3]
    assert int(cells[4]) == MAPS[form].pages


def test_every_fact_and_choice_that_a_map_names_is_declared():
    choices = PACK.documents["packet.yaml"]["choices"]
    values = {*PACK.documents["packet.yaml"]["values"], "forms_filed"}
    for form in MAPS.values():
        for item in form.items:
            for name in item.name if isinstance(item.name, list) else [str(item.name).partition(".")[0]]:
                known = {"choice": choices, "value": values}.get(item.source, PACK.facts)
                assert item.source in ("text", "never") or name in known, (
                    f"{form.form} {item.part} {item.item}: {name}"
                )
            conditions = item.when.facts if item.when else frozenset()
            assert conditions <= {*PACK.facts, *choices}, f"{form.form} {item.part} {item.item}"


def test_every_answer_that_can_be_given_has_a_box_or_is_known_to_have_none():
    without = {("I-765", "11"): {"separated", "annulled", "other"}}
    choices = PACK.documents["packet.yaml"]["choices"]
    for form in MAPS.values():
        for item in (one for one in form.items if one.mark is not None and "." not in one.name):
            options = (
                choices[item.name].get("options")
                if item.source == "choice"
                else PACK.facts[item.name].options
            )
            missing = set(options or ("yes", "no")) - set(item.mark)
            assert missing == without.get((form.form, item.item), set()), (
                f"{form.form} {item.part} {item.item}"
            )


@pytest.mark.parametrize("form", [form for form in LISTS if MAPS[form].blocks])
def test_part_and_item_numbers_fit_the_boxes_of_the_additional_information_page(form):
    for item in MAPS[form].items:
        block = MAPS[form].blocks[0]
        assert len(item.part) <= MAPS[form].boxes.limits[block.part] or item.part == "head"
        assert len(item.item) <= MAPS[form].boxes.limits[block.number] or item.source != "fact"


# --- the traps of the I-765 ---------------------------------------------------------------------------


def test_the_third_other_name_goes_to_the_first_of_the_fields_called_line_3():
    rows = next(item for item in MAPS["I-765"].items if item.name == "other_names")
    assert [name.removeprefix("form1[0].Page1[0].") for name in rows.columns["family"]] == [
        "Line2a_FamilyName[0]",
        "Line3a_FamilyName[1]",
        "Line3a_FamilyName[0]",
    ]
    for column in rows.columns.values():
        tooltips = [questions("I-765")[name]["tooltip"] for name in column]
        assert [text.split("Additional Information. ")[1][0] for text in tooltips] == ["2", "3", "4"]


def test_male_is_the_second_box_and_female_the_first():
    assert box_for("I-765", "2", "10", "male") == "Page2[0].Line9_Checkbox[1]"
    assert box_for("I-765", "2", "10", "female") == "Page2[0].Line9_Checkbox[0]"
    assert MAPS["I-765"].boxes.marks["form1[0].Page2[0].Line9_Checkbox[1]"] == "Y"


def test_the_boxes_of_yes_and_no_go_by_their_tooltips():
    for item, answer in (("6", "yes"), ("6", "no"), ("12", "yes"), ("12", "no")):
        tooltip = questions("I-765")["form1[0]." + box_for("I-765", "2", item, answer)]["tooltip"]
        assert f"Select {answer.capitalize()}" in tooltip


@pytest.mark.parametrize("form", ["I-765", "I-912"])
def test_units_go_by_what_is_printed_even_where_the_on_state_names_its_neighbour(form):
    words = {"apt": "Apartment", "ste": "Suite", "flr": "Floor"}
    units = [item for item in MAPS[form].items if item.mark and set(item.mark) == set(words)]
    assert len(units) == {"I-765": 4, "I-912": 2}[form]
    for item in units:
        for unit, field in item.mark.items():
            assert questions(form)[field]["tooltip"].rstrip().rstrip(".").endswith(words[unit]), field


def test_the_on_states_of_units_keep_their_spaces():
    states = MAPS["I-765"].boxes.marks
    assert {states[name] for name in states if "_Unit" in name} == {" APT ", " STE ", " FLR "}


def test_the_box_printed_apt_in_the_interpreters_address_carries_the_state_of_a_floor():
    field = "form1[0]." + box_for("I-765", "4", "3.b", "apt")
    assert MAPS["I-765"].boxes.marks[field] == " FLR "


def test_marital_status_goes_by_the_on_states_and_not_by_the_order_on_the_page():
    for answer in ("single", "married", "divorced", "widowed"):
        field = "form1[0]." + box_for("I-765", "2", "11", answer)
        assert MAPS["I-765"].boxes.marks[field].lower() == answer


def test_separated_is_spelt_wrong_in_the_i_912_and_must_stay_so():
    field = "form1[0]." + box_for("I-912", "2", "8", "separated")
    assert MAPS["I-912"].boxes.marks[field] == "Legally Seperated"


def test_the_text_of_additional_item_3_is_the_second_field_called_4d():
    block = MAPS["I-765"].blocks[0]
    assert (block.item, block.text.rpartition(".")[2]) == ("3", "Pt6Line4d_AdditionalInfo[1]")
    assert "3. D." in questions("I-765")[block.text]["tooltip"]


def test_the_category_is_c_14_and_its_third_part_stays_empty():
    taken = {
        item.fields[0].rpartition(".")[2]: item.name for item in MAPS["I-765"].items if item.item == "27"
    }
    assert taken == {"section_1[0]": "c", "section_2[0]": "14"}
    left = {name for one in MAPS["I-765"].left_blank for name in one.fields}
    assert any(name.endswith("section_3[0]") for name in left)


def test_questions_on_arrests_belong_to_other_categories_and_stay_empty():
    left = {name: one.reason for one in MAPS["I-765"].left_blank for name in one.fields}
    arrests = [name for name, row in questions("I-765").items() if "been arrested" in row["tooltip"]]
    assert len(arrests) == 4
    assert {left[name] for name in arrests} == {"other_category"}


def test_the_edition_of_august_2025_asks_for_no_social_security_card():
    assert not any(item.name == "ssn_card_wanted" for item in MAPS["I-765"].items)
    assert any(item.name == "ssn_card_wanted" for item in MAPS["G-325A"].items)


def test_status_at_the_last_entry_and_status_today_are_two_facts():
    taken = {item.item: item.name for item in MAPS["I-765"].items if item.item in ("24", "25")}
    assert taken == {"24": "last_entry_status", "25": "current_status"}


def test_name_and_a_number_are_repeated_on_the_page_for_additional_information():
    for form, page in (("I-765", "Page7[0]"), ("I-912", "#subform[7]")):
        copies = {item.name for item in MAPS[form].items for name in item.also if page in name}
        assert {"legal_name.family", "legal_name.given", "legal_name.middle", "a_number"} <= copies


def test_the_state_list_of_the_i_912_wants_a_space_before_the_letters():
    assert set(MAPS["I-912"].boxes.lists.values()) == {" "}
    assert set(MAPS["I-765"].boxes.lists.values()) == {""}


# --- what a map may not say -----------------------------------------------------------------------------


def raw(**changes):
    made = {
        "form": "X-1",
        "edition": "01/01/25",
        "title": "Example",
        "agency": "Nobody",
        "pages": 1,
        "items": [
            {"part": "1", "item": "1", "page": 1, "label": "Name", "fact": "legal_name", "field": "Name[0]"}
        ],
        "boxes": {"lines": {"Name[0]": 10}},
    }
    return made | changes


def test_a_field_that_nobody_accounts_for_is_named():
    with pytest.raises(MapError, match=r"Date\[0\] is not accounted for"):
        read_map(raw(boxes={"lines": {"Name[0]": 10, "Date[0]": 10}}))


def test_a_field_that_the_edition_does_not_have_is_named():
    with pytest.raises(MapError, match=r"Name\[0\] is no field of this edition"):
        read_map(raw(boxes={}))


def test_an_item_says_one_thing_only_and_in_known_words():
    item = {
        "part": "1",
        "item": "1",
        "label": "Name",
        "fact": "legal_name",
        "text": "x",
        "colour": "red",
        "format": "roman",
    }
    with pytest.raises(MapError) as wrong:
        read_map(raw(items=[item], boxes={}))
    assert len(wrong.value.problems) == 3
    assert "colour" in str(wrong.value)
    assert "fact and text" in str(wrong.value)
    assert "'roman'" in str(wrong.value)


# --- the whole packet of a pack ----------------------------------------------------------------------


def changed(change):
    """The pack with other packet rules; `change` edits a copy of its documents."""
    documents = copy.deepcopy(dict(PACK.documents))
    change(documents)
    return replace(PACK, documents=documents)


def test_the_packet_of_the_pack_is_whole():
    assert check_packet(PACK) == ()


def test_an_item_with_a_fact_that_nobody_declared_is_named_with_its_line():
    def change(documents):
        documents["forms/i-765-2025-08-21.yaml"]["items"][4]["fact"] = "nickname.family"

    (error,) = check_packet(changed(change))
    assert error.file == "forms/i-765-2025-08-21.yaml"
    assert "Part 2" not in error.problem
    assert "'nickname', which is not declared" in error.problem
    raw = packfiles.directory() / "us-labor-deferred-action" / error.file
    assert "legal_name.family" in raw.read_text(encoding="utf-8").splitlines()[error.line - 1]


def test_a_forgotten_field_a_strange_condition_and_missing_words_are_found():
    def forgotten(documents):
        documents["forms/g-1145-2014-09-26.yaml"]["items"].pop()

    (error,) = check_packet(changed(forgotten))
    assert "MobilePhoneNumber[0] is not accounted for" in error.problem
    assert error.mend.startswith("Give it an item")

    def strange(documents):
        documents["packet.yaml"]["forms"][0]["when"] = {"fact": "weather", "is": "yes"}
        documents["packet.yaml"]["forms"][1]["edition"] = {"parameter": "edition_of_nothing"}
        documents["packet.yaml"]["choices"]["colour"] = {"kind": "choice", "options": ["red"]}

    problems = [error.problem for error in check_packet(changed(strange))]
    assert "the condition names 'weather', which is no fact and no choice" in problems
    assert "the edition of I-912 is the parameter 'edition_of_nothing', which does not exist" in problems
    assert "the text 'options.colour.red' is missing in 'es'" in problems


# --- the maps on the real PDFs ------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """The installed PDF as what measures text."""

    form: pdf.CompiledForm

    def wrap(self, name, text):
        return pdf.wrap(self.form, name, text)

    def unprintable(self, text):
        return pdf.unprintable(self.form, text)


ADDRESS = {
    "street": "12 Main St",
    "unit_kind": "ste",
    "unit": "4",
    "city": "Springdale",
    "state": "AR",
    "zip": "72764",
}
MINH = Answers(
    {
        "legal_name": {"family": "Nguyễn Łuczak", "given": "Ơn"},
        "other_names": [{"family": f"Trần{number}", "given": "Ơn"} for number in range(5)],
        "birth_date": "1990-12-31",
        "sex": "male",
        "marital_status": "widowed",
        "birth_city": "Huế",
        "birth_state": "Thừa Thiên",
        "birth_country": "Vietnam",
        "citizenship": "Vietnam",
        "physical_address": ADDRESS,
        "mailing_same": "no",
        "mailing_address": {**ADDRESS, "unit_kind": "flr", "in_care_of": "Rosa Paz"},
        "phone": "479-555-0101",
        "mobile": "479-555-0102",
        "email": "on@example.org",
        "a_number": "012345678",
        "uscis_account": "012345678901",
        "ssn_issued": "yes",
        "ssn": "900123456",
        "i94_number": "12345678901",
        "last_entry_date": "2015-05-02",
        "last_entry_place": "Houston, TX",
        "last_entry_status": "h2b",
        "current_status": "no_status",
        "filed_i765_before": "yes",
        "spoken_language": "vi",
        "needs_interpreter": "yes",
        "interpreter_name": {"family": "Lê", "given": "Mai"},
        "interpreter_address": ADDRESS,
        "interpreter_phone": "479-555-0103",
        "annual_income": "24000.00",
        "annual_expenses": "23000.50",
        "total_assets": "300.00",
        "need_explanation": "I support two children. " * 80,
        "adjusted_income": "18000.00",
        "family_income": "0.00",
        "hardship_situation": "Rent is late. " * 100,
        "monthly_expense_kinds": ["rent", "care", "other"],
        "monthly_expense_other": "Medicine for my mother",
        "monthly_expenses": "1916.71",
        "liquid_assets": [{"asset": "Cash", "value": str(number)} for number in range(5)],
        "benefits": [
            {
                "person": "Nguyễn Ơn",
                "relation": "self",
                "agency": "AR DHS",
                "benefit": "SNAP",
                "awarded": "2026-02-01",
            }
        ],
        "employment_status": "unemployed",
        "unemployed_since": "2026-05-01",
        "unemployment_benefits": "no",
    }
)
CHOICES = {
    "filing": "stand_alone",
    "permit_reason": "replacement",
    "work_permit": "yes",
    "fee_by": "waiver",
    "waiver_basis": ["benefit", "income", "hardship"],
    "notify": "yes",
    "represented": "yes",
    "rep_bar_number": "AR-123",
    "rep_account": "109876543210",
    "preparer_kind": "lawyer_extends",
    "preparer_name": {"family": "Okafor", "given": "Mei"},
    "preparer_address": ADDRESS,
    "preparer_phone": "479-555-0199",
}


@pytest.fixture(scope="module")
def compiled():
    files = {form: FORMS / LISTS[form].replace(".fields.tsv", ".pdf") for form in LISTS}
    return {form: pdf.compile_edition(path.read_bytes()) for form, path in files.items()}


@pytest.fixture(scope="module")
def done(compiled):
    plan = packets.plan(PACK, MINH, date(2026, 11, 22), CHOICES)
    return packets.fill(plan, MINH, {form: Measured(one) for form, one in compiled.items()})


def test_every_map_fits_the_installed_pdf(compiled):
    for form, one in compiled.items():
        assert check_fields(MAPS[form], frozenset(one.fields)) == ()


def test_the_real_pdfs_take_every_value_that_the_maps_make(compiled, done):
    assert set(done.values) == set(LISTS)
    assert done.problems == ()
    for form, values in done.values.items():
        assert pdf.problems(compiled[form], values) == ()


def test_what_was_filled_can_be_read_on_the_right_page(compiled, done):
    looked = pdf.inspect(pdf.fill(compiled["I-765"], done.values["I-765"]))
    pages = [" ".join(text.split()) for text in looked.text]
    for page, words in (
        (1, "Nguyễn Łuczak"),
        (2, "Rosa Paz"),
        (3, "12/31/1990"),
        (3, "H-2B worker"),
        (4, "Vietnamese"),
        (7, "Trần4"),
    ):
        assert words in pages[page - 1], words
    assert "Trần3" not in pages[0]


def test_long_texts_lose_no_word_between_box_page_and_sheet(done):
    text = MINH["hardship_situation"]
    values, over = (
        done.values["I-912"],
        [one for one in done.overflow if (one.form, one.part) == ("I-912", "6")],
    )
    kept = next(value for name, value in values.items() if name.endswith("Part6_Line1_Situation[0]"))
    rest = " ".join(one.text for one in over if one.item == "1")
    assert f"{kept} {rest}".split() == text.split()
