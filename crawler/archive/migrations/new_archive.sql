-- What all migrations together make of an empty database; written by tests/support/write_schema.py.
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE portals (
    name text primary key, title text not null, base_url text not null, timezone text not null,
    cms text not null, rights_notice text, rights_source text, profile text not null
, utc_offset text);
CREATE TABLE crawls (
    id integer primary key, portal text not null references portals(name), started_at text not null,
    finished_at text, outcome text not null, reason text, requests integer not null default 0,
    articles_new integer not null default 0, articles_changed integer not null default 0,
    articles_unchanged integer not null default 0, articles_removed integer not null default 0,
    images_new integer not null default 0, errors integer not null default 0, full integer not null default 0,
    in_ledger integer not null default 0
, clock_offset_seconds integer, reason_kind text, reason_args text, rules integer not null default 1);
CREATE INDEX crawls_portal on crawls(portal, started_at);
CREATE TABLE crawl_errors (
    id integer primary key, crawl_id integer not null references crawls(id), url text not null,
    at text not null, kind text not null, message text not null, capture_id integer references captures(id)
, message_kind text, message_args text);
CREATE INDEX crawl_errors_crawl on crawl_errors(crawl_id);
CREATE INDEX crawl_errors_url on crawl_errors(url);
CREATE TABLE listing_walks (
    crawl_id integer not null references crawls(id), url text not null, pages_announced integer,
    pages_read integer not null, rows_seen integer not null, missing text, whole integer not null,
    to_end integer not null, articles_held integer, missing_kind text, missing_args text, end_by text, rows_unknown integer not null default 0, cut_at integer, resumed_at integer,
    primary key (crawl_id, url)
);
CREATE TABLE listing_rows (
    portal text not null references portals(name), listing text not null, url text not null,
    first_crawl_id integer not null references crawls(id), last_crawl_id integer not null references crawls(id),
    last_capture_id integer not null references captures(id), listed integer not null, unlisted_in integer references crawls(id),
    primary key (portal, listing, url)
);
CREATE INDEX listing_rows_url on listing_rows(portal, url);
CREATE TABLE listing_heads (
    portal text not null references portals(name), listing text not null, urls text not null,
    capture_id integer not null references captures(id), primary key (portal, listing)
);
CREATE TABLE portal_identities (
    portal text not null references portals(name), crawl_id integer not null references crawls(id),
    portal_title text not null, title text, site_ids text not null, tenants text not null, menu text not null,
    capture_id integer not null references captures(id), primary key (portal, crawl_id)
);
CREATE TABLE probes (
    portal text not null references portals(name), crawl_id integer not null references crawls(id),
    url text not null, status integer not null, text_sha256 text, capture_id integer not null references captures(id),
    primary key (portal, crawl_id)
);
CREATE TABLE warc_files (
    name text primary key, serial integer not null unique, size_bytes integer not null,
    closed integer not null default 0
, list_sha256 text);
CREATE TABLE captures (
    id integer primary key, record_id text not null unique, crawl_id integer not null references crawls(id),
    url text not null, method text not null, request_sha256 text, fetched_at text not null,
    status integer not null, media_type text, payload_sha256 text not null, warc_file text not null,
    warc_offset integer not null, warc_length integer not null, record_type text not null, truncated text
, warc_date text);
CREATE INDEX captures_url on captures(url, id);
CREATE INDEX captures_payload on captures(payload_sha256, id);
CREATE INDEX captures_crawl on captures(crawl_id);
CREATE TABLE categories (
    id integer primary key, portal text not null references portals(name), slug text not null, title text,
    url text not null, unique (portal, slug)
);
CREATE TABLE articles (
    id integer primary key, sort_key integer not null unique, portal text not null references portals(name),
    url text not null, source_id text, category_id integer references categories(id), title text not null,
    summary text, body text not null, body_html text not null, byline text, source text, published_on text,
    published_at text, published_from text, first_seen_at text not null, last_seen_at text not null,
    changed_at text, removed_at text, state text not null, listed integer not null, revision integer not null,
    word_count integer not null, captions text, content_sha256 text not null, summary_from text,
    join_sha256 text not null, first_seen_on text not null, looked_on text,
    seen_on text, last_crawl_id integer not null references crawls(id),
    capture_id integer not null references captures(id)
, unread_since text, decided_at text);
CREATE INDEX articles_portal on articles(portal, sort_key);
CREATE INDEX articles_category on articles(category_id, sort_key);
CREATE INDEX articles_published on articles(published_on);
CREATE INDEX articles_join on articles(join_sha256);
CREATE INDEX articles_changed on articles(changed_at) where changed_at is not null;
CREATE INDEX articles_capture on articles(capture_id);
CREATE TABLE article_urls (
    portal text not null references portals(name), url text not null,
    article_id integer not null references articles(id), kind text not null, source_id text,
    title_slug text, first_capture_id integer references captures(id), primary key (portal, url)
);
CREATE INDEX article_urls_article on article_urls(article_id);
CREATE INDEX article_urls_source on article_urls(portal, kind, source_id);
CREATE TABLE misses (
    article_id integer not null references articles(id), night text not null, at text not null, kind text not null,
    capture_id integer references captures(id), counted integer, many integer, control_id integer references captures(id), primary key (article_id, night)
);
CREATE INDEX misses_night on misses(night);
CREATE INDEX misses_capture on misses(capture_id);
CREATE TABLE quarantined_readings (
    article_id integer not null references articles(id), night text not null, why text not null,
    capture_id integer not null references captures(id), why_kind text, why_args text, primary key (article_id, night)
);
CREATE INDEX quarantined_readings_night on quarantined_readings(night);
CREATE INDEX quarantined_readings_capture on quarantined_readings(capture_id);
CREATE TABLE article_redirects (id integer primary key, article_id integer not null references articles(id));
CREATE TABLE article_dates (
    article_id integer not null references articles(id), published_on text not null, published_at text,
    published_from text not null, url text, capture_id integer not null references captures(id)
);
CREATE INDEX article_dates_article on article_dates(article_id, published_from);
CREATE INDEX article_dates_capture on article_dates(capture_id);
CREATE TABLE article_events (
    id integer primary key, article_id integer not null references articles(id), at text not null,
    kind text not null, capture_id integer references captures(id), detail text
, detail_kind text, detail_args text);
CREATE INDEX article_events_article on article_events(article_id);
CREATE INDEX article_events_at on article_events(at);
CREATE TABLE mentions (
    portal text not null references portals(name), url text not null, place text not null, title text,
    summary text, published_on text, published_at text, capture_id integer not null references captures(id),
    primary key (portal, url, place)
);
CREATE INDEX mentions_capture on mentions(capture_id);
CREATE TABLE "revision_rows" (
    article_id integer not null references articles(id), number integer not null, seen_at text not null,
    confirmed_at text not null, content_sha256 text not null, changed text, classes text,
    capture_id integer not null references captures(id), reader integer, title text, summary text, body text, body_html text, byline text, source text, published_on text, primary key (article_id, number)
);
CREATE INDEX revisions_seen on "revision_rows"(seen_at);
CREATE INDEX revisions_capture on "revision_rows"(capture_id);
CREATE TABLE images (
    sha256 text primary key, media_type text not null, width integer, height integer,
    size_bytes integer not null, thumbnail blob, capture_id integer not null references captures(id)
);
CREATE INDEX images_capture on images(capture_id);
CREATE TABLE attachments (
    sha256 text primary key, media_type text not null, size_bytes integer not null,
    capture_id integer not null references captures(id)
);
CREATE INDEX attachments_capture on attachments(capture_id);
CREATE TABLE files (
    portal text not null references portals(name), url text not null, role text not null, sha256 text,
    capture_id integer references captures(id), fetched_at text not null, error text, name text,
    primary key (portal, url, role)
);
CREATE INDEX files_sha256 on files(sha256);
CREATE TABLE revision_images (
    article_id integer not null, number integer not null, position integer not null,
    image_sha256 text references images(sha256), url text not null, caption text,
    primary key (article_id, number, position),
    foreign key (article_id, number) references "revision_rows"(article_id, number)
);
CREATE INDEX revision_images_url on revision_images(url);
CREATE TABLE revision_attachments (
    article_id integer not null, number integer not null, position integer not null,
    attachment_sha256 text references attachments(sha256), url text not null, label text,
    primary key (article_id, number, position),
    foreign key (article_id, number) references "revision_rows"(article_id, number)
);
CREATE INDEX revision_attachments_url on revision_attachments(url);
CREATE VIEW article_images as
    select i.article_id, i.number, i.position, i.image_sha256, i.url, i.caption
    from revision_images i join articles a on a.id = i.article_id and a.revision = i.number;
