-- `box_state` has its name from the first version of this file format; files of that version are still read.
create table if not exists box_state (key text primary key, value not null);
create table if not exists withheld_names (
    _born integer not null, _died integer, kind text not null, name text not null, withholding_id integer not null
);
create index if not exists withheld_names_name on withheld_names(kind, name);
