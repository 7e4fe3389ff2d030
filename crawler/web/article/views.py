"""An article's page: the article as it is now, any of its versions, and how a version is cited."""

import sqlite3
from dataclasses import dataclass

from datasette.utils.asgi import Response
from markupsafe import Markup

from crawler.language.text import normalize_text
from crawler.web.article import queries as reads
from crawler.web.article.citation import FORMS, Citation, cite
from crawler.web.article.history_queries import ArticleHistory, read_history
from crawler.web.article.json_ld import describe, picture_addresses, write_json_ld
from crawler.web.article.queries import ArticlePage, Evidence, PageImage, Surroundings, Version
from crawler.web.article.timeline import Happening, tell_history
from crawler.web.formatting import find_links, is_web_address, show_html
from crawler.web.request import SiteRequest, make_absolute
from crawler.web.served_files import asset_path


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of an article, ready to be shown; `apart` are the pictures that do not stand in its body."""

    article: ArticlePage
    version: Version
    evidence: Evidence | None
    history: ArticleHistory
    around: Surroundings
    body: Markup
    apart: tuple[PageImage, ...]


async def show_article(request: SiteRequest) -> Response:
    """Show an article as it is now; an id that turned out to be another article's leads there for good."""
    number = request.argument("revision")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return Response.redirect(request.link(f"/article/{int(request.variable('id'))}/revision/{int(number)}"))
    return await _show(request, None)


async def show_revision(request: SiteRequest) -> Response:
    """Show an article as one of its versions had it."""
    return await _show(request, int(request.variable("number")))


async def send_citation(request: SiteRequest) -> Response:
    """Send how a version is cited, as plain text: `?form=` text, bibtex, wikipedia-vi or wikipedia-en."""
    form = request.argument("form") or FORMS[0]
    shown = await _read(request, int(request.variable("number"))) if form in FORMS else None
    citation = make_citation(request, shown.article, version=shown.version, evidence=shown.evidence) if shown else None
    if citation is None:
        return await request.render_message("not_found", status=404)
    return Response.text(cite(citation, form, language=request.language) + "\n")


async def redirect_merged(request: SiteRequest, article_id: int, *, rest: str = "") -> Response:
    """Lead from an id that was given up to the article that it turned out to be; 404 if it is nobody's."""
    other_id = await request.read(lambda connection: reads.read_redirect(connection, article_id))
    if other_id is None:
        return await request.render_message("not_found", status=404)
    return Response.redirect(request.link(f"/article/{other_id}{rest}"), status=301)


async def _show(request: SiteRequest, number: int | None) -> Response:
    article_id = int(request.variable("id"))
    shown = await _read(request, number)
    if shown is None:
        return await redirect_merged(request, article_id, rest="" if number is None else f"/revision/{number}")
    article, version = shown.article, shown.version
    address = make_absolute(request, request.path(_path(article, version, is_current=number is None)))
    citation = make_citation(request, article, version=version, evidence=shown.evidence)
    return await request.render(
        "article.html",
        article=article,
        version=version,
        is_current=version.number == article.revision,
        is_own_page=number is None,
        evidence=shown.evidence,
        history=shown.history,
        happenings=tell(article, shown.history),
        around=shown.around,
        body=shown.body,
        pictures_apart=shown.apart,
        credits_apart=_credits_apart(version, shown.body),
        citations={form: cite(citation, form, language=request.language) for form in FORMS} if citation else {},
        canonical=address,
        json_ld=write_json_ld(request, article, version=version, address=address),
        description=describe(version),
        og_pictures=picture_addresses(request, version)[:1],
    )


def tell(article: ArticlePage, history: ArticleHistory) -> list[Happening]:
    """Tell an article's past, oldest first."""
    return tell_history(history, is_removed=article.card.state == "removed")


def make_citation(
    request: SiteRequest, article: ArticlePage, *, version: Version, evidence: Evidence | None
) -> Citation | None:
    """Make the citation of a version; None if the capture that it rests on is not there."""
    if evidence is None:
        return None
    card = article.card
    return Citation(
        article_id=card.id,
        number=version.number,
        versions=article.revision,
        title=version.title,
        byline=version.byline,
        source=version.source,
        portal=card.portal,
        portal_title=card.portal_title,
        published_on=version.published_on or card.published_on,
        url=evidence.url,
        timezone=card.timezone,
        captured_at=evidence.fetched_at,
        url_status="dead" if card.state == "removed" else "live" if version.number == article.revision else "deviated",
        archive_name=request.say("site_name"),
        archive_url=make_absolute(request, request.path(_path(article, version, is_current=False))),
        capture_url=make_absolute(request, request.path(f"/capture/{evidence.capture_id}")),
        content_sha256=version.content_sha256,
        payload_sha256=evidence.payload_sha256,
        record_id=evidence.record_id,
        warc_file=evidence.warc_file,
    )


def _path(article: ArticlePage, version: Version, *, is_current: bool) -> str:
    return f"/article/{article.card.id}" + ("" if is_current else f"/revision/{version.number}")


async def _read(request: SiteRequest, number: int | None) -> ShownVersion | None:
    """Read a version of an article, the current one unless a number is given; None if there is none of it."""
    article_id = int(request.variable("id"))

    def work(connection: sqlite3.Connection) -> ShownVersion | None:
        article = reads.read_article(connection, article_id)
        if article is None:
            return None
        version = reads.read_version(connection, article_id, number=article.revision if number is None else number)
        if version is None:
            return None
        body, apart = _render_body(request, connection, article=article, version=version)
        return ShownVersion(
            article,
            version,
            reads.read_evidence(connection, version.capture_id),
            read_history(connection, article_id, timezone=article.card.timezone),
            reads.read_surroundings(connection, article, version=version),
            body,
            apart,
        )

    return await request.read(work)


def _render_body(
    request: SiteRequest, connection: sqlite3.Connection, *, article: ArticlePage, version: Version
) -> tuple[Markup, tuple[PageImage, ...]]:
    """Give the body with the archive's own pictures and links, and the pictures that do not stand in it."""
    articles = reads.read_articles_at(connection, article.card.portal, urls=find_links(version.body_html))
    pictures = {picture.url: picture for picture in version.pictures}
    files = {file.url: file.sha256 for file in version.files if file.sha256}
    used: set[str] = set()

    def picture_path(url: str) -> str:
        used.add(url)
        digest = pictures[url].sha256 if url in pictures else None
        return request.path(f"/image/{digest}" if digest else asset_path("missing.svg"))

    def link_address(url: str) -> str | None:
        if url in articles:
            return request.link(f"/article/{articles[url]}")
        if url in files:
            return request.link(f"/attachment/{files[url]}")
        return url if is_web_address(url) else None

    sizes = {
        request.path(f"/image/{one.sha256}"): (one.width, one.height)
        for one in version.pictures
        if one.sha256 and one.width and one.height
    }
    body = show_html(version.body_html, picture=picture_path, link=link_address, sizes=sizes)
    apart = tuple(picture for picture in version.pictures if picture.url not in used)
    return body, apart


def _credits_apart(version: Version, body: Markup) -> dict[str, str]:
    """Give author and source, unless the body says them: their line mostly stands at its end."""
    shown = normalize_text(body.striptags())
    said = (("byline", version.byline), ("source", version.source))
    return {name: words for name, words in said if words and normalize_text(words) not in shown}
