"""Row-level security of plans: a provider's own, and what another one shares with the coalition for reading."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

OWN = "provider_id = jornada_provider()"
SHARED = f"({OWN} OR (shared AND jornada_provider() IS NOT NULL))"


def of_shared(table: str) -> str:
    """Its own provider's; another's where the scenario is shared."""
    seen = f"SELECT 1 FROM planning_scenario s WHERE s.id = {table}.scenario_id AND s.shared"  # noqa: S608
    return f"({OWN} OR (jornada_provider() IS NOT NULL AND EXISTS ({seen})))"


def under_shared(table: str, parent: str, column: str) -> str:
    """The same for what hangs on a run or an initiative."""
    seen = (  # no text from outside: names of our own tables
        f"SELECT 1 FROM {parent} p JOIN planning_scenario s ON s.id = p.scenario_id"  # noqa: S608
        f" WHERE p.id = {table}.{column} AND s.shared"
    )
    return f"({OWN} OR (jornada_provider() IS NOT NULL AND EXISTS ({seen})))"


def _under_an_initiative(model: str, references: dict[str, str]) -> TenantTable:
    return TenantTable(
        model,
        by="provider",
        read=under_shared(f"planning_{model.lower()}", "planning_initiative", "initiative_id"),
        references={"initiative_id": "planning_initiative", **references},
    )


MEMBER = "coalition_member"
SCENARIO = {"scenario_id": "planning_scenario"}


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0001_initial"),
        ("coalition", "0002_row_security"),
        ("placement", "0002_row_security"),
    ]

    operations = [
        TenantTable(
            "Scenario", by="provider", read=SHARED, allow=("select", "insert", "update(shared)"),
            references={"made_by_id": MEMBER},
        ),  # fmt: skip
        TenantTable(
            "ScenarioRevision", by="provider", read=of_shared("planning_scenariorevision"),
            references={**SCENARIO, "made_by_id": MEMBER},
        ),  # fmt: skip
        TenantTable(
            "ScenarioRun", by="provider", read=of_shared("planning_scenariorun"),
            allow=("select", "insert", "update"),
            references={**SCENARIO, "revision_id": "planning_scenariorevision", "asked_by_id": MEMBER,
                        "began_from_id": "planning_scenariorun"},
        ),  # fmt: skip
        TenantTable(
            "RunPicture", by="provider", references={"run_id": "planning_scenariorun"},
            read=under_shared("planning_runpicture", "planning_scenariorun", "run_id"),
        ),  # fmt: skip
        TenantTable(
            "Initiative", by="provider", read=of_shared("planning_initiative"),
            references={**SCENARIO, "run_id": "planning_scenariorun", "owner_id": MEMBER, "begun_by_id": MEMBER},
        ),  # fmt: skip
        _under_an_initiative("InitiativeStep", {}),
        _under_an_initiative("InitiativeEvent", {"noted_by_id": MEMBER}),
        _under_an_initiative("Yielded", {
            "capacity_id": "coalition_capacity", "clinic_day_id": "placement_clinicday",
        }),
    ]  # fmt: skip
