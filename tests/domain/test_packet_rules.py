"""Packets: which papers on which day, what is written where, and what the report says before printing."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from jornada.domain import packets, printchecks
from jornada.domain.facts import Answers, Outcome
from jornada.domain.formfill import CountedPaper
from jornada.domain.vocabulary import NotUnderstood
from jornada.gateways import packfiles

PACK = packfiles.load("us-labor-deferred-action")
TODAY = date(2026, 11, 22)
OPEN = date(2024, 10, 1)
PAPERS = {form.form: CountedPaper(form.boxes) for form in packets.maps(PACK)}

ANA = Answers(
    {
        "legal_name": {"family": "Hernández Núñez", "given": "Ana", "middle": "Lucía"},
        "birth_date": "1992-03-04",
        "sex": "female",
        "marital_status": "single",
        "birth_city": "Quetzaltenango",
        "birth_state": "Quetzaltenango",
        "birth_country": "Guatemala",
        "citizenship": "Guatemala",
        "physical_address": {
            "street": "12 Main St",
            "unit_kind": "apt",
            "unit": "4B",
            "city": "Springdale",
            "state": "AR",
            "zip": "72764",
        },
        "mailing_same": "yes",
        "phone": "(479) 555-0101",
        "mobile": "+1 479 555 0102",
        "email": "ana@example.org",
        "a_number": "012345678",
        "ssn_issued": "no",
        "last_entry_date": "2015-05-02",
        "last_entry_place": "Nogales, AZ",
        "last_entry_status": "no_status",
        "current_status": "no_status",
        "filed_i765_before": "no",
        "spoken_language": "es",
        "written_language": "es",
        "reads_english": "no",
        "needs_interpreter": "yes",
        "interpreter_name": {"given": "Iris", "family": "Luna"},
        "interpreter_phone": "479-555-0103",
        "interpreter_address": {
            "street": "1 Center St",
            "unit_kind": "ste",
            "unit": "2",
            "city": "Springdale",
            "state": "AR",
            "zip": "72764",
        },
        "annual_income": "24000.00",
        "annual_expenses": "23000.50",
        "total_assets": "300.00",
        "statement_work": "Deshueso pollo desde 2021.",
    }
)

FIRST = {
    "filing": "initial",
    "work_permit": "yes",
    "in_proceedings": "no",
    "labor_agency": "Arkansas Department of Labor",
    "matter_ref": "AR-2022-17",
    "statement_on": "2023-01-20",
    "permit_reason": "initial",
    "represented": "no",
    "fee_by": "waiver",
    "waiver_basis": ["benefit"],
    "notify": "no",
    "preparer_kind": "none",
}
ALONE = {**FIRST, "filing": "stand_alone", "notify": "yes"}


def forms_on(day, choices, answers=ANA):
    return [one.form for one in packets.plan(PACK, answers, day, choices).included]


def filled(answers=ANA, choices=ALONE, day=TODAY, papers=PAPERS):
    plan = packets.plan(PACK, answers, day, choices)
    return packets.fill(plan, answers, papers)


def box(values, name):
    """The value of the field whose full name ends so."""
    return next((value for field_name, value in values.items() if field_name.endswith(name)), None)


def check(key, plan, done, looked=None):
    return next(one for one in printchecks.report(plan, done, looked) if one.key == key)


# --- which forms ----------------------------------------------


def test_with_the_edition_of_2025_the_request_asks_for_the_permit_itself():
    assert forms_on(TODAY, FIRST) == ["I-912", "G-325A"]


def test_with_the_edition_of_2023_the_permit_has_its_own_form_and_worksheet():
    assert forms_on(OPEN, FIRST) == ["I-912", "G-325A", "I-765", "I-765WS"]


def test_the_change_comes_on_the_day_on_which_the_new_edition_became_mandatory():
    assert "I-765" in forms_on(date(2025, 2, 4), FIRST)
    assert "I-765" not in forms_on(date(2025, 2, 5), FIRST)


def test_a_permit_by_itself_needs_no_request_for_deferred_action():
    assert forms_on(TODAY, ALONE) == ["G-1145", "I-912", "I-765", "I-765WS"]


def test_a_worker_who_asks_for_no_permit_files_the_request_alone():
    assert forms_on(OPEN, {**FIRST, "work_permit": "no"}) == ["G-325A"]


def test_the_lengthening_of_two_years_to_four_takes_the_permit_forms():
    assert forms_on(OPEN, {**FIRST, "filing": "extension"}) == ["I-912", "I-765", "I-765WS"]


def test_a_fee_that_is_paid_takes_the_payment_form_in_place_of_the_waiver():
    assert forms_on(TODAY, {**ALONE, "fee_by": "card"}) == ["G-1145", "G-1450", "I-765", "I-765WS"]


def test_a_represented_worker_gets_a_notice_of_appearance():
    assert "G-28" in forms_on(TODAY, {**FIRST, "represented": "yes"})


def test_what_nobody_has_decided_is_not_yet_known_and_is_named():
    plan = packets.plan(PACK, ANA, TODAY, {})
    assert plan.included == ()
    assert {"filing", "fee_by", "represented"} <= set(plan.undecided)
    assert next(one for one in plan.forms if one.form == "G-325A").outcome is Outcome.NOT_YET_KNOWN


def test_after_the_last_confirmed_day_no_edition_is_given_and_nothing_is_filled():
    plan = packets.plan(PACK, ANA, date(2027, 1, 15), FIRST)
    request = plan.form("G-325A")
    assert (request.edition, request.map) == ("", None)
    done = packets.fill(plan, ANA, PAPERS)
    assert "G-325A" not in done.forms
    assert check("editions", plan, done).outcome is Outcome.NOT_YET_KNOWN


def test_an_attorney_can_confirm_an_edition_by_hand_and_the_report_says_so():
    plan = packets.plan(PACK, ANA, date(2027, 1, 15), {**FIRST, "editions": {"G-325A": "01/20/25"}})
    assert plan.form("G-325A").map is not None
    details = check("editions", plan, packets.fill(plan, ANA, PAPERS)).detail
    assert "edition_confirmed" in [reason.key for reason in details]


def test_the_advocates_choices_are_read_like_answers_and_are_privileged():
    declared = packets.choices(PACK)
    assert declared["filing"].read("stand_alone", TODAY) == "stand_alone"
    assert declared["rep_account"].read("1098 7654 3210", TODAY) == "109876543210"
    with pytest.raises(NotUnderstood):
        declared["fee_by"].read("cash", TODAY)
    assert {choice.data_class for choice in declared.values()} == {"P4"}


# --- fee, place, order, evidence ----------------------------------------------


@pytest.mark.parametrize(
    ("day", "amount"), [(date(2024, 3, 31), "410.00"), (date(2024, 4, 1), "520.00"), (TODAY, "520.00")]
)
def test_the_fee_is_that_of_the_day_of_filing(day, amount):
    assert packets.plan(PACK, ANA, day, FIRST).fee.amount == amount


def test_a_fee_from_general_knowledge_needs_review():
    assert packets.plan(PACK, ANA, date(2024, 3, 31), FIRST).fee.needs_review
    assert not packets.plan(PACK, ANA, TODAY, FIRST).fee.needs_review


def test_where_to_file_is_said_or_said_to_be_unknown():
    assert "Montclair" in packets.plan(PACK, ANA, OPEN, FIRST).file_at
    today = packets.plan(PACK, ANA, TODAY, FIRST)
    assert today.file_at == "unknown"
    details = check("decisions", today, packets.fill(today, ANA, PAPERS)).detail
    assert [reason.key for reason in details] == ["address_unknown"]


def test_the_packet_is_put_together_in_its_order():
    plan = packets.plan(
        PACK, ANA, OPEN, {**FIRST, "represented": "yes", "on_hand": ["soi", "scope", "identity"]}
    )
    order = [piece.key for piece in packets.assembled(plan, packets.fill(plan, ANA, PAPERS))]
    assert order == [
        "I-912",
        "waiver_proof",
        "G-28",
        "cover",
        "G-325A",
        "I-765",
        "I-765WS",
        "statement",
        "soi",
        "scope",
        "identity",
        "photos",
        "translation",
    ]


def test_exhibits_are_lettered_in_their_order_and_only_what_is_there_or_required():
    plan = packets.plan(PACK, ANA, OPEN, {**FIRST, "on_hand": ["factors"]})
    lettered = {one.key: one.letter for one in plan.exhibits if one.letter}
    assert lettered == {
        "waiver_proof": "A",
        "soi": "B",
        "scope": "C",
        "identity": "D",
        "factors": "E",
        "photos": "F",
    }


def test_a_statement_in_english_and_papers_in_english_need_no_certificate():
    answers = ANA.with_({"written_language": "en"})
    plan = packets.plan(PACK, answers, OPEN, FIRST)
    pieces = packets.assembled(plan, packets.fill(plan, answers, PAPERS))
    assert "translation" not in [piece.key for piece in pieces]


def test_preparation_asks_only_what_the_planned_forms_take():
    alone = packets.wanted(packets.plan(PACK, ANA, TODAY, ALONE))
    request = packets.wanted(packets.plan(PACK, ANA, TODAY, {**FIRST, "fee_by": "card"}))
    assert "parents" in request
    assert "parents" not in alone
    assert "benefits" in alone
    assert "benefits" not in request
    assert {"can_pay_fee", "mailing_address"} <= alone
    assert "statement_work" in request
    assert packets.wanted(packets.plan(PACK, ANA, TODAY, {})) == frozenset()
    assert "interpreter_name" in alone
    assert "interpreter_name" not in packets.wanted(
        packets.plan(PACK, ANA.with_({"needs_interpreter": "no"}), TODAY, ALONE)
    )


# --- what is written ----------------------------------------------


def test_ana_s_work_permit_form_holds_her_answers_in_the_form_s_own_way():
    values = filled().values["I-765"]
    assert box(values, "Page1[0].Line1a_FamilyName[0]") == "Hernández Núñez"
    assert box(values, "Line19_DOB[0]") == "03/04/1992"
    assert box(values, "Page2[0].Line7_AlienNumber[0]") == "012345678"
    assert box(values, "Pt3Line3_DaytimePhoneNumber1[0]") == "4795550101"
    assert box(values, "Pt3Line4_MobileNumber1[0]") == "4795550102"
    assert box(values, "Line9_Checkbox[0]") == "N"
    assert box(values, "Line9_Checkbox[1]") is None
    assert box(values, "Pt2Line5_Unit[2]") == " APT "
    assert box(values, "Pt3Line1b_Language[0]") == "Spanish"
    assert box(values, "Line23_StatusLastEntry[0]") == "no status"
    assert (box(values, "section_1[0]"), box(values, "section_2[0]"), box(values, "section_3[0]")) == (
        "c",
        "14",
        None,
    )


def test_name_and_a_number_stand_again_on_the_page_for_additional_information():
    values = filled().values["I-765"]
    assert box(values, "Page7[0].Line1a_FamilyName[0]") == "Hernández Núñez"
    assert box(values, "Page7[0].Line7_AlienNumber[0]") == "012345678"


def test_the_interpreters_suite_is_marked_although_its_on_state_says_apartment():
    values = filled().values["I-765"]
    assert box(values, "Page5[0].Pt5Line3b_Unit[2]") == " APT "
    assert box(values, "Page5[0].Pt5Line3b_Unit[0]") is None


def test_mail_at_home_fills_the_mailing_address_and_leaves_the_physical_one_blank():
    values = filled().values["I-765"]
    assert box(values, "Line4b_StreetNumberName[0]") == "12 Main St"
    assert box(values, "Pt2Line7_StreetNumberName[0]") is None


def test_mail_elsewhere_fills_both_addresses():
    friend = {
        "in_care_of": "Rosa Paz",
        "street": "9 Oak Ave",
        "city": "Rogers",
        "state": "ar",
        "zip": "72756-1234",
    }
    values = filled(ANA.with_({"mailing_same": "no", "mailing_address": friend})).values["I-765"]
    assert box(values, "Line4a_InCareofName[0]") == "Rosa Paz"
    assert box(values, "Pt2Line5_State[0]") == "AR"
    assert box(values, "Pt2Line5_ZipCode[0]") == "72756"
    assert box(values, "Pt2Line7_StreetNumberName[0]") == "12 Main St"


def test_a_missing_answer_leaves_the_box_blank_and_is_listed():
    done = filled(Answers({name: value for name, value in ANA.items() if name != "last_entry_place"}))
    assert box(done.values["I-765"], "place_entry[0]") is None
    assert [blank.place.item for blank in done.blanks if blank.name == "last_entry_place"] == ["23"]


def test_i_am_not_sure_is_not_written_and_is_listed_as_unsure():
    done = filled(ANA.with_({"filed_i765_before": "unsure"}))
    assert box(done.values["I-765"], "Line19_Checkbox[0]") is None
    assert [blank.why for blank in done.blanks if blank.name == "filed_i765_before"] == ["unsure"]


@pytest.mark.parametrize("when", ["2015", "2015-05"])
def test_an_approximate_date_is_never_made_exact(when):
    done = filled(ANA.with_({"last_entry_date": when}))
    assert box(done.values["I-765"], "Line21_DateOfLastEntry[0]") is None
    assert [blank.why for blank in done.blanks if blank.name == "last_entry_date"] == ["approximate"]


def test_signatures_and_their_dates_are_blank_and_listed_with_their_pages():
    done = filled()
    assert not [name for values in done.values.values() for name in values if "ignature" in name]
    signing = [
        (blank.place.form, blank.place.page, blank.place.item)
        for blank in done.blanks
        if blank.why == "signature"
    ]
    assert ("I-765", 4, "7.a") in signing
    assert ("I-765", 5, "7.b") in signing
    assert ("I-912", 5, "6") in signing
    assert not [place for place in signing if place[:2] == ("I-765", 6)]  # nobody prepared it


def test_a_separated_worker_has_no_box_on_one_form_and_one_on_the_other():
    done = filled(ANA.with_({"marital_status": "separated"}))
    assert box(done.values["I-912"], "P2_7_MaritalStatus[5]") == "Legally Seperated"
    trouble = next(one for one in done.problems if one.place.form == "I-765")
    assert (trouble.key, trouble.values, trouble.place.item) == ("no_box", {"answer": "separated"}, "11")


def test_a_number_of_another_length_than_its_cells_is_refused_and_named():
    done = filled(ANA.with_({"a_number": "12345678"}))
    assert box(done.values["I-765"], "Page2[0].Line7_AlienNumber[0]") is None
    assert {(one.key, one.values["cells"], one.values["length"]) for one in done.problems} == {
        ("wrong_length", 9, 8)
    }


def test_a_social_security_number_is_written_only_if_it_was_issued_to_the_worker():
    secret = ANA.with_({"ssn": "900123456"})
    assert box(filled(secret).values["I-765"], "Line12b_SSN[0]") is None
    issued = secret.with_({"ssn_issued": "yes"})
    assert box(filled(issued).values["I-765"], "Line12b_SSN[0]") == "900123456"


def test_a_telephone_from_abroad_is_refused_where_it_has_no_room():
    done = filled(ANA.with_({"phone": "+502 5555 0101 22"}))
    assert {one.key for one in done.problems} == {"foreign_phone"}


def test_income_in_the_household_is_added_up_and_not_where_one_part_is_missing():
    low = {**ALONE, "waiver_basis": ["income"]}
    both = ANA.with_({"adjusted_income": "18000.00", "family_income": "2500.50"})
    assert box(filled(both, low).values["I-912"], ".Total[0]") == "20,500.50"
    one = ANA.with_({"adjusted_income": "18000.00"})
    assert box(filled(one, low).values["I-912"], ".Total[0]") is None


def test_todays_income_is_not_passed_off_as_the_income_of_a_tax_return():
    low = {**ALONE, "waiver_basis": ["income"]}
    assert box(filled(ANA, low).values["I-912"], "MonthlyIncome[0]") is None
    assert box(filled(ANA, low).values["I-765WS"], "Line1_IndividualAnnualIncome[0]") == "24,000.00"


def test_a_lawyer_who_only_prepares_marks_that_representation_does_not_extend():
    lawyer = {
        **ALONE,
        "preparer_kind": "lawyer_limited",
        "preparer_name": {"given": "Mei", "family": "Okafor"},
    }
    values = filled(choices=lawyer).values["I-765"]
    assert box(values, "Part5Line7_Checkbox[1]") == "B"
    assert box(values, "Part5Line7b_Checkbox[1]") == "N"
    assert box(values, "Pt3Line2_RepresentativeName[0]") == "Mei Okafor"


# --- what does not fit ----------------------------------------------


ALIASES = [{"family": f"Apellido{number}", "given": "Ana"} for number in range(1, 6)]


def test_other_names_beyond_the_third_move_to_additional_information_with_page_part_and_item():
    done = filled(ANA.with_({"other_names": ALIASES}))
    values = done.values["I-765"]
    assert box(values, "Line2a_FamilyName[0]") == "Apellido1"
    assert box(values, "Page1[0].Line3a_FamilyName[1]") == "Apellido2"
    assert box(values, "Page1[0].Line3a_FamilyName[0]") == "Apellido3"
    assert [
        box(values, f"Pt6Line3{part}") for part in ("a_PageNumber[0]", "b_PartNumber[0]", "c_ItemNumber[0]")
    ] == ["1", "2", "2-4"]
    assert "Apellido4" in box(values, "Pt6Line4d_AdditionalInfo[1]")
    assert "Apellido5" in box(values, "Pt6Line4d_AdditionalInfo[1]")
    assert "Apellido3" not in box(values, "Pt6Line4d_AdditionalInfo[1]")


def test_the_waiver_form_has_room_for_two_other_names():
    over = next(
        one
        for one in filled(ANA.with_({"other_names": ALIASES})).overflow
        if one.form == "I-912" and one.part == "2"
    )
    assert "Apellido3" in over.text
    assert over.goes_to == "3"


def test_a_long_explanation_runs_on_into_the_second_column_and_then_to_an_attached_sheet():
    words = " ".join(f"palabra{number}" for number in range(400))
    done = filled(ANA.with_({"need_explanation": words}))
    first, second = (box(done.values["I-765WS"], f"Statement_From_Applicant[{column}]") for column in (0, 1))
    rest = next(one for one in done.overflow if one.form == "I-765WS")
    assert first.startswith("palabra0 ")
    assert f"{first} {second} {rest.text}".split() == words.split()
    assert rest in done.attached


def test_a_name_too_long_for_its_box_is_never_cut():
    long = {"family": "Wolfeschlegelsteinhausenbergerdorff Hernández de la Cruz", "given": "Ana"}
    values = filled(ANA.with_({"legal_name": long})).values["I-765"]
    assert box(values, "Page1[0].Line1a_FamilyName[0]") == "See Part 6"
    assert box(values, "Pt6Line4d_AdditionalInfo[1]").replace("\n", " ") == long["family"]


def test_when_the_blocks_are_full_the_rest_goes_to_an_attached_sheet():
    crowded = {
        name: "x" * 60
        for name in (
            "birth_city",
            "birth_state",
            "birth_country",
            "citizenship",
            "passport_number",
            "last_entry_place",
        )
    }
    over = [one for one in filled(ANA.with_(crowded)).overflow if one.form == "I-765"]
    assert [one.goes_to for one in over] == ["3", "4", "5", "6", "7", "sheet"]


def test_characters_that_no_font_prints_are_named_and_not_written():
    @dataclass(frozen=True)
    class Latin(CountedPaper):
        def unprintable(self, text):
            return [character for character in text if ord(character) > 0x24F]

    papers = {name: Latin(paper.boxes) for name, paper in PAPERS.items()}
    answers = ANA.with_({"birth_city": "北京"})
    plan = packets.plan(PACK, answers, TODAY, ALONE)
    done = packets.fill(plan, answers, papers)
    assert box(done.values["I-765"], "Line18a_CityTownOfBirth[0]") is None
    found = check("printable", plan, done)
    assert found.outcome is Outcome.NO
    assert printchecks.sentence(PACK, found.detail[0], "en").endswith(
        "letters that no font here can print: 北 京."
    )


# --- answer sheets ----------------------------------------------


def test_a_form_whose_pdf_is_not_at_hand_becomes_an_answer_sheet_by_part_and_item():
    done = filled(choices=FIRST, papers={})
    assert set(done.sheets) == {"G-325A", "I-912"}
    assert done.values == {}
    rows = {(row.part, row.item, row.label): row.value for row in packets.answer_sheet(done, "G-325A")}
    assert rows["1", "1", "Family name"] == "Hernández Núñez"
    assert rows["1", "5", "Sex"] == "Female"
    assert rows["1", "13.A", "Date of last entry"] == "05/02/2015"
    assert rows["2", "1", "Filing type (the box for labor investigation-based deferred action)"] == "A"
    assert rows["3", "1", "Asks for a work permit"] == "Yes"
    assert rows["3", "2.a", "Annual income"] == "24,000.00"


def test_the_notice_of_appearance_lists_the_forms_filed_and_the_client_as_requestor():
    done = filled(choices={**FIRST, "represented": "yes", "rep_kind": "attorney"})
    rows = {row.item: row.value for row in packets.answer_sheet(done, "G-28") if row.part == "3"}
    assert rows["1.b"] == "I-912, G-325A"
    assert rows["5"] == "Requestor"


def test_the_spouse_is_asked_of_the_married_only():
    labels = {blank.place.label for blank in filled(choices=FIRST).blanks}
    assert "Spouse - family name" not in labels
    married = filled(ANA.with_({"marital_status": "married"}), FIRST)
    assert "Spouse - family name" in {blank.place.label for blank in married.blanks}


# --- the report before printing ----------------------------------------------


@dataclass(frozen=True)
class Looked:
    """A finished PDF as a test needs it."""

    printed: tuple
    text: tuple = ("",)
    has_xfa: bool = False
    has_scripts: bool = False
    has_widgets: bool = False
    metadata: dict = field(default_factory=dict)

    @property
    def pages(self):
        return len(self.printed)


def looked_at(plan, done):
    """Flawless PDFs of the drawn forms."""
    found = {}
    for one in plan.included:
        if one.form in done.values:
            text = " ".join(done.values[one.form].values())
            found[one.form] = Looked(((one.form, one.edition),) * one.map.pages, (text,) * one.map.pages)
    return found


def ready():
    plan = packets.plan(PACK, ANA, TODAY, ALONE)
    done = packets.fill(plan, ANA, PAPERS)
    return plan, done, looked_at(plan, done)


def test_a_shut_programme_stops_the_packet_until_an_attorney_decides():
    plan, done, _ = ready()
    found = check("gate", plan, done)
    assert found.outcome is Outcome.NO
    assert "Do not file" in printchecks.sentence(PACK, found.detail[0], "en")
    decided = packets.plan(PACK, ANA, TODAY, {**ALONE, "file_despite_gate": "yes"})
    assert check("gate", decided, done).outcome is Outcome.YES
    assert check("gate", packets.plan(PACK, ANA, OPEN, ALONE), done).outcome is Outcome.YES


def test_after_the_last_confirmed_day_the_gate_is_not_yet_known():
    plan = packets.plan(PACK, ANA, date(2027, 1, 15), ALONE)
    assert check("gate", plan, packets.fill(plan, ANA, PAPERS)).outcome is Outcome.NOT_YET_KNOWN


def test_a_packet_that_is_whole_passes_the_checks_on_its_pages():
    plan, done, looked = ready()
    outcomes = {one.key: one.outcome for one in printchecks.report(plan, done, looked)}
    in_order = (
        "decisions",
        "conflict",
        "editions",
        "pages",
        "same_names",
        "same_birth_date",
        "same_numbers",
        "signatures",
        "fee",
        "overflow",
        "printable",
        "problems",
        "clean",
    )
    assert {key for key in in_order if outcomes[key] is not Outcome.YES} == set()


def test_a_page_of_another_edition_is_named():
    plan, done, looked = ready()
    pages = looked["I-765"].printed
    looked["I-765"] = replace(looked["I-765"], printed=(*pages[:3], ("I-765", "01/20/25"), *pages[4:]))
    found = check("editions", plan, done, looked)
    assert found.outcome is Outcome.NO
    assert (
        printchecks.sentence(PACK, found.detail[0], "en")
        == "Form I-765, page 4: I-765 01/20/25 is printed, not edition 08/21/25."
    )


def test_a_missing_page_is_named():
    plan, done, looked = ready()
    looked["I-912"] = replace(looked["I-912"], printed=looked["I-912"].printed[:-1])
    found = check("pages", plan, done, looked)
    assert found.outcome is Outcome.NO
    assert found.detail[0].values == {"form": "I-912", "pages": 8, "found": 7}


def test_a_name_that_differs_between_forms_is_shown_with_both_readings():
    plan, done, looked = ready()
    family = next(name for name in done.forms["I-912"].values if name.endswith("P2_L2_FamilyName[0]"))
    done.forms["I-912"].values[family] = "Hernandez"
    found = check("same_names", plan, done, looked)
    assert found.outcome is Outcome.NO
    assert "I-912: Hernandez" in found.detail[0].values["shown"]
    assert "I-765: Hernández Núñez" in found.detail[0].values["shown"]


def test_a_birth_date_that_cannot_be_read_on_the_finished_page_is_found():
    plan, done, looked = ready()
    text = looked["I-765"].text[0].replace("03/04/1992", "")
    looked["I-765"] = replace(looked["I-765"], text=(text,) * 7)
    assert check("same_birth_date", plan, done, looked).outcome is Outcome.NO


def test_the_request_and_the_permit_form_may_not_both_ask_for_the_permit():
    plan = packets.plan(PACK, ANA, TODAY, {**FIRST, "add_forms": ["I-765"]})
    found = check("conflict", plan, packets.fill(plan, ANA, PAPERS))
    assert found.outcome is Outcome.NO
    assert "Part 3 of Form G-325A" in printchecks.sentence(PACK, found.detail[0], "en")
    old = packets.plan(PACK, ANA, OPEN, FIRST)
    assert check("conflict", old, packets.fill(old, ANA, PAPERS)).outcome is Outcome.YES


def test_a_fee_without_waiver_or_payment_is_found_and_so_is_a_waiver_left_out():
    unpaid = packets.plan(
        PACK, ANA, TODAY, {name: value for name, value in ALONE.items() if name != "fee_by"}
    )
    assert check("fee", unpaid, packets.fill(unpaid, ANA, PAPERS)).detail[0].key == "fee_open"
    left_out = packets.plan(PACK, ANA, TODAY, {**ALONE, "leave_out_forms": ["I-912"]})
    assert check("fee", left_out, packets.fill(left_out, ANA, PAPERS)).detail[0].key == "waiver_form_missing"


def test_leftovers_in_the_finished_file_are_named():
    plan, done, looked = ready()
    looked["G-1145"] = replace(looked["G-1145"], has_xfa=True, metadata={"/Author": "somebody"})
    found = check("clean", plan, done, looked)
    assert [reason.values["found"] for reason in found.detail] == ["XFA", "metadata"]


def test_evidence_that_is_required_and_not_there_is_missing():
    plan, done, _ = ready()
    missing = {
        reason.values["exhibit"]
        for reason in check("evidence", plan, done).detail
        if reason.key == "exhibit_missing"
    }
    assert missing == {"grant_notice", "identity", "waiver_proof", "photos"}


def test_every_detail_of_the_report_has_words_in_both_languages():
    for choices, day in (
        (ALONE, TODAY),
        (FIRST, TODAY),
        (FIRST, OPEN),
        ({}, TODAY),
        (FIRST, date(2027, 1, 15)),
    ):
        plan = packets.plan(PACK, ANA, day, choices)
        for one in printchecks.report(plan, packets.fill(plan, ANA, PAPERS)):
            for language in PACK.languages:
                assert PACK.has_text(f"report.{one.key}", language)
                assert all(printchecks.sentence(PACK, reason, language) for reason in one.detail)
