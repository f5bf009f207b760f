-- Work is one leaseable unit. Life: queued -> leased -> done | failed | cancelled, back to queued when a lease ends
-- without a result, and held while its study is paused.
CREATE TABLE work (
    id          uuid PRIMARY KEY,
    study_id    uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    -- Null for work that is not a trial (supernet, score, measure).
    trial_id    uuid UNIQUE REFERENCES trials ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('train', 'supernet', 'score', 'measure')),
    payload     json NOT NULL,
    -- Data set that the worker must have; null: none.
    dataset     text,
    -- The strategy's name for the order; null for work that the engine itself asked for (final training).
    tag         bigint,
    priority    integer NOT NULL DEFAULT 0,
    epochs      integer NOT NULL DEFAULT 0,
    state       text NOT NULL CHECK (state IN ('queued', 'held', 'leased', 'done', 'failed', 'cancelled')),

    -- Attempts that were begun (a lease given back with `released` is not counted).
    attempt     integer NOT NULL DEFAULT 0,
    -- The fence: only who holds the token may report. Every lease has a new one.
    lease_token uuid,
    deadline    timestamptz,
    -- Who has it; kept when the lease ends, as a memory of where it ran last.
    worker      text,
    slot        integer,
    -- What the next report is told instead of `continue`.
    directive   text CHECK (directive IN ('stop', 'release', 'cancel')),
    progress    double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    -- Newest checkpoint, from which the next attempt goes on.
    checkpoint  uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),

    CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CHECK ((state = 'leased') = (deadline IS NOT NULL)),
    CHECK (state <> 'leased' OR (worker IS NOT NULL AND slot IS NOT NULL AND attempt > 0)),
    CHECK (directive IS NULL OR state = 'leased')
) WITH (fillfactor = 60);

-- The queue. Ids are UUID v7, so `id` is the order of creation; a study keeps few pieces of work in the queue and gets
-- new ones only as old ones end, therefore first come, first served is fair between studies.
CREATE INDEX work_queue ON work (priority DESC, id) WHERE state = 'queued';
-- "Give back first what this worker and slot left unfinished", and the scan for expired leases. The deadline is in no
-- index on purpose: a heartbeat then is a heap-only update.
CREATE INDEX work_held_by ON work (worker, slot) WHERE state = 'leased';
-- What a study has in flight.
CREATE INDEX work_live ON work (study_id) WHERE state IN ('queued', 'held', 'leased');

-- How each lease ended. The token is unique: the same outcome twice is one outcome.
CREATE TABLE outcomes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work_id     uuid NOT NULL REFERENCES work ON DELETE CASCADE,
    study_id    uuid NOT NULL,
    -- The lease; null when the coordinator settled work that nobody held (cancelled while queued).
    token       uuid UNIQUE,
    attempt     integer NOT NULL,
    -- As sent by the worker or stated by the coordinator (lease expired).
    outcome     json NOT NULL,
    -- State that the trial ended in; null when the work went back to the queue.
    settled     text CHECK (settled IN ('completed', 'pruned', 'infeasible', 'failed', 'cancelled')),
    -- Version of the study whose advance took this outcome in; the strategy sees each settled outcome once.
    consumed_by bigint,
    created_at  timestamptz NOT NULL DEFAULT now(),

    CHECK (consumed_by IS NULL OR settled IS NOT NULL)
);
CREATE INDEX outcomes_unconsumed ON outcomes (study_id, id) WHERE settled IS NOT NULL AND consumed_by IS NULL;
CREATE INDEX outcomes_of_work ON outcomes (work_id);

-- Learning curves. The key makes a resumed run overwrite the points that it passes again. No foreign key: it would
-- cost a lock and a look-up per point; deleting a study deletes its points by hand.
CREATE TABLE curve_points (
    work_id uuid NOT NULL,
    metric  text NOT NULL,
    step    integer NOT NULL CHECK (step >= 0),
    value   double precision NOT NULL,
    attempt integer NOT NULL,
    PRIMARY KEY (work_id, metric, step)
);

-- Workers announce themselves; the row is what they last said.
CREATE TABLE workers (
    name          text PRIMARY KEY CHECK (name <> ''),
    device        text NOT NULL,
    slots         integer NOT NULL CHECK (slots > 0),
    kinds         text[] NOT NULL,
    datasets      text[] NOT NULL,
    version       text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now()
);

-- Bytes live in the object store under a key made of the id; a name given by a user never becomes a path.
CREATE TABLE artifacts (
    id         uuid PRIMARY KEY,
    work_id    uuid NOT NULL,
    study_id   uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    trial_id   uuid,
    name       text NOT NULL CHECK (name <> ''),
    size       bigint NOT NULL CHECK (size >= 0),
    sha256     text NOT NULL CHECK (length(sha256) = 64),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX artifacts_of_work ON artifacts (work_id);
CREATE INDEX artifacts_of_trial ON artifacts (trial_id);
CREATE INDEX artifacts_of_study ON artifacts (study_id);
-- Checkpoints are the artifacts that get deleted, so this index stays small.
CREATE INDEX artifacts_checkpoints ON artifacts (created_at) WHERE name = 'checkpoint';