CREATE VIEW article_attachments as
    select t.article_id, t.number, t.position, t.attachment_sha256, t.url, t.label
    from revision_attachments t join articles a on a.id = t.article_id and a.revision = t.number;
CREATE TABLE frontier (
    portal text not null references portals(name), url text not null, kind text not null, state text not null,
    listed integer not null default 0, priority integer not null, found_at text not null,
    found_in integer references captures(id), attempts integer not null default 0, attempted_at text,
    crawl_id integer references crawls(id), reason text, fail_nights integer not null default 0, failed_on text,
    primary key (portal, url)
);
CREATE INDEX frontier_state on frontier(portal, state, priority);
CREATE TABLE search_meta (key text primary key, value text not null);
CREATE INDEX articles_removed on articles(portal, removed_at) where removed_at is not null;
CREATE TABLE attachment_texts (
    attachment_sha256 text primary key references attachments(sha256), text text, method text,
    is_ocr integer not null, reason text, detail text, tool text, lacks text, pages integer, pages_read integer,
    is_cut integer not null, characters integer not null, version integer not null
, quality real, doubts text, page_starts text, tried integer);
CREATE INDEX articles_filters on articles(sort_key, portal, category_id, revision, removed_at);
CREATE INDEX articles_revised_by_date on articles(sort_key, portal, category_id, revision, removed_at)
    where revision > 1;
