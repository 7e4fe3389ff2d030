pragma foreign_keys = off;
begin;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (1, 'portal-archive', 'm0001_portals_and_captures', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (2, 'portal-archive', 'm0002_articles', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (3, 'portal-archive', 'm0003_search', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (4, 'portal-archive', 'm0004_clock_offsets', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (5, 'portal-archive', 'm0005_attachment_texts', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (6, 'portal-archive', 'm0006_analysis', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (7, 'portal-archive', 'm0007_withholdings', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (8, 'portal-archive', 'm0008_reading_indexes', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (9, 'portal-archive', 'm0009_sentences', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (10, 'portal-archive', 'm0010_rules', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (11, 'portal-archive', 'm0012_absences', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (12, 'portal-archive', 'm0013_ends_of_lists', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (13, 'portal-archive', 'm0014_last_looks', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (14, 'portal-archive', 'm0015_file_looks', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (15, 'portal-archive', 'm0017_controls', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (16, 'portal-archive', 'm0018_unverified_hosts', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (17, 'portal-archive', 'm0019_warc_dates', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (18, 'portal-archive', 'm0020_row_ledger', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (19, 'portal-archive', 'm0021_history', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (20, 'portal-archive', 'm0022_record_lists', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (21, 'portal-archive', 'm0023_readers', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (22, 'portal-archive', 'm0024_unkept', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (23, 'portal-archive', 'm0025_losses', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (24, 'portal-archive', 'm0026_text_quality', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (25, 'portal-archive', 'm0027_text_readers', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (26, 'portal-archive', 'm0028_attachment_facts', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (27, 'portal-archive', 'm0029_cut_walks', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (28, 'portal-archive', 'm0030_undated', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (29, 'portal-archive', 'm0031_sums', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (30, 'portal-archive', 'm0032_unlisted', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (31, 'portal-archive', 'm0033_pairs', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (32, 'portal-archive', 'm0034_text_once', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (33, 'portal-archive', 'm0035_flat_nights', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (34, 'portal-archive', 'm0036_address_words', '2026-11-30 19:04:29.896000+00:00');
insert into _sqlite_migrations (id, migration_set, name, applied_at) values (35, 'portal-archive', 'm0037_dashboard', '2026-11-30 19:04:29.950353+00:00');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE TABLE portals (
    name text primary key, title text not null, base_url text not null, timezone text not null,
    cms text not null, rights_notice text, rights_source text, profile text not null
, utc_offset text);
insert into portals (name, title, base_url, timezone, cms, rights_notice, rights_source, profile, utc_offset) values ('sapa', 'Thị xã Sa Pa', 'https://sapa.example.vn/', 'Asia/Ho_Chi_Minh', 'vnpt', NULL, NULL, '{"name":"sapa","title":"Thị xã Sa Pa","cms":"vnpt","base_url":"https://sapa.example.vn/","moved_from":[],"listings":null,"asset_hosts":["storage.example.vn"],"timezone":"Asia/Ho_Chi_Minh","robots":"obey","robots_reason":null,"contact":null,"pace":{"delay_seconds":1.0,"concurrency":2},"tls":{"verify":true,"pins":{}},"schedule":{"cron":"30 1 * * *","jitter_minutes":0},"removal":{"nights":3},"relook":{"daily_for_days":14,"weekly_for_days":90,"monthly_for_days":365,"then_every_days":90,"walk_listings_every_days":7,"files_per_night":40},"expect":{"articles":null,"new_within_days":null},"rights":{"notice":null,"source":null},"limits":{"page_bytes":33554432,"image_bytes":33554432,"attachment_bytes":268435456,"night_bytes":21474836480,"disk_reserve_bytes":1073741824,"night_minutes":1200,"listing_pages":1000,"menu_entries":500,"new_articles":10000,"links":2000,"requisites":2000,"article_files":500}}', '+07:00');
CREATE TABLE crawls (
    id integer primary key, portal text not null references portals(name), started_at text not null,
    finished_at text, outcome text not null, reason text, requests integer not null default 0,
    articles_new integer not null default 0, articles_changed integer not null default 0,
    articles_unchanged integer not null default 0, articles_removed integer not null default 0,
    images_new integer not null default 0, errors integer not null default 0, full integer not null default 0,
    in_ledger integer not null default 0
, clock_offset_seconds integer, reason_kind text, reason_args text, rules integer not null default 1);
insert into crawls (id, portal, started_at, finished_at, outcome, reason, requests, articles_new, articles_changed, articles_unchanged, articles_removed, images_new, errors, full, in_ledger, clock_offset_seconds, reason_kind, reason_args, rules) values (1, 'sapa', '2026-09-01T18:30:00Z', '2026-09-01T18:30:00Z', 'complete', NULL, 12, 3, 0, 0, 0, 1, 3, 0, 1, NULL, NULL, NULL, 5);
insert into crawls (id, portal, started_at, finished_at, outcome, reason, requests, articles_new, articles_changed, articles_unchanged, articles_removed, images_new, errors, full, in_ledger, clock_offset_seconds, reason_kind, reason_args, rules) values (2, 'sapa', '2026-09-02T18:30:00Z', '2026-09-02T18:30:00Z', 'complete', NULL, 13, 1, 1, 2, 0, 0, 2, 0, 1, NULL, NULL, NULL, 5);
insert into crawls (id, portal, started_at, finished_at, outcome, reason, requests, articles_new, articles_changed, articles_unchanged, articles_removed, images_new, errors, full, in_ledger, clock_offset_seconds, reason_kind, reason_args, rules) values (3, 'sapa', '2026-09-03T18:30:00Z', '2026-09-03T18:30:00Z', 'complete', NULL, 13, 0, 1, 2, 0, 0, 3, 0, 1, NULL, NULL, NULL, 5);
CREATE INDEX crawls_portal on crawls(portal, started_at);
CREATE TABLE crawl_errors (
    id integer primary key, crawl_id integer not null references crawls(id), url text not null,
    at text not null, kind text not null, message text not null, capture_id integer references captures(id)
, message_kind text, message_args text);
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (1, 1, 'https://storage.example.vn/lci/mat.jpg', '2026-09-01T18:30:00Z', 'http-404', 'gone', 6, 'other', '{"text":"gone"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (2, 1, 'https://sapa.example.vn/tin-tuc/khong-199', '2026-09-01T18:30:00Z', 'soft-404', 'https://sapa.example.vn/tin-tuc/khong-199: expected an article, found an error page (''untitled'') with a status of success', 11, 'page-is-error', '{"title":"untitled","url":"https://sapa.example.vn/tin-tuc/khong-199"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (3, 1, 'https://sapa.example.vn/tin-tuc/cham-198', '2026-09-01T18:30:00Z', 'timeout', 'gone', NULL, 'other', '{"text":"gone"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (4, 2, 'https://sapa.example.vn/tin-tuc/khong-199', '2026-09-02T18:30:00Z', 'soft-404', 'https://sapa.example.vn/tin-tuc/khong-199: expected an article, found an error page (''untitled'') with a status of success', 22, 'page-is-error', '{"title":"untitled","url":"https://sapa.example.vn/tin-tuc/khong-199"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (5, 2, 'https://sapa.example.vn/tin-tuc/cham-198', '2026-09-02T18:30:00Z', 'timeout', 'gone', NULL, 'other', '{"text":"gone"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (6, 3, 'https://sapa.example.vn/tin-tuc/khong-199', '2026-09-03T18:30:00Z', 'soft-404', 'https://sapa.example.vn/tin-tuc/khong-199: expected an article, found an error page (''untitled'') with a status of success', 34, 'page-is-error', '{"title":"untitled","url":"https://sapa.example.vn/tin-tuc/khong-199"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (7, 3, 'https://sapa.example.vn/tin-tuc/moi-105', '2026-09-03T18:30:00Z', 'http-404', 'gone', 35, 'other', '{"text":"gone"}');
insert into crawl_errors (id, crawl_id, url, at, kind, message, capture_id, message_kind, message_args) values (8, 3, 'https://sapa.example.vn/tin-tuc/cham-198', '2026-09-03T18:30:00Z', 'timeout', 'gone', NULL, 'other', '{"text":"gone"}');
CREATE INDEX crawl_errors_crawl on crawl_errors(crawl_id);
CREATE INDEX crawl_errors_url on crawl_errors(url);
CREATE TABLE listing_walks (
    crawl_id integer not null references crawls(id), url text not null, pages_announced integer,
    pages_read integer not null, rows_seen integer not null, missing text, whole integer not null,
    to_end integer not null, articles_held integer, missing_kind text, missing_args text, end_by text, rows_unknown integer not null default 0, cut_at integer, resumed_at integer,
    primary key (crawl_id, url)
);
insert into listing_walks (crawl_id, url, pages_announced, pages_read, rows_seen, missing, whole, to_end, articles_held, missing_kind, missing_args, end_by, rows_unknown, cut_at, resumed_at) values (1, 'https://sapa.example.vn/tin-tuc', 1, 1, 1, NULL, 1, 1, 3, NULL, NULL, NULL, 0, NULL, NULL);
insert into listing_walks (crawl_id, url, pages_announced, pages_read, rows_seen, missing, whole, to_end, articles_held, missing_kind, missing_args, end_by, rows_unknown, cut_at, resumed_at) values (2, 'https://sapa.example.vn/tin-tuc', 1, 1, 1, NULL, 1, 1, 3, NULL, NULL, NULL, 0, NULL, NULL);
insert into listing_walks (crawl_id, url, pages_announced, pages_read, rows_seen, missing, whole, to_end, articles_held, missing_kind, missing_args, end_by, rows_unknown, cut_at, resumed_at) values (3, 'https://sapa.example.vn/tin-tuc', 1, 1, 1, NULL, 1, 1, 3, NULL, NULL, NULL, 0, NULL, NULL);
CREATE TABLE listing_rows (
    portal text not null references portals(name), listing text not null, url text not null,
    first_crawl_id integer not null references crawls(id), last_crawl_id integer not null references crawls(id),
    last_capture_id integer not null references captures(id), listed integer not null, unlisted_in integer references crawls(id),
    primary key (portal, listing, url)
);
insert into listing_rows (portal, listing, url, first_crawl_id, last_crawl_id, last_capture_id, listed, unlisted_in) values ('sapa', 'https://sapa.example.vn/tin-tuc', 'https://sapa.example.vn/tin-tuc/mot-101', 1, 3, 26, 1, NULL);
insert into listing_rows (portal, listing, url, first_crawl_id, last_crawl_id, last_capture_id, listed, unlisted_in) values ('sapa', 'https://sapa.example.vn/tin-tuc', 'https://sapa.example.vn/tin-tuc/hai-102', 1, 3, 26, 1, NULL);
insert into listing_rows (portal, listing, url, first_crawl_id, last_crawl_id, last_capture_id, listed, unlisted_in) values ('sapa', 'https://sapa.example.vn/tin-tuc', 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 1, 3, 26, 1, NULL);
CREATE INDEX listing_rows_url on listing_rows(portal, url);
CREATE TABLE listing_heads (
    portal text not null references portals(name), listing text not null, urls text not null,
    capture_id integer not null references captures(id), primary key (portal, listing)
);
insert into listing_heads (portal, listing, urls, capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc', '["https://sapa.example.vn/tin-tuc/mot-101", "https://sapa.example.vn/tin-tuc/hai-102", "https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba"]', 26);
CREATE TABLE portal_identities (
    portal text not null references portals(name), crawl_id integer not null references crawls(id),
    portal_title text not null, title text, site_ids text not null, tenants text not null, menu text not null,
    capture_id integer not null references captures(id), primary key (portal, crawl_id)
);
insert into portal_identities (portal, crawl_id, portal_title, title, site_ids, tenants, menu, capture_id) values ('sapa', 1, 'Thị xã Sa Pa', NULL, '[]', '[]', '["tin-tuc"]', 1);
insert into portal_identities (portal, crawl_id, portal_title, title, site_ids, tenants, menu, capture_id) values ('sapa', 2, 'Thị xã Sa Pa', NULL, '[]', '[]', '["tin-tuc"]', 12);
insert into portal_identities (portal, crawl_id, portal_title, title, site_ids, tenants, menu, capture_id) values ('sapa', 3, 'Thị xã Sa Pa', NULL, '[]', '[]', '["tin-tuc"]', 24);
CREATE TABLE probes (
    portal text not null references portals(name), crawl_id integer not null references crawls(id),
    url text not null, status integer not null, text_sha256 text, capture_id integer not null references captures(id),
    primary key (portal, crawl_id)
);
insert into probes (portal, crawl_id, url, status, text_sha256, capture_id) values ('sapa', 1, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 200, NULL, 2);
insert into probes (portal, crawl_id, url, status, text_sha256, capture_id) values ('sapa', 2, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 200, NULL, 13);
insert into probes (portal, crawl_id, url, status, text_sha256, capture_id) values ('sapa', 3, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 200, NULL, 25);
CREATE TABLE warc_files (
    name text primary key, serial integer not null unique, size_bytes integer not null,
    closed integer not null default 0
, list_sha256 text);
insert into warc_files (name, serial, size_bytes, closed, list_sha256) values ('sapa-20260901183000000-00001.warc.gz', 1, 15350, 1, '2db21efc0a2a473e1e061795c2bccc02f1858cc9eabef2a519f29e86099b3c89');
insert into warc_files (name, serial, size_bytes, closed, list_sha256) values ('sapa-20260902183000000-00002.warc.gz', 2, 15876, 1, '32043f56f6b6fda7a9058205edade4364886f828563f800a3812048828356c5b');
insert into warc_files (name, serial, size_bytes, closed, list_sha256) values ('sapa-20260903183000000-00003.warc.gz', 3, 15630, 1, '736cffff682b82be804c21f82c8b59123a9a8c06c5554807585c7805c1a6eaf7');
CREATE TABLE captures (
    id integer primary key, record_id text not null unique, crawl_id integer not null references crawls(id),
    url text not null, method text not null, request_sha256 text, fetched_at text not null,
    status integer not null, media_type text, payload_sha256 text not null, warc_file text not null,
    warc_offset integer not null, warc_length integer not null, record_type text not null, truncated text
, warc_date text);
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (1, 'urn:uuid:8b8337ad-9506-4dbb-91aa-02fff3a2d13d', 1, 'https://sapa.example.vn/', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '4d0affde3e6cd20638d10db12e3796e193f564d14f408e71b46ce2a5b5c0bbb5', 'sapa-20260901183000000-00001.warc.gz', 2320, 447, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (2, 'urn:uuid:50a6689d-fa14-4bc4-9de9-6c68abb93e87', 1, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '45d2ac6f3152653b4a215f1c618e57964ffcbe3635bfaefb6e1b2a77ed824d2e', 'sapa-20260901183000000-00001.warc.gz', 3192, 463, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (3, 'urn:uuid:592c8721-aa0c-4b68-9a05-47b702d367c3', 1, 'https://sapa.example.vn/tin-tuc', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', 'c2959a714cfbe31414b59ab2aae66875b57417222b0a02bc7842a7b136780d33', 'sapa-20260901183000000-00001.warc.gz', 4063, 628, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (4, 'urn:uuid:2ddd2726-3528-48af-9a07-e5b073c333d5', 1, 'https://storage.example.vn/lci/20251231/anh.png', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'application/octet-stream', '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'sapa-20260901183000000-00001.warc.gz', 5110, 536, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (5, 'urn:uuid:b92b4485-d3d9-4aae-baba-a0800aa20001', 1, 'https://storage.example.vn/lci/20251230/ke-hoach.pdf', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'application/octet-stream', 'b43c71094c98a4beabff20cd79897aa87010d2b367fb7a461f122af142cd8520', 'sapa-20260901183000000-00001.warc.gz', 6071, 421, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (6, 'urn:uuid:86aeb715-39df-456a-a7b4-4d6998d70641', 1, 'https://storage.example.vn/lci/mat.jpg', 'GET', NULL, '2026-09-01T18:30:00Z', 404, 'text/html', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'sapa-20260901183000000-00001.warc.gz', 6907, 415, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (7, 'urn:uuid:36126e80-b929-494f-a94f-9380f75282ae', 1, 'https://sapa.example.vn/tin-tuc/mot-101', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '6103a3b9a521ca2900c9e50b5253ecd6d1442cdcfb5034209fcc84e81ed876de', 'sapa-20260901183000000-00001.warc.gz', 7735, 728, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (8, 'urn:uuid:71cd2954-f9bc-4d03-beb6-e21cbfd1a37b', 1, 'https://sapa.example.vn/tin-tuc/hai-102', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '4eb79702b4a20310cc2ccf5535a58abfc0b2f072447cc58a8b8d7a1365e44957', 'sapa-20260901183000000-00001.warc.gz', 8875, 739, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (9, 'urn:uuid:0800494c-f15b-4949-8cbf-75c8839564eb', 1, 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '9df9e58115473dc522ed8d2ea0a99220ec37990ebcfd421e8bbf684b55579b45', 'sapa-20260901183000000-00001.warc.gz', 10040, 648, 'response', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (10, 'urn:uuid:d7aae45b-3dd1-4ef1-9a62-663c4544005d', 1, 'https://sapa.example.vn/tin-tuc/ba-104', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '9df9e58115473dc522ed8d2ea0a99220ec37990ebcfd421e8bbf684b55579b45', 'sapa-20260901183000000-00001.warc.gz', 11100, 526, 'revisit', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (11, 'urn:uuid:598e9a13-940d-499b-b1b0-77a69571cbf9', 1, 'https://sapa.example.vn/tin-tuc/khong-199', 'GET', NULL, '2026-09-01T18:30:00Z', 200, 'text/html', '45d2ac6f3152653b4a215f1c618e57964ffcbe3635bfaefb6e1b2a77ed824d2e', 'sapa-20260901183000000-00001.warc.gz', 12043, 516, 'revisit', NULL, '2026-09-01T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (12, 'urn:uuid:fe7a2324-0623-41f3-abcc-821c4e35d8b0', 2, 'https://sapa.example.vn/', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '4d0affde3e6cd20638d10db12e3796e193f564d14f408e71b46ce2a5b5c0bbb5', 'sapa-20260902183000000-00002.warc.gz', 2504, 496, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (13, 'urn:uuid:f60f321c-0700-4931-bf7a-9dc288b27745', 2, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '45d2ac6f3152653b4a215f1c618e57964ffcbe3635bfaefb6e1b2a77ed824d2e', 'sapa-20260902183000000-00002.warc.gz', 3422, 510, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (14, 'urn:uuid:41b326e5-8e42-4059-a416-270a560e2f81', 2, 'https://sapa.example.vn/tin-tuc', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', 'c2959a714cfbe31414b59ab2aae66875b57417222b0a02bc7842a7b136780d33', 'sapa-20260902183000000-00002.warc.gz', 4339, 499, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (15, 'urn:uuid:961ec1df-0a54-4e3f-92a8-ca9dc9269a62', 2, 'https://storage.example.vn/lci/20251231/anh.png', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'application/octet-stream', '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'sapa-20260902183000000-00002.warc.gz', 5259, 502, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (16, 'urn:uuid:a3f6317e-882e-45e5-b942-a8cda7a01213', 2, 'https://storage.example.vn/lci/20251230/ke-hoach.pdf', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'application/octet-stream', 'b43c71094c98a4beabff20cd79897aa87010d2b367fb7a461f122af142cd8520', 'sapa-20260902183000000-00002.warc.gz', 6187, 503, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (17, 'urn:uuid:634108a6-b4aa-4ba0-9e25-92d3f6d6b3a8', 2, 'https://storage.example.vn/lci/mat.jpg', 'GET', NULL, '2026-09-02T18:30:00Z', 404, 'text/html', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'sapa-20260902183000000-00002.warc.gz', 7105, 415, 'response', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (18, 'urn:uuid:5aa510b6-9ac2-4c20-8a69-e47cfc03fe00', 2, 'https://sapa.example.vn/tin-tuc/mot-101', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '91dcc74d620eadbca1cd824d39d233c3467b62d94918b2233d7f61afe68d7077', 'sapa-20260902183000000-00002.warc.gz', 7934, 728, 'response', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (19, 'urn:uuid:9fa64561-0e0e-4c04-9747-103acc561140', 2, 'https://sapa.example.vn/tin-tuc/hai-102', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '4eb79702b4a20310cc2ccf5535a58abfc0b2f072447cc58a8b8d7a1365e44957', 'sapa-20260902183000000-00002.warc.gz', 9075, 508, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (20, 'urn:uuid:0af00ba8-82ad-4997-97fb-befbbd913e7f', 2, 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '9df9e58115473dc522ed8d2ea0a99220ec37990ebcfd421e8bbf684b55579b45', 'sapa-20260902183000000-00002.warc.gz', 10010, 517, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (21, 'urn:uuid:2620c6f8-7af5-447a-b9b9-4a14b371b960', 2, 'https://sapa.example.vn/tin-tuc/ba-104', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '9df9e58115473dc522ed8d2ea0a99220ec37990ebcfd421e8bbf684b55579b45', 'sapa-20260902183000000-00002.warc.gz', 10940, 530, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (22, 'urn:uuid:49dc37d2-58cb-4036-87dd-eb31332d170f', 2, 'https://sapa.example.vn/tin-tuc/khong-199', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '45d2ac6f3152653b4a215f1c618e57964ffcbe3635bfaefb6e1b2a77ed824d2e', 'sapa-20260902183000000-00002.warc.gz', 11886, 521, 'revisit', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (23, 'urn:uuid:17646280-845e-4cb7-ab6b-832b70907ce9', 2, 'https://sapa.example.vn/tin-tuc/moi-105', 'GET', NULL, '2026-09-02T18:30:00Z', 200, 'text/html', '324aefc60dded14867c0abb6cb9dbea457b376290e9c8f10fbfab020636ebba3', 'sapa-20260902183000000-00002.warc.gz', 12821, 641, 'response', NULL, '2026-09-02T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (24, 'urn:uuid:9e2fd331-f9c1-419e-8895-3837d691bbeb', 3, 'https://sapa.example.vn/', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '4d0affde3e6cd20638d10db12e3796e193f564d14f408e71b46ce2a5b5c0bbb5', 'sapa-20260903183000000-00003.warc.gz', 2508, 494, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (25, 'urn:uuid:fc25f097-9935-43ff-8b81-068d5f6cf1d7', 3, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '45d2ac6f3152653b4a215f1c618e57964ffcbe3635bfaefb6e1b2a77ed824d2e', 'sapa-20260903183000000-00003.warc.gz', 3424, 512, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (26, 'urn:uuid:78f369fd-ff8a-4498-b265-09f7cfcb129f', 3, 'https://sapa.example.vn/tin-tuc', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', 'c2959a714cfbe31414b59ab2aae66875b57417222b0a02bc7842a7b136780d33', 'sapa-20260903183000000-00003.warc.gz', 4344, 500, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (27, 'urn:uuid:5fc3b56d-9001-43e8-841e-a071a32164f9', 3, 'https://storage.example.vn/lci/20251231/anh.png', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'application/octet-stream', '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'sapa-20260903183000000-00003.warc.gz', 5266, 502, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (28, 'urn:uuid:7cb785b4-ef2f-4bbd-b019-7ee142ee1b08', 3, 'https://storage.example.vn/lci/20251230/ke-hoach.pdf', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'application/octet-stream', 'b43c71094c98a4beabff20cd79897aa87010d2b367fb7a461f122af142cd8520', 'sapa-20260903183000000-00003.warc.gz', 6192, 504, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (29, 'urn:uuid:265accf0-eec3-4b6a-8225-f95c987a955b', 3, 'https://storage.example.vn/lci/mat.jpg', 'GET', NULL, '2026-09-03T18:30:00Z', 404, 'text/html', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'sapa-20260903183000000-00003.warc.gz', 7112, 415, 'response', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (30, 'urn:uuid:e8a68a9c-4b6d-4252-8008-61cec2511a77', 3, 'https://sapa.example.vn/tin-tuc/mot-101', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '0308a0fb25a57a01a1738f69fa9b08a358903165af635d71d019761190d08eaf', 'sapa-20260903183000000-00003.warc.gz', 7940, 728, 'response', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (31, 'urn:uuid:b3d26e0e-9efa-4286-b470-58dfe784a450', 3, 'https://sapa.example.vn/tin-tuc/hai-102', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '4eb79702b4a20310cc2ccf5535a58abfc0b2f072447cc58a8b8d7a1365e44957', 'sapa-20260903183000000-00003.warc.gz', 9081, 506, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (32, 'urn:uuid:be441b43-59cf-4dd4-be08-081c19a74108', 3, 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '9df9e58115473dc522ed8d2ea0a99220ec37990ebcfd421e8bbf684b55579b45', 'sapa-20260903183000000-00003.warc.gz', 10015, 518, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (33, 'urn:uuid:3864f5f3-f565-48d3-af21-c11c949aa20f', 3, 'https://sapa.example.vn/tin-tuc/ba-104', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '9df9e58115473dc522ed8d2ea0a99220ec37990ebcfd421e8bbf684b55579b45', 'sapa-20260903183000000-00003.warc.gz', 10946, 530, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (34, 'urn:uuid:3435a415-2048-4b0d-82a7-8c3ee1b7b164', 3, 'https://sapa.example.vn/tin-tuc/khong-199', 'GET', NULL, '2026-09-03T18:30:00Z', 200, 'text/html', '45d2ac6f3152653b4a215f1c618e57964ffcbe3635bfaefb6e1b2a77ed824d2e', 'sapa-20260903183000000-00003.warc.gz', 11894, 518, 'revisit', NULL, '2026-09-03T18:30:00.000Z');
insert into captures (id, record_id, crawl_id, url, method, request_sha256, fetched_at, status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated, warc_date) values (35, 'urn:uuid:f15892d4-1327-4921-9385-32103dc81d87', 3, 'https://sapa.example.vn/tin-tuc/moi-105', 'GET', NULL, '2026-09-03T18:30:00Z', 404, 'text/html', '7118993b1c6b0256fd4325b9e353524a85f1cae8c9e796f37d2891b136e1f85e', 'sapa-20260903183000000-00003.warc.gz', 12829, 421, 'response', NULL, '2026-09-03T18:30:00.000Z');
CREATE INDEX captures_url on captures(url, id);
CREATE INDEX captures_payload on captures(payload_sha256, id);
CREATE INDEX captures_crawl on captures(crawl_id);
CREATE TABLE categories (
    id integer primary key, portal text not null references portals(name), slug text not null, title text,
    url text not null, unique (portal, slug)
);
insert into categories (id, portal, slug, title, url) values (1, 'sapa', 'tin-tuc', 'Tin tức', 'https://sapa.example.vn/tin-tuc');
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
insert into articles (id, sort_key, portal, url, source_id, category_id, title, summary, body, body_html, byline, source, published_on, published_at, published_from, first_seen_at, last_seen_at, changed_at, removed_at, state, listed, revision, word_count, captions, content_sha256, summary_from, join_sha256, first_seen_on, looked_on, seen_on, last_crawl_id, capture_id, unread_since, decided_at) values (1, 3176635121532929, 'sapa', 'https://sapa.example.vn/tin-tuc/mot-101', '101', 1, 'Một', NULL, 'Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Lần 3.', '<p>Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Lần 3.</p><p><img src="https://storage.example.vn/lci/20251231/anh.png"></p><p style="text-align:center"><em>Ảnh: Một</em></p><p><img src="https://storage.example.vn/lci/mat.jpg"></p><p style="text-align:center"><em>Ảnh: Một</em></p>', NULL, NULL, '2026-01-02', NULL, 'listing', '2026-09-01T18:30:00Z', '2026-09-03T18:30:00Z', '2026-09-03T18:30:00Z', NULL, 'live', 1, 3, 23, 'Ảnh: Một
Ảnh: Một', '5e1bbddd977f41b6481295843f86e6c4da2622e27569003f89869819497385e9', NULL, 'df644f7e98b14914a33b535cff500078da032cb216781d260b94bf40c041788a', '2026-09-02', '2026-09-04', '2026-09-04', 3, 30, NULL, NULL);
insert into articles (id, sort_key, portal, url, source_id, category_id, title, summary, body, body_html, byline, source, published_on, published_at, published_from, first_seen_at, last_seen_at, changed_at, removed_at, state, listed, revision, word_count, captions, content_sha256, summary_from, join_sha256, first_seen_on, looked_on, seen_on, last_crawl_id, capture_id, unread_since, decided_at) values (2, 3174161220370434, 'sapa', 'https://sapa.example.vn/tin-tuc/hai-102', '102', 1, 'Hai', NULL, 'Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản.

Hết.', '<p>Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản.</p><p>Hết.</p>', NULL, NULL, '2024-06-05', '2024-06-05T08:00:00+07:00', 'page', '2026-09-01T18:30:00Z', '2026-09-03T18:30:00Z', NULL, NULL, 'live', 1, 1, 22, NULL, '53fd0598bc63fda66f1f42208005e42d4709c4773f2a9e1f55c595fb0d974fce', NULL, 'b2559d49f3e3967fca0313b96f69aeab8766ae5fe240e8f38671fa4a0864406a', '2026-09-02', '2026-09-04', '2026-09-04', 3, 8, NULL, NULL);
insert into articles (id, sort_key, portal, url, source_id, category_id, title, summary, body, body_html, byline, source, published_on, published_at, published_from, first_seen_at, last_seen_at, changed_at, removed_at, state, listed, revision, word_count, captions, content_sha256, summary_from, join_sha256, first_seen_on, looked_on, seen_on, last_crawl_id, capture_id, unread_since, decided_at) values (3, 3, 'sapa', 'https://sapa.example.vn/tin-tuc/ba-104', '104', 1, 'Ba', NULL, 'Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản.', '<p>Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản.</p>', NULL, NULL, NULL, NULL, NULL, '2026-09-01T18:30:00Z', '2026-09-03T18:30:00Z', NULL, NULL, 'live', 1, 1, 21, NULL, 'be63908faa0e37bd8137eb8ae39985c68b57c74ee6bddaf22ec32a03c338f035', NULL, '20f01df34e9862806c3420a7b830d862b4dc670ecf733428a7256619e0c428d8', '2026-09-02', '2026-09-04', '2026-09-04', 3, 9, NULL, NULL);
insert into articles (id, sort_key, portal, url, source_id, category_id, title, summary, body, body_html, byline, source, published_on, published_at, published_from, first_seen_at, last_seen_at, changed_at, removed_at, state, listed, revision, word_count, captions, content_sha256, summary_from, join_sha256, first_seen_on, looked_on, seen_on, last_crawl_id, capture_id, unread_since, decided_at) values (4, 4, 'sapa', 'https://sapa.example.vn/tin-tuc/moi-105', '105', 1, 'Mới', NULL, 'Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Mới.', '<p>Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Mới.</p>', NULL, NULL, NULL, NULL, NULL, '2026-09-02T18:30:00Z', '2026-09-02T18:30:00Z', NULL, NULL, 'suspect', 0, 1, 22, NULL, '7f372db109f6c27f57d2f56ed1e76a6a54088e33f89dad264fe1c43c2b326040', NULL, 'c81841beb0421befb8766b9859dd8f520dd12d550ed7a7665ce3f318abfb3712', '2026-09-03', '2026-09-04', '2026-09-03', 2, 23, NULL, NULL);
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
insert into article_urls (portal, url, article_id, kind, source_id, title_slug, first_capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/mot-101', 1, 'article', '101', 'mot', 7);
insert into article_urls (portal, url, article_id, kind, source_id, title_slug, first_capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/hai-102', 2, 'article', '102', 'hai', 8);
insert into article_urls (portal, url, article_id, kind, source_id, title_slug, first_capture_id) values ('sapa', 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 3, 'old-article', '103', 'ba', 9);
insert into article_urls (portal, url, article_id, kind, source_id, title_slug, first_capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/ba-104', 3, 'article', '104', 'ba', 10);
insert into article_urls (portal, url, article_id, kind, source_id, title_slug, first_capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/moi-105', 4, 'article', '105', 'moi', 23);
CREATE INDEX article_urls_article on article_urls(article_id);
CREATE INDEX article_urls_source on article_urls(portal, kind, source_id);
CREATE TABLE misses (
    article_id integer not null references articles(id), night text not null, at text not null, kind text not null,
    capture_id integer references captures(id), counted integer, many integer, control_id integer references captures(id), primary key (article_id, night)
);
insert into misses (article_id, night, at, kind, capture_id, counted, many, control_id) values (4, '2026-09-04', '2026-09-03T18:30:00Z', 'http-404', 35, 1, 0, NULL);
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
insert into article_dates (article_id, published_on, published_at, published_from, url, capture_id) values (1, '2026-01-02', NULL, 'listing', 'https://sapa.example.vn/tin-tuc/mot-101', 3);
insert into article_dates (article_id, published_on, published_at, published_from, url, capture_id) values (2, '2024-06-05', '2024-06-05T08:00:00+07:00', 'page', NULL, 8);
CREATE INDEX article_dates_article on article_dates(article_id, published_from);
CREATE INDEX article_dates_capture on article_dates(capture_id);
CREATE TABLE article_events (
    id integer primary key, article_id integer not null references articles(id), at text not null,
    kind text not null, capture_id integer references captures(id), detail text
, detail_kind text, detail_args text);
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (1, 1, '2026-09-01T18:30:00Z', 'found', 7, NULL, NULL, NULL);
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (2, 2, '2026-09-01T18:30:00Z', 'found', 8, NULL, NULL, NULL);
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (3, 3, '2026-09-01T18:30:00Z', 'found', 9, NULL, NULL, NULL);
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (4, 1, '2026-09-02T18:30:00Z', 'revised', 18, 'body', 'fields-changed', '{"fields":["body"]}');
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (5, 4, '2026-09-02T18:30:00Z', 'found', 23, NULL, NULL, NULL);
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (6, 1, '2026-09-03T18:30:00Z', 'revised', 30, 'body', 'fields-changed', '{"fields":["body"]}');
insert into article_events (id, article_id, at, kind, capture_id, detail, detail_kind, detail_args) values (7, 4, '2026-09-03T18:30:00Z', 'missed', 35, 'http-404', 'missed', '{"miss":"http-404"}');
CREATE INDEX article_events_article on article_events(article_id);
CREATE INDEX article_events_at on article_events(at);
CREATE TABLE mentions (
    portal text not null references portals(name), url text not null, place text not null, title text,
    summary text, published_on text, published_at text, capture_id integer not null references captures(id),
    primary key (portal, url, place)
);
insert into mentions (portal, url, place, title, summary, published_on, published_at, capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/mot-101', 'box', 'Một', NULL, NULL, NULL, 3);
insert into mentions (portal, url, place, title, summary, published_on, published_at, capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/hai-102', 'box', 'Hai', NULL, NULL, NULL, 3);
insert into mentions (portal, url, place, title, summary, published_on, published_at, capture_id) values ('sapa', 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 'box', 'Ba', NULL, NULL, NULL, 3);
insert into mentions (portal, url, place, title, summary, published_on, published_at, capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/mot-101', 'listing', 'Một', NULL, '2026-01-02', NULL, 3);
insert into mentions (portal, url, place, title, summary, published_on, published_at, capture_id) values ('sapa', 'https://sapa.example.vn/tin-tuc/hai-102', 'listing', 'Hai', NULL, NULL, NULL, 3);
insert into mentions (portal, url, place, title, summary, published_on, published_at, capture_id) values ('sapa', 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 'listing', 'Ba', NULL, NULL, NULL, 3);
CREATE INDEX mentions_capture on mentions(capture_id);
CREATE TABLE "revision_rows" (
    article_id integer not null references articles(id), number integer not null, seen_at text not null,
    confirmed_at text not null, content_sha256 text not null, changed text, classes text,
    capture_id integer not null references captures(id), reader integer, title text, summary text, body text, body_html text, byline text, source text, published_on text, primary key (article_id, number)
);
insert into revision_rows (article_id, number, seen_at, confirmed_at, content_sha256, changed, classes, capture_id, reader, title, summary, body, body_html, byline, source, published_on) values (1, 1, '2026-09-01T18:30:00Z', '2026-09-01T18:30:00Z', '0110a70fe8e21ce60ca72f3a1d702988e11289b0b8b599047457807b698c0ad9', NULL, NULL, 7, 2, 'Một', NULL, 'Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Lần 1.', '<p>Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Lần 1.</p><p><img src="https://storage.example.vn/lci/20251231/anh.png"></p><p style="text-align:center"><em>Ảnh: Một</em></p><p><img src="https://storage.example.vn/lci/mat.jpg"></p><p style="text-align:center"><em>Ảnh: Một</em></p>', NULL, NULL, '2026-01-02');
insert into revision_rows (article_id, number, seen_at, confirmed_at, content_sha256, changed, classes, capture_id, reader, title, summary, body, body_html, byline, source, published_on) values (2, 1, '2026-09-01T18:30:00Z', '2026-09-03T18:30:00Z', '53fd0598bc63fda66f1f42208005e42d4709c4773f2a9e1f55c595fb0d974fce', NULL, NULL, 8, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
insert into revision_rows (article_id, number, seen_at, confirmed_at, content_sha256, changed, classes, capture_id, reader, title, summary, body, body_html, byline, source, published_on) values (3, 1, '2026-09-01T18:30:00Z', '2026-09-03T18:30:00Z', 'be63908faa0e37bd8137eb8ae39985c68b57c74ee6bddaf22ec32a03c338f035', NULL, NULL, 9, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
insert into revision_rows (article_id, number, seen_at, confirmed_at, content_sha256, changed, classes, capture_id, reader, title, summary, body, body_html, byline, source, published_on) values (1, 2, '2026-09-02T18:30:00Z', '2026-09-02T18:30:00Z', '204cd41ae94ad61d858c45e97e1613655e2ba638e10d4a2c7486375955b0c153', '["body"]', '["number"]', 18, 2, 'Một', NULL, 'Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Lần 2.', '<p>Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. Lần 2.</p><p><img src="https://storage.example.vn/lci/20251231/anh.png"></p><p style="text-align:center"><em>Ảnh: Một</em></p><p><img src="https://storage.example.vn/lci/mat.jpg"></p><p style="text-align:center"><em>Ảnh: Một</em></p>', NULL, NULL, '2026-01-02');
insert into revision_rows (article_id, number, seen_at, confirmed_at, content_sha256, changed, classes, capture_id, reader, title, summary, body, body_html, byline, source, published_on) values (4, 1, '2026-09-02T18:30:00Z', '2026-09-02T18:30:00Z', '7f372db109f6c27f57d2f56ed1e76a6a54088e33f89dad264fe1c43c2b326040', NULL, NULL, 23, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
insert into revision_rows (article_id, number, seen_at, confirmed_at, content_sha256, changed, classes, capture_id, reader, title, summary, body, body_html, byline, source, published_on) values (1, 3, '2026-09-03T18:30:00Z', '2026-09-03T18:30:00Z', '5e1bbddd977f41b6481295843f86e6c4da2622e27569003f89869819497385e9', '["body"]', '["number"]', 30, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX revisions_seen on "revision_rows"(seen_at);
CREATE INDEX revisions_capture on "revision_rows"(capture_id);
CREATE TABLE images (
    sha256 text primary key, media_type text not null, width integer, height integer,
    size_bytes integer not null, thumbnail blob, capture_id integer not null references captures(id)
);
insert into images (sha256, media_type, width, height, size_bytes, thumbnail, capture_id) values ('4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'image/png', 40, 30, 99, X'FFD8FFE000104A46494600010100000100010000FFDB004300080606070605080707070909080A0C140D0C0B0B0C1912130F141D1A1F1E1D1A1C1C20242E2720222C231C1C2837292C30313434341F27393D38323C2E333432FFDB0043010909090C0B0C180D0D1832211C213232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232323232FFC0001108001E002803012200021101031101FFC4001F0000010501010101010100000000000000000102030405060708090A0BFFC400B5100002010303020403050504040000017D01020300041105122131410613516107227114328191A1082342B1C11552D1F02433627282090A161718191A25262728292A3435363738393A434445464748494A535455565758595A636465666768696A737475767778797A838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE1E2E3E4E5E6E7E8E9EAF1F2F3F4F5F6F7F8F9FAFFC4001F0100030101010101010101010000000000000102030405060708090A0BFFC400B51100020102040403040705040400010277000102031104052131061241510761711322328108144291A1B1C109233352F0156272D10A162434E125F11718191A262728292A35363738393A434445464748494A535455565758595A636465666768696A737475767778797A82838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE2E3E4E5E6E7E8E9EAF2F3F4F5F6F7F8F9FAFFDA000C03010002110311003F00F1CA28A2BF713CC0A28A2800A28A2800A28A2800A28A2800A28A2803FFD9', 4);
CREATE INDEX images_capture on images(capture_id);
CREATE TABLE attachments (
    sha256 text primary key, media_type text not null, size_bytes integer not null,
    capture_id integer not null references captures(id)
);
insert into attachments (sha256, media_type, size_bytes, capture_id) values ('b43c71094c98a4beabff20cd79897aa87010d2b367fb7a461f122af142cd8520', 'application/pdf', 13, 5);
CREATE INDEX attachments_capture on attachments(capture_id);
CREATE TABLE files (
    portal text not null references portals(name), url text not null, role text not null, sha256 text,
    capture_id integer references captures(id), fetched_at text not null, error text, name text,
    primary key (portal, url, role)
);
insert into files (portal, url, role, sha256, capture_id, fetched_at, error, name) values ('sapa', 'https://storage.example.vn/lci/20251231/anh.png', 'image', '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 27, '2026-09-03T18:30:00Z', NULL, NULL);
insert into files (portal, url, role, sha256, capture_id, fetched_at, error, name) values ('sapa', 'https://storage.example.vn/lci/20251230/ke-hoach.pdf', 'attachment', 'b43c71094c98a4beabff20cd79897aa87010d2b367fb7a461f122af142cd8520', 28, '2026-09-03T18:30:00Z', NULL, NULL);
insert into files (portal, url, role, sha256, capture_id, fetched_at, error, name) values ('sapa', 'https://storage.example.vn/lci/mat.jpg', 'image', NULL, 6, '2026-09-01T18:30:00Z', 'http-404', NULL);
CREATE INDEX files_sha256 on files(sha256);
CREATE TABLE revision_images (
    article_id integer not null, number integer not null, position integer not null,
    image_sha256 text references images(sha256), url text not null, caption text,
    primary key (article_id, number, position),
    foreign key (article_id, number) references "revision_rows"(article_id, number)
);
insert into revision_images (article_id, number, position, image_sha256, url, caption) values (1, 1, 0, '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'https://storage.example.vn/lci/20251231/anh.png', 'Ảnh: Một');
insert into revision_images (article_id, number, position, image_sha256, url, caption) values (1, 1, 1, NULL, 'https://storage.example.vn/lci/mat.jpg', 'Ảnh: Một');
insert into revision_images (article_id, number, position, image_sha256, url, caption) values (1, 2, 0, '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'https://storage.example.vn/lci/20251231/anh.png', 'Ảnh: Một');
insert into revision_images (article_id, number, position, image_sha256, url, caption) values (1, 2, 1, NULL, 'https://storage.example.vn/lci/mat.jpg', 'Ảnh: Một');
insert into revision_images (article_id, number, position, image_sha256, url, caption) values (1, 3, 0, '4b400fdda67db55b0c157080fcd5c815456a4a9cceb8e87d3a26ff3124123095', 'https://storage.example.vn/lci/20251231/anh.png', 'Ảnh: Một');
insert into revision_images (article_id, number, position, image_sha256, url, caption) values (1, 3, 1, NULL, 'https://storage.example.vn/lci/mat.jpg', 'Ảnh: Một');
CREATE INDEX revision_images_url on revision_images(url);
CREATE TABLE revision_attachments (
    article_id integer not null, number integer not null, position integer not null,
    attachment_sha256 text references attachments(sha256), url text not null, label text,
    primary key (article_id, number, position),
    foreign key (article_id, number) references "revision_rows"(article_id, number)
);
insert into revision_attachments (article_id, number, position, attachment_sha256, url, label) values (2, 1, 0, 'b43c71094c98a4beabff20cd79897aa87010d2b367fb7a461f122af142cd8520', 'https://storage.example.vn/lci/20251230/ke-hoach.pdf', 'Kế hoạch');
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
insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in, attempts, attempted_at, crawl_id, reason, fail_nights, failed_on) values ('sapa', 'https://sapa.example.vn/tin-tuc/mot-101', 'article', 'done', 1, 10, '2026-09-01T18:30:00Z', 3, 3, '2026-09-03T18:30:00Z', 3, NULL, 0, NULL);
insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in, attempts, attempted_at, crawl_id, reason, fail_nights, failed_on) values ('sapa', 'https://sapa.example.vn/tin-tuc/hai-102', 'article', 'done', 1, 10, '2026-09-01T18:30:00Z', 3, 3, '2026-09-03T18:30:00Z', 3, NULL, 0, NULL);
insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in, attempts, attempted_at, crawl_id, reason, fail_nights, failed_on) values ('sapa', 'https://sapa.example.vn/1227/27461/54439/103/tin-tuc/ba', 'article', 'done', 1, 10, '2026-09-01T18:30:00Z', 3, 3, '2026-09-03T18:30:00Z', 3, NULL, 0, NULL);
insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in, attempts, attempted_at, crawl_id, reason, fail_nights, failed_on) values ('sapa', 'https://sapa.example.vn/tin-tuc/ba-104', 'article', 'done', 0, 10, '2026-09-01T18:30:00Z', 10, 2, '2026-09-03T18:30:00Z', 3, NULL, 0, NULL);
insert into frontier (portal, url, kind, state, listed, priority, found_at, found_in, attempts, attempted_at, crawl_id, reason, fail_nights, failed_on) values ('sapa', 'https://sapa.example.vn/tin-tuc/moi-105', 'article', 'missed', 0, 10, '2026-09-02T18:30:00Z', 23, 1, '2026-09-03T18:30:00Z', 3, 'http-404', 0, NULL);
CREATE INDEX frontier_state on frontier(portal, state, priority);
CREATE TABLE search_meta (key text primary key, value text not null);
insert into search_meta (key, value) values ('fold_version', '1');
insert into search_meta (key, value) values ('facts_version', '13');
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
insert into article_facts (article_id, portal, year, title_key, byline_key, event_on) values (1, 'sapa', '2026', 'môt⁶', NULL, NULL);
insert into article_facts (article_id, portal, year, title_key, byline_key, event_on) values (2, 'sapa', '2024', 'hai', NULL, NULL);
insert into article_facts (article_id, portal, year, title_key, byline_key, event_on) values (3, 'sapa', NULL, 'ba', NULL, NULL);
insert into article_facts (article_id, portal, year, title_key, byline_key, event_on) values (4, 'sapa', NULL, 'mơi⁵', NULL, NULL);
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
insert into number_changes (article_id, number, position, field, kind, before, after) values (1, 2, 0, 'body', 'number', '1', '2');
insert into number_changes (article_id, number, position, field, kind, before, after) values (1, 3, 0, 'body', 'number', '2', '3');
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
insert into last_looks (article_id, has_end, goes_on, open_tags, own_id, spots) values (1, 1, 0, 0, NULL, '{"changed": [["body", "", ""], ["body", "", ""]], "shown": null}');
insert into last_looks (article_id, has_end, goes_on, open_tags, own_id, spots) values (2, 1, 0, 0, NULL, NULL);
insert into last_looks (article_id, has_end, goes_on, open_tags, own_id, spots) values (3, 1, 0, 0, NULL, NULL);
insert into last_looks (article_id, has_end, goes_on, open_tags, own_id, spots) values (4, 1, 0, 0, NULL, NULL);
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
insert into file_looks (portal, url, role, wanted_on, asked_on, had_on, checked_at, checked_on, looks, failing_since, fails, due_on) values ('sapa', 'https://storage.example.vn/lci/20251230/ke-hoach.pdf', 'attachment', '2026-09-02', '2026-09-04', '2026-09-02', '2026-09-03T18:30:00Z', '2026-09-04', 2, NULL, 0, '2026-09-09');
insert into file_looks (portal, url, role, wanted_on, asked_on, had_on, checked_at, checked_on, looks, failing_since, fails, due_on) values ('sapa', 'https://storage.example.vn/lci/20251231/anh.png', 'image', '2026-09-02', '2026-09-04', '2026-09-02', '2026-09-03T18:30:00Z', '2026-09-04', 2, NULL, 0, '2028-01-20');
insert into file_looks (portal, url, role, wanted_on, asked_on, had_on, checked_at, checked_on, looks, failing_since, fails, due_on) values ('sapa', 'https://storage.example.vn/lci/mat.jpg', 'image', '2026-09-02', '2026-09-04', NULL, NULL, NULL, 0, '2026-09-02', 3, '2026-09-08');
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
insert into controls (crawl_id, url, asking, status, chain, place, kind, has_frame, text_sha256, capture_id, pieces) values (1, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 1, 200, '', NULL, 'soft-404', 0, NULL, 2, NULL);
insert into controls (crawl_id, url, asking, status, chain, place, kind, has_frame, text_sha256, capture_id, pieces) values (2, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 1, 200, '', NULL, 'soft-404', 0, NULL, 13, NULL);
insert into controls (crawl_id, url, asking, status, chain, place, kind, has_frame, text_sha256, capture_id, pieces) values (3, 'https://sapa.example.vn/khong/khong-co-bai-9000001', 1, 200, '', NULL, 'soft-404', 0, NULL, 25, NULL);
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
insert into _row_ledger (key, digest) values ('_sqlite_migrations', 'eae77659b6fe493d1b0738c845a811f108e4024c78034cf6088f4e84016f9b78');
insert into _row_ledger (key, digest) values ('state', 'm0037_dashboard, facts 13');
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
insert into history (id, record_id, parent, archive, history, records, last_record_id, article_above, capture_above, crawl_above, serial_above, withholding_above) values (1, 'urn:uuid:4ab75953-d96c-4d5c-b3de-d7f32c4f64db', NULL, '20902a3f-62d5-493b-a5c0-0f23be0f4dd5', '20902a3f-62d5-493b-a5c0-0f23be0f4dd5', 2, 'urn:uuid:d3264a6f-3ac6-4d68-8d84-9c5c8819c138', NULL, NULL, NULL, NULL, NULL);
insert into history (id, record_id, parent, archive, history, records, last_record_id, article_above, capture_above, crawl_above, serial_above, withholding_above) values (2, 'urn:uuid:7a16177b-8572-45a5-af0e-8f9e81499f52', 'urn:uuid:d3264a6f-3ac6-4d68-8d84-9c5c8819c138', '20902a3f-62d5-493b-a5c0-0f23be0f4dd5', '20902a3f-62d5-493b-a5c0-0f23be0f4dd5', 2, 'urn:uuid:0b876f3c-0012-4029-b63f-4056781131f1', NULL, NULL, NULL, NULL, NULL);
insert into history (id, record_id, parent, archive, history, records, last_record_id, article_above, capture_above, crawl_above, serial_above, withholding_above) values (3, 'urn:uuid:147f42dd-56e4-47d5-950c-d72ded4c4824', 'urn:uuid:0b876f3c-0012-4029-b63f-4056781131f1', '20902a3f-62d5-493b-a5c0-0f23be0f4dd5', '20902a3f-62d5-493b-a5c0-0f23be0f4dd5', 2, 'urn:uuid:40e04acb-03ab-455e-95a0-bca335547e15', NULL, NULL, NULL, NULL, NULL);
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
delete from articles_fts_data;
insert into articles_fts_data (id, block) values (1, X'0404005804000400580400000000');
insert into articles_fts_data (id, block) values (10, X'000000000108080008010101020101030101040101050101060101070101080101');
insert into articles_fts_data (id, block) values (137438953473, X'0000034302303185D2A4A0808080010C0102180107180103616E6885D2A4A08080800108010302040402C2B385D2A4A0808080010801080204010362616E85D2A4A080808001060102160402C2B385D2A4A08080800106010716010363616385D2A4A080808001060102140403E281B585D2A4A0808080010601071403017985D2A4A08080800106010210020368756385D2A4A080808001060102080306C6B063E281B585D2A4A080808001060107080203C3A27985D2A4A080808001060107100102646185D2A4A08080800106010206010367617985D2A4A080808001060102110203C3A27985D2A4A080808001060107110103686F6985D2A4A080808001060102090206C3B469E281B685D2A4A0808080010601070901036B657485D2A4A0808080010601020C0206C3AA74E281B585D2A4A0808080010601070C01036C616E85D2A4A080808001060102170205C3A26EC2B285D2A4A0808080010601071701036D6F7485D2A4A0808080010A02010303040206C3B474E281B685D2A4A0808080010E0105020108030401036E617985D2A4A0808080010C010203010703020367686985D2A4A0808080010601020A0503E281B685D2A4A0808080010601070A01016F85D2A4A08080800106010213010570686F6E6785D2A4A0808080010C01020D01070D010472756E6785D2A4A080808001060102120206C6B06E67C2B285D2A4A08080800106010712010473616E6785D2A4A080808001060102020503E281B585D2A4A08080800106010702010374686985D2A4A080808001060102040403E281B685D2A4A0808080010601070403026F6E85D2A4A080808001060102150303C3B46E85D2A4A0808080010601071502016F85D2A4A0808080010601020703026E6785D2A4A0808080010601020B020372616F85D2A4A0808080010601020E0502C2B285D2A4A0808080010601070E03036F6E6785D2A4A0808080010601020F0306C3B46E67C2B285D2A4A0808080010601070F0206C3B46E67C2B385D2A4A0808080010601070B0402C2B385D2A4A080808001060107070102786185D2A4A080808001060102050303E281B485D2A4A080808001060107050106C49161E281B485D2A4A080808001060107060104C6A1C2B385D2A4A0808080010601071304121211111011110F11141110111111141114111313181411110F1612141211111110110F10111011141410101114');
insert into articles_fts_data (id, block) values (274877906945, X'000002F3043062616E85D1DCA080808002060102160402C2B385D1DCA08080800206010716010363616385D1DCA080808002060102140403E281B585D1DCA0808080020601071403017985D1DCA08080800206010210020368756385D1DCA080808002060102080306C6B063E281B585D1DCA080808002060107080203C3A27985D1DCA080808002060107100102646185D1DCA08080800206010206010367617985D1DCA080808002060102110203C3A27985D1DCA08080800206010711010368616985D1DCA08080800208020105020202657485D1DCA0808080020601021702026F6985D1DCA080808002060102090206C3AA74E281B585D1DCA080808002060107170305B469E281B685D1DCA0808080020601070901036B657485D1DCA0808080020601020C0206C3AA74E281B585D1DCA0808080020601070C01036E617985D1DCA0808080020C010203010703020367686985D1DCA0808080020601020A0503E281B685D1DCA0808080020601070A01016F85D1DCA08080800206010213010570686F6E6785D1DCA0808080020C01020D01070D010472756E6785D1DCA080808002060102120206C6B06E67C2B285D1DCA08080800206010712010473616E6785D1DCA080808002060102020503E281B585D1DCA08080800206010702010374686985D1DCA080808002060102040403E281B685D1DCA0808080020601070403026F6E85D1DCA080808002060102150303C3B46E85D1DCA0808080020601071502016F85D1DCA0808080020601020703026E6785D1DCA0808080020601020B020372616F85D1DCA0808080020601020E0502C2B285D1DCA0808080020601070E03036F6E6785D1DCA0808080020601020F0306C3B46E67C2B285D1DCA0808080020601070F0206C3B46E67C2B385D1DCA0808080020601070B0402C2B385D1DCA080808002060107070102786185D1DCA080808002060102050303E281B485D1DCA080808002060107050106C49161E281B485D1DCA080808002060107060104C6A1C2B385D1DCA0808080020601071304111011110F111411101111121010141311141411110F1612141211111110110F10111011141410101114');
insert into articles_fts_data (id, block) values (412316860417, X'000001AF0330626103080201050203016E03060102160402C2B30306010716010363616303060102140403E281B503060107140301790306010210020368756303060102080306C6B063E281B503060107080203C3A2790306010710010264610306010206010367617903060102110203C3A27903060107110103686F6903060102090206C3B469E281B6030601070901036B6574030601020C0206C3AA74E281B5030601070C01036E6179030C0102030107030203676869030601020A0503E281B6030601070A01016F0306010213010570686F6E67030C01020D01070D010472756E6703060102120206C6B06E67C2B20306010712010473616E6703060102020503E281B50306010702010374686903060102040403E281B6030601070403026F6E03060102150303C3B46E030601071502016F030601020703026E67030601020B020372616F030601020E0502C2B2030601070E03036F6E67030601020F0306C3B46E67C2B2030601070F0206C3B46E67C2B3030601070B0402C2B303060107070102786103060102050303E281B403060107050106C49161E281B403060107060104C6A1C2B30306010713040A08090A0A080A0D0A090A0A0A0D0A0D0D0A0A080F0B0D0B0A0A0A090A08090A090A0D0D09090A0D');
insert into articles_fts_data (id, block) values (549755813889, X'000002A502303185D2A4A080808001010103616E6885D2A4A080808001010402C2B385D2A4A08080800101010362616E85D2A4A080808001010402C2B385D2A4A08080800101010363616385D2A4A080808001010403E281B585D2A4A0808080010103017985D2A4A08080800101020368756385D2A4A080808001010306C6B063E281B585D2A4A080808001010203C3A27985D2A4A080808001010102646185D2A4A08080800101010367617985D2A4A080808001010203C3A27985D2A4A080808001010103686F6985D2A4A080808001010206C3B469E281B685D2A4A0808080010101036B657485D2A4A080808001010206C3AA74E281B585D2A4A0808080010101036C616E85D2A4A080808001010205C3A26EC2B285D2A4A0808080010101036D6F7485D2A4A080808001010206C3B474E281B685D2A4A0808080010101036E617985D2A4A08080800101020367686985D2A4A080808001010503E281B685D2A4A0808080010101016F85D2A4A08080800101010570686F6E6785D2A4A08080800101010472756E6785D2A4A080808001010206C6B06E67C2B285D2A4A08080800101010473616E6785D2A4A080808001010503E281B585D2A4A08080800101010374686985D2A4A080808001010403E281B685D2A4A0808080010103026F6E85D2A4A080808001010303C3B46E85D2A4A0808080010102016F85D2A4A0808080010103026E6785D2A4A08080800101020372616F85D2A4A080808001010502C2B285D2A4A0808080010103036F6E6785D2A4A080808001010306C3B46E67C2B285D2A4A080808001010206C3B46E67C2B385D2A4A080808001010402C2B385D2A4A080808001010102786185D2A4A080808001010303E281B485D2A4A080808001010106C49161E281B485D2A4A080808001010104C6A1C2B385D2A4A08080800101040C0E0D0E0D0E0E0C0E110E0D0E0E0E110E110E100E110E0E0E0C100F110F0E0E0E0D0E0C0D0E0D0E11110D0D0E11');
insert into articles_fts_data (id, block) values (687194767361, X'0000034302303285D2A4A0808080010C0102180107180103616E6885D2A4A08080800108010302040402C2B385D2A4A0808080010801080204010362616E85D2A4A080808001060102160402C2B385D2A4A08080800106010716010363616385D2A4A080808001060102140403E281B585D2A4A0808080010601071403017985D2A4A08080800106010210020368756385D2A4A080808001060102080306C6B063E281B585D2A4A080808001060107080203C3A27985D2A4A080808001060107100102646185D2A4A08080800106010206010367617985D2A4A080808001060102110203C3A27985D2A4A080808001060107110103686F6985D2A4A080808001060102090206C3B469E281B685D2A4A0808080010601070901036B657485D2A4A0808080010601020C0206C3AA74E281B585D2A4A0808080010601070C01036C616E85D2A4A080808001060102170205C3A26EC2B285D2A4A0808080010601071701036D6F7485D2A4A0808080010A02010303040206C3B474E281B685D2A4A0808080010E0105020108030401036E617985D2A4A0808080010C010203010703020367686985D2A4A0808080010601020A0503E281B685D2A4A0808080010601070A01016F85D2A4A08080800106010213010570686F6E6785D2A4A0808080010C01020D01070D010472756E6785D2A4A080808001060102120206C6B06E67C2B285D2A4A08080800106010712010473616E6785D2A4A080808001060102020503E281B585D2A4A08080800106010702010374686985D2A4A080808001060102040403E281B685D2A4A0808080010601070403026F6E85D2A4A080808001060102150303C3B46E85D2A4A0808080010601071502016F85D2A4A0808080010601020703026E6785D2A4A0808080010601020B020372616F85D2A4A0808080010601020E0502C2B285D2A4A0808080010601070E03036F6E6785D2A4A0808080010601020F0306C3B46E67C2B285D2A4A0808080010601070F0206C3B46E67C2B385D2A4A0808080010601070B0402C2B385D2A4A080808001060107070102786185D2A4A080808001060102050303E281B485D2A4A080808001060107050106C49161E281B485D2A4A080808001060107060104C6A1C2B385D2A4A0808080010601071304121211111011110F11141110111111141114111313181411110F1612141211111110110F10111011141410101114');
insert into articles_fts_data (id, block) values (824633720833, X'000001C2043062616E04060102160402C2B30406010716010363616304060102140403E281B504060107140301790406010210020368756304060102080306C6B063E281B504060107080203C3A2790406010710010264610406010206010367617904060102110203C3A27904060107110103686F6904060102090206C3B469E281B6040601070901036B6574040601020C0206C3AA74E281B5040601070C01036D6F690408020102170206C6A169E281B5040C01050201071701036E6179040C0102030107030203676869040601020A0503E281B6040601070A01016F0406010213010570686F6E67040C01020D01070D010472756E6704060102120206C6B06E67C2B20406010712010473616E6704060102020503E281B50406010702010374686904060102040403E281B6040601070403026F6E04060102150303C3B46E040601071502016F040601020703026E67040601020B020372616F040601020E0502C2B2040601070E03036F6E67040601020F0306C3B46E67C2B2040601070F0206C3B46E67C2B3040601070B0402C2B304060107070102786104060102050303E281B404060107050106C49161E281B404060107060104C6A1C2B30406010713040A090A0A080A0D0A090A0A0A0D0A0D0B100D0A0A080F0B0D0B0A0A0A090A08090A090A0D0D09090A0D');
insert into articles_fts_data (id, block) values (962072674305, X'000002A502303285D2A4A080808001010103616E6885D2A4A080808001010402C2B385D2A4A08080800101010362616E85D2A4A080808001010402C2B385D2A4A08080800101010363616385D2A4A080808001010403E281B585D2A4A0808080010103017985D2A4A08080800101020368756385D2A4A080808001010306C6B063E281B585D2A4A080808001010203C3A27985D2A4A080808001010102646185D2A4A08080800101010367617985D2A4A080808001010203C3A27985D2A4A080808001010103686F6985D2A4A080808001010206C3B469E281B685D2A4A0808080010101036B657485D2A4A080808001010206C3AA74E281B585D2A4A0808080010101036C616E85D2A4A080808001010205C3A26EC2B285D2A4A0808080010101036D6F7485D2A4A080808001010206C3B474E281B685D2A4A0808080010101036E617985D2A4A08080800101020367686985D2A4A080808001010503E281B685D2A4A0808080010101016F85D2A4A08080800101010570686F6E6785D2A4A08080800101010472756E6785D2A4A080808001010206C6B06E67C2B285D2A4A08080800101010473616E6785D2A4A080808001010503E281B585D2A4A08080800101010374686985D2A4A080808001010403E281B685D2A4A0808080010103026F6E85D2A4A080808001010303C3B46E85D2A4A0808080010102016F85D2A4A0808080010103026E6785D2A4A08080800101020372616F85D2A4A080808001010502C2B285D2A4A0808080010103036F6E6785D2A4A080808001010306C3B46E67C2B285D2A4A080808001010206C3B46E67C2B385D2A4A080808001010402C2B385D2A4A080808001010102786185D2A4A080808001010303E281B485D2A4A080808001010106C49161E281B485D2A4A080808001010104C6A1C2B385D2A4A08080800101040C0E0D0E0D0E0E0C0E110E0D0E0E0E110E110E100E110E0E0E0C100F110F0E0E0E0D0E0C0D0E0D0E11110D0D0E11');
insert into articles_fts_data (id, block) values (1099511627777, X'0000034302303385D2A4A0808080010C0102180107180103616E6885D2A4A08080800108010302040402C2B385D2A4A0808080010801080204010362616E85D2A4A080808001060102160402C2B385D2A4A08080800106010716010363616385D2A4A080808001060102140403E281B585D2A4A0808080010601071403017985D2A4A08080800106010210020368756385D2A4A080808001060102080306C6B063E281B585D2A4A080808001060107080203C3A27985D2A4A080808001060107100102646185D2A4A08080800106010206010367617985D2A4A080808001060102110203C3A27985D2A4A080808001060107110103686F6985D2A4A080808001060102090206C3B469E281B685D2A4A0808080010601070901036B657485D2A4A0808080010601020C0206C3AA74E281B585D2A4A0808080010601070C01036C616E85D2A4A080808001060102170205C3A26EC2B285D2A4A0808080010601071701036D6F7485D2A4A0808080010A02010303040206C3B474E281B685D2A4A0808080010E0105020108030401036E617985D2A4A0808080010C010203010703020367686985D2A4A0808080010601020A0503E281B685D2A4A0808080010601070A01016F85D2A4A08080800106010213010570686F6E6785D2A4A0808080010C01020D01070D010472756E6785D2A4A080808001060102120206C6B06E67C2B285D2A4A08080800106010712010473616E6785D2A4A080808001060102020503E281B585D2A4A08080800106010702010374686985D2A4A080808001060102040403E281B685D2A4A0808080010601070403026F6E85D2A4A080808001060102150303C3B46E85D2A4A0808080010601071502016F85D2A4A0808080010601020703026E6785D2A4A0808080010601020B020372616F85D2A4A0808080010601020E0502C2B285D2A4A0808080010601070E03036F6E6785D2A4A0808080010601020F0306C3B46E67C2B285D2A4A0808080010601070F0206C3B46E67C2B385D2A4A0808080010601070B0402C2B385D2A4A080808001060107070102786185D2A4A080808001060102050303E281B485D2A4A080808001060107050106C49161E281B485D2A4A080808001060107060104C6A1C2B385D2A4A0808080010601071304121211111011110F11141110111111141114111313181411110F1612141211111110110F10111011141410101114');
delete from articles_fts_idx;
insert into articles_fts_idx (segid, term, pgno) values (1, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (2, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (3, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (4, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (5, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (6, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (7, X'', 2);
insert into articles_fts_idx (segid, term, pgno) values (8, X'', 2);
delete from articles_fts_docsize;
insert into articles_fts_docsize (id, sz) values (3, X'01001500000100150000000000');
insert into articles_fts_docsize (id, sz) values (4, X'01001600000100160000000000');
insert into articles_fts_docsize (id, sz) values (3174161220370434, X'01001600000100160000000000');
insert into articles_fts_docsize (id, sz) values (3176635121532929, X'01001704000100170400000000');
delete from articles_fts_config;
insert into articles_fts_config (k, v) values ('version', 4);
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
insert into _address_words (word, article_id) values (3295589980, 1);
insert into _address_words (word, article_id) values (3759633499, 1);
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
commit;
