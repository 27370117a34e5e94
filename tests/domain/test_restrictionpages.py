"""A pack of restrictions with a slip in it is refused: with the file, the line and the mend, all at once."""

from __future__ import annotations

from functools import lru_cache

import pytest

from jornada.domain import restrictionpages
from jornada.domain.located import PackError, PackErrors
from jornada.gateways import packfiles

MOST = "at_most: {parameter: ijc_straightforward_matters}"
R1 = '{all: [{fact: funding, has: lsc}, {fact: lsc_category, is: "no"}]}'


@lru_cache
def files() -> dict[str, str]:
    found: dict[str, str] = dict(packfiles.texts(packfiles.directory() / "restrictions"))
    return found


def spoiled(file: str, old: str, new: str) -> tuple[PackError, ...]:
    """What is wrong once the first `old` of a file is `new`."""
    assert old in files()[file]
    with pytest.raises(PackErrors) as found:
        restrictionpages.parse("restrictions", {**files(), file: files()[file].replace(old, new, 1)})
    return found.value.errors


def line(file: str, text: str) -> int:
    return files()[file][: files()[file].index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("restrictions.yaml", "fact: lsc_category,", "fact: lsc_categorie,", "unknown fact 'lsc_categorie'"),
        ("restrictions.yaml", 'lsc_category, is: "no"', "lsc_category, is: maybe", "can never be 'maybe'"),
        ("restrictions.yaml", "lifts: [R1]", "lifts: [R99]", "there is no rule 'R99'"),
        ("restrictions.yaml", "    lifts: [R1]\n    reason: lsc_abuse", "    reason: lsc_abuse", "ALLOW lifts nothing"),
        ("restrictions.yaml", "    effect: DENY", "    effect: FORBID", "'FORBID'"),
        ("restrictions.yaml", "    reach: org", "    reach: everybody", "'everybody'"),
        ("restrictions.yaml", R1, '{fact: lsc_category, is: "no"}', "reads nothing of the source"),
        ("restrictions.yaml", R1, "{finding: detained, is: 'yes'}", "finding has no place in a restriction"),
        ("restrictions.yaml", '"2027-05-22"', "2027-05-22", "without quotes is read by YAML"),
        ("restrictions.yaml", MOST, "at_most: {parameter: ijc}", "'ijc'"),
        ("restrictions.yaml", MOST, "at_most: -5", "no number of people"),
        ("restrictions.yaml", "source: S7, sure: A", "source: S7, sure: Q", "certainty"),
        ("restrictions.yaml", "to: languages}", "to: languages, of: her}", "'of'"),
        ("restrictions.yaml", "rule: R2\n", "rule: R1\n", "'R1' stands twice"),
        ("facts.yaml", "lsc_category: {of: person, kind: yes_no, class: P2}",
         "lsc_category: {of: person, kind: yes_no, class: P3}", "reads nothing above P2"),
        ("facts.yaml", "lsc_category: {of: person", "lsc_category: {of: neighbour", "'neighbour'"),
        ("facts.yaml", ", options: [OK, ATTY, COMPLEX]", "", "options are for choice"),
        ("aims.yaml", "- longest_wait\n", "- longest_weight\n", "'longest_weight'"),
        ("aims.yaml", "        - people_served\n        - longest_wait\n        - few_flags\n",
         "        - few_flags\n        - people_served\n        - longest_wait\n",
         "few_flags stands before people_served"),
        ("aims.yaml", "        - comfort\n", "", "an aim is missing or stands twice"),
        ("aims.yaml", "near_days: 30", "near_days: soon", "'soon' is no number for near_days"),
        ("aims.yaml", "hold_percent: 60", "hold_percent: 160", "160 is no number for hold_percent"),
        ("wording/es.yaml", "  lsc_category:", "  lsc_kategory:", "is missing in 'es'"),
        ("examples.yaml", 'expect: {R1: "yes", R2: "no", R3: "no"}', 'expect: {R1: "no"}', "R1 is 'yes', not 'no'"),
        ("examples.yaml", "lsc_category:", "lsc_kategory:", "unknown fact 'lsc_kategory'"),
        ("examples.yaml", "funding: [lsc]", "funding: [lotteries]", "is no value of funding"),
        ("examples.yaml", "expect: {R1:", "expect: {R100:", "there is no rule 'R100'"),
    ],
)  # fmt: skip
def test_each_slip_is_found_where_it_stands(file: str, old: str, new: str, problem: str) -> None:
    found = [error for error in spoiled(file, old, new) if problem in error.problem]
    assert found, spoiled(file, old, new)
    assert all(error.line > 0 and error.mend for error in found)


def test_a_fact_that_is_not_declared_is_named_with_line_and_nearest_known() -> None:
    errors = spoiled("restrictions.yaml", "fact: lsc_category,", "fact: lsc_categorie,")
    (error,) = [one for one in errors if "lsc_categorie" in one.problem]
    assert (error.file, error.line) == ("restrictions.yaml", line("restrictions.yaml", R1))
    assert error.mend == "Did you mean lsc_category? Declare it in facts.yaml or mend it"


def test_a_rule_without_an_example_that_it_bites_or_a_neighbour_is_refused() -> None:
    errors = spoiled("examples.yaml", 'expect: {R4: "yes"}', "expect: {}")
    assert any("no example shows a pair in which R4 bites" in error.problem for error in errors)
    errors = spoiled("examples.yaml", 'expect: {R4: "no"}', "expect: {}")
    assert any("no example shows a pair in which R4 lets a pair be" in error.problem for error in errors)


def test_all_slips_are_told_at_once() -> None:
    text = files()["restrictions.yaml"]
    text = text.replace("    effect: DENY", "    effect: FORBID", 1).replace(
        "    reach: fund", "    reach: purse", 1
    )
    with pytest.raises(PackErrors) as found:
        restrictionpages.parse("restrictions", {**files(), "restrictions.yaml": text})
    assert len(found.value.errors) == 2


@pytest.mark.parametrize("file", ["facts.yaml", "restrictions.yaml", "aims.yaml"])
def test_a_missing_file_is_named(file: str) -> None:
    left = {name: text for name, text in files().items() if name != file}
    with pytest.raises(PackErrors) as found:
        restrictionpages.parse("restrictions", left)
    assert any((error.file, error.problem) == (file, "the file is missing") for error in found.value.errors)