CREATE INDEX articles_gone_by_date on articles(sort_key, portal, category_id, revision, removed_at)
    where removed_at is not null;
CREATE TABLE article_facts (
    article_id integer primary key references articles(id), portal text not null references portals(name), year text,
    title_key text not null, byline_key text, event_on text
);
CREATE INDEX article_facts_title on article_facts(title_key, portal, year);
CREATE INDEX article_facts_byline on article_facts(byline_key, year, portal) where byline_key is not null;
CREATE TABLE article_documents (
    article_id integer not null references articles(id), number text not null, place text not null,
    primary key (article_id, number)
) without rowid;
CREATE INDEX article_documents_number on article_documents(number, article_id);
CREATE TABLE number_changes (
    article_id integer not null, number integer not null, position integer not null, field text not null,
    kind text not null, before text, after text, primary key (article_id, number, position),
    foreign key (article_id, number) references "revision_rows"(article_id, number)
) without rowid;
CREATE INDEX articles_analysis on articles(
    portal, category_id, published_on, published_from, first_seen_on, revision, state, listed);
CREATE VIEW date_sources as
    select portal, coalesce(published_from, 'none') as published_from, count(*) as articles,
    min(published_on) as earliest, max(published_on) as latest
    from articles group by portal, published_from;
CREATE VIEW posting_delays as
    select a.id as article_id, a.portal, c.slug as category, f.event_on, a.published_on, a.published_from,
    a.first_seen_on, cast(julianday(a.published_on) - julianday(f.event_on) as integer) as days_event_to_posting,
    cast(julianday(a.first_seen_on) - julianday(a.published_on) as integer) as days_posting_to_archive
    from articles a cross join article_facts f on f.article_id = a.id left join categories c on c.id = a.category_id
    where a.published_on is not null;
CREATE VIEW byline_years as
    select portal, byline_key, year, count(*) as articles, max(article_id) as example_article_id
    from article_facts where byline_key is not null group by byline_key, year, portal;
