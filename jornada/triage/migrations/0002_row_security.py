"""Row-level security: who reads and who adds findings and decisions."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_initial"), ("intake", "0002_row_security")]

    operations = [
        TenantTable(
            "Assessment",
            by="provider",
            references={"file_id": "intake_casefile", "assessed_by_id": "coalition_member"},
        ),
        TenantTable(
            "TriageDecision",
            by="provider",
            references={
                "file_id": "intake_casefile",
                "assessment_id": "triage_assessment",
                "decided_by_id": "coalition_member",
            },
        ),
    ]
