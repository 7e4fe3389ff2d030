-- What the last look at each article showed that is not kept, in the order of the page.
create table unkept (
    article_id integer not null references articles(id), position integer not null, kind text not null,
    url text not null, capture_id integer not null references captures(id), primary key (article_id, position)
);
create index unkept_kind on unkept(kind);
create index unkept_capture on unkept(capture_id);
