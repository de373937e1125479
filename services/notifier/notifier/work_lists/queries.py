"""Statements over work lists, their items and steps, and the names of bodies."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

CHASE: Final = "work_lists"
_SEEN: Final = """
    (CAST(:township AS text) IS NULL OR CAST(:township AS text) = ANY(i.township_codes))
    AND (CAST(:department AS text) IS NULL OR CAST(:department AS text) = ANY(i.department_codes))
"""

BODIES = sql("SELECT code, department_name, level, role FROM notifier.department")

MEANINGS = sql("SELECT name, printed, codes, everyone FROM notifier.body_name ORDER BY name")

SET_NAMES = sql("""
INSERT INTO notifier.body_name AS b (name, printed, codes, everyone, set_client, set_at)
SELECT name, printed, string_to_array(codes, ' '), everyone, :client_id, CAST(:now AS timestamptz)
FROM unnest(CAST(:names AS text[]), CAST(:printed AS text[]), CAST(:codes AS text[]),
            CAST(:everyone AS text[]))
     AS new (name, printed, codes, everyone)
ORDER BY name
ON CONFLICT (name) DO UPDATE
SET printed = excluded.printed, codes = excluded.codes, everyone = excluded.everyone,
    set_client = excluded.set_client, set_at = excluded.set_at
RETURNING xmax = 0 AS new
""")

INSERT_LIST = sql("""
INSERT INTO notifier.work_list (list_id, title, issued_on, drill, sections, digest, made_client, made_at)
VALUES (:list_id, :title, :issued_on, :drill, CAST(:sections AS text[]), :digest, :client_id, :now)
ON CONFLICT ON CONSTRAINT work_list_once DO NOTHING
RETURNING list_id
""")

STANDING = sql("""
SELECT list_id, digest FROM notifier.work_list WHERE title = :title AND issued_on = :issued_on
""")

INSERT_ITEMS = sql("""
INSERT INTO notifier.work_item
    (item_id, list_id, parent_id, position, section, sealed, deadline, due_on, review_on, drill, lead_type,
     lead_code, bodies, department_codes, township_codes, look_on)
SELECT item_id, CAST(:list_id AS uuid), parent_id, position, section, decode(sealed, 'base64'), deadline,
       due_on, review_on, drill, lead_type, lead_code, bodies, department_codes, township_codes, look_on
FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS new (
    item_id uuid, parent_id uuid, position integer, section integer, sealed text, deadline text, due_on date,
    review_on date, drill boolean, lead_type text, lead_code text, bodies jsonb, department_codes text[],
    township_codes text[], look_on date)
""")

LISTS = sql(f"""
SELECT l.list_id, l.title, l.issued_on, l.drill, l.sections FROM notifier.work_list l
WHERE l.list_id < CAST(:before AS uuid)
  AND EXISTS (SELECT FROM notifier.work_item i WHERE i.list_id = l.list_id AND {_SEEN})
ORDER BY l.list_id DESC LIMIT :limit
""")

# An item is done when all its parts are, and overdue when any is.
COUNTS = sql(f"""
SELECT list_id, section, count(*) AS items, count(*) FILTER (WHERE done) AS done,
       count(*) FILTER (WHERE overdue) AS overdue
FROM (SELECT i.list_id, i.section, i.position, bool_and(i.state = 'done') AS done,
             bool_or(i.state = 'open' AND i.due_on < CAST(:today AS date)) AS overdue
      FROM notifier.work_item i
      WHERE i.list_id = ANY(CAST(:list_ids AS uuid[])) AND {_SEEN}
      GROUP BY 1, 2, 3) seen
GROUP BY 1, 2
""")

_ITEM: Final = """
SELECT i.item_id, i.list_id, i.parent_id, i.position, i.section, l.sections[i.section + 1] AS section_title,
       l.title, i.sealed, i.deadline, i.due_on, i.review_on, i.drill, i.lead_type, i.lead_code, i.bodies,
       i.state, i.reported_client, i.progress_on, i.asked_on, i.asked_client, i.steps, i.chase
FROM notifier.work_item i JOIN notifier.work_list l USING (list_id)
"""

ITEMS = sql(f"""
{_ITEM}
WHERE {_SEEN} AND (CAST(:list_id AS uuid) IS NULL OR i.list_id = CAST(:list_id AS uuid))
  AND (CAST(:state AS text) IS NULL OR CAST(:state AS text) = CASE
       WHEN i.state = 'open' AND i.due_on < CAST(:today AS date) THEN 'overdue' ELSE i.state END)
  AND i.item_id > CAST(:after AS uuid)
ORDER BY i.item_id LIMIT :limit
""")

ONE = sql(f"{_ITEM} WHERE {_SEEN} AND i.item_id = :item_id")

LOCK = sql(f"{_ITEM} WHERE {_SEEN} AND i.item_id = :item_id FOR UPDATE OF i")

PARTS = sql(f"""
SELECT i.parent_id, i.state, i.due_on FROM notifier.work_item i
WHERE i.parent_id = ANY(CAST(:item_ids AS uuid[])) AND {_SEEN} ORDER BY i.item_id
""")

STEPS = sql("""
SELECT number, kind, client_id, body_code, at, due_before, due_after, sealed FROM notifier.work_item_step
WHERE item_id = :item_id ORDER BY number
""")

ADD_STEP = sql("""
INSERT INTO notifier.work_item_step
    (item_id, number, kind, client_id, body_code, at, due_before, due_after, sealed)
VALUES (:item_id, :number, :kind, :client_id, :body_code, :now, :due_before, :due_after, :sealed)
""")

MOVE = sql("""
UPDATE notifier.work_item
SET state = :state, reported_client = :reported_client, progress_on = :progress_on, due_on = :due_on,
    asked_on = :asked_on, asked_client = :asked_client, chase = :chase, look_on = COALESCE(:look_on, look_on),
    steps = steps + 1
WHERE item_id = :item_id
""")

# An item that several bodies lead is as far as their parts are.
FOLLOW_PARTS = sql("""
UPDATE notifier.work_item i
SET state = CASE WHEN EXISTS (SELECT FROM notifier.work_item p
                              WHERE p.parent_id = i.item_id AND p.state <> 'done')
                 THEN 'open' ELSE 'done' END
WHERE i.item_id = :item_id AND i.lead_code IS NULL
""")

TO_LOOK = sql(f"""
{_ITEM}
WHERE i.state = 'open' AND i.look_on <= CAST(:today AS date) AND i.lead_code IS NOT NULL
    AND {not_put_off(CHASE, "CAST(i.item_id AS text)", consumer="notifier")}
ORDER BY i.look_on LIMIT 100 FOR UPDATE OF i SKIP LOCKED
""")

LOOKED = sql("""
UPDATE notifier.work_item
SET look_on = CAST(:look_on AS date), review_on = COALESCE(CAST(:review_on AS date), review_on)
WHERE item_id = :item_id
""")
