-- What error-budget policies began, a row for each time; `ended_at` is empty while it holds.
CREATE TABLE budget_steps (
    id         TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL,
    slo        TEXT NOT NULL,
    service    TEXT NOT NULL,
    policy     TEXT NOT NULL,
    step       TEXT NOT NULL,
    freezes    INTEGER NOT NULL CHECK (freezes IN (0, 1)),
    began      TEXT NOT NULL,
    begun_at   INTEGER NOT NULL,
    ended      TEXT,
    ended_at   INTEGER
) STRICT;
CREATE INDEX budget_steps_slo ON budget_steps (tenant, slo, begun_at);
CREATE INDEX budget_steps_service ON budget_steps (tenant, service, ended_at);

-- What is remembered of each action, as JSON: whether it is off, when it ran, what was decided.
CREATE TABLE actions (
    tenant     TEXT NOT NULL,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;
