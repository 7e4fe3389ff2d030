-- Absences with their evidence: many at once, what cannot be read, what a person decided.
alter table misses add column many integer;
alter table articles add column unread_since text;
alter table articles add column decided_at text;
create table unread_looks (
    article_id integer not null references articles(id), night text not null, at text not null, kind text not null,
    capture_id integer references captures(id), primary key (article_id, night)
);
create index unread_looks_capture on unread_looks(capture_id);
create index articles_checking on articles(last_seen_at, id) where state = 'suspect' or unread_since is not null;
