"""The page of an article: its current version or any other, and the citation of a version."""

import sqlite3
from dataclasses import dataclass

from datasette.utils.asgi import Response
from markupsafe import Markup

from crawler.archive.past.returns import NO_NOTE, RevisionNote
from crawler.items import ArticleState
from crawler.language.numbers import whole_number
from crawler.language.tables.blocks import cut_blocks
from crawler.language.text import normalize_text
from crawler.locale import LANGUAGES
from crawler.search.marking import How, mark_texts
from crawler.search.snippets import put_marks
from crawler.web.article import queries
from crawler.web.article.citation import FORMS, Citation, cite
from crawler.web.article.history_queries import ArticleHistory, read_history
from crawler.web.article.json_ld import describe, picture_addresses, write_json_ld
from crawler.web.article.queries import ArticleEvidence, ArticlePage, ArticleSurroundings, PageImage, Version
from crawler.web.article.timeline import Happening, list_happenings
from crawler.web.formatting import find_links, is_web_address, mark_html, read_visible, show_html
from crawler.web.request import SiteRequest, make_absolute
from crawler.web.served_files import asset_path

_MOST_QUERY_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of an article, ready to be rendered; `apart` are the pictures that are not in its body."""

    article: ArticlePage
    version: Version
    evidence: ArticleEvidence | None
    history: ArticleHistory
    around: ArticleSurroundings
    body: Markup
    apart: tuple[PageImage, ...]


async def show_article(request: SiteRequest) -> Response:
    """Show the current version of an article; redirect permanently if the article was merged into another."""
    number = whole_number(request.argument("revision"), at_most=10**9 - 1)
    if number is not None:
        return Response.redirect(request.link(f"/article/{int(request.variable('id'))}/revision/{number}"))
    return await _show(request, None)


async def show_revision(request: SiteRequest) -> Response:
    """Show one version of an article."""
    return await _show(request, int(request.variable("number")))


async def show_embed(request: SiteRequest) -> Response:
    """Show one version of an article for a frame of another site, with its source line and what became of it."""
    number = int(request.variable("number"))
    shown = await _read(request, number)
    if shown is None:
        return await redirect_merged(request, int(request.variable("id")), rest=f"/revision/{number}/embed")
    article = shown.article
    compared = request.link(f"/article/{article.card.id}/diff/{number}..{article.revision}")
    return await request.render_embed(
        article=article,
        version=shown.version,
        evidence=shown.evidence,
        blocks=list(cut_blocks(shown.version.body_html or "", shown.version.body or "")),
        note=_note_of(shown.history, shown.version.number),
        is_as_current=_is_as_current(shown),
        address=make_absolute(request, request.path(_path(article, shown.version, is_current=False))),
        compared=make_absolute(request, compared),
    )


async def send_citation(request: SiteRequest) -> Response:
    """Send the citation of a version as plain text: `?form=` text, bibtex, wikipedia-vi or wikipedia-en."""
    form = request.argument("form") or FORMS[0]
    shown = await _read(request, int(request.variable("number"))) if form in FORMS else None
    citation = make_citation(request, shown.article, version=shown.version, evidence=shown.evidence) if shown else None
    if citation is None:
        return await request.render_message("not_found", status=404)
    return Response.text(cite(citation, form, language=request.language) + "\n")


async def redirect_merged(request: SiteRequest, article_id: int, *, rest: str = "") -> Response:
    """Redirect from the id of a merged article to the article that has its content; 404 for any other id."""
    other_id = await request.read(lambda connection: queries.read_redirect(connection, article_id))
    if other_id is None:
        return await request.render_message("not_found", status=404)
    return Response.redirect(request.link(f"/article/{other_id}{rest}"), status=301)


@dataclass(frozen=True, slots=True)
class MarkedVersion:
    """A version with the words of a search marked: body as HTML, the others with char(1) and char(2) around them.

    `how` is that of `marking.Marking`; None if nothing is found, or nothing is looked for.
    """

    title: str
    summary: str
    body: Markup
    credits: dict[str, str]
    how: How | None = None


def mark_version(shown: ShownVersion, query: str) -> MarkedVersion:
    """Mark in a version what a search finds in it."""
    version, body = shown.version, shown.body
    credits_apart = _credits_apart(version, body)
    if not query:
        return MarkedVersion(version.title, version.summary or "", body, credits_apart)
    texts = {"title": version.title, "summary": version.summary or "", "body": read_visible(body)}
    marking = mark_texts(texts | {"byline": credits_apart.get("byline", "")}, query)
    title, summary, byline = (put_marks(marking.texts[name]) for name in ("title", "summary", "byline"))
    return MarkedVersion(
        title,
        summary,
        mark_html(body, marking.texts["body"].spans),
        {name: byline if name == "byline" else words for name, words in credits_apart.items()},
        marking.how,
    )


async def _show(request: SiteRequest, number: int | None) -> Response:
    article_id = int(request.variable("id"))
    shown = await _read(request, number)
    if shown is None:
        return await redirect_merged(request, article_id, rest="" if number is None else f"/revision/{number}")
    article, version = shown.article, shown.version
    address = make_absolute(request, request.path(_path(article, version, is_current=number is None)))
    citation = make_citation(request, article, version=version, evidence=shown.evidence)
    query = request.argument("q")[:_MOST_QUERY_CHARACTERS]
    return await request.render(
        "article.html",
        query=query,
        marked=await request.read(lambda _: mark_version(shown, query)) if query else mark_version(shown, ""),
        article=article,
        version=version,
        is_current=version.number == article.revision,
        is_own_page=number is None,
        is_as_current=_is_as_current(shown),
        evidence=shown.evidence,
        history=shown.history,
        happenings=list_article_happenings(article, shown.history),
        around=shown.around,
        pictures_apart=shown.apart,
        citations={form: cite(citation, form, language=request.language) for form in FORMS} if citation else {},
        canonical=address,
        embed_code=_write_embed_code(request, article, version=version),
        own_address=make_absolute(request, request.path(_path(article, version, is_current=False))),
        capture_address=citation.capture_url if citation else None,
        json_ld=write_json_ld(
            request, article, version=version, address=address, note=_note_of(shown.history, version.number)
        ),
        description=describe(version),
        og_pictures=picture_addresses(request, version)[:1],
    )


def _note_of(history: ArticleHistory, number: int) -> RevisionNote:
    return next((line.note for line in history.versions if line.number == number), NO_NOTE)


def _is_as_current(shown: ShownVersion) -> bool:
    """Whether the portal went back to a version: the current one is the same."""
    return _note_of(shown.history, shown.article.revision).put_back_to == shown.version.number


def _write_embed_code(request: SiteRequest, article: ArticlePage, *, version: Version) -> str:
    """Write the HTML with which another site shows a version in a frame."""
    path = request.link(f"/article/{article.card.id}/revision/{version.number}/embed")
    return str(
        Markup('<iframe src="{}" title="{}" width="100%" height="480" loading="lazy"></iframe>').format(
            make_absolute(request, path), normalize_text(version.title)
        )
    )


def list_article_happenings(article: ArticlePage, history: ArticleHistory) -> list[Happening]:
    """List what happened to an article, oldest first."""
    return list_happenings(history, is_removed=article.card.state == ArticleState.REMOVED)


def make_citation(
    request: SiteRequest, article: ArticlePage, *, version: Version, evidence: ArticleEvidence | None
) -> Citation | None:
    """Make the citation of a version; None if its capture does not exist."""
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
        url_status="dead"
        if card.state == ArticleState.REMOVED
        else "live"
        if version.number == article.revision
        else "deviated",
        archive_name=request.say("site_name"),
        archive_url=make_absolute(request, request.path(_path(article, version, is_current=False))),
        capture_url=make_absolute(request, request.path(f"/capture/{evidence.capture_id}")),
        content_sha256=version.content_sha256,
        payload_sha256=evidence.payload_sha256,
        record_id=evidence.record_id,
        warc_file=evidence.warc_file,
        files_seen_at=version.seen_at if version.seen_at > evidence.fetched_at else None,
        standing={language: article.standing.say_in(language) for language in LANGUAGES},
    )


def _path(article: ArticlePage, version: Version, *, is_current: bool) -> str:
    return f"/article/{article.card.id}" + ("" if is_current else f"/revision/{version.number}")


async def _read(request: SiteRequest, number: int | None) -> ShownVersion | None:
    """Read a version of an article, by default the current one; None if it does not exist."""
    article_id = int(request.variable("id"))

    def work(connection: sqlite3.Connection) -> ShownVersion | None:
        article = queries.read_article(connection, article_id)
        if article is None:
            return None
        version = queries.read_version(connection, article_id, number=article.revision if number is None else number)
        if version is None:
            return None
        body, apart = _render_body(request, connection, article=article, version=version)
        return ShownVersion(
            article,
            version,
            queries.read_evidence(connection, version.capture_id),
            read_history(connection, article_id, timezone=article.card.timezone),
            queries.read_surroundings(connection, article, version=version),
            body,
            apart,
        )

    return await request.read(work)


def _render_body(
    request: SiteRequest, connection: sqlite3.Connection, *, article: ArticlePage, version: Version
) -> tuple[Markup, tuple[PageImage, ...]]:
    """Render the body with the archive's pictures and links; give it with the pictures that are not in it."""
    articles = queries.read_articles_at(connection, article.card.portal, urls=find_links(version.body_html))
    images = {image.url: image for image in version.images}
    files = {file.url: file.sha256 for file in version.files if file.sha256}
    used: set[str] = set()

    def picture_path(url: str) -> str:
        used.add(url)
        digest = images[url].sha256 if url in images else None
        return request.path(f"/image/{digest}" if digest else asset_path("missing.svg"))

    def link_address(url: str) -> str | None:
        if url in articles:
            return request.link(f"/article/{articles[url]}")
        if url in files:
            return request.link(f"/attachment/{files[url]}")
        return url if is_web_address(url) else None

    sizes = {
        request.path(f"/image/{one.sha256}"): (one.width, one.height)
        for one in version.images
        if one.sha256 and one.width and one.height
    }
    body = show_html(version.body_html, picture=picture_path, link=link_address, sizes=sizes)
    apart = tuple(image for image in version.images if image.url not in used)
    return body, apart


def _credits_apart(version: Version, body: Markup) -> dict[str, str]:
    """Return author and source unless the body contains them: most bodies end with them."""
    shown = normalize_text(body.striptags())
    named = (("byline", version.byline), ("source", version.source))
    return {name: words for name, words in named if words and normalize_text(words) not in shown}
