"""Row-level security for referrals: sender, receiver and worker see them; a link outside opens once, by the database."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

SEEN = (
    "(provider_id = jornada_provider() OR to_provider_id = jornada_provider()"
    " OR application_id = jornada_application())"
)
# A card or step is seen by those who see its referral: that table's own policy decides.
OF_SEEN = "EXISTS (SELECT 1 FROM placement_referral AS seen WHERE seen.id = referral_id)"
ADDED = (
    "EXISTS (SELECT 1 FROM placement_referral AS seen WHERE seen.id = referral_id"
    " AND (placement_referralstep.provider_id = jornada_provider() OR seen.application_id = jornada_application()))"
)

# One try at a link: counted before the page is given out, so that a PIN cannot be guessed at leisure.
OUTSIDE = """
CREATE POLICY jornada_outside ON placement_outsidereferral TO CURRENT_USER USING (true);
CREATE FUNCTION placement_outside_try(p_hash bytea, p_on date, p_most integer)
RETURNS TABLE (id uuid, salt bytea, sealed_page bytea, tries_left integer)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE placement_outsidereferral AS r SET tries = r.tries + 1
    WHERE r.token_hash = p_hash AND r.opened_at IS NULL AND r.sealed_page IS NOT NULL
      AND r.expires_on >= p_on AND r.tries < p_most
    RETURNING r.id, r.salt, r.sealed_page, p_most - r.tries
$$;
CREATE FUNCTION placement_outside_opened(p_hash bytea) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH opened AS (
        UPDATE placement_outsidereferral SET opened_at = now(), sealed_page = NULL
        WHERE token_hash = p_hash AND opened_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM opened)
$$;
"""
INSIDE = """
DROP FUNCTION placement_outside_opened(bytea);
DROP FUNCTION placement_outside_try(bytea, date, integer);
DROP POLICY jornada_outside ON placement_outsidereferral;
"""


class Migration(migrations.Migration):
    dependencies = [("placement", "0003_referrals"), ("intake", "0005_parties_row_security")]

    operations = [
        TenantTable(
            "Referral",
            by="provider",
            read=SEEN,
            references={"file_id": "intake_casefile", "offered_by_id": "coalition_member"},
        ),
        TenantTable(
            "ReferralCard", by="provider", read=OF_SEEN, references={"referral_id": "placement_referral"}
        ),
        TenantTable("ReferralStep", by="provider", read=OF_SEEN, write={"insert": ADDED}),
        TenantTable(
            "OutsideReferral",
            by="provider",
            references={"file_id": "intake_casefile", "made_by_id": "coalition_member"},
        ),
        TenantTable(
            "ConflictCheck",
            by="provider",
            references={"file_id": "intake_casefile", "asked_by_id": "coalition_member"},
        ),
        TenantTable(
            "ScopeEnd",
            by="provider",
            read="(provider_id = jornada_provider() OR application_id = jornada_application())",
            references={"file_id": "intake_casefile", "placement_id": "placement_placement"},
        ),
        migrations.RunSQL(OUTSIDE, INSIDE),
    ]
