"""What machines read in an article's page: schema.org as JSON-LD, and OpenGraph."""

import json
from collections.abc import Sequence

from markupsafe import Markup

from crawler.archive.past.returns import RevisionNote
from crawler.language.text import normalize_text
from crawler.web.article.queries import ArticlePage, Version
from crawler.web.request import SiteRequest, make_absolute

_MOST_DESCRIPTION = 300
_MOST_PICTURES = 10


def write_json_ld(
    request: SiteRequest, article: ArticlePage, *, version: Version, address: str, note: RevisionNote
) -> Markup:
    """Write the schema.org description of a version as the text of a data block; `address` is its page here."""
    card, portal = article.card, article.portal
    described = {
        "@context": "https://schema.org",
        "@type": ["NewsArticle", "ArchiveComponent"],
        "@id": address,
        "url": address,
        "mainEntityOfPage": address,
        "headline": normalize_text(version.title),
        "description": describe(version),
        "inLanguage": "vi",
        "isBasedOn": card.url,
        "datePublished": article.published_at or version.published_on or card.published_on,
        "dateModified": version.seen_at if version.number > 1 else None,
        "author": {"@type": "Person", "name": normalize_text(version.byline)} if version.byline else None,
        "publisher": {"@type": "GovernmentOrganization", "name": normalize_text(portal.title), "url": portal.base_url},
        "sourceOrganization": {"@type": "Organization", "name": normalize_text(version.source)}
        if version.source
        else None,
        "articleSection": normalize_text(card.category) if card.category else None,
        "image": picture_addresses(request, version),
        "version": version.number,
        "creativeWorkStatus": name_note(request, note),
        "identifier": f"sha256:{version.content_sha256}",
        "archivedAt": make_absolute(request, request.path(f"/capture/{version.capture_id}")),
        "holdingArchive": {
            "@type": "ArchiveOrganization",
            "name": request.say("site_name"),
            "url": make_absolute(request, request.path("/")),
        },
        "isAccessibleForFree": True,
    }
    return write_data_block({name: value for name, value in described.items() if value not in (None, "", [])})


def name_note(request: SiteRequest, note: RevisionNote) -> list[str]:
    """Name what a revision is beside new: an older one put back, one after an absence; [] if neither."""
    put_back = [request.say("change_put_back", number=note.put_back_to)] if note.put_back_to else []
    came_back = [request.say("change_came_back")] if note.came_back else []
    return [*put_back, *came_back]


def write_data_block(value: object) -> Markup:
    r"""Write a value as JSON in which no HTML parser sees the end of the block or markup.

    >>> write_data_block({"a": "</script><!--"})
    Markup('{"a": "\\u003c/script\\u003e\\u003c!--"}')
    """
    text = json.dumps(value, ensure_ascii=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def picture_addresses(request: SiteRequest, version: Version) -> list[str]:
    """Return the absolute addresses of a version's archived pictures, each once."""
    digests: Sequence[str] = list(dict.fromkeys(one.sha256 for one in version.images if one.sha256))
    return [make_absolute(request, request.path(f"/image/{digest}")) for digest in digests[:_MOST_PICTURES]]


def describe(version: Version) -> str:
    """Return the first words of a version, for sites that show a link to it."""
    text = normalize_text(version.summary or version.body)
    return text if len(text) <= _MOST_DESCRIPTION else text[:_MOST_DESCRIPTION].rsplit(" ", 1)[0] + "…"
