-- Indexes and a view for the charts of the site: a chart reads indexes alone, in their order, and sorts only what it
-- counted by day. `articles_day` holds all articles: with a condition, SQLite would prefer worse indexes in other queries.
create index article_facts_event on article_facts(event_on, portal) where event_on is not null;
create index articles_day on articles(id, published_on);
drop view article_months;
create view article_months as
    select a.portal, c.slug as category, coalesce(c.title, c.slug) as category_title, a.month,
    sum(a.articles) as articles, sum(a.inferred) as inferred, sum(a.revised) as revised, sum(a.removed) as removed
    from (
      select portal, category_id, substr(published_on, 1, 7) as month, count(*) as articles,
      sum(published_from is 'file-name') as inferred, sum(revision > 1) as revised, sum(state = 'removed') as removed
      from articles group by portal, category_id, published_on) a
    left join categories c on c.id = a.category_id
    group by a.portal, a.category_id, a.month;
