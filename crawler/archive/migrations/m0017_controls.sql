-- Controls: the answers for addresses that name nothing, and the unreadable answers that wait for them.
create table controls (
    crawl_id integer not null references crawls(id), url text not null, asking integer not null,
    status integer not null, chain text not null, place text, kind text, has_frame integer not null,
    text_sha256 text, capture_id integer not null references captures(id), pieces blob,
    primary key (crawl_id, url, asking)
);
create index controls_capture on controls(capture_id);
create table compared_answers (
    crawl_id integer not null references crawls(id), url text not null, role text not null, kind text not null,
    status integer not null, chain text not null, place text not null,
    capture_id integer not null references captures(id), pieces blob not null,
    primary key (crawl_id, url)
);
create index compared_answers_capture on compared_answers(capture_id);
alter table misses add column control_id integer references captures(id);
create index misses_control on misses(control_id) where control_id is not null;
create table plain_hosts (
    portal text not null references portals(name), host text not null, crawl_id integer not null references crawls(id),
    at text not null, status integer not null, primary key (portal, host)
);
