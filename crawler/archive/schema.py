"""The database's schema as migrations of sqlite-utils, and the check that this version may use it."""

import sqlite3
from collections.abc import Callable

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from crawler.archive.articles.derived import needs_refill, refill
from crawler.archive.articles.search_index import CREATE_FILES_SEARCH_SQL, CREATE_SEARCH_SQL, needs_reindex, reindex_all
from crawler.archive.views import CREATE_ANALYSIS_SQL
from crawler.archive.withholdings import WITHHOLDINGS_SQL
from crawler.errors import ArchiveUnusableError, SchemaTooNewError, SchemaTooOldError
from crawler.sentences import COLUMNS, ProseColumn, from_columns

migrations = Migrations("portal-archive")

PORTALS_SQL = """
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
"""

ARTICLES_SQL = """
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
"""

WATCH_SQL = """
alter table crawls add column clock_offset_seconds integer;
create index articles_removed on articles(portal, removed_at) where removed_at is not null;
"""

# For lists by time of changes and removals, which are few among revisions and events, and for lists of the articles
# that show a picture or a file.
READING_SQL = """
create index revisions_changed on revisions(seen_at, article_id, number, classes) where number > 1;
create index article_events_kind on article_events(kind, at, id) where kind in ('removed', 'returned', 'unlisted');
create index articles_removed_at on articles(removed_at, id) where removed_at is not null;
create index articles_suspect on articles(last_seen_at, id) where state = 'suspect';
drop index revision_images_image;
create index revision_images_image on revision_images(image_sha256, article_id, number);
drop index revision_attachments_attachment;
create index revision_attachments_attachment on revision_attachments(attachment_sha256, article_id, number);
"""


@migrations()
def m0001_portals_and_captures(db: Database) -> None:
    """Portals, their crawls and captures."""
    _run(db, PORTALS_SQL)


@migrations()
def m0002_articles(db: Database) -> None:
    """Articles with their addresses, dates, events, revisions and files, and the frontier."""
    _run(db, ARTICLES_SQL)


@migrations()
def m0003_search(db: Database) -> None:
    """The full-text index."""
    _run(db, CREATE_SEARCH_SQL)


@migrations()
def m0004_clock_offsets(db: Database) -> None:
    """The offset of the portals' clocks in each run; an index of removed articles."""
    _run(db, WATCH_SQL)


@migrations()
def m0005_attachment_texts(db: Database) -> None:
    """The texts of attachments, and an index with them."""
    _run(db, CREATE_FILES_SEARCH_SQL)


@migrations()
def m0006_analysis(db: Database) -> None:
    """Facts derived from the articles' words, and views for analysts."""
    _run(db, CREATE_ANALYSIS_SQL)


@migrations()
def m0007_withholdings(db: Database) -> None:
    """Withholdings and releases."""
    _run(db, WITHHOLDINGS_SQL)


@migrations()
def m0008_reading_indexes(db: Database) -> None:
    """Indexes for the site's lists by time."""
    _run(db, READING_SQL)


@migrations()
def m0009_sentences(db: Database) -> None:
    """Kind and arguments beside each column of prose, read from the prose of the rows so far."""
    connection = db.conn
    assert connection is not None
    for column in COLUMNS:
        kind, args = f"{column.name}_kind", f"{column.name}_args"
        db.execute(f"alter table {column.table} add column {kind} text")
        db.execute(f"alter table {column.table} add column {args} text")
        for place, name in enumerate((kind, args), start=1):
            connection.create_function(name, 1, _read_prose(column, place))
        # One pass in SQLite, which holds no rows in memory.
        db.execute(
            f"""update {column.table} set {kind} = {kind}({column.name}), {args} = {args}({column.name})
                where {column.name} is not null"""  # noqa: S608 - our own names
        )


def _read_prose(column: ProseColumn, place: int) -> Callable[[str], str | None]:
    return lambda prose: from_columns(prose, column)[place]


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate a database to this version's schema, each migration in a transaction.

    Raises:
        SchemaTooNewError: if a newer version wrote it. Nothing is written then.

    """
    check_schema(connection)
    database = Database(connection)
    migrations.apply(database)
    if needs_reindex(connection):
        with database.atomic():
            reindex_all(connection)
    if needs_refill(connection):
        with database.atomic():
            refill(connection)


def check_schema(connection: sqlite3.Connection, *, complete: bool = False) -> None:
    """Refuse a database that this version must not use. Read-only.

    With `complete` (for commands that only read), refuse one that lacks a migration too.

    Raises:
        SchemaTooNewError: if it has a migration unknown here.
        SchemaTooOldError: if it lacks a migration.
        ArchiveUnusableError: if it is not an archive.

    """
    database = Database(connection)
    try:
        applied = {migration.name for migration in migrations.applied(database)}
        tables = set(database.table_names())
    except sqlite3.DatabaseError as error:
        raise ArchiveUnusableError(f"not an SQLite database that can be read: {error}") from error
    known = applied | {migration.name for migration in migrations.pending(database)}
    unknown = applied - _declared_names()
    if unknown:
        raise SchemaTooNewError(
            f"the database is of a newer schema than this version knows ({', '.join(sorted(unknown))}); "
            "update portal-archive"
        )
    # The library creates its own table first: a run that was killed then has made no archive yet.
    if tables - {migrations.migrations_table} and not applied:
        raise ArchiveUnusableError("the database is not an archive: it holds tables, but none of its migrations")
    if complete and applied != known:
        raise SchemaTooOldError(
            "the database is of an older schema; the next `crawl`, `schedule` or `serve` brings it up to date "
            "and keeps a copy"
        )


def pending_migrations(connection: sqlite3.Connection) -> list[str]:
    """Name the migrations that a database of an older version lacks. [] for a new or current one."""
    database = Database(connection)
    if not migrations.applied(database):
        return []
    return [migration.name for migration in migrations.pending(database)]


def _declared_names() -> set[str]:
    """Name every migration of this version."""
    return {migration.name for migration in migrations.pending(Database(memory=True))}


def _run(db: Database, script: str) -> None:
    # Not executescript(): it would commit the migration's transaction first.
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
