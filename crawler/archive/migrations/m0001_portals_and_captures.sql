-- Portals, their crawls and captures.
create table portals (
    name text primary key, title text not null, base_url text not null, timezone text not null,
    cms text not null, rights_notice text, rights_source text, profile text not null
);
create table crawls (
    id integer primary key, portal text not null references portals(name), started_at text not null,
    finished_at text, outcome text not null, reason text, requests integer not null default 0,
    articles_new integer not null default 0, articles_changed integer not null default 0,
    articles_unchanged integer not null default 0, articles_removed integer not null default 0,
    images_new integer not null default 0, errors integer not null default 0, full integer not null default 0,
    in_ledger integer not null default 0
);
create index crawls_portal on crawls(portal, started_at);
create table crawl_errors (
    id integer primary key, crawl_id integer not null references crawls(id), url text not null,
    at text not null, kind text not null, message text not null, capture_id integer references captures(id)
);
create index crawl_errors_crawl on crawl_errors(crawl_id);
create index crawl_errors_url on crawl_errors(url);
create table listing_walks (
    crawl_id integer not null references crawls(id), url text not null, pages_announced integer,
    pages_read integer not null, rows_seen integer not null, missing text, whole integer not null,
    to_end integer not null, articles_held integer,
    primary key (crawl_id, url)
);
create table listing_rows (
    portal text not null references portals(name), listing text not null, url text not null,
    first_crawl_id integer not null references crawls(id), last_crawl_id integer not null references crawls(id),
    last_capture_id integer not null references captures(id), listed integer not null,
    primary key (portal, listing, url)
);
create index listing_rows_url on listing_rows(portal, url);
create table listing_heads (
    portal text not null references portals(name), listing text not null, urls text not null,
    capture_id integer not null references captures(id), primary key (portal, listing)
);
create table portal_identities (
    portal text not null references portals(name), crawl_id integer not null references crawls(id),
    portal_title text not null, title text, site_ids text not null, tenants text not null, menu text not null,
    capture_id integer not null references captures(id), primary key (portal, crawl_id)
);
create table probes (
    portal text not null references portals(name), crawl_id integer not null references crawls(id),
    url text not null, status integer not null, text_sha256 text, capture_id integer not null references captures(id),
    primary key (portal, crawl_id)
);
create table warc_files (
    name text primary key, serial integer not null unique, size_bytes integer not null,
    closed integer not null default 0
);
create table captures (
    id integer primary key, record_id text not null unique, crawl_id integer not null references crawls(id),
    url text not null, method text not null, request_sha256 text, fetched_at text not null,
    status integer not null, media_type text, payload_sha256 text not null, warc_file text not null,
    warc_offset integer not null, warc_length integer not null, record_type text not null, truncated text
);
create index captures_url on captures(url, id);
create index captures_payload on captures(payload_sha256, id);
create index captures_crawl on captures(crawl_id);
