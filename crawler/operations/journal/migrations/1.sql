-- Times are ISO 8601 in UTC with Z. `ok` is 1 or 0.
create table runs (
    id integer primary key, portal text not null, planned_at text not null, began_at text,
    ended_at text, exit_code integer, note text
);
create index runs_portal on runs(portal, planned_at);
create table profile_faults (portal text primary key, since text not null, message text not null);
create table plans (portal text primary key, plan text not null, since text);
create table backups (
    id integer primary key, at text not null, target text not null, snapshot text, size_bytes integer,
    ok integer not null, message text
);
create table drills (
    id integer primary key, at text not null, target text not null, snapshot text, ok integer not null, message text
);
create table alarms (
    id integer primary key, kind text not null, subject text not null, since text not null, sentence text not null,
    told_at text, ended_at text, end_told_at text
);
create unique index alarms_open on alarms(kind, subject) where ended_at is null;
create table digests (id integer primary key, sent_at text not null, until_crawl_id integer not null);