CREATE VIEW document_citations as
    select number, count(*) as articles, min(article_id) as example_article_id
    from article_documents group by number;
CREATE VIEW image_uses as
    select image_sha256, count(distinct article_id) as articles, min(article_id) as example_article_id
    from revision_images where image_sha256 is not null group by image_sha256;
CREATE VIEW removals as
    select r.*, cast(julianday(missed_on) - julianday(first_seen_on) as integer) as watched_days_most,
    cast(julianday(last_seen_on) - julianday(first_seen_on) as integer) as watched_days_least,
    cast(julianday(missed_on) - julianday(min(coalesce(published_on, first_seen_on), first_seen_on)) as integer)
      as life_days_most,
    cast(julianday(last_seen_on) - julianday(case when published_from is not null and published_from <> 'file-name'
      then min(published_on, first_seen_on) else first_seen_on end) as integer) as life_days_least
    from (
      select a.id as article_id, a.portal, c.slug as category, a.title, a.url, a.published_on, a.published_from,
      a.first_seen_on, a.seen_on as last_seen_on, (
        select min(m.night) from misses m
        where m.article_id = a.id and m.counted and m.night > coalesce(a.seen_on, '')) as missed_on,
      a.last_seen_at, a.removed_at, a.capture_id
      from articles a left join categories c on c.id = a.category_id where a.removed_at is not null) r;
CREATE VIEW unlisted_articles as
    select a.id as article_id, a.portal, c.slug as category, a.title, a.url, a.published_on,
    date(e.at, coalesce(p.utc_offset, '+00:00')) as unlisted_on, a.seen_on as last_answered_on, e.detail as listing,
    e.capture_id
    from article_events e join articles a on a.id = e.article_id join portals p on p.name = a.portal
    left join categories c on c.id = a.category_id
    where e.kind = 'unlisted' and a.listed = 0 and a.state = 'live' and not exists (
      select 1 from article_events l where l.article_id = e.article_id and l.kind = 'unlisted' and l.id > e.id);
CREATE VIEW missed_pages as
    select date(c.started_at, coalesce(p.utc_offset, '+00:00')) as night, c.id as crawl_id, c.portal,
    'listing' as what, w.url, 'not-whole' as kind, w.missing as message, null as capture_id
    from listing_walks w join crawls c on c.id = w.crawl_id join portals p on p.name = c.portal
    where w.missing is not null
    union all
    select date(c.started_at, coalesce(p.utc_offset, '+00:00')), c.id, c.portal, case
      when exists (select 1 from misses m where m.capture_id = e.capture_id) then 'gone'
      when exists (select 1 from files f where f.portal = c.portal and f.url = e.url) then 'file'
      when exists (select 1 from frontier f where f.portal = c.portal and f.url = e.url and f.kind = 'article')
      then 'article' else 'page' end, e.url, e.kind, e.message, e.capture_id
    from crawl_errors e join crawls c on c.id = e.crawl_id join portals p on p.name = c.portal;
CREATE VIEW nights as
    select c.portal, date(c.started_at, coalesce(p.utc_offset, '+00:00')) as night, count(*) as runs,
    max(c.id) as last_crawl_id, group_concat(c.outcome, ', ') as outcomes, sum(c.articles_new) as articles_new,
    sum(c.articles_changed) as articles_changed, sum(c.articles_removed) as articles_removed,
    sum(c.requests) as requests, sum(c.errors) as errors
    from crawls c join portals p on p.name = c.portal group by 1, 2;
CREATE VIEW recurring_titles as
    select portal, title_key, count(*) as articles, count(distinct year) as years, min(year) as first_year,
    max(year) as last_year, max(article_id) as example_article_id
    from article_facts group by title_key, portal having count(*) > 1 and count(distinct year) > 1;
