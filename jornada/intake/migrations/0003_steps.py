"""The database's part of an interview step, and of forgetting what was never shared."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"
SERVED = (
    "intake_drafts(uuid, text, text[], text[])",
    "intake_save_step(uuid, date, text, text[], integer[], bytea[], uuid[], bytea[], text[])",
    "intake_forget(date, integer)",
)
UNDO = """
DROP FUNCTION intake_drafts(uuid, text, text[], text[]);
DROP FUNCTION intake_save_step(uuid, date, text, text[], integer[], bytea[], uuid[], bytea[], text[]);
DROP FUNCTION intake_forget(date, integer);
DROP POLICY jornada_forgetting ON intake_application;
DROP POLICY jornada_forgetting ON intake_answer;
DROP POLICY jornada_forgetting ON intake_draft;
"""


def let_the_serving_role_call(apps, schema_editor):
    for function in SERVED:
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        schema_editor.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{settings.JORNADA_SERVING_ROLE}"')


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_row_security")]

    operations = [
        migrations.RunSQL([(SQL / "steps.sql").read_text(), (SQL / "forgetting.sql").read_text()], UNDO),
        migrations.RunPython(let_the_serving_role_call, migrations.RunPython.noop),
    ]
