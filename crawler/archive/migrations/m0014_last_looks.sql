-- What the last look at each article showed beside its content, to judge the next one.
create table last_looks (
    article_id integer primary key references articles(id), has_end integer not null, goes_on integer not null,
    open_tags integer not null, own_id text, spots text
);
create table page_claims (
    article_id integer not null references articles(id), url text not null, primary key (article_id, url)
) without rowid;
create index page_claims_url on page_claims(url);
create index mentions_title on mentions(title, portal) where title is not null;
