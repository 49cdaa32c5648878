/// Jobs that somebody waits for go before those of a bulk import, and these before re-embedding (`JobPriority`).
let jobPrioritySchema = """
    ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 2;
    CREATE INDEX job_by_priority ON job (priority, due_at, id);
    """
