"""What staff fill in about a file's track."""

from __future__ import annotations

from typing import Any

from django import forms

from jornada.domain.rulepacks import RulePack
from jornada.triage.recorded import Proposed
from jornada.triage.services import LEVELS_OF_SERVICE, SHORTEST_REASON, TRACKS

TRACK_WORDS = {
    "representation": "Full-scope representation",
    "limited_scope": "Limited scope with an advocate",
    "clinic": "Clinic day",
    "self_help": "Self-help with guidance",
    "ask_more": "Ask more first",
    "refer_out": "Refer elsewhere",
    "decline": "Decline",
}
SERVICE_WORDS = {
    "legal_information": "Legal information",
    "counsel_and_advice": "Counsel and advice",
    "limited_action": "Limited action",
    "extended_service": "Extended service",
}


class DecisionForm(forms.Form):
    """The track, level and level of service a member sets, with the reason."""

    track = forms.ChoiceField(label="Track", choices=[(key, TRACK_WORDS[key]) for key in TRACKS])
    level = forms.ChoiceField(label="Level of difficulty")
    level_of_service = forms.ChoiceField(
        label="Level of service", choices=[(key, SERVICE_WORDS[key]) for key in LEVELS_OF_SERVICE]
    )
    reason = forms.CharField(
        label="Reason, in your own words",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Needed when you decide otherwise than proposed (at least {SHORTEST_REASON} characters)."
        " Only the legal team reads it.",
    )

    def __init__(self, *args: Any, pack: RulePack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            (level, pack.text(f"levels.{level}", "en") if pack.has_text(f"levels.{level}", "en") else level)
            for level in pack.levels
        ]

    def decided(self, proposal: Proposed) -> Proposed:
        """The decision as data; what the form does not ask stays as proposed."""
        data = self.cleaned_data
        same = data["track"] == proposal.track
        return Proposed(
            data["track"],
            proposal.delivery if same else "",
            data["level_of_service"],
            data["level"],
            proposal.gates,
            proposal.reasons if same else (),
            proposal.tasks,
        )
