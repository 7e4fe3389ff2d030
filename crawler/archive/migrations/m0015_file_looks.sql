-- When each file was asked for, and when it is asked for again; what happened to files under their addresses.
create table file_looks (
    portal text not null references portals(name), url text not null, role text not null, wanted_on text not null,
    asked_on text not null, had_on text, checked_at text, checked_on text, looks integer not null default 0,
    failing_since text, fails integer not null default 0, due_on text, primary key (portal, url, role)
) without rowid;
create index file_looks_due on file_looks(portal, due_on);
create index file_looks_asked on file_looks(portal, asked_on);
create table file_events (
    id integer primary key, portal text not null references portals(name), url text not null, role text not null,
    at text not null, kind text not null, before_sha256 text, after_sha256 text, articles integer not null,
    capture_id integer references captures(id)
);
create index file_events_url on file_events(url, portal);
create index file_events_capture on file_events(capture_id);
alter table files add column name text;
