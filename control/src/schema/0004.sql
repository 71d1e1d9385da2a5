-- Who leads: of the nodes that could do what only one may, the one that does, until when, and its term. A term that is
-- over can write no more.
CREATE TABLE leaders (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    term   INTEGER NOT NULL,
    until  INTEGER NOT NULL
) STRICT;
