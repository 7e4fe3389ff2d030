-- The offset of the portals' clocks in each run; an index of removed articles.
alter table crawls add column clock_offset_seconds integer;
create index articles_removed on articles(portal, removed_at) where removed_at is not null;
