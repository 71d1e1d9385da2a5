-- Accounts that an OpenID provider vouches for: how it calls itself, and how it calls them.
ALTER TABLE users ADD COLUMN issuer TEXT;
ALTER TABLE users ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX users_subject ON users (issuer, subject);
