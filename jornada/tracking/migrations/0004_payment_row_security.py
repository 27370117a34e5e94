"""Row-level security: payments are their provider's own."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [("tracking", "0003_payment"), ("intake", "0002_row_security")]

    operations = [
        TenantTable(
            "Payment",
            by="provider",
            references={"file_id": "intake_casefile", "recorded_by_id": "coalition_member"},
        ),
    ]
