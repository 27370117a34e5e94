-- What a worker without any session may ask about a join code, and what an organiser may know of a cohort's size.
-- The functions run as the owner of the tables, whom forced policies confine like anyone: these policies open to
-- the owner what the functions read, and no more.
CREATE POLICY jornada_functions ON disputes_cohort FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY jornada_functions ON disputes_employer FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY jornada_functions ON disputes_worksite FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY jornada_disputes_functions ON intake_application FOR SELECT TO CURRENT_USER USING (true);

-- The cohort of a code that is open on this day: its id, whose it is, and the facts its workers share.
CREATE FUNCTION disputes_cohort_by_code(p_code text, p_on date)
RETURNS TABLE (id uuid, provider_id uuid, name varchar, employer varchar, worksite varchar, city varchar, state varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.id, c.provider_id, c.name, e.legal_name, w.name, w.city, w.state
    FROM disputes_cohort c
    JOIN disputes_employer e ON e.id = c.employer_id
    LEFT JOIN disputes_worksite w ON w.id = c.worksite_id
    WHERE c.join_code = p_code AND (c.closes_on IS NULL OR c.closes_on >= p_on)
$$;

-- How many applications came with a cohort's code; NULL below ten, so that no page can tell who is one of a few.
CREATE FUNCTION disputes_joiners(p_cohort uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT nullif(greatest(count(*), 9), 9) FROM intake_application a
    JOIN disputes_cohort c ON c.id = a.cohort_id
    WHERE a.cohort_id = p_cohort AND c.provider_id = jornada_provider()
$$;

-- Which worksites a statement names may be mended; the statement itself stays.
GRANT DELETE ON disputes_statementworksite TO jornada_web;

REVOKE EXECUTE ON FUNCTION disputes_cohort_by_code(text, date), disputes_joiners(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION disputes_cohort_by_code(text, date), disputes_joiners(uuid) TO jornada_web;
