/// Times are Unix seconds. Text columns that hold a client's text hold it as `StoredText` writes it.
///
/// Counts and blob references are kept by triggers, so that no way of inserting, deleting or cascading can miss them.
/// A count is spread over rows, one of which each session adds to, so that nodes don't wait for each other at it.
let startSchema = """
    CREATE TABLE account (
        id uuid NOT NULL PRIMARY KEY,
        name text COLLATE "C" NOT NULL UNIQUE,
        created_at float8 NOT NULL
    );

    CREATE TABLE api_key (
        id uuid NOT NULL PRIMARY KEY,
        account uuid NOT NULL REFERENCES account (id),
        digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
        prefix text NOT NULL,
        created_at float8 NOT NULL,
        expires_at float8,
        revoked_at float8
    );
    CREATE INDEX api_key_account ON api_key (account);

    -- Room is left in each page so that a change of status stays in it and touches no index.
    CREATE TABLE image (
        row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        account uuid NOT NULL REFERENCES account (id),
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        format text NOT NULL,
        width int NOT NULL,
        height int NOT NULL,
        frames int NOT NULL,
        size_bytes bigint NOT NULL,
        status smallint NOT NULL CHECK (status BETWEEN 0 AND 3),
        failure_code text,
        failure_message text,
        uploaded_at float8 NOT NULL,
        recorded_at float8,
        file_name text,
        -- JSON as the client wrote it, and the same for filters to look at.
        metadata text NOT NULL,
        document jsonb NOT NULL
    ) WITH (fillfactor = 85);
    -- Each order a list can have, ready to be walked from either end and from any cursor.
    CREATE INDEX image_by_upload ON image (account, uploaded_at, id);
    CREATE INDEX image_by_recording ON image (account, recorded_at, id);
    CREATE INDEX image_by_size ON image (account, size_bytes, id);
    CREATE INDEX image_by_hash ON image (hash);
    -- Kept in order at once: a list of changes yet to be merged would slow reads by chance.
    CREATE INDEX image_by_document ON image USING gin (document jsonb_path_ops) WITH (fastupdate = off);

    CREATE TABLE image_count (
        account uuid NOT NULL,
        status smallint NOT NULL,
        slot int NOT NULL,
        images bigint NOT NULL,
        PRIMARY KEY (account, status, slot)
    ) WITH (fillfactor = 50);

    CREATE TABLE blob (
        hash bytea NOT NULL PRIMARY KEY CHECK (octet_length(hash) = 32),
        size_bytes bigint NOT NULL,
        reference_count bigint NOT NULL
    ) WITH (fillfactor = 90);
    CREATE INDEX blob_unreferenced ON blob (hash) WHERE reference_count = 0;

    -- Rows are always locked in the order of their keys, so that transactions don't wait for each other in a circle.
    CREATE FUNCTION image_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO image_count AS kept (account, status, slot, images)
            SELECT account, status, pg_backend_pid() % 16, count(*) FROM new_images
            GROUP BY account, status ORDER BY account, status
            ON CONFLICT (account, status, slot) DO UPDATE SET images = kept.images + excluded.images;
        INSERT INTO blob AS kept (hash, size_bytes, reference_count)
            SELECT hash, max(size_bytes), count(*) FROM new_images GROUP BY hash ORDER BY hash
            ON CONFLICT (hash) DO UPDATE SET reference_count = kept.reference_count + excluded.reference_count;
        RETURN NULL;
    END $$;
    CREATE TRIGGER image_inserted AFTER INSERT ON image REFERENCING NEW TABLE AS new_images
        FOR EACH STATEMENT EXECUTE FUNCTION image_inserted();

    CREATE FUNCTION image_updated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO image_count AS kept (account, status, slot, images)
            SELECT account, status, pg_backend_pid() % 16, sum(change) FROM (
                SELECT account, status, 1 AS change FROM new_images
                UNION ALL SELECT account, status, -1 FROM old_images) AS changes
            GROUP BY account, status HAVING sum(change) <> 0 ORDER BY account, status
            ON CONFLICT (account, status, slot) DO UPDATE SET images = kept.images + excluded.images;
        RETURN NULL;
    END $$;
    CREATE TRIGGER image_updated AFTER UPDATE ON image REFERENCING OLD TABLE AS old_images NEW TABLE AS new_images
        FOR EACH STATEMENT EXECUTE FUNCTION image_updated();

    CREATE FUNCTION image_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO image_count AS kept (account, status, slot, images)
            SELECT account, status, pg_backend_pid() % 16, -count(*) FROM old_images
            GROUP BY account, status ORDER BY account, status
            ON CONFLICT (account, status, slot) DO UPDATE SET images = kept.images + excluded.images;
        PERFORM 1 FROM blob WHERE hash IN (SELECT hash FROM old_images) ORDER BY hash FOR UPDATE;
        UPDATE blob SET reference_count = reference_count - gone.images
            FROM (SELECT hash, count(*) AS images FROM old_images GROUP BY hash) AS gone WHERE blob.hash = gone.hash;
        RETURN NULL;
    END $$;
    CREATE TRIGGER image_deleted AFTER DELETE ON image REFERENCING OLD TABLE AS old_images
        FOR EACH STATEMENT EXECUTE FUNCTION image_deleted();

    -- Vacuumed often: the claim walks the index from its beginning, where the jobs that are done lie.
    CREATE TABLE job (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        image bigint NOT NULL REFERENCES image (row) ON DELETE CASCADE,
        model text NOT NULL,
        -- 0 queued, 1 running; a job that is done is deleted.
        state smallint NOT NULL CHECK (state IN (0, 1)),
        attempts int NOT NULL,
        maximum_attempts int NOT NULL,
        run_after float8 NOT NULL,
        -- When the job may be claimed: run_after while queued, the end of the lease while running.
        due_at float8 NOT NULL,
        worker text,
        token uuid,
        failure_code text,
        failure_message text,
        UNIQUE (image, kind, model)
    ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
    CREATE INDEX job_due ON job (due_at, id);
    CREATE INDEX job_running ON job (due_at) WHERE state = 1;

    CREATE TABLE job_count (
        slot int NOT NULL PRIMARY KEY,
        jobs bigint NOT NULL
    ) WITH (fillfactor = 50);
    CREATE FUNCTION job_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO job_count AS kept (slot, jobs)
            SELECT pg_backend_pid() % 16, count(*) FROM new_jobs HAVING count(*) > 0
            ON CONFLICT (slot) DO UPDATE SET jobs = kept.jobs + excluded.jobs;
        RETURN NULL;
    END $$;
    CREATE TRIGGER job_inserted AFTER INSERT ON job REFERENCING NEW TABLE AS new_jobs
        FOR EACH STATEMENT EXECUTE FUNCTION job_inserted();
    CREATE FUNCTION job_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO job_count AS kept (slot, jobs)
            SELECT pg_backend_pid() % 16, -count(*) FROM old_jobs HAVING count(*) > 0
            ON CONFLICT (slot) DO UPDATE SET jobs = kept.jobs + excluded.jobs;
        RETURN NULL;
    END $$;
    CREATE TRIGGER job_deleted AFTER DELETE ON job REFERENCING OLD TABLE AS old_jobs
        FOR EACH STATEMENT EXECUTE FUNCTION job_deleted();

    CREATE TABLE model (
        number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text COLLATE "C" NOT NULL UNIQUE
    );

    CREATE TABLE vector (
        image bigint NOT NULL REFERENCES image (row) ON DELETE CASCADE,
        model int NOT NULL REFERENCES model (number),
        account uuid NOT NULL,
        -- Half-precision components, little-endian.
        bytes bytea NOT NULL,
        PRIMARY KEY (image, model)
    );
    ALTER TABLE vector ALTER COLUMN bytes SET STORAGE EXTERNAL;
    CREATE INDEX vector_by_model ON vector (model, image);

    CREATE TABLE setting (
        name text COLLATE "C" NOT NULL PRIMARY KEY,
        value text NOT NULL
    );

    CREATE TABLE idempotent_answer (
        account uuid NOT NULL REFERENCES account (id),
        key text COLLATE "C" NOT NULL,
        fingerprint bytea NOT NULL,
        results text NOT NULL,
        created_at float8 NOT NULL,
        PRIMARY KEY (account, key)
    );
    CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);
    """
