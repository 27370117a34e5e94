"""How much other organizations filed, by month and kind: rounded, never whose."""

from django.db import migrations

# Months and numbers, nothing else. Each organization is rounded for itself, in steps of five with one to four as none,
# before anything is added up: whoever knows every file but one still learns nothing of that one. One's own are left
# out, since who asks knows them exactly; so is the month that is not over, where a step would tell the day of a file.
# A month in which nobody reaches five is no row at all.
COUNTED = """
CREATE POLICY jornada_counted ON packets_filing FOR SELECT TO CURRENT_USER USING (true);
CREATE FUNCTION packets_filed_elsewhere(p_on date) RETURNS TABLE (month date, kind text, files bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT told.month, told.kind, sum(told.files)::bigint FROM (
        SELECT date_trunc('month', one.filed_on::timestamp)::date AS month, one.what::text AS kind,
               CASE WHEN count(*) < 5 THEN 0 ELSE 5 * round(count(*) / 5.0) END AS files
        FROM packets_filing AS one
        WHERE one.provider_id <> jornada_provider()
          AND one.filed_on::timestamp < date_trunc('month', least(p_on, jornada_today())::timestamp)
        GROUP BY one.provider_id, 1, 2) AS told
    GROUP BY told.month, told.kind HAVING sum(told.files) > 0
$$;
REVOKE EXECUTE ON FUNCTION packets_filed_elsewhere(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION packets_filed_elsewhere(date) TO jornada_web;
"""
UNCOUNTED = "DROP FUNCTION packets_filed_elsewhere(date); DROP POLICY jornada_counted ON packets_filing"


class Migration(migrations.Migration):
    dependencies = [("packets", "0003_filing_what")]

    operations = [migrations.RunSQL(COUNTED, UNCOUNTED)]