CREATE TABLE withholdings (
    id integer primary key, kind text not null, what text not null, reason text not null, by text not null,
    withheld_at text not null, released_at text, release_reason text, released_by text
);
CREATE UNIQUE INDEX withholdings_active on withholdings(kind, what) where released_at is null;
CREATE INDEX revisions_changed on "revision_rows"(seen_at, article_id, number, classes) where number > 1;
CREATE INDEX article_events_kind on article_events(kind, at, id) where kind in ('removed', 'returned', 'unlisted');
CREATE INDEX articles_removed_at on articles(removed_at, id) where removed_at is not null;
CREATE INDEX articles_suspect on articles(last_seen_at, id) where state = 'suspect';
CREATE INDEX revision_images_image on revision_images(image_sha256, article_id, number);
CREATE INDEX revision_attachments_attachment on revision_attachments(attachment_sha256, article_id, number);
CREATE TABLE unread_looks (
    article_id integer not null references articles(id), night text not null, at text not null, kind text not null,
    capture_id integer references captures(id), primary key (article_id, night)
);
CREATE INDEX unread_looks_capture on unread_looks(capture_id);
CREATE INDEX articles_checking on articles(last_seen_at, id) where state = 'suspect' or unread_since is not null;
CREATE INDEX listing_rows_unlisted on listing_rows(unlisted_in) where unlisted_in is not null;
CREATE TABLE last_looks (
    article_id integer primary key references articles(id), has_end integer not null, goes_on integer not null,
    open_tags integer not null, own_id text, spots text
);
CREATE TABLE page_claims (
    article_id integer not null references articles(id), url text not null, primary key (article_id, url)
) without rowid;
CREATE INDEX page_claims_url on page_claims(url);
CREATE INDEX mentions_title on mentions(title, portal) where title is not null;
CREATE TABLE file_looks (
    portal text not null references portals(name), url text not null, role text not null, wanted_on text not null,
    asked_on text not null, had_on text, checked_at text, checked_on text, looks integer not null default 0,
    failing_since text, fails integer not null default 0, due_on text, primary key (portal, url, role)
) without rowid;
CREATE INDEX file_looks_asked on file_looks(portal, asked_on);
CREATE TABLE file_events (
    id integer primary key, portal text not null references portals(name), url text not null, role text not null,
    at text not null, kind text not null, before_sha256 text, after_sha256 text, articles integer not null,
    capture_id integer references captures(id)
);
CREATE INDEX file_events_url on file_events(url, portal);
CREATE INDEX file_events_capture on file_events(capture_id);
CREATE TABLE controls (
    crawl_id integer not null references crawls(id), url text not null, asking integer not null,
    status integer not null, chain text not null, place text, kind text, has_frame integer not null,
    text_sha256 text, capture_id integer not null references captures(id), pieces blob,
    primary key (crawl_id, url, asking)
);
CREATE INDEX controls_capture on controls(capture_id);
CREATE TABLE compared_answers (
    crawl_id integer not null references crawls(id), url text not null, role text not null, kind text not null,
    status integer not null, chain text not null, place text not null,
    capture_id integer not null references captures(id), pieces blob not null,
    primary key (crawl_id, url)
);
CREATE INDEX compared_answers_capture on compared_answers(capture_id);
CREATE INDEX misses_control on misses(control_id) where control_id is not null;
CREATE TABLE plain_hosts (
    portal text not null references portals(name), host text not null, crawl_id integer not null references crawls(id),
    at text not null, status integer not null, primary key (portal, host)
);
CREATE TABLE unverified_hosts (
  crawl_id integer not null references crawls (id),
  host text not null,
  at text not null,
  pin text,
  problem text,
  primary key (crawl_id, host)
) strict;
CREATE TABLE _row_ledger (key text primary key, digest text not null);
CREATE TABLE history (
  id integer primary key,
  record_id text not null unique,
  parent text,
  archive text not null,
  history text not null,
  records integer not null,
  last_record_id text not null,
  article_above integer,
  capture_above integer,
  crawl_above integer,
  serial_above integer,
  withholding_above integer
) strict;
CREATE INDEX history_jumps on history (id) where article_above is not null;
CREATE TABLE unkept (
    article_id integer not null references articles(id), position integer not null, kind text not null,
    url text not null, capture_id integer not null references captures(id), primary key (article_id, position)
);
CREATE INDEX unkept_kind on unkept(kind);
CREATE INDEX unkept_capture on unkept(capture_id);
CREATE TABLE losses (
    id integer primary key, kind text not null, warc_file text, warc_offset integer, what text not null
);
CREATE TABLE spare_files (
    name text primary key, size_bytes integer not null, sha256 text not null, held_in text not null
);
CREATE INDEX attachment_texts_readers on attachment_texts(version, tried);
CREATE INDEX attachment_texts_doubtful on attachment_texts(quality, attachment_sha256, doubts)
           where doubts is not null;
