-- A strategy that remembers what it has proposed has a state that grows with the study, and an advance changes little of
-- it. So `studies.strategy_state` is the state as it was at `state_version`, and each advance after that adds what it has
-- changed. When the changes have become as long as the state, an advance writes the state as a whole and deletes them:
-- writing costs as much as was changed, whatever the length of the history.
ALTER TABLE studies ADD COLUMN state_version bigint NOT NULL DEFAULT 0;
CREATE TABLE strategy_changes (
    study_id uuid NOT NULL REFERENCES studies ON DELETE CASCADE,
    -- The version that this change leads to.
    version  bigint NOT NULL,
    change   json NOT NULL,
    PRIMARY KEY (study_id, version)
);

-- The study's row is rewritten by every advance: with room in its page that touches no index.
ALTER TABLE studies SET (fillfactor = 50);

-- Every ended trial leaves an event. A foreign key would look up and lock the study's row for each, and an advance that
-- rewrites that row would have to wait; deleting a study deletes its events by hand.
ALTER TABLE events DROP CONSTRAINT events_study_id_fkey;
