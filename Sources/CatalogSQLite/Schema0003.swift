/// The words of each image's metadata, for joined search: FTS5, kept by triggers.
///
/// `owner` holds the account as one word, so that a match is confined to the account before anything is ranked. `caption` is
/// the caption, `words` every other string in the metadata, however deep.
let textSchema = """
    CREATE VIRTUAL TABLE image_text USING fts5 (
        owner, caption, words, tokenize = "porter unicode61 remove_diacritics 2"
    );

    CREATE TRIGGER image_text_inserted AFTER INSERT ON image BEGIN
        INSERT INTO image_text (rowid, owner, caption, words)
            SELECT new.row, hex(new.account), \(captionText), \(otherText);
    END;
    CREATE TRIGGER image_text_updated AFTER UPDATE OF metadata ON image BEGIN
        DELETE FROM image_text WHERE rowid = new.row;
        INSERT INTO image_text (rowid, owner, caption, words)
            SELECT new.row, hex(new.account), \(captionText), \(otherText);
    END;
    CREATE TRIGGER image_text_deleted AFTER DELETE ON image BEGIN
        DELETE FROM image_text WHERE rowid = old.row;
    END;

    INSERT INTO image_text (rowid, owner, caption, words)
        SELECT new.row, hex(new.account), \(captionText), \(otherText) FROM image AS new;
    """

private let captionText = """
    CASE WHEN json_type(new.metadata, '$.caption') = 'text' THEN json_extract(new.metadata, '$.caption') ELSE '' END
    """

private let otherText = """
    coalesce((SELECT group_concat(found.atom, ' ') FROM json_tree(new.metadata) AS found
        WHERE found.type = 'text' AND found.fullkey <> '$.caption'), '')
    """
