"""Row-level security for clinic days; a screen's token finds its screen without a tenant."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

# A screen holds a random token and nothing else. The database says which day it belongs to, and no more.
SCREENS = """
CREATE POLICY jornada_screens ON clinics_screen TO CURRENT_USER USING (true);
CREATE POLICY jornada_screens ON clinics_floor TO CURRENT_USER USING (true);
CREATE POLICY jornada_screens ON placement_clinicday TO CURRENT_USER USING (true);
CREATE FUNCTION clinics_screen_of(p_hash bytea)
RETURNS TABLE (screen uuid, provider uuid, clinic_day uuid, name varchar, kind varchar, station varchar,
               held_on date, pulse integer, opened boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.provider_id, s.clinic_day_id, s.name, s.kind, s.station, d.held_on, f.pulse,
           s.opened_at IS NOT NULL
    FROM clinics_screen s
    JOIN clinics_floor f ON f.clinic_day_id = s.clinic_day_id
    JOIN placement_clinicday d ON d.id = s.clinic_day_id
    WHERE s.token_hash = p_hash AND s.ended_at IS NULL
$$;
"""
WITHOUT = """
DROP FUNCTION clinics_screen_of(bytea);
DROP POLICY jornada_screens ON placement_clinicday;
DROP POLICY jornada_screens ON clinics_floor;
DROP POLICY jornada_screens ON clinics_screen;
"""
CLINIC_DAY = {"clinic_day_id": "placement_clinicday"}


class Migration(migrations.Migration):
    dependencies = [("clinics", "0001_initial"), ("placement", "0005_scope_end_at_a_clinic")]

    operations = [
        TenantTable("Floor", by="provider", allow=("select", "insert", "update"), references=CLINIC_DAY),
        TenantTable(
            "FloorStaff",
            by="provider",
            allow=("select", "insert", "update", "delete"),
            references={**CLINIC_DAY, "member_id": "coalition_member"},
        ),
        TenantTable(
            "Ticket",
            by="provider",
            allow=("select", "insert", "update"),
            references={**CLINIC_DAY, "file_id": "intake_casefile"},
        ),
        TenantTable(
            "Sitting",
            by="provider",
            allow=("select", "insert", "delete"),
            references={"ticket_id": "clinics_ticket", "staff_id": "clinics_floorstaff"},
        ),
        TenantTable(
            "FloorEvent", by="provider", references={**CLINIC_DAY, "noted_by_id": "coalition_member"}
        ),
        TenantTable("Screen", by="provider", allow=("select", "insert", "update"), references=CLINIC_DAY),
        TenantTable("FloorRun", by="provider", allow=("select", "insert", "update"), references=CLINIC_DAY),
        migrations.RunSQL(SCREENS, WITHOUT),
    ]
