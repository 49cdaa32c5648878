/// Identifiers are their 16 bytes, hashes their 32, times Unix seconds.
///
/// Counts and blob references are kept by triggers, so that no way of inserting, deleting or cascading can miss them.
let startSchema = """
    CREATE TABLE account (
        id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
        name TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE api_key (
        id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
        account BLOB NOT NULL REFERENCES account (id),
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        prefix TEXT NOT NULL,
        created_at REAL NOT NULL,
        expires_at REAL,
        revoked_at REAL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX api_key_account ON api_key (account);

    CREATE TABLE image (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
        account BLOB NOT NULL REFERENCES account (id),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        format TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        frames INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
        failure_code TEXT,
        failure_message TEXT,
        uploaded_at REAL NOT NULL,
        file_name TEXT,
        metadata TEXT NOT NULL CHECK (json_valid(metadata)),
        recorded_at REAL GENERATED ALWAYS AS (
            CASE WHEN json_type(metadata, '$.recorded_timestamp_utc') IN ('integer', 'real')
            THEN CAST(json_extract(metadata, '$.recorded_timestamp_utc') AS REAL) END
        ) VIRTUAL
    ) STRICT;
    -- Each order a list can have, ready to be walked from either end and from any cursor.
    CREATE INDEX image_by_upload ON image (account, uploaded_at, id);
    CREATE INDEX image_by_recording ON image (account, recorded_at, id);
    CREATE INDEX image_by_size ON image (account, size_bytes, id);
    CREATE INDEX image_by_hash ON image (hash);

    CREATE TABLE image_count (
        account BLOB NOT NULL REFERENCES account (id),
        status INTEGER NOT NULL,
        images INTEGER NOT NULL,
        PRIMARY KEY (account, status)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE blob (
        hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
        size_bytes INTEGER NOT NULL,
        reference_count INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blob_unreferenced ON blob (hash) WHERE reference_count = 0;

    CREATE TRIGGER image_inserted AFTER INSERT ON image BEGIN
        INSERT INTO image_count (account, status, images) VALUES (new.account, new.status, 1)
            ON CONFLICT (account, status) DO UPDATE SET images = images + 1;
        INSERT INTO blob (hash, size_bytes, reference_count) VALUES (new.hash, new.size_bytes, 1)
            ON CONFLICT (hash) DO UPDATE SET reference_count = reference_count + 1;
    END;
    CREATE TRIGGER image_deleted AFTER DELETE ON image BEGIN
        UPDATE image_count SET images = images - 1 WHERE account = old.account AND status = old.status;
        UPDATE blob SET reference_count = reference_count - 1 WHERE hash = old.hash;
    END;
    CREATE TRIGGER image_status_changed AFTER UPDATE OF status ON image WHEN old.status <> new.status BEGIN
        UPDATE image_count SET images = images - 1 WHERE account = old.account AND status = old.status;
        INSERT INTO image_count (account, status, images) VALUES (new.account, new.status, 1)
            ON CONFLICT (account, status) DO UPDATE SET images = images + 1;
    END;

    CREATE TABLE job (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        image INTEGER NOT NULL REFERENCES image (row) ON DELETE CASCADE,
        model TEXT NOT NULL,
        -- 0 queued, 1 running; a job that is done is deleted.
        state INTEGER NOT NULL CHECK (state IN (0, 1)),
        attempts INTEGER NOT NULL,
        maximum_attempts INTEGER NOT NULL,
        run_after REAL NOT NULL,
        -- When the job may be claimed: run_after while queued, the end of the lease while running.
        due_at REAL NOT NULL,
        worker TEXT,
        token BLOB,
        failure_code TEXT,
        failure_message TEXT,
        UNIQUE (image, kind, model)
    ) STRICT;
    CREATE INDEX job_due ON job (due_at);
    CREATE INDEX job_running ON job (due_at) WHERE state = 1;

    CREATE TABLE job_count (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        jobs INTEGER NOT NULL
    ) STRICT;
    INSERT INTO job_count (one, jobs) VALUES (1, 0);
    CREATE TRIGGER job_inserted AFTER INSERT ON job BEGIN
        UPDATE job_count SET jobs = jobs + 1;
    END;
    CREATE TRIGGER job_deleted AFTER DELETE ON job BEGIN
        UPDATE job_count SET jobs = jobs - 1;
    END;

    CREATE TABLE model (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE vector (
        image INTEGER NOT NULL REFERENCES image (row) ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES model (number),
        -- Half-precision components, little-endian.
        bytes BLOB NOT NULL,
        UNIQUE (image, model)
    ) STRICT;

    CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE idempotent_answer (
        account BLOB NOT NULL REFERENCES account (id),
        key TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        results TEXT NOT NULL,
        created_at REAL NOT NULL,
        PRIMARY KEY (account, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);
    """
