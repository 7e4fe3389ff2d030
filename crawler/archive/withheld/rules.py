"""The rows and values of each table that a withholding removes: one declared rule for each table.

A row is taken out as a whole if it belongs to a withheld article, file or address. Other rows stay: a capture keeps its
id, because other rows refer to it, and a picture keeps its place. Only values that name something withheld are blanked.
Conditions are SQL; their parameters are JSON arrays of the names in `Reach`.
"""

# ruff: noqa: S608 - the conditions are made of our own names

from dataclasses import dataclass


def _among(column: str, parameter: str) -> str:
    return f'"{column}" in (select value from json_each(:{parameter}))'


@dataclass(frozen=True, slots=True)
class Mentions:
    """A text column in which rows of other articles may name a withheld address, and the rows to search.

    `where` takes the parameters `capture` and `error` (the ids up to which rows were searched before), `naming`
    (articles that may name an address of which nothing was searched yet), `known` (keys of rows that were blanked
    before) and `shown` (articles that show a withheld file). `also` are columns that say the same in another form.
    """

    column: str
    where: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRule:
    """The rule of one table. No row of it is withheld if all fields are None.

    Args:
        moved: the rows that are taken out as a whole.
        blanked: the rows that stay with `blanks` blanked, if `moved` does not take them.
        blanks: columns.
        mentions: the column in which other rows may name a withheld address.
    """

    moved: str | None = None
    blanked: str | None = None
    blanks: tuple[str, ...] = ()
    mentions: Mentions | None = None


def _shows(kind: str) -> TableRule:
    """Return the rule of the files that articles show."""
    withheld = f"{_among(f'{kind}_sha256', f'{kind}s')} or {_among('url', 'addresses')}"
    return TableRule(
        moved=_among("article_id", "articles"),
        blanked=f"article_id not in (select value from json_each(:articles)) and ({withheld})",
        blanks=(f"{kind}_sha256", "url"),
    )


def _body(article: str, more: str = "") -> Mentions:
    return Mentions(
        "body_html",
        f"""capture_id > :capture or rowid in (select value from json_each(:known))
            or {article} in (select value from json_each(:shown))
            or {article} in (select value from json_each(:naming)) {more}""",
    )


# What a capture shows once its address is withheld (451: RFC 7725). Its place in the WARC file stays: other captures,
# such as those of the portal's "not found" page, may be known only as the same bytes.
CAPTURE_BLANKS: dict[str, object] = {
    "url": "withheld", "status": 451, "media_type": None, "request_sha256": None, "payload_sha256": "",
}  # fmt: skip

# A table without content of an article or a file.
PUBLIC = TableRule()
OF_ARTICLE = TableRule(moved=_among("article_id", "articles"))
# Indexes over addresses begin with the portal.
OF_ADDRESS = TableRule(moved=f"portal in (select name from portals) and {_among('url', 'addresses')}")

RULES = {
    "articles": TableRule(moved=_among("id", "articles"), mentions=_body("id")),
    # A text of its own comes from the article's row when a newer revision is made.
    "revision_rows": TableRule(
        moved=OF_ARTICLE.moved,
        mentions=_body(
            "article_id", "or article_id in (select article_id from revision_rows where capture_id > :capture)"
        ),
    ),
    "revision_images": _shows("image"),
    "revision_attachments": _shows("attachment"),
    "article_dates": OF_ARTICLE,
    "article_events": OF_ARTICLE,
    "article_redirects": OF_ARTICLE,
    "article_urls": OF_ARTICLE,
    "misses": OF_ARTICLE,
    "quarantined_readings": OF_ARTICLE,
    "unread_looks": OF_ARTICLE,
    "last_looks": OF_ARTICLE,
    "page_claims": TableRule(moved=f"{OF_ARTICLE.moved} or {_among('url', 'addresses')}"),
    "unkept": TableRule(moved=f"{OF_ARTICLE.moved} or {_among('url', 'addresses')}"),
    # Derived from an article; they go with it.
    "article_documents": OF_ARTICLE,
    "article_facts": OF_ARTICLE,
    "number_changes": OF_ARTICLE,
    "revision_sums": OF_ARTICLE,
    "images": TableRule(moved=_among("sha256", "images")),
    "attachments": TableRule(moved=_among("sha256", "attachments")),
    "attachment_texts": TableRule(moved=_among("attachment_sha256", "attachments")),
    "attachment_facts": TableRule(moved=_among("attachment_sha256", "attachments")),
    "files": TableRule(moved=f"{_among('sha256', 'digests')} or ({OF_ADDRESS.moved})"),
    "file_looks": OF_ADDRESS,
    "file_events": TableRule(
        moved=" or ".join(_among(f"{when}_sha256", "digests") for when in ("before", "after"))
        + f" or {_among('url', 'addresses')}"
    ),
    "captures": TableRule(blanked=_among("id", "captures"), blanks=tuple(CAPTURE_BLANKS)),
    "frontier": OF_ADDRESS,
    "mentions": OF_ADDRESS,
    "listing_rows": OF_ADDRESS,
    "listing_heads": TableRule(mentions=Mentions("urls", "true")),
    "compared_answers": TableRule(moved=_among("url", "addresses")),
    "crawl_errors": TableRule(
        moved=_among("url", "addresses"),
        mentions=Mentions("message", "id > :error or id in (select value from json_each(:known))", ("message_args",)),
    ),
    "portals": PUBLIC,
    # An entry of the menu that is an article is a category, too, by its own address.
    "categories": TableRule(
        moved=f"""{_among("url", "addresses")} and not exists (select 1 from articles a
            where a.category_id = categories.id and a.id not in (select value from json_each(:articles)))"""
    ),
    "crawls": PUBLIC,
    "history": PUBLIC,
    # An entry may have been a list before.
    "listing_walks": TableRule(moved=_among("url", "addresses")),
    "unverified_hosts": PUBLIC,
    "portal_identities": TableRule(
        blanked="""exists (select 1 from json_each("menu") m join json_each(:addresses) a
            on substr(a.value, -length(m.value) - 1) = '/' || m.value)""",
        blanks=("menu",),
    ),
    "probes": PUBLIC,
    "controls": PUBLIC,
    "plain_hosts": PUBLIC,
    "warc_files": PUBLIC,
    "spare_files": PUBLIC,
    "losses": PUBLIC,
    "search_meta": PUBLIC,
    "withholdings": PUBLIC,
}
