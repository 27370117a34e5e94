"""What staff fill in about a packet: the advocate's choices, corrections, sign-off, filing, receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from jornada.coalition.forms import Day
from jornada.domain import packets as packet_rules
from jornada.domain.rulepacks import RulePack
from jornada.packets.filing import METHODS

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "What is filed",
        ("filing", "work_permit", "permit_reason", "represented", "fee_by", "waiver_basis", "notify"),
    ),
    ("The claim", ("purpose", "forum", "count", "include_unverified", "federal_too")),
    ("The letter", ("sender", "send_by", "answer_by", "pay_how", "letter_copy", "mail_to")),
    ("The statement of interest", ("labor_agency", "matter_ref", "statement_on", "in_proceedings")),
    ("Exhibits", ("on_hand", "not_english")),
    ("Who prepared it", ("preparer_",)),
    ("Representative", ("rep_", "notices_to_rep", "cards_to_rep")),
    ("By hand", ("add_forms", "leave_out_forms", "ssa_consent")),
)
"""The choices in groups, by name or by the beginning of a name; what no group names stands at the end."""

DECIDED_AT_FILING = "file_despite_gate"
"""The attorney's decision to file on a shut day is asked where the filing is recorded, nowhere else."""

_NAME_PARTS = (("given", "Given name"), ("middle", "Middle name"), ("family", "Family name"))
_ADDRESS_PARTS = (
    ("street", "Street and number"),
    ("unit", "Unit number"),
    ("city", "City"),
    ("state", "State (two letters)"),
    ("zip", "ZIP code"),
)


class ChoicesForm(forms.Form):
    """The advocate's choices of one pack, as packet.yaml lists them. They are never asked of the worker."""

    newest = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, pack: RulePack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack = pack
        listed: Mapping[str, Mapping[str, Any]] = packet_rules.document(pack)["choices"]
        self.kinds = {name: kind for name, kind in listed.items() if name != DECIDED_AT_FILING}
        for name, kind in self.kinds.items():
            for key, field in _fields(pack, name, kind):
                self.fields[key] = field

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields by group, for the page."""
        left = dict.fromkeys(self.kinds)
        for title, starts in GROUPS:
            names = [
                name
                for name in left
                if any(name == one or (one[-1] == "_" and name.startswith(one)) for one in starts)
            ]
            for name in names:
                left.pop(name)
            yield title, self._bound(names)
        if left:
            yield "More", self._bound(list(left))

    def choices(self) -> dict[str, Any]:
        """The choices made, as the pack's rules read them; what was left open is absent."""
        made: dict[str, Any] = {}
        for name, kind in self.kinds.items():
            value = self._value(name, str(kind["kind"]))
            if value not in (None, "", [], {}):
                made[name] = value
        return made

    @staticmethod
    def initial_of(choices: Mapping[str, Any]) -> dict[str, Any]:
        """Earlier choices as the form shows them."""
        shown: dict[str, Any] = {}
        for name, value in choices.items():
            if isinstance(value, Mapping):
                shown.update({f"{name}__{part}": inner for part, inner in value.items()})
            else:
                shown[name] = value
        return shown

    def _bound(self, names: list[str]) -> list[forms.BoundField]:
        keys = [
            key for key in self.fields if any(key == name or key.startswith(f"{name}__") for name in names)
        ]
        return [self[key] for key in keys]

    def _value(self, name: str, kind: str) -> Any:
        data = self.cleaned_data
        if kind in ("name", "address"):
            parts = _NAME_PARTS if kind == "name" else _ADDRESS_PARTS
            return {part: data[f"{name}__{part}"] for part, _ in parts if data.get(f"{name}__{part}")}
        value = data.get(name)
        return value.isoformat() if hasattr(value, "isoformat") else value


def _fields(pack: RulePack, name: str, kind: Mapping[str, Any]) -> Iterator[tuple[str, forms.Field]]:
    """The form fields of one choice: one, or one for each part of a name or address."""
    label = (
        pack.text(f"choices.{name}", "en")
        if pack.has_text(f"choices.{name}", "en")
        else name.replace("_", " ")
    )
    if kind["kind"] in ("name", "address"):
        parts = _NAME_PARTS if kind["kind"] == "name" else _ADDRESS_PARTS
        for part, words in parts:
            yield (
                f"{name}__{part}",
                forms.CharField(label=f"{label}: {words.lower()}", required=False, max_length=80),
            )
        return
    yield name, _field(pack, name, kind, label)


def _field(pack: RulePack, name: str, kind: Mapping[str, Any], label: str) -> forms.Field:
    if kind["kind"] == "yes_no":
        listed = [("yes", "Yes"), ("no", "No")]
        return forms.ChoiceField(label=label, choices=listed, widget=forms.RadioSelect, required=False)
    if kind["kind"] in ("choice", "choices"):
        listed = [(one, _option(pack, name, one)) for one in kind["options"]]
        if kind["kind"] == "choice":
            return forms.ChoiceField(label=label, choices=[("", "Not decided"), *listed], required=False)
        return forms.MultipleChoiceField(
            label=label, choices=listed, widget=forms.CheckboxSelectMultiple, required=False
        )
    if kind["kind"] == "date":
        return Day(label=label, required=False)
    if kind["kind"] == "digits":
        length = kind.get("length", 20)
        wrong = f"Write {length} digits, without spaces."
        return forms.RegexField(
            rf"^\d{{{length}}}$", label=label, required=False, error_messages={"invalid": wrong}
        )
    return forms.CharField(label=label, required=False, max_length=200)


def _option(pack: RulePack, name: str, option: str) -> str:
    for key in (f"options.{name}.{option}", f"exhibits.{option}"):
        if pack.has_text(key, "en"):
            return pack.text(key, "en")
    return option


class CorrectionForm(forms.Form):
    """What must change."""

    question = forms.ChoiceField(label="Question to the worker", required=False)
    note = forms.CharField(
        label="Note for the legal team",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, pack: RulePack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [
            (one.id, f"{one.id}: {pack.text(f'questions.{one.id}.ask', 'en')}") for one in pack.questions
        ]
        self.fields["question"].choices = [("", "No question: a note to the preparer"), *asked]  # type: ignore[attr-defined]


class SignOffForm(forms.Form):
    """The reviewer's word that the report was read."""

    read_report = forms.BooleanField(
        label="I have read the report before printing and every page of this revision.",
        error_messages={"required": "Read the report, then say so here."},
    )


class FilingForm(forms.Form):
    """A packet sent."""

    filed_on = Day(label="Sent on")
    method = forms.ChoiceField(label="How", choices=list(METHODS.items()))
    sent_to = forms.CharField(label="Where to", max_length=200)
    tracking_number = forms.CharField(label="Tracking number", max_length=60, required=False)
    reason_all_the_same = forms.CharField(
        label="Attorney's reason to file although the programme is shut",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only on a day the programme is not open. Without it nothing is filed.",
    )


class ReceiptForm(forms.Form):
    """What the agency sent back."""

    kind = forms.ChoiceField(label="What came", choices=[("receipt", "Receipt"), ("rejection", "Rejection")])
    received_on = Day(label="Received on")
    number = forms.CharField(label="Receipt number", max_length=40, required=False)
    note = forms.CharField(
        label="What it says", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
