-- What the text of an attachment mentions, each value of a kind once, where the text has it first.
-- The key comes first: `integrity_check` of SQLite 3.40 finds nulls where there are none if it does not.
create table attachment_facts (
    attachment_sha256 text not null references attachments(sha256), kind text not null, offset integer not null,
    value text, said text not null, page integer, primary key (attachment_sha256, kind, offset)
) without rowid;
create index attachment_facts_value on attachment_facts(kind, value, attachment_sha256);
