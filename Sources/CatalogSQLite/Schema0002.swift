/// A log of changes to vectors, kept by triggers, so that a snapshot of the vector index can be brought up to date.
///
/// Only the latest million changes are kept: who is further behind reads all vectors anew. The account is part of a
/// change because a deleted image can't be asked for it.
let vectorChangeSchema = """
    CREATE TABLE vector_change (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        model INTEGER NOT NULL REFERENCES model (number),
        image INTEGER NOT NULL,
        account BLOB NOT NULL,
        token INTEGER NOT NULL
    ) STRICT;

    CREATE TRIGGER vector_inserted AFTER INSERT ON vector BEGIN
        INSERT INTO vector_change (model, image, account, token)
            SELECT new.model, new.image, account, random() FROM image WHERE row = new.image;
    END;
    CREATE TRIGGER vector_updated AFTER UPDATE ON vector BEGIN
        INSERT INTO vector_change (model, image, account, token)
            SELECT new.model, new.image, account, random() FROM image WHERE row = new.image;
    END;
    CREATE TRIGGER vector_deleted AFTER DELETE ON vector BEGIN
        INSERT INTO vector_change (model, image, account, token)
            SELECT old.model, old.image, account, random() FROM image WHERE row = old.image;
    END;
    -- Vectors that go with their image: the cascade runs when the image's row is gone already.
    CREATE TRIGGER image_vectors_deleted BEFORE DELETE ON image BEGIN
        INSERT INTO vector_change (model, image, account, token)
            SELECT model, image, old.account, random() FROM vector WHERE image = old.row;
    END;
    CREATE TRIGGER vector_change_bounded AFTER INSERT ON vector_change BEGIN
        DELETE FROM vector_change WHERE sequence <= new.sequence - 1000000;
    END;

    INSERT INTO vector_change (model, image, account, token)
        SELECT vector.model, vector.image, image.account, random()
        FROM vector JOIN image ON image.row = vector.image ORDER BY vector.rowid;
    """
