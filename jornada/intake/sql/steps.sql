-- One statement to read a worker's drafts, one to save a step: each is a transaction of its own and tells
-- row-level security the application for its length. Both run with the caller's rights, under the caller's policies.

-- Everything of one application that the next question depends on. One row at least if the application is there.
-- With p_about the reading is recorded in the application's own access log.
CREATE FUNCTION intake_drafts(p_application uuid, p_about text, p_sections text[], p_classes text[])
RETURNS TABLE (pack varchar, language varchar, cohort_id uuid, section varchar, version integer, sealed_answers bytea)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('jornada.application', p_application::text, true);
    IF p_about IS NOT NULL THEN
        PERFORM vault_record('application', 'opened', p_about, NULL, p_application, NULL,
            p_sections, p_classes, 'own_answers', 'intake', '');
    END IF;
    RETURN QUERY
        SELECT a.pack, a.language, a.cohort_id, d.section, d.version, d.sealed_answers
        FROM intake_application a LEFT JOIN intake_draft d ON d.application_id = a.id
        WHERE a.id = p_application;
END $$;

-- Saves one step: the drafts of the sections it touched, the answers as given, the day and the log's event, all or
-- nothing. Says 'saved'; 'changed' when another page saved one of the sections since it was read (version 0: it was
-- not there); 'gone' when the application is no more. The application's row is locked, so two pages take turns.
CREATE FUNCTION intake_save_step(
    p_application uuid, p_day date, p_about text, p_sections text[], p_versions integer[], p_drafts bytea[],
    p_answer_ids uuid[], p_answers bytea[], p_classes text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    last_day date;
    at_hand integer;
    last_number integer;
BEGIN
    PERFORM set_config('jornada.application', p_application::text, true);
    SELECT a.last_saved_on INTO last_day FROM intake_application a WHERE a.id = p_application FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'gone';
    END IF;
    FOR place IN 1 .. cardinality(p_sections) LOOP
        SELECT d.version INTO at_hand FROM intake_draft d
            WHERE d.application_id = p_application AND d.section = p_sections[place];
        IF coalesce(at_hand, 0) <> p_versions[place] THEN
            RETURN 'changed';
        END IF;
    END LOOP;
    IF last_day <> p_day THEN
        UPDATE intake_application SET last_saved_on = p_day WHERE id = p_application;
    END IF;
    SELECT coalesce(max(w.sequence), 0) INTO last_number FROM intake_answer w WHERE w.application_id = p_application;
    FOR place IN 1 .. cardinality(p_sections) LOOP
        IF p_versions[place] = 0 THEN
            INSERT INTO intake_draft (id, recorded_at, application_id, section, sealed_answers, version)
                VALUES (gen_random_uuid(), clock_timestamp(), p_application, p_sections[place], p_drafts[place], 1);
        ELSE
            UPDATE intake_draft SET sealed_answers = p_drafts[place], version = version + 1
                WHERE application_id = p_application AND section = p_sections[place];
        END IF;
        INSERT INTO intake_answer (id, recorded_at, application_id, sequence, section, sealed_answer)
            VALUES (p_answer_ids[place], clock_timestamp(), p_application, last_number + place, p_sections[place], p_answers[place]);
    END LOOP;
    PERFORM vault_record('application', 'saved', p_about, NULL, p_application, NULL,
        p_sections, p_classes, 'own_answers', 'intake', '');
    RETURN 'saved';
END $$;
