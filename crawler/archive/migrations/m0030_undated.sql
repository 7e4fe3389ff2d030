-- Articles without a date have day 0 in sort_key, the rowid of the index. Without a version the index is filled again.
delete from search_meta where exists (select 1 from articles where published_on is null and sort_key <> id);
update articles set sort_key = id where published_on is null and sort_key <> id;
update article_facts set event_on = null
where event_on is not null and article_id in (select id from articles where published_on is null);
