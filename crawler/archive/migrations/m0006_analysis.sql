-- Tables of derived facts, indexes for fast counting, and views over both, for analysts. The views are plain SQL, so
-- they work in any SQLite, also in a downloaded snapshot. Months and nights are those of the portal's zone
-- (`portals.utc_offset`).
create table article_facts (
    article_id integer primary key references articles(id), portal text not null references portals(name), year text,
    title_key text not null, byline_key text, event_on text
);
create index article_facts_title on article_facts(title_key, portal, year);
create index article_facts_byline on article_facts(byline_key, year, portal) where byline_key is not null;
create table article_documents (
    article_id integer not null references articles(id), number text not null, place text not null,
    primary key (article_id, number)
) without rowid;
create index article_documents_number on article_documents(number, article_id);
create table number_changes (
    article_id integer not null, number integer not null, position integer not null, field text not null,
    kind text not null, before text, after text, primary key (article_id, number, position),
    foreign key (article_id, number) references revisions(article_id, number)
) without rowid;
alter table portals add column utc_offset text;
create index articles_analysis on articles(
    portal, category_id, published_on, published_from, first_seen_on, revision, state, listed);
drop index revision_images_image;
create index revision_images_image on revision_images(image_sha256, article_id, number);
create view article_months as
    select a.portal, c.slug as category, coalesce(c.title, c.slug) as category_title,
    substr(a.published_on, 1, 7) as month, count(*) as articles, sum(a.published_from is 'file-name') as inferred,
    sum(a.revision > 1) as revised, sum(a.state = 'removed') as removed
    from articles a left join categories c on c.id = a.category_id
    group by a.portal, a.category_id, substr(a.published_on, 1, 7);
create view date_sources as
    select portal, coalesce(published_from, 'none') as published_from, count(*) as articles,
    min(published_on) as earliest, max(published_on) as latest
    from articles group by portal, published_from;
create view posting_delays as
    select a.id as article_id, a.portal, c.slug as category, f.event_on, a.published_on, a.published_from,
    a.first_seen_on, cast(julianday(a.published_on) - julianday(f.event_on) as integer) as days_event_to_posting,
    cast(julianday(a.first_seen_on) - julianday(a.published_on) as integer) as days_posting_to_archive
    from articles a cross join article_facts f on f.article_id = a.id left join categories c on c.id = a.category_id
    where a.published_on is not null;
create view byline_years as
    select portal, byline_key, year, count(*) as articles, max(article_id) as example_article_id
    from article_facts where byline_key is not null group by byline_key, year, portal;
create view document_citations as
    select number, count(*) as articles, min(article_id) as example_article_id
    from article_documents group by number;
create view image_uses as
    select image_sha256, count(distinct article_id) as articles, min(article_id) as example_article_id
    from revision_images where image_sha256 is not null group by image_sha256;
create view removals as
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
create view unlisted_articles as
    select a.id as article_id, a.portal, c.slug as category, a.title, a.url, a.published_on,
    date(e.at, coalesce(p.utc_offset, '+00:00')) as unlisted_on, a.seen_on as last_answered_on, e.detail as listing,
    e.capture_id
    from article_events e join articles a on a.id = e.article_id join portals p on p.name = a.portal
    left join categories c on c.id = a.category_id
    where e.kind = 'unlisted' and a.listed = 0 and a.state = 'live' and not exists (
      select 1 from article_events l where l.article_id = e.article_id and l.kind = 'unlisted' and l.id > e.id);
create view changed_numbers as
    select n.article_id, n.number, n.position, n.field, n.kind, n.before, n.after, o.confirmed_at as before_seen_at,
    r.seen_at as after_seen_at, r.title, a.url, o.capture_id as before_capture_id, r.capture_id as after_capture_id
    from number_changes n join revisions r on r.article_id = n.article_id and r.number = n.number
    join revisions o on o.article_id = n.article_id and o.number = n.number - 1
    join articles a on a.id = n.article_id;
create view revision_periods as
    select r.article_id, r.number, r.title, r.seen_at, r.confirmed_at, n.seen_at as next_seen_at,
    date(r.seen_at, coalesce(p.utc_offset, '+00:00')) as seen_on,
    date(r.confirmed_at, coalesce(p.utc_offset, '+00:00')) as confirmed_on,
    date(n.seen_at, coalesce(p.utc_offset, '+00:00')) as next_seen_on, r.capture_id
    from revisions r join articles a on a.id = r.article_id join portals p on p.name = a.portal
    left join revisions n on n.article_id = r.article_id and n.number = r.number + 1;
create view missed_pages as
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
create view nights as
    select c.portal, date(c.started_at, coalesce(p.utc_offset, '+00:00')) as night, count(*) as runs,
    max(c.id) as last_crawl_id, group_concat(c.outcome, ', ') as outcomes, sum(c.articles_new) as articles_new,
    sum(c.articles_changed) as articles_changed, sum(c.articles_removed) as articles_removed,
    sum(c.requests) as requests, sum(c.errors) as errors
    from crawls c join portals p on p.name = c.portal group by 1, 2;
create view recurring_titles as
    select portal, title_key, count(*) as articles, count(distinct year) as years, min(year) as first_year,
    max(year) as last_year, max(article_id) as example_article_id
    from article_facts group by title_key, portal having count(*) > 1 and count(distinct year) > 1;
