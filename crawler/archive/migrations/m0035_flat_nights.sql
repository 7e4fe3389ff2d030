-- Indexes for the questions of a night, so that none of them reads a whole table. The portal comes second: as the first
-- column it would draw queries away from better indexes.
create index articles_looked on articles(looked_on, portal);
create index articles_seen on articles(seen_on, portal, category_id) where state <> 'removed';
create index articles_gone on articles(looked_on, portal, removed_at, state) where state = 'removed';
create index articles_missed on articles(looked_on, portal) where state = 'live' and looked_on is not seen_on;
create index articles_age on articles(coalesce(published_on, first_seen_on), portal, looked_on, published_on, first_seen_on);
create index articles_first_seen on articles(first_seen_on, portal);
create index articles_last_crawl on articles(last_crawl_id);
create index article_events_capture on article_events(capture_id, kind);
create index listing_rows_new on listing_rows(portal, listing, first_crawl_id desc);
create index listing_rows_gone on listing_rows(portal, url) where not listed;
create index frontier_failed on frontier(failed_on, portal) where failed_on is not null;
drop index file_looks_due;
create index file_looks_due on file_looks(portal, role, due_on, url);
-- WARC files of older versions that were looked at and get no record list, by their size and time then.
create table _damaged_files (name text primary key, size_bytes integer not null, changed_ns integer not null);
