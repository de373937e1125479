"""Statements over the limits of single clients and the alarms about them."""

from shared.db import sql

OWN = sql("""
    SELECT kind, per_second, burst, set_by, set_at FROM bus.client_limit
    WHERE client_id = :client_id ORDER BY kind
""")

CLEAR = sql("DELETE FROM bus.client_limit WHERE client_id = :client_id")

PUT = sql("""
    INSERT INTO bus.client_limit (client_id, kind, per_second, burst, set_by, set_at)
    VALUES (:client_id, :kind, :per_second, :burst, :set_by, :now)
""")

ALARMS = sql("""
    SELECT at, service, kind FROM bus.limit_alarm WHERE client_id = :client_id ORDER BY at DESC LIMIT 100
""")
