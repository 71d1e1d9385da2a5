-- Through which door and from where a session was begun, and when somebody signed in last, for administrators.
ALTER TABLE sessions ADD COLUMN door TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE users ADD COLUMN signed_in_at INTEGER;
