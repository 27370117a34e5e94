"""Row-level security: who reads and who adds proposals, placements and appointments."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [("placement", "0001_initial"), ("intake", "0002_row_security")]

    operations = [
        TenantTable(
            "MatchRun",
            by="provider",
            references={"run_by_id": "coalition_member"},
        ),
        TenantTable(
            "ClinicDay",
            by="provider",
            allow=("select", "insert", "update"),
            references={},
        ),
        TenantTable(
            "Proposal",
            by="provider",
            references={
                "run_id": "placement_matchrun",
                "file_id": "intake_casefile",
                "advocate_id": "coalition_member",
                "clinic_day_id": "placement_clinicday",
            },
        ),
        TenantTable(
            "Placement",
            by="provider",
            references={
                "file_id": "intake_casefile",
                "proposal_id": "placement_proposal",
                "advocate_id": "coalition_member",
                "placed_by_id": "coalition_member",
            },
        ),
        TenantTable(
            "Appointment",
            by="provider",
            allow=("select", "insert", "delete"),
            references={
                "clinic_day_id": "placement_clinicday",
                "placement_id": "placement_placement",
                "file_id": "intake_casefile",
            },
        ),
    ]
