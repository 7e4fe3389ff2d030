-- Verifications that found something, and those after them that found nothing: what is damaged stays known until mended.
create table verifications (
    id integer primary key,
    at text not null,          -- ISO 8601 in UTC with Z
    is_whole integer not null, -- 0 for verify --quick
    differences integer not null,
    lost integer not null      -- of them: files and records that are missing or damaged
);