CREATE TABLE attachment_facts (
    attachment_sha256 text not null references attachments(sha256), kind text not null, offset integer not null,
    value text, said text not null, page integer, dong integer, per text, around text, primary key (attachment_sha256, kind, offset)
) without rowid;
CREATE INDEX attachment_facts_value on attachment_facts(kind, value, attachment_sha256);
CREATE TABLE revision_sums (
    article_id integer not null, number integer not null, position integer not null, place text not null,
    offset integer not null, dong integer, value text, per text, said text not null, around text not null,
    primary key (article_id, number, position), foreign key (article_id, number) references "revision_rows"(article_id, number)
) without rowid;
CREATE INDEX revision_sums_dong on revision_sums(dong, article_id, number, position) where dong is not null;
CREATE INDEX attachment_facts_dong on attachment_facts(dong, attachment_sha256, offset) where dong is not null;
CREATE VIEW sums as
    select article_id, number, null as attachment_sha256, place, offset, null as page, dong, value, per, said, around
    from revision_sums
    union all
    select null, null, attachment_sha256, 'attachment', offset, page, dong, value, per, said, around
    from attachment_facts where kind = 'sum';
CREATE INDEX frontier_unlisted on frontier(portal) where state = 'pending' and not listed;
CREATE VIEW articles_text as
    select a.sort_key, a.title, a.summary, a.body, a.captions, a.byline, a.title as title_toned,
    a.summary as summary_toned, a.body as body_toned, a.captions as captions_toned, a.byline as byline_toned,
    (select substr(group_concat(f.text, char(10, 10)), 1, 400000) from (
    select substr(x.text, 1, 200000) as text
    from revision_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null order by r.position) f) as files, (select substr(group_concat(f.text, char(10, 10)), 1, 400000) from (
    select substr(x.text, 1, 200000) as text
    from revision_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null order by r.position) f) as files_toned, null as pairs from articles a;
CREATE VIRTUAL TABLE articles_fts using fts5(
    title, summary, body, captions, byline, title_toned, summary_toned, body_toned, captions_toned, byline_toned, files, files_toned, pairs,
    content='articles_text', content_rowid='sort_key', tokenize='unicode61 remove_diacritics 0');
CREATE VIEW revisions as
    select r.article_id, r.number, r.seen_at, r.confirmed_at, iif(r.title is null, a.title, r.title) as title,
    iif(r.title is null, a.summary, r.summary) as summary, iif(r.title is null, a.body, r.body) as body,
    iif(r.title is null, a.body_html, r.body_html) as body_html, iif(r.title is null, a.byline, r.byline) as byline,
    iif(r.title is null, a.source, r.source) as source,
    iif(r.title is null, a.published_on, r.published_on) as published_on, r.content_sha256, r.changed, r.classes,
    r.capture_id, r.reader
    from revision_rows r left join articles a on a.id = r.article_id and a.revision = r.number and r.title is null;
CREATE VIEW changed_numbers as
    select n.article_id, n.number, n.position, n.field, n.kind, n.before, n.after, o.confirmed_at as before_seen_at,
    r.seen_at as after_seen_at, r.title, a.url, o.capture_id as before_capture_id, r.capture_id as after_capture_id
    from number_changes n join revisions r on r.article_id = n.article_id and r.number = n.number
    join revision_rows o on o.article_id = n.article_id and o.number = n.number - 1
    join articles a on a.id = n.article_id;
