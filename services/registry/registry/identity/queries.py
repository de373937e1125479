"""Statements over registry.client, registry.client_secret and registry.signing_key."""

from shared.db import sql

AREA_LEVEL = sql("SELECT level FROM registry.department WHERE code = :code")

INSERT_CLIENT = sql("""
    INSERT INTO registry.client (client_id, sealed_name, kind, scopes, lab_code, area_code, area_level,
        created_by, created_at, updated_by, updated_at)
    VALUES (:client_id, :sealed_name, :kind, CAST(:scopes AS text[]), :lab_code, :area_code, :area_level,
        :changed_by, :now, :changed_by, :now)
    ON CONFLICT (client_id) DO NOTHING
""")

_COLUMNS = (
    """client_id, sealed_name, kind, scopes, lab_code, area_code, area_level, created_at, disabled_at"""
)
# A limited administrator sees the clients of its own area and no other (contract §2), and never a
# laboratory's, which it could not make either: a new secret would open the laboratory's door.
_VISIBLE = "(CAST(:area AS text) IS NULL OR (area_code = :area AND lab_code IS NULL))"

GET_CLIENT = sql(f"SELECT {_COLUMNS} FROM registry.client WHERE client_id = :client_id AND {_VISIBLE}")

LOCK_CLIENT = sql(
    f"SELECT {_COLUMNS} FROM registry.client WHERE client_id = :client_id AND {_VISIBLE} FOR UPDATE"
)

LIST_CLIENTS = sql(f"""
    SELECT {_COLUMNS} FROM registry.client
    WHERE {_VISIBLE} AND (CAST(:after AS text) IS NULL OR client_id > :after)
    ORDER BY client_id LIMIT :limit
""")

UPDATE_CLIENT = sql("""
    UPDATE registry.client
    SET sealed_name = :sealed_name, scopes = CAST(:scopes AS text[]), lab_code = :lab_code,
        area_code = :area_code, area_level = :area_level, disabled_at = :disabled_at,
        updated_by = :changed_by, updated_at = :now
    WHERE client_id = :client_id
""")

INSERT_SECRET = sql("""
    INSERT INTO registry.client_secret (digest, client_id, created_at) VALUES (:digest, :client_id, :now)
""")

# At most two are valid at a time: the newest and the one before it.
DELETE_OLD_SECRETS = sql("""
    DELETE FROM registry.client_secret WHERE client_id = :client_id AND expires_at IS NOT NULL
""")

EXPIRE_SECRETS = sql("""
    UPDATE registry.client_secret SET expires_at = :expires_at WHERE client_id = :client_id
""")

LIVE_DIGESTS = sql("""
    SELECT digest FROM registry.client_secret
    WHERE client_id = :client_id AND (expires_at IS NULL OR expires_at > :now)
""")

CURRENT_KEY = sql("""
    SELECT kid, sealed_private FROM registry.signing_key
    WHERE signs_from <= :now AND (retires_at IS NULL OR retires_at > :now)
    ORDER BY generation DESC LIMIT 1
""")

# One statement sees one moment: whoever finds no current key counts the same generation as all others
# who find none, and only one of them can have it.
INSERT_KEY = sql("""
    INSERT INTO registry.signing_key (kid, generation, public_jwk, sealed_private, signs_from, created_at)
    SELECT :kid, 1 + coalesce((SELECT max(generation) FROM registry.signing_key), 0),
           CAST(:public_jwk AS jsonb), :sealed_private, :signs_from, :now
    WHERE NOT :only_if_none OR NOT EXISTS (
        SELECT 1 FROM registry.signing_key
        WHERE signs_from <= :now AND (retires_at IS NULL OR retires_at > :now)
    )
    ON CONFLICT (generation) DO NOTHING
""")

RETIRE_OTHER_KEYS = sql("""
    UPDATE registry.signing_key SET retires_at = greatest(CAST(:retires_at AS timestamptz), signs_from)
    WHERE kid <> :kid AND (retires_at IS NULL OR retires_at > :retires_at)
""")

PUBLISHED_KEYS = sql("""
    SELECT public_jwk FROM registry.signing_key
    WHERE retires_at IS NULL OR retires_at > :now
    ORDER BY generation DESC
""")

# Their tokens have not all expired yet.
DISABLED_LATELY = sql("""
    SELECT client_id FROM registry.client WHERE disabled_at > :since ORDER BY client_id
""")

# The bootstrap of a local system: two starts at once must not both make a client.
LOCK_CLIENTS = sql("LOCK TABLE registry.client IN SHARE ROW EXCLUSIVE MODE")

ENABLE_CLIENT = sql("""
    UPDATE registry.client SET disabled_at = NULL, updated_by = 'system', updated_at = :now
    WHERE client_id = :client_id
""")

NEWEST_DIGEST = sql("""
    SELECT digest FROM registry.client_secret WHERE client_id = :client_id AND expires_at IS NULL
""")
