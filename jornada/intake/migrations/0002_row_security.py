"""Row-level security: who reads and who adds applications and case files."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

OF_APPLICATION = """
ALTER TABLE {table} ADD CONSTRAINT {table}_of_application
    FOREIGN KEY (application_id) REFERENCES intake_application (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
"""

# The number people say aloud counts within the provider. The worker's session that opens a file at consent
# cannot see the provider's other files, so the database counts; the counted row's lock keeps two openings apart.
NUMBER = """
CREATE TABLE intake_casefile_numbers (provider_id uuid PRIMARY KEY, number integer NOT NULL);
COMMENT ON TABLE intake_casefile_numbers IS 'no tenant data: how many files each provider opened; nobody may read it';
CREATE FUNCTION intake_number_file() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO intake_casefile_numbers AS counted (provider_id, number) VALUES (NEW.provider_id, 1)
        ON CONFLICT (provider_id) DO UPDATE SET number = counted.number + 1
        RETURNING counted.number INTO NEW.number;
    RETURN NEW;
END $$;
CREATE TRIGGER intake_number_file BEFORE INSERT ON intake_casefile
    FOR EACH ROW EXECUTE FUNCTION intake_number_file();
"""
UNNUMBER = "DROP TRIGGER intake_number_file ON intake_casefile; DROP FUNCTION intake_number_file; DROP TABLE intake_casefile_numbers"

OPENS_CARD = (
    "EXISTS (SELECT 1 FROM intake_casefile AS opened WHERE opened.id = file_id"
    " AND opened.provider_id = intake_placementcard.provider_id"
    " AND (opened.provider_id = jornada_provider() OR opened.application_id = jornada_application()))"
)


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("coalition", "0002_row_security"), ("vault", "0001_initial")]

    operations = [
        TenantTable("Application", by="granted", column="id", allow=("select", "insert", "update")),
        TenantTable("Answer", by="application"),
        TenantTable("Draft", by="application", allow=("select", "insert", "update")),
        TenantTable("AnswerSet", by="granted", section_column="section"),
        *[
            migrations.RunSQL(
                OF_APPLICATION.format(table=table),
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_of_application",
            )
            for table in (
                "intake_answer",
                "intake_draft",
                "intake_answerset",
                "intake_casefile",
                "intake_organisercard",
            )
        ],
        TenantTable("CaseFile", by="either", write={"insert": "either"}),
        migrations.RunSQL(NUMBER, UNNUMBER),
        TenantTable(
            "PlacementCard",
            by="provider",
            write={"insert": OPENS_CARD},
            references={"file_id": "intake_casefile"},
        ),
        TenantTable(
            "OrganiserCard",
            by="either",
            allow=("select", "insert", "update"),
            write={"insert": "application", "update": "application"},
        ),
        TenantTable("OrganiserNotice", by="provider", write={"insert": "granted"}),
    ]
