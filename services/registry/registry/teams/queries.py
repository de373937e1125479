"""Statements over registry.sampling_team and its members. `:called_since` bounds how old a call may be."""

from typing import Final

from shared.db import sql

LOCK = sql("""
    SELECT team_code, township_code FROM registry.sampling_team
    WHERE team_code = ANY (CAST(:codes AS text[])) ORDER BY team_code FOR NO KEY UPDATE
""")

VISIBLE = sql("""
    SELECT team_code FROM registry.sampling_team
    WHERE team_code = ANY (CAST(:codes AS text[]))
      AND (NOT CAST(:limited AS boolean) OR township_code = :area_township)
""")

PUT = sql("""
    INSERT INTO registry.sampling_team AS t
        (team_code, name, township_code, sealed_leader, active, created_by, created_at, updated_at)
    VALUES (:team_code, :name, :township_code, :sealed_leader, :active, :by, :now, :now)
    ON CONFLICT (team_code) DO UPDATE
    SET name = excluded.name, township_code = excluded.township_code, active = excluded.active,
        sealed_leader = excluded.sealed_leader, revision = t.revision + 1,
        updated_by = :by, updated_at = :now
""")

CLEAR_MEMBERS = sql(
    "DELETE FROM registry.sampling_team_member WHERE team_code = ANY (CAST(:codes AS text[]))"
)

ADD_MEMBER = sql("""
    INSERT INTO registry.sampling_team_member
        (team_code, member_no, sealed_member, phone_index, certificate_until)
    VALUES (:team_code, :member_no, :sealed_member, :phone_index, :certificate_until)
""")

# Somebody who is in two active teams, or twice in one, can stand at one table only.
_REPEATED: Final = """
    EXISTS (SELECT FROM registry.sampling_team_member m
            JOIN registry.sampling_team_member o USING (phone_index)
            JOIN registry.sampling_team x ON x.team_code = o.team_code AND x.active
            WHERE m.team_code = t.team_code AND (o.team_code, o.member_no) <> (m.team_code, m.member_no))
"""
_DEFECTS: Final = f"""
    array_remove(ARRAY[
        CASE WHEN n.members = 0 THEN 'no_members' END,
        CASE WHEN cardinality(g.grids) = 0 THEN 'no_grid' END,
        CASE WHEN {_REPEATED} THEN 'member_repeated' END,
        CASE WHEN t.called_at IS NULL OR t.called_at < :called_since THEN 'not_called' END,
        CASE WHEN t.call_result = 'not_reached' THEN 'not_reached' END,
        CASE WHEN n.expired THEN 'certificate_expired' END], NULL)
"""
_TEAMS: Final = f"""
    SELECT t.team_code, t.name, t.township_code, t.sealed_leader, t.active, t.call_result, t.called_at,
           t.revision, n.members, g.grids,
           CASE WHEN t.active THEN {_DEFECTS} ELSE '{{}}' END AS defects
    FROM registry.sampling_team t
    CROSS JOIN LATERAL (
        SELECT count(*) AS members, coalesce(bool_or(m.certificate_until < :today), false) AS expired
        FROM registry.sampling_team_member m WHERE m.team_code = t.team_code) n
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(d.division_code ORDER BY d.division_code), '{{}}') AS grids
        FROM registry.division d WHERE d.team_code = t.team_code) g
"""

PAGE = sql(f"""
    SELECT * FROM ({_TEAMS}) AS shown
    WHERE team_code > :after
      AND (NOT CAST(:limited AS boolean) OR township_code = :area_township)
      AND (CAST(:township_code AS text) IS NULL OR township_code = :township_code)
      AND (CAST(:defect AS text) IS NULL OR CAST(:defect AS text) = ANY (defects))
    ORDER BY team_code
    LIMIT :limit
""")

ONE = sql(f"""
    {_TEAMS}
    WHERE t.team_code = :team_code AND (NOT CAST(:limited AS boolean) OR t.township_code = :area_township)
""")

MEMBERS = sql("""
    SELECT sealed_member, certificate_until FROM registry.sampling_team_member
    WHERE team_code = :team_code ORDER BY member_no
""")

TO_TELL = sql("""
    SELECT t.team_code, t.township_code, t.active, t.revision,
           (SELECT count(*) FROM registry.sampling_team_member m WHERE m.team_code = t.team_code) AS members
    FROM registry.sampling_team t WHERE t.team_code = ANY (CAST(:codes AS text[])) ORDER BY t.team_code
""")

NOTE_CALL = sql("""
    UPDATE registry.sampling_team
    SET call_result = :result, called_at = :now, called_by = :by, revision = revision + 1,
        updated_by = :by, updated_at = :now
    WHERE team_code = :team_code
""")
