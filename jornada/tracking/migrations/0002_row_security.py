"""Row-level security: who reads and who adds events, deadlines and notices."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial"), ("intake", "0002_row_security")]

    operations = [
        TenantTable(
            "Event",
            by="provider",
            references={"file_id": "intake_casefile", "recorded_by_id": "coalition_member"},
        ),
        TenantTable(
            "Deadline",
            by="provider",
            references={"file_id": "intake_casefile", "event_id": "tracking_event"},
        ),
        TenantTable(
            "DeadlineMet",
            by="provider",
            references={
                "deadline_id": "tracking_deadline",
                "file_id": "intake_casefile",
                "met_by_id": "coalition_member",
            },
        ),
        TenantTable(
            "WorkerNotice",
            by="either",
            references={"file_id": "intake_casefile"},
        ),
    ]
