-- What a rebuild or a start could not bring in, and files that hold nothing that others do not hold.
create table losses (
    id integer primary key, kind text not null, warc_file text, warc_offset integer, what text not null
);
create table spare_files (
    name text primary key, size_bytes integer not null, sha256 text not null, held_in text not null
);
