"""Row-level security for parties and for what the worker says of asking others; the one question across providers."""

from django.db import migrations

from jornada.vault.tenancy import TenantTable

OPENS = (
    "EXISTS (SELECT 1 FROM intake_casefile AS opened WHERE opened.id = file_id"
    " AND opened.provider_id = intake_partyindex.provider_id"
    " AND (opened.provider_id = jornada_provider() OR opened.application_id = jornada_application()))"
)

# Whether any file of any provider holds one of these keys: a boolean, never which file or whose. Each provider's keys
# are unlike every other's, so that a digest of one says nothing in another's index.
KNOWN = """
CREATE POLICY jornada_conflicts ON intake_partyindex FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION intake_party_known(p_field text, p_digests bytea[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM intake_partyindex WHERE field = p_field AND digest = ANY(p_digests))
$$;
"""
UNKNOWN = (
    "DROP FUNCTION intake_party_known(text, bytea[]); DROP POLICY jornada_conflicts ON intake_partyindex"
)


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_parties")]

    operations = [
        TenantTable(
            "PartyIndex",
            by="provider",
            write={"insert": OPENS},
            references={"file_id": "intake_casefile"},
        ),
        TenantTable("ReferralConsent", by="either", write={"insert": "application"}),
        migrations.RunSQL(KNOWN, UNKNOWN),
    ]
