-- A space is an immutable document, named by the hash of its canonical form. Storing it twice is storing it once.
CREATE TABLE spaces (
    id         text PRIMARY KEY CHECK (id <> ''),
    name       text NOT NULL,
    document   json NOT NULL,
    -- Number of genotypes as a decimal string (it may have hundreds of digits), '-1' when infinite.
    size       text NOT NULL,
    -- {"name": …, "options": …} when it is a ready-made one.
    builtin    json,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A study is one search. Its row changes in two ways only:
--   * a person changes state or limits;
--   * the engine advances it: `UPDATE … WHERE version = N` sets version N + 1 together with the new strategy state, in
--     the transaction that also marks the consumed outcomes and inserts the new trials and work. Two coordinators that
--     advance the same study at once cannot both succeed.
CREATE TABLE studies (
    id                uuid PRIMARY KEY,
    name              text NOT NULL CHECK (name <> ''),
    space_id          text NOT NULL REFERENCES spaces,
    -- As submitted. The limits below start from its budget and may move away from it while the study runs.
    document          json NOT NULL,
    state             text NOT NULL CHECK (state IN
                          ('draft', 'running', 'paused', 'stopping', 'completed', 'stopped', 'failed')),
    -- `search` proposes candidates; `final` retrains the best ones and the baseline on the test split.
    phase             text NOT NULL DEFAULT 'search' CHECK (phase IN ('search', 'final')),
    -- Why the study ended, failed, or is ending; a sentence for people.
    reason            text,

    max_trials        bigint CHECK (max_trials > 0),
    max_epochs        bigint CHECK (max_epochs > 0),
    timeout_seconds   double precision CHECK (timeout_seconds > 0),
    parallel_trials   integer NOT NULL CHECK (parallel_trials > 0),
    max_failed_trials bigint CHECK (max_failed_trials >= 0),
    max_attempts      integer NOT NULL CHECK (max_attempts > 0),

    version           bigint NOT NULL DEFAULT 0,
    -- The strategy's own document ({version, state}); null before the first advance.
    strategy_state    json,
    -- What the engine itself must remember between two advances (orders that wait for another trial's result).
    bookkeeping       json NOT NULL DEFAULT '{}',

    -- Tallies of trials that ended, kept by the advance that consumed their outcomes, so that neither progress nor a
    -- limit ever counts through the history.
    trials_created    bigint NOT NULL DEFAULT 0,
    trained           bigint NOT NULL DEFAULT 0,
    completed         bigint NOT NULL DEFAULT 0,
    pruned            bigint NOT NULL DEFAULT 0,
    infeasible        bigint NOT NULL DEFAULT 0,
    failed            bigint NOT NULL DEFAULT 0,
    cancelled         bigint NOT NULL DEFAULT 0,
    epochs_spent      bigint NOT NULL DEFAULT 0,
    -- The completed trial of the search that is best in the first objective.
    best_trial        uuid,

    -- Wall time without pauses: the seconds of finished stretches, and the start of the present one.
    ran_seconds       double precision NOT NULL DEFAULT 0,
    running_since     timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    started_at        timestamptz,
    finished_at       timestamptz,

    CHECK ((running_since IS NOT NULL) = (state IN ('running', 'stopping'))),
    CHECK ((finished_at IS NOT NULL) = (state IN ('completed', 'stopped', 'failed')))
);
CREATE INDEX studies_live ON studies (id) WHERE state IN ('running', 'stopping');

-- A trial is one candidate evaluated in a study.
CREATE TABLE trials (
    id          uuid PRIMARY KEY,
    study_id    uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    -- 1, 2, 3 … in the order of proposal.
    number      bigint NOT NULL,
    -- Null only for a baseline that was given as a candidate document.
    genotype    json,
    -- Hash of the genotype (or of the baseline's document).
    key         text NOT NULL,
    -- Free statistics (params, flops, depth), known before training.
    statistics  jsonb NOT NULL DEFAULT '{}',
    metrics     jsonb NOT NULL DEFAULT '{}',
    state       text NOT NULL CHECK (state IN
                    ('waiting', 'running', 'paused', 'completed', 'pruned', 'infeasible', 'failed', 'cancelled')),
    reason      text,
    -- 0 until a worker takes it, then the number of the attempt.
    attempt     integer NOT NULL DEFAULT 0,
    -- Fidelity: the epochs it is to be trained, and those that were.
    epochs      integer NOT NULL,
    epochs_done integer NOT NULL DEFAULT 0,
    final       boolean NOT NULL DEFAULT false,
    baseline    boolean NOT NULL DEFAULT false,
    -- 0, or the number of the trial itself where the strategy asked for a repeated evaluation.
    repeat      bigint NOT NULL DEFAULT 0,
    worker      text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    finished_at timestamptz,

    UNIQUE (study_id, number),
    CHECK (final OR NOT baseline),
    CHECK (genotype IS NOT NULL OR baseline),
    CHECK ((finished_at IS NOT NULL) = (state IN ('completed', 'pruned', 'infeasible', 'failed', 'cancelled')))
) WITH (fillfactor = 80);
-- A genotype is evaluated once per fidelity, unless the strategy asks for repeats.
CREATE UNIQUE INDEX trials_once ON trials (study_id, key, epochs, repeat) WHERE NOT final;
