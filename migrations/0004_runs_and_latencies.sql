-- Runs: the work of a study that is no trial (supernet, score, measure). They are few, so the index stays small.
CREATE INDEX work_runs ON work (study_id, id) WHERE trial_id IS NULL;

-- Latency tables: what `measure` runs found, kept beyond their study. The newest measurement stands.
CREATE TABLE latencies (
    -- As the worker calls its device.
    device      text NOT NULL CHECK (device <> ''),
    batch       integer NOT NULL CHECK (batch > 0),
    -- Names the graph: equal signatures are equal graphs with equal input shapes.
    signature   text NOT NULL,
    median_us   double precision NOT NULL CHECK (median_us > 0),
    mean_us     double precision NOT NULL CHECK (mean_us > 0),
    runs        integer NOT NULL CHECK (runs > 0),
    measured_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (device, batch, signature)
);
