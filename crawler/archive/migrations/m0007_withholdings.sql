create table withholdings (
    id integer primary key, kind text not null, what text not null, reason text not null, by text not null,
    withheld_at text not null, released_at text, release_reason text, released_by text
);
create unique index withholdings_active on withholdings(kind, what) where released_at is null;
