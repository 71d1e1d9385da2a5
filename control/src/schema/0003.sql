-- What a message is: sent to the byte, or a notification that each receiver's message is made of. What was queued before
-- is a body that was made already.
ALTER TABLE outbox ADD COLUMN form TEXT NOT NULL DEFAULT 'body' CHECK (form IN ('body', 'notification'));
