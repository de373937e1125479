"""Statements over what a body has been reported of a day."""

from shared.db import sql

# The row lock makes everybody who reports to one body take turns.
ADD = sql("""
    INSERT INTO notifier.venue_day AS d (recipient_type, recipient_code, day, source_id, reports, people,
        environment, surfaces, goods)
    VALUES (:recipient_type, :recipient_code, :day, :source_id, 1, :people, :environment, :surfaces, :goods)
    ON CONFLICT ON CONSTRAINT venue_day_pkey DO UPDATE SET reports = d.reports + 1,
        people = d.people + excluded.people, environment = d.environment + excluded.environment,
        surfaces = d.surfaces + excluded.surfaces, goods = d.goods + excluded.goods
    RETURNING source_id, reports, people, environment, surfaces, goods
""")
