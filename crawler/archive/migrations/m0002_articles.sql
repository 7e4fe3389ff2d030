-- Articles with their addresses, dates, events, revisions and files, and the frontier.
create table categories (
    id integer primary key, portal text not null references portals(name), slug text not null, title text,
    url text not null, unique (portal, slug)
);
create table articles (
    id integer primary key, sort_key integer not null unique, portal text not null references portals(name),
    url text not null, source_id text, category_id integer references categories(id), title text not null,
    summary text, body text not null, body_html text not null, byline text, source text, published_on text,
    published_at text, published_from text, first_seen_at text not null, last_seen_at text not null,
    changed_at text, removed_at text, state text not null, listed integer not null, revision integer not null,
    word_count integer not null, captions text, content_sha256 text not null, summary_from text,
    join_sha256 text not null, first_seen_on text not null, looked_on text,
    seen_on text, last_crawl_id integer not null references crawls(id),
    capture_id integer not null references captures(id)
);
create index articles_portal on articles(portal, sort_key);
create index articles_category on articles(category_id, sort_key);
create index articles_published on articles(published_on);
create index articles_join on articles(join_sha256);
create index articles_changed on articles(changed_at) where changed_at is not null;
create index articles_capture on articles(capture_id);
create table article_urls (
    portal text not null references portals(name), url text not null,
    article_id integer not null references articles(id), kind text not null, source_id text,
    title_slug text, first_capture_id integer references captures(id), primary key (portal, url)
);
create index article_urls_article on article_urls(article_id);
create index article_urls_source on article_urls(portal, kind, source_id);
create table misses (
    article_id integer not null references articles(id), night text not null, at text not null, kind text not null,
    capture_id integer references captures(id), counted integer, primary key (article_id, night)
);
create index misses_night on misses(night);
create index misses_capture on misses(capture_id);
create table quarantined_readings (
    article_id integer not null references articles(id), night text not null, why text not null,
    capture_id integer not null references captures(id), primary key (article_id, night)
);
create index quarantined_readings_night on quarantined_readings(night);
create index quarantined_readings_capture on quarantined_readings(capture_id);
create table article_redirects (id integer primary key, article_id integer not null references articles(id));
create table article_dates (
    article_id integer not null references articles(id), published_on text not null, published_at text,
    published_from text not null, url text, capture_id integer not null references captures(id)
);
create index article_dates_article on article_dates(article_id, published_from);
create index article_dates_capture on article_dates(capture_id);
create table article_events (
    id integer primary key, article_id integer not null references articles(id), at text not null,
    kind text not null, capture_id integer references captures(id), detail text
);
create index article_events_article on article_events(article_id);
create index article_events_at on article_events(at);
create table mentions (
    portal text not null references portals(name), url text not null, place text not null, title text,
    summary text, published_on text, published_at text, capture_id integer not null references captures(id),
    primary key (portal, url, place)
);
create index mentions_capture on mentions(capture_id);
create table revisions (
    article_id integer not null references articles(id), number integer not null, seen_at text not null,
    confirmed_at text not null, title text not null, summary text, body text not null, body_html text not null,
    byline text, source text, published_on text, content_sha256 text not null, changed text, classes text,
    capture_id integer not null references captures(id), primary key (article_id, number)
);
create index revisions_seen on revisions(seen_at);
create index revisions_capture on revisions(capture_id);
create table images (
    sha256 text primary key, media_type text not null, width integer, height integer,
    size_bytes integer not null, thumbnail blob, capture_id integer not null references captures(id)
);
create index images_capture on images(capture_id);
create table attachments (
    sha256 text primary key, media_type text not null, size_bytes integer not null,
    capture_id integer not null references captures(id)
);
create index attachments_capture on attachments(capture_id);
create table files (
    portal text not null references portals(name), url text not null, role text not null, sha256 text,
    capture_id integer references captures(id), fetched_at text not null, error text,
    primary key (portal, url, role)
);
create index files_sha256 on files(sha256);
create table revision_images (
    article_id integer not null, number integer not null, position integer not null,
    image_sha256 text references images(sha256), url text not null, caption text,
    primary key (article_id, number, position),
    foreign key (article_id, number) references revisions(article_id, number)
);
create index revision_images_image on revision_images(image_sha256);
create index revision_images_url on revision_images(url);
create table revision_attachments (
    article_id integer not null, number integer not null, position integer not null,
    attachment_sha256 text references attachments(sha256), url text not null, label text,
    primary key (article_id, number, position),
    foreign key (article_id, number) references revisions(article_id, number)
);
create index revision_attachments_attachment on revision_attachments(attachment_sha256);
create index revision_attachments_url on revision_attachments(url);
create view article_images as
    select i.article_id, i.number, i.position, i.image_sha256, i.url, i.caption
    from revision_images i join articles a on a.id = i.article_id and a.revision = i.number;
create view article_attachments as
    select t.article_id, t.number, t.position, t.attachment_sha256, t.url, t.label
    from revision_attachments t join articles a on a.id = t.article_id and a.revision = t.number;
create table frontier (
    portal text not null references portals(name), url text not null, kind text not null, state text not null,
    listed integer not null default 0, priority integer not null, found_at text not null,
    found_in integer references captures(id), attempts integer not null default 0, attempted_at text,
    crawl_id integer references crawls(id), reason text, fail_nights integer not null default 0, failed_on text,
    primary key (portal, url)
);
create index frontier_state on frontier(portal, state, priority);
