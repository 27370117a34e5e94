"""Row-level security: who reads and who adds the facts of disputes."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

SHARED = (
    "(provider_id = jornada_provider()"
    " OR (shared AND (jornada_provider() IS NOT NULL OR jornada_application() IS NOT NULL)))"
)


class Migration(migrations.Migration):
    dependencies = [("disputes", "0001_initial"), ("coalition", "0002_row_security")]

    operations = [
        TenantTable(
            "Employer", by="provider", read=SHARED, allow=("select", "insert", "update"), references={}
        ),
        TenantTable(
            "Worksite",
            by="provider",
            read=SHARED,
            allow=("select", "insert", "update"),
            references={"employer_id": "disputes_employer"},
        ),
        TenantTable(
            "Matter",
            by="provider",
            read=SHARED,
            allow=("select", "insert", "update"),
            references={"employer_id": "disputes_employer"},
        ),
        TenantTable(
            "Statement",
            by="provider",
            read=SHARED,
            allow=("select", "insert", "update"),
            references={"matter_id": "disputes_matter"},
        ),
        TenantTable(
            "StatementWorksite",
            by="provider",
            read=SHARED,
            allow=("select", "insert", "update"),
            references={"statement_id": "disputes_statement", "worksite_id": "disputes_worksite"},
        ),
        TenantTable(
            "Cohort",
            by="provider",
            read=SHARED,
            allow=("select", "insert", "update"),
            references={"employer_id": "disputes_employer", "worksite_id": "disputes_worksite"},
        ),
    ]
