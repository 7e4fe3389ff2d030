"""Digests of an article's content: the contract's `content_sha256`, and the one that joins two addresses."""

import hashlib
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import msgspec

from crawler.items import Article

# RFC 8785, of objects whose values are texts and lists of texts: the tests compare it with a library of that RFC, which
# is written in Python and takes forty times as long. Numbers would differ, so there are none.
_canonical = msgspec.json.Encoder(order="sorted").encode


def content_sha256(
    *, title: str, summary: str | None, body: str, byline: str | None, source: str | None,
    published_on: str | None, captions: Sequence[str], labels: Sequence[str],
) -> str:  # fmt: skip
    """Return the SHA-256 of the RFC 8785 JSON object of these members. Another digest makes another revision.

    >>> content_sha256(title="Tin", summary=None, body="", byline=None, source=None,
    ...                published_on=None, captions=[], labels=[])[:16]
    '904360989d70e8f5'
    """
    return hashlib.sha256(
        _canonical(
            {
                "title": title, "summary": summary, "body": body, "byline": byline, "source": source,
                "published_on": published_on, "captions": list(captions), "labels": list(labels),
            }
        )
    ).hexdigest()  # fmt: skip


def text_sha256(article: Article) -> str:
    """Return the digest that recognises a portal's soft 404: of the text, without the title.

    The title may repeat the requested address. For a page without text, the digest is of the title.
    """
    return hashlib.sha256((article.body or article.title).encode()).hexdigest()


def join_sha256(article: Article) -> str:
    """Return the digest that recognises one article under its two addresses.

    It covers title, body and the paths of the files, without hosts: a title returns every year with another text, and
    announcements without text differ by their attachments.
    """
    urls = [image.url for image in article.images] + [attachment.url for attachment in article.attachments]
    files = [unquote(urlsplit(url).path) for url in urls]
    members = {"title": article.title, "body": article.body, "files": files}
    return hashlib.sha256(_canonical(members)).hexdigest()
