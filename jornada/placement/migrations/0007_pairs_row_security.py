"""Row-level security for decisions on pairs, terms and expected cases; how many files a provider was offered."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

# Everybody at work in the coalition reads what a provider takes from others; nobody without a provider does.
ANY_PROVIDER = "jornada_provider() IS NOT NULL"

# A number for each provider and nothing else: who offered which file stays between the two.
COUNTED = """
CREATE POLICY jornada_counted ON placement_referral TO CURRENT_USER USING (true);
CREATE POLICY jornada_counted ON placement_referralstep TO CURRENT_USER USING (true);
CREATE FUNCTION placement_offered_since(p_day date) RETURNS TABLE (to_provider uuid, files bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.to_provider_id, count(*) FROM placement_referral AS r
    WHERE r.offered_on >= p_day AND NOT EXISTS (
        SELECT 1 FROM placement_referralstep AS s
        WHERE s.referral_id = r.id AND s.kind IN ('declined', 'taken_back', 'consent_ended'))
    GROUP BY r.to_provider_id
$$;
"""
UNCOUNTED = """
DROP FUNCTION placement_offered_since(date);
DROP POLICY jornada_counted ON placement_referralstep;
DROP POLICY jornada_counted ON placement_referral;
"""


class Migration(migrations.Migration):
    dependencies = [("placement", "0006_pairs_and_partners")]

    operations = [
        TenantTable(
            "PairDecision",
            by="provider",
            references={
                "file_id": "intake_casefile",
                "advocate_id": "coalition_member",
                "clinic_day_id": "placement_clinicday",
                "decided_by_id": "coalition_member",
            },
        ),
        TenantTable(
            "PairDecisionUndone",
            by="provider",
            references={"decision_id": "placement_pairdecision", "undone_by_id": "coalition_member"},
        ),
        TenantTable(
            "PartnerTerms", by="provider", read=ANY_PROVIDER, references={"said_by_id": "coalition_member"}
        ),
        TenantTable(
            "ExpectedCases",
            by="provider",
            allow=("select", "insert", "update(ended_on)"),
            references={"added_by_id": "coalition_member"},
        ),
        migrations.RunSQL(COUNTED, UNCOUNTED),
    ]
