"""Statements over clients, their secrets and keys, spent assertions, and the keys that sign tokens."""

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
    "client_id, sealed_name, kind, scopes, lab_code, area_code, area_level, secret_refused, created_at, "
    "disabled_at"
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
        area_code = :area_code, area_level = :area_level, secret_refused = :secret_refused,
        disabled_at = :disabled_at,
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

_KEY_COLUMNS = (
    "client_id, kid, thumbprint, public_jwk, algorithms, created_by, created_at, retired_by, retired_at"
)

GET_CLIENT_KEY = sql(f"""
    SELECT {_KEY_COLUMNS} FROM registry.client_key WHERE client_id = :client_id AND kid = :kid
""")

LIST_CLIENT_KEYS = sql(f"""
    SELECT {_KEY_COLUMNS} FROM registry.client_key
    WHERE client_id = :client_id AND (CAST(:after AS text) IS NULL OR kid > :after)
    ORDER BY kid LIMIT :limit
""")

LIVE_KEYS = sql("""
    SELECT kid, public_jwk, algorithms FROM registry.client_key
    WHERE client_id = :client_id AND retired_at IS NULL
""")

COUNT_LIVE_KEYS = sql("""
    SELECT count(*) FROM registry.client_key WHERE client_id = :client_id AND retired_at IS NULL
""")

# A key that is known comes back under no other id, and not after it was retired.
INSERT_CLIENT_KEY = sql("""
    INSERT INTO registry.client_key (client_id, kid, thumbprint, public_jwk, algorithms,
        created_by, created_at)
    VALUES (:client_id, :kid, :thumbprint, CAST(:public_jwk AS jsonb), CAST(:algorithms AS text[]),
        :changed_by, :now)
    ON CONFLICT DO NOTHING
""")

RETIRE_CLIENT_KEY = sql("""
    UPDATE registry.client_key SET retired_at = :now, retired_by = :changed_by
    WHERE client_id = :client_id AND kid = :kid AND retired_at IS NULL
""")

SPEND = sql("""
    INSERT INTO registry.spent_assertion (client_id, jti, expires_at) VALUES (:client_id, :jti, :expires_at)
    ON CONFLICT DO NOTHING
""")

FORGET_SPENT = sql("""
    DELETE FROM registry.spent_assertion WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM registry.spent_assertion WHERE expires_at < clock_timestamp() LIMIT 10000))
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

# One rotation at a time; reading, and so signing, goes on.
LOCK_SIGNING_KEYS = sql("LOCK TABLE registry.signing_key IN SHARE ROW EXCLUSIVE MODE")

LIST_SIGNING_KEYS = sql("""
    SELECT kid, signs_from, retires_at, created_at FROM registry.signing_key
    WHERE retires_at IS NULL OR retires_at > :now
    ORDER BY generation DESC
""")

DELETE_ENDED_KEYS = sql("DELETE FROM registry.signing_key WHERE retires_at < :before")

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