CREATE VIEW revision_periods as
    select r.article_id, r.number, r.title, r.seen_at, r.confirmed_at, n.seen_at as next_seen_at,
    date(r.seen_at, coalesce(p.utc_offset, '+00:00')) as seen_on,
    date(r.confirmed_at, coalesce(p.utc_offset, '+00:00')) as confirmed_on,
    date(n.seen_at, coalesce(p.utc_offset, '+00:00')) as next_seen_on, r.capture_id
    from revisions r join articles a on a.id = r.article_id join portals p on p.name = a.portal
    left join revision_rows n on n.article_id = r.article_id and n.number = r.number + 1;
CREATE INDEX articles_looked on articles(looked_on, portal);
CREATE INDEX articles_seen on articles(seen_on, portal, category_id) where state <> 'removed';
CREATE INDEX articles_gone on articles(looked_on, portal, removed_at, state) where state = 'removed';
CREATE INDEX articles_missed on articles(looked_on, portal) where state = 'live' and looked_on is not seen_on;
CREATE INDEX articles_age on articles(coalesce(published_on, first_seen_on), portal, looked_on, published_on, first_seen_on);
CREATE INDEX articles_first_seen on articles(first_seen_on, portal);
CREATE INDEX articles_last_crawl on articles(last_crawl_id);
CREATE INDEX article_events_capture on article_events(capture_id, kind);
CREATE INDEX listing_rows_new on listing_rows(portal, listing, first_crawl_id desc);
CREATE INDEX listing_rows_gone on listing_rows(portal, url) where not listed;
CREATE INDEX frontier_failed on frontier(failed_on, portal) where failed_on is not null;
CREATE INDEX file_looks_due on file_looks(portal, role, due_on, url);
CREATE TABLE _damaged_files (name text primary key, size_bytes integer not null, changed_ns integer not null);
CREATE TABLE _address_words (
    word integer not null, article_id integer not null, primary key (word, article_id)
) without rowid;
CREATE TABLE _unsearched (article_id integer primary key);
CREATE TABLE _unerased (id integer primary key);
CREATE TRIGGER _articles_new after insert on articles begin insert or ignore into _unsearched values (new.id); end;
CREATE TRIGGER _articles_changed after update of id, body_html on articles begin insert or ignore into _unsearched values (new.id); end;
CREATE TRIGGER _revisions_new after insert on revision_rows when new.body_html is not null begin insert or ignore into _unsearched values (new.article_id); end;
CREATE TRIGGER _revisions_changed after update of article_id, body_html on revision_rows when new.body_html is not null begin insert or ignore into _unsearched values (new.article_id); end;
CREATE INDEX article_facts_event on article_facts(event_on, portal) where event_on is not null;
CREATE INDEX articles_day on articles(id, published_on);
CREATE VIEW article_months as
    select a.portal, c.slug as category, coalesce(c.title, c.slug) as category_title, a.month,
    sum(a.articles) as articles, sum(a.inferred) as inferred, sum(a.revised) as revised, sum(a.removed) as removed
    from (
      select portal, category_id, substr(published_on, 1, 7) as month, count(*) as articles,
      sum(published_from is 'file-name') as inferred, sum(revision > 1) as revised, sum(state = 'removed') as removed
      from articles group by portal, category_id, published_on) a
    left join categories c on c.id = a.category_id
    group by a.portal, a.category_id, a.month;
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0001_portals_and_captures', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0002_articles', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0003_search', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0004_clock_offsets', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0005_attachment_texts', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0006_analysis', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0007_withholdings', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0008_reading_indexes', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0009_sentences', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0010_rules', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0012_absences', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0013_ends_of_lists', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0014_last_looks', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0015_file_looks', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0017_controls', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0018_unverified_hosts', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0019_warc_dates', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0020_row_ledger', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0021_history', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0022_record_lists', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0023_readers', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0024_unkept', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0025_losses', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0026_text_quality', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0027_text_readers', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0028_attachment_facts', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0029_cut_walks', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0030_undated', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0031_sums', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0032_unlisted', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0033_pairs', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0034_text_once', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0035_flat_nights', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0036_address_words', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm0037_dashboard', strftime('%Y-%m-%d %H:%M:%f000+00:00', 'now'));
