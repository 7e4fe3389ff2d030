"""The reach of a withholding: the articles, addresses, files and captures that belong to it."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.archive.withholdings import Withholding

# The digest of an empty payload. Captures that share it have nothing in common.
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

# A title of fewer words may be on any page, so it does not mark a captured page.
TITLE_WORDS = 4

Names = dict[str, int]
Ids = dict[int, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that is withheld, each with the id of its withholding.

    `articles` and `captures` are ids, `images` and `attachments` digests. `addresses` are addresses of the articles,
    `file_addresses` of the files. `public_files` are public articles that show a withheld file. `former` are ids that
    redirect to a withheld article.
    """

    articles: Ids
    former: Ids
    addresses: Names
    images: Names
    attachments: Names
    file_addresses: Names
    captures: Ids
    public_files: frozenset[int]

    def names(self, connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
        """Return the public names that answer 451, and the titles that mark captured pages."""
        found: dict[tuple[str, str], int] = {}
        for kind, ids in (("article", self.articles), ("article", self.former), ("capture", self.captures)):
            found.update({(kind, str(number)): wid for number, wid in ids.items()})
        for kind, names in (
            ("image", self.images), ("attachment", self.attachments), ("file", self.file_addresses),
            ("url", self.addresses),
        ):  # fmt: skip
            found.update({(kind, name): wid for name, wid in names.items()})
        rows = connection.execute(
            "select article_id, title from revisions where article_id in (select value from json_each(?))",
            (as_list(self.articles),),
        )
        titles = {("title", row[1]): self.articles[row[0]] for row in rows if len(row[1].split()) >= TITLE_WORDS}
        return found | titles


def as_list(values: Iterable[int | str]) -> str:
    """Return values as a JSON array for `json_each`."""
    return json.dumps(list(values), ensure_ascii=False)


def find_reach(connection: sqlite3.Connection, active: list[Withholding]) -> Reach:
    """Find what withholdings reach in an archive that holds all its rows; read-only."""
    articles = _find_articles(connection, active)
    former = _find_former(connection, articles)
    addresses = _find_addresses(connection, articles)
    seeds = _same_payload(connection, {int(one.what): one.id for one in active if one.kind == "capture"})
    images, attachments = (
        _find_files(
            connection, articles, kind=kind, named=_named(active, kind) | _held_by(connection, seeds, table=f"{kind}s")
        )
        for kind in ("image", "attachment")
    )
    file_addresses = _find_file_addresses(connection, articles, images=images, attachments=attachments)
    of_addresses = _find_captures(connection, articles, addresses=addresses, file_addresses=file_addresses)
    of_images = _file_captures(connection, images, table="images")
    of_attachments = _file_captures(connection, attachments, table="attachments")
    found = of_addresses | of_images | of_attachments
    unshared = _without_public(connection, found, images=images, attachments=attachments, articles=articles)
    captures = unshared | seeds | _read_captures(connection, articles) | _pasted_into(connection, images)
    public = {
        row[0]
        for kind, digests in (("image", images), ("attachment", attachments))
        for row in connection.execute(
            f"""select distinct article_id from revision_{kind}s
                where {kind}_sha256 in (select value from json_each(?))""",  # noqa: S608 - two tables of ours
            (as_list(digests),),
        )
    }
    return Reach(
        articles, former, addresses, images, attachments, file_addresses, captures, frozenset(public - set(articles))
    )


def _named(active: list[Withholding], kind: str) -> Names:
    return {one.what: one.id for one in active if one.kind == kind}


def _find_articles(connection: sqlite3.Connection, active: list[Withholding]) -> Ids:
    """Find the withheld articles. An id that was merged into another article means that article."""
    found: Ids = {}
    for one in active:
        if one.kind != "article":
            continue
        article_id, met = int(one.what), set[int]()
        while row := connection.execute(
            "select article_id from article_redirects where id = ?", (article_id,)
        ).fetchone():
            if article_id in met:
                break  # an altered row may lead back, in a circle
            met.add(article_id)
            article_id = row[0]
        if connection.execute("select 1 from articles where id = ?", (article_id,)).fetchone():
            found.setdefault(article_id, one.id)
    return found


def _find_former(connection: sqlite3.Connection, articles: Ids) -> Ids:
    found: Ids = {}
    wave = dict(articles)
    while wave:
        rows = connection.execute(
            "select id, article_id from article_redirects where article_id in (select value from json_each(?))",
            (as_list(wave),),
        ).fetchall()
        wave = {row[0]: wave[row[1]] for row in rows if row[0] not in found}
        found |= wave
    return found


def _find_addresses(connection: sqlite3.Connection, articles: Ids) -> Names:
    """Find the addresses of articles, and captured variants: the other scheme, a query after the address."""
    rows = connection.execute(
        """select url, article_id from article_urls where article_id in (select value from json_each(?1))
           union select url, id from articles where id in (select value from json_each(?1))""",
        (as_list(articles),),
    ).fetchall()
    found: Names = {row[0]: articles[row[1]] for row in rows}
    for url, wid in list(found.items()):
        rest = url.partition("://")[2]
        for spelt in (f"https://{rest}", f"http://{rest}"):
            # After an address there may be nothing, a slash, a query or a fragment.
            like = connection.execute(
                """select distinct url from captures where url = ?1 or url = ?1 || '/'
                   union select distinct url from captures where url >= ?1 || '?' and url < ?1 || '@'
                   union select distinct url from captures where url >= ?1 || '#' and url < ?1 || '$'""",
                (spelt,),
            )
            found |= {row[0]: wid for row in like.fetchall() if row[0] not in found}
    return found


def _find_files(connection: sqlite3.Connection, articles: Ids, *, kind: str, named: Names) -> Names:
    """Find the files that a withholding names, and the files that only withheld articles show."""
    rows = connection.execute(
        f"""select r.{kind}_sha256 as sha256, min(r.article_id) as article_id from revision_{kind}s r
            where r.article_id in (select value from json_each(?1)) and r.{kind}_sha256 is not null
              and not exists (select 1 from revision_{kind}s o where o.{kind}_sha256 = r.{kind}_sha256
                and o.article_id not in (select value from json_each(?1)))
            group by 1""",  # noqa: S608 - two tables of ours
        (as_list(articles),),
    ).fetchall()
    held = {
        row[0]
        for row in connection.execute(
            f"select sha256 from {kind}s where sha256 in (select value from json_each(?))",  # noqa: S608
            (as_list(named),),
        )
    }
    return {row["sha256"]: articles[row["article_id"]] for row in rows} | {
        digest: wid for digest, wid in named.items() if digest in held
    }


def _held_by(connection: sqlite3.Connection, captures: Ids, *, table: str) -> Names:
    rows = connection.execute(
        f"select sha256, capture_id from {table} where capture_id in (select value from json_each(?))",  # noqa: S608
        (as_list(captures),),
    )
    return {row[0]: captures[row[1]] for row in rows.fetchall()}


def _find_file_addresses(connection: sqlite3.Connection, articles: Ids, *, images: Names, attachments: Names) -> Names:
    """Find the addresses of withheld files, and those of files that only withheld articles name."""
    found: Names = {}
    for kind, digests in (("image", images), ("attachment", attachments)):
        rows = connection.execute(
            f"""select r.url, r.{kind}_sha256 as sha256, r.article_id from revision_{kind}s r
                where (r.article_id in (select value from json_each(?1)) and not exists (
                  select 1 from revision_{kind}s o where o.url = r.url
                    and o.article_id not in (select value from json_each(?1))))
                or (r.{kind}_sha256 in (select value from json_each(?2)) and not exists (
                  select 1 from revision_{kind}s o where o.url = r.url and o.{kind}_sha256 is not null
                    and o.{kind}_sha256 not in (select value from json_each(?2))
                    and o.article_id not in (select value from json_each(?1))))""",  # noqa: S608
            (as_list(articles), as_list(digests)),
        ).fetchall()
        for row in rows:
            wid = digests.get(row["sha256"] or "") or articles.get(row["article_id"])
            if wid is not None:
                found.setdefault(row["url"], wid)
    return found


def _find_captures(connection: sqlite3.Connection, articles: Ids, *, addresses: Names, file_addresses: Names) -> Ids:
    """Find the captures of addresses, and those with the same bytes as pages of withheld articles."""
    names = addresses | file_addresses
    rows = connection.execute(
        "select id, url from captures where url in (select value from json_each(?))", (as_list(names),)
    )
    found: Ids = {row[0]: names[row[1]] for row in rows.fetchall()}
    return found | _same_payload(connection, _read_captures(connection, articles))


def _read_captures(connection: sqlite3.Connection, articles: Ids) -> Ids:
    rows = connection.execute(
        "select capture_id, article_id from revisions where article_id in (select value from json_each(?))",
        (as_list(articles),),
    )
    return {row[0]: articles[row[1]] for row in rows.fetchall()}


def _file_captures(connection: sqlite3.Connection, digests: Names, *, table: str) -> Ids:
    rows = connection.execute(
        f"select capture_id, sha256 from {table} where sha256 in (select value from json_each(?))",  # noqa: S608
        (as_list(digests),),
    )
    return _same_payload(connection, {row[0]: digests[row[1]] for row in rows.fetchall()})


def _pasted_into(connection: sqlite3.Connection, images: Names) -> Ids:
    """Find the captures of all pages in which a withheld picture is embedded, also of public articles.

    The bytes of such pages contain the picture. Earlier and later captures of these pages may contain it, too.
    """
    rows = connection.execute(
        """select c.id, i.image_sha256 from revision_images i join article_urls u on u.article_id = i.article_id
           join captures c on c.url = u.url
           where i.image_sha256 in (select value from json_each(?)) and i.url like 'data:%'""",
        (as_list(images),),
    )
    return _same_payload(connection, {row[0]: images[row[1]] for row in rows.fetchall()})


def _same_payload(connection: sqlite3.Connection, captures: Ids) -> Ids:
    """Add the captures with the same bytes, because a revisit is read from the record that it refers to."""
    rows = connection.execute(
        """select o.id, c.id from captures c join captures o on o.payload_sha256 = c.payload_sha256
           where c.id in (select value from json_each(?)) and c.payload_sha256 <> ?""",
        (as_list(captures), EMPTY_SHA256),
    )
    return {row[0]: captures[row[1]] for row in rows.fetchall()} | captures


def _without_public(
    connection: sqlite3.Connection, captures: Ids, *, images: Names, attachments: Names, articles: Ids
) -> Ids:
    """Leave out captures from which public files are read, and captures of the pages of other articles.

    A picture that is embedded in a page does not keep captures of the page public: it can be read from there anyway.
    """
    stays = connection.execute(
        """select capture_id from images where capture_id in (select value from json_each(?1))
             and sha256 not in (select value from json_each(?2))
             and not exists (select 1 from files f where f.sha256 = images.sha256 and f.capture_id = images.capture_id
               and f.url like 'data:%')
           union select capture_id from attachments where capture_id in (select value from json_each(?1))
             and sha256 not in (select value from json_each(?3))
           union select c.id from captures c cross join portals p
             cross join article_urls u on u.portal = p.name and u.url = c.url
           where c.id in (select value from json_each(?1))
             and u.article_id not in (select value from json_each(?4))""",
        (as_list(captures), as_list(images), as_list(attachments), as_list(articles)),
    )
    kept = {row[0] for row in stays.fetchall()}
    return {number: wid for number, wid in captures.items() if number not in kept}
