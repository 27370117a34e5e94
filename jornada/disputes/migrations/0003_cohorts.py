"""Further facts of section 2.2 of the deferred-action notes, and the functions that workers' join codes need."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parents[1] / "sql" / "cohorts.sql").read_text()
DROP = """
REVOKE DELETE ON disputes_statementworksite FROM jornada_web;
DROP FUNCTION disputes_joiners(uuid);
DROP FUNCTION disputes_cohort_by_code(text, date);
DROP POLICY jornada_disputes_functions ON intake_application;
DROP POLICY jornada_functions ON disputes_worksite;
DROP POLICY jornada_functions ON disputes_employer;
DROP POLICY jornada_functions ON disputes_cohort;
"""


class Migration(migrations.Migration):
    dependencies = [("disputes", "0002_row_security"), ("intake", "0002_row_security")]

    operations = [
        migrations.AddField(
            "Employer",
            "fein",
            models.CharField(
                blank=True, default="", help_text="Federal employer number, 12-3456789", max_length=10
            ),
        ),
        migrations.AddField(
            "Matter", "agency_unit", models.CharField(blank=True, default="", max_length=160)
        ),
        migrations.AddField(
            "Statement",
            "names_workers",
            models.BooleanField(default=False, help_text="The list itself is never kept here"),
        ),
        migrations.RunSQL(SQL, DROP),
    ]
