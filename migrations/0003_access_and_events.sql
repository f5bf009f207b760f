-- Bearer tokens. The secret has 256 random bits, so a plain SHA-256 of it is as good as a slow hash.
CREATE TABLE tokens (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    role         text NOT NULL CHECK (role IN ('admin', 'user', 'worker')),
    sha256       bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at   timestamptz
);

-- `Idempotency-Key` of study submissions: inserted in the transaction that inserts the study, so that there is never
-- one without the other. The second request waits for the first on the primary key.
CREATE TABLE idempotency_keys (
    key         text PRIMARY KEY CHECK (key <> ''),
    -- The same key with another body is a mistake of the client, and it is told so.
    body_sha256 bytea NOT NULL,
    study_id    uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- What happened, for streams that come back with `Last-Event-ID`. Kept for a day.
CREATE TABLE events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_id   uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    trial_id   uuid,
    kind       text NOT NULL,
    data       json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_of_study ON events (study_id, id);
CREATE INDEX events_by_age ON events (created_at);
