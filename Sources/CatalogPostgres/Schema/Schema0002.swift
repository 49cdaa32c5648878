/// A log of changes to vectors, which nodes with an index in memory follow.
///
/// A number must not become visible after a greater one, or whoever follows would pass over it. So numbers are given at
/// the very end of a transaction, by deferred triggers, under a lock that is let go when the commit is visible: their
/// order is the order of commits. Nothing comes between the lock and the commit but the commit itself.
///
/// Only the latest changes are kept: who is further behind reads all vectors anew. The account is part of a change
/// because a deleted image can't be asked for it.
let vectorChangeSchema = """
    CREATE TABLE vector_change (
        sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        model int NOT NULL REFERENCES model (number),
        image bigint NOT NULL,
        account uuid NOT NULL,
        token uuid NOT NULL DEFAULT gen_random_uuid()
    );
    CREATE INDEX vector_change_by_model ON vector_change (model, sequence);

    CREATE TABLE vector_log (
        one int PRIMARY KEY CHECK (one = 1),
        -- How many changes are kept, and up to which number they were dropped.
        kept bigint NOT NULL,
        dropped_to bigint NOT NULL
    );
    INSERT INTO vector_log (one, kept, dropped_to) VALUES (1, 1000000, 0);

    CREATE FUNCTION vector_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        number bigint;
    BEGIN
        PERFORM pg_advisory_xact_lock(\(AdvisoryLock.vectorChanges.rawValue));
        IF TG_OP = 'DELETE' THEN
            INSERT INTO vector_change (model, image, account) VALUES (OLD.model, OLD.image, OLD.account)
                RETURNING sequence INTO number;
        ELSE
            INSERT INTO vector_change (model, image, account) VALUES (NEW.model, NEW.image, NEW.account)
                RETURNING sequence INTO number;
        END IF;
        IF number % 1000 = 0 THEN
            DELETE FROM vector_change WHERE sequence <= number - (SELECT kept FROM vector_log);
            IF FOUND THEN
                UPDATE vector_log SET dropped_to = number - kept;
            END IF;
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER vector_changed AFTER INSERT OR UPDATE OR DELETE ON vector
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vector_changed();
    """
