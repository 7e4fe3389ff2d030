-- The text of a current revision stands in its article's row alone. `revisions` becomes a view with the same columns over
-- `revision_rows`, whose texts are null where the article's row has them. A current revision whose values differ from
-- the article's in any way keeps its own. All is done by ALTER TABLE: so references to the table follow its new name,
-- and the rows keep their rowids.
drop view changed_numbers;
drop view revision_periods;
alter table revisions rename to revision_rows;
alter table revision_rows add column own_title text;
alter table revision_rows add column own_summary text;
alter table revision_rows add column own_body text;
alter table revision_rows add column own_body_html text;
alter table revision_rows add column own_byline text;
alter table revision_rows add column own_source text;
alter table revision_rows add column own_published_on text;
update revision_rows set own_title = title, own_summary = summary, own_body = body, own_body_html = body_html,
    own_byline = byline, own_source = source, own_published_on = published_on
    where not exists (select 1 from articles a where a.id = revision_rows.article_id
      and a.revision = revision_rows.number and a.title is revision_rows.title and a.summary is revision_rows.summary
      and a.body is revision_rows.body and a.body_html is revision_rows.body_html
      and a.byline is revision_rows.byline and a.source is revision_rows.source
      and a.published_on is revision_rows.published_on);
alter table revision_rows drop column body_html;
alter table revision_rows drop column body;
alter table revision_rows drop column title;
alter table revision_rows drop column summary;
alter table revision_rows drop column byline;
alter table revision_rows drop column source;
alter table revision_rows drop column published_on;
alter table revision_rows rename column own_title to title;
alter table revision_rows rename column own_summary to summary;
alter table revision_rows rename column own_body to body;
alter table revision_rows rename column own_body_html to body_html;
alter table revision_rows rename column own_byline to byline;
alter table revision_rows rename column own_source to source;
alter table revision_rows rename column own_published_on to published_on;
create view revisions as
    select r.article_id, r.number, r.seen_at, r.confirmed_at, iif(r.title is null, a.title, r.title) as title,
    iif(r.title is null, a.summary, r.summary) as summary, iif(r.title is null, a.body, r.body) as body,
    iif(r.title is null, a.body_html, r.body_html) as body_html, iif(r.title is null, a.byline, r.byline) as byline,
    iif(r.title is null, a.source, r.source) as source,
    iif(r.title is null, a.published_on, r.published_on) as published_on, r.content_sha256, r.changed, r.classes,
    r.capture_id, r.reader
    from revision_rows r left join articles a on a.id = r.article_id and a.revision = r.number and r.title is null;
create view changed_numbers as
    select n.article_id, n.number, n.position, n.field, n.kind, n.before, n.after, o.confirmed_at as before_seen_at,
    r.seen_at as after_seen_at, r.title, a.url, o.capture_id as before_capture_id, r.capture_id as after_capture_id
    from number_changes n join revisions r on r.article_id = n.article_id and r.number = n.number
    join revision_rows o on o.article_id = n.article_id and o.number = n.number - 1
    join articles a on a.id = n.article_id;
create view revision_periods as
    select r.article_id, r.number, r.title, r.seen_at, r.confirmed_at, n.seen_at as next_seen_at,
    date(r.seen_at, coalesce(p.utc_offset, '+00:00')) as seen_on,
    date(r.confirmed_at, coalesce(p.utc_offset, '+00:00')) as confirmed_on,
    date(n.seen_at, coalesce(p.utc_offset, '+00:00')) as next_seen_on, r.capture_id
    from revisions r join articles a on a.id = r.article_id join portals p on p.name = a.portal
    left join revision_rows n on n.article_id = r.article_id and n.number = r.number + 1;
