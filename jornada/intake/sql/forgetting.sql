-- Removes up to p_most applications that were last saved before p_before and were never shared, with all that hangs on
-- them; how many went. Runs as the owner of the tables; the policies below open to the owner what it looks at.
-- That an application was forgotten stays in its access log, which holds no answer.
CREATE POLICY jornada_forgetting ON intake_application TO CURRENT_USER USING (true);
CREATE POLICY jornada_forgetting ON intake_answer TO CURRENT_USER USING (true);
CREATE POLICY jornada_forgetting ON intake_draft TO CURRENT_USER USING (true);

CREATE FUNCTION intake_forget(p_before date, p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stale uuid;
    went integer := 0;
BEGIN
    FOR stale IN
        SELECT a.id FROM intake_application a
        WHERE a.last_saved_on < least(p_before, jornada_today() - 13)
          AND NOT EXISTS (SELECT 1 FROM vault_consentgrant g WHERE g.application_id = a.id)
        ORDER BY a.last_saved_on LIMIT p_most FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM set_config('jornada.application', stale::text, true);
        PERFORM vault_record('application', 'forgotten', 'application', NULL, stale, NULL,
            '{}'::text[], '{}'::text[], 'kept_14_days', 'retention', '');
        DELETE FROM vault_applicationkey WHERE application_id = stale;
        DELETE FROM intake_answer WHERE application_id = stale;
        DELETE FROM intake_draft WHERE application_id = stale;
        DELETE FROM intake_application WHERE id = stale;
        went := went + 1;
    END LOOP;
    PERFORM set_config('jornada.application', '', true);
    RETURN went;
END $$;
