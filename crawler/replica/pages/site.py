"""The page host: find the page for an address."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, parse_qsl, unquote

from crawler.replica.content.compose import CATEGORIES
from crawler.replica.content.edition import Edition, find_category
from crawler.replica.content.model import ArticlePlan, ArticleText, ListingPlan, Para, PublishedArticle
from crawler.replica.content.nights import publish
from crawler.replica.content.urls import SITE_NUMBER
from crawler.replica.pages.files import FileStore, make_etag
from crawler.replica.pages.layouts import render_article
from crawler.replica.pages.listing_page import LOAD_ARTICLE, answer_load_article, render_listing
from crawler.replica.pages.page_frame import OUTWARD, PORTAL_TITLE, STRAY_ARTICLE, Frame, related_list, wrap_page
from crawler.replica.pages.rss import ROBOTS, render_feed
from crawler.replica.pages.single_pages import (
    CONTACT,
    ReplicaPage,
    find_single_page,
    render_contact,
    render_single_page,
)  # fmt: skip
from crawler.replica.wire import WireReply, WireRequest, redirect

_NEW = re.compile(r"/([^/]+)/[^/]*-(\d+)/?")
_OLD = re.compile(rf"/{SITE_NUMBER}/\d+/\d+/(\d+)/[^/]+/[^/]+/?")
_FIXED_PAGES = {
    "/gioi-thieu": ("Giới thiệu chung", "Huyện Tả Sơn nằm ở phía tây tỉnh Hoàng Liên, gồm 14 xã và 1 thị trấn."),
    "/so-do-cong": ("Sơ đồ cổng", "Các chuyên mục của cổng thông tin."),
    "/lien-he": ("Liên hệ", "Địa chỉ: số 12 đường Trần Phú, thị trấn Tả Sơn. Điện thoại: 0214.3000000."),
    "/dang-nhap": ("Đăng nhập", "Tên đăng nhập, mật khẩu."),
    "/quan-tri/bao-cao": ("Quản trị", "Khu vực dành cho cán bộ."),
}
_PAGE_HEADERS = (
    ("X-AspNet-Version", "4.0.30319"),
    ("Set-Cookie", "ASP.NET_SessionId=q3h5v1; path=/; HttpOnly"),
    ("Set-Cookie", "TS01a7=01f3c9; Path=/"),
    ("Cache-Control", "private"),
    ("Cache-Control", "no-store"),
)
NOT_FOUND_TEXT = "Nội dung bạn tìm không tồn tại hoặc đã bị xóa."


class Site:
    """Answers for one edition. Keeps rendered pages, so that a second request costs little."""

    def __init__(self, edition: Edition, *, page_etags: bool) -> None:
        self.edition = edition
        self.files = FileStore(edition)
        self._page_etags = page_etags
        self._rendered: dict[str, bytes] = {}

    def answer(self, request: WireRequest) -> tuple[WireReply, ListingPlan | None]:
        """Return the answer, and the listing if the request was a valid one for a later page (else None)."""
        path, _, query = request.target.partition("?")
        if path == LOAD_ARTICLE and request.method == "POST":
            return self._load_article(request)
        return self.read(path, query), None

    def read(self, path: str, query: str = "") -> WireReply:
        """Return the answer to a GET of a path."""
        if path == "/":
            return self._home_or_documents(query)
        single = find_single_page(self.edition, path)
        if single is not None:
            return self._single_page(single)
        if path == CONTACT and self.edition.has_single_pages:
            return self._page(path, "Liên hệ", number=1, main=render_contact())
        if path in _FIXED_PAGES:
            title, text = _FIXED_PAGES[path]
            return self._page(
                path, title, number=1, main=f'<div class="StaticHtml"><h2>{title}</h2><p>{text}</p></div>'
            )
        if path == "/robots.txt":
            return WireReply(200, ROBOTS.encode(), "text/plain")
        if path == "/rss.aspx":
            return WireReply(200, render_feed(self.edition).encode(), "text/xml; charset=utf-8")
        if path in (OUTWARD, STRAY_ARTICLE):
            return redirect(f"http://{self.edition.hosts.elsewhere}/trang-ngoai{path}")
        if path == "/Content/pdfjs/web/viewer.html":
            return WireReply(200, b"<!DOCTYPE html><title>PDF.js viewer</title><div id=viewer></div>", "text/html")
        category = find_category(path.strip("/"))
        if category is not None:
            number = CATEGORIES.index(category)
            return self._page(
                f"/{category.slug}", category.title, number=number, main=lambda: render_listing(self.edition, category)
            )
        return self.files.find("site", path) or self._article_at(unquote(path))

    def _load_article(self, request: WireRequest) -> tuple[WireReply, ListingPlan | None]:
        slug = request.headers.get("referer", "").split("?")[0].rstrip("/").rpartition("/")[2]
        category = find_category(slug) or self._category_in(request.body)
        status, fragment, page = answer_load_article(
            self.edition,
            category,
            body=request.body,
            content_type=request.headers.get("content-type", ""),
            referer=request.headers.get("referer", ""),
        )
        read_on = category if page is not None and page > 1 else None
        return WireReply(status, fragment.encode(), volatile=True), read_on

    @staticmethod
    def _category_in(body: bytes) -> ListingPlan | None:
        number = dict(parse_qsl(body.decode("utf-8", "replace"))).get("article_category_id")
        return next((category for category in CATEGORIES if str(category.number) == number), None)

    def _article_at(self, path: str) -> WireReply:
        moved = self.edition.moved.get(path)
        if moved is not None:
            return redirect(self.edition.path(moved), 301)
        new, old = _NEW.fullmatch(path), _OLD.fullmatch(path)
        published = None
        if new:
            published = self.edition.by_source.get(int(new[2]))
            if published is not None and published.category.slug != new[1]:
                published = None
        elif old:
            published = self.edition.by_old.get(int(old[1]))
        return self.not_found(404) if published is None else self._article(published)

    def _single_page(self, single: ReplicaPage) -> WireReply:
        if single.form == "gone":
            return self.not_found(404)
        path, title = single.plan.path, single.plan.title
        return self._page(path, title, number=1, main=lambda: render_single_page(self.edition, single))

    def answer_heir(self, target: str, heirs: Sequence[ArticlePlan]) -> WireReply:
        """Answer as if a new article had taken the number of the one at a path. The proper answer for other paths.

        Of `heirs` that is the one whose text is least like the other's: articles here share many of their sentences.
        """
        path = unquote(target.partition("?")[0])
        new = _NEW.fullmatch(path)
        held = self.edition.by_source.get(int(new[2])) if new else None
        if held is None:
            return self.read(path)
        heir = min(heirs, key=lambda one: _share_said(one.content, held.content))
        since = datetime.combine(self.edition.corpus.first_day, heir.posted_at.time())
        plan = replace(heir, source_id=held.source_id, category=held.category, posted_at=since)
        published = publish(plan, None, night=self.edition.night, seed=self.edition.corpus.seed)
        own = self.edition.path(published)
        return self._article(published) if path == own else redirect(own, 301)

    def answer_last_page(self, request: WireRequest) -> WireReply:
        """Answer a request to the pager as for the last page of its listing."""
        category = self._category_in(request.body)
        last = self.edition.page_count(category) if category else 1
        body = re.sub(rb"\bpage=\d+", b"page=%d" % last, request.body)
        return self._load_article(replace(request, body=body))[0]

    def _article(self, published: PublishedArticle) -> WireReply:
        if published.presence == "soft-404":
            return self.not_found(200)
        if published.presence == "redirect-home":
            return redirect("/")
        if published.presence != "live":
            return self.not_found(int(published.presence.removeprefix("gone-")))
        edition, key = self.edition, published.article.key
        return self._page(
            f"/article/{key}",
            published.content.title,
            number=key,
            main=lambda: render_article(
                published, edition.hosts, related=related_list(edition, published), skin=edition.skin
            ),
        )

    def not_found(self, status: int) -> WireReply:
        """Return a page without an article, with the given status (200: a soft 404)."""
        main = f'<div class="error-page"><h2>Thông báo</h2><p>{NOT_FOUND_TEXT}</p></div>'
        page = self._page(f"/not-found/{status}", "Thông báo", number=2, main=main)
        return WireReply(status, page.body, page.content_type, page.headers, volatile=True)

    def _home_or_documents(self, query: str) -> WireReply:
        fields = parse_qs(query)
        if "pageid" not in fields:
            return self._page("/", "Trang chủ", number=0, main=self._home)
        if "p_steering" in fields:
            number = html.escape(fields["p_steering"][0])
            row = f"<tr><td>Số ký hiệu</td><td>{number}/QĐ-UBND</td></tr>"
            main = f'<div class="UIDocumentDetail"><table>{row}</table></div>'
        else:
            links = "".join(
                f'<tr><td><a href="/?pageid=27218&amp;p_steering={number}">{number}/QĐ-UBND</a></td></tr>'
                for number in range(20380, 20395)
            )
            main = f'<div class="UIDocumentList"><table>{links}</table></div>'
        return self._page(f"/?{query}", "Văn bản", number=1, main=main)

    def _home(self) -> str:
        blocks = []
        for category in CATEGORIES:
            rows = "".join(
                f'<li><a href="{html.escape(self.edition.link(one, "related"))}">'
                f"{html.escape(one.content.title)}</a></li>\n"
                for one in self.edition.rows(category)[:4]
            )
            head = f'<a href="/{category.slug}">{html.escape(category.title)}</a>'
            blocks.append(f'<div class="UINewsTop"><h3>{head}</h3><ul>{rows}</ul></div>')
        return f"<h1 class='hidden'>{PORTAL_TITLE}</h1>" + "\n".join(blocks)

    def _page(self, key: str, title: str, *, number: int, main: object) -> WireReply:
        in_meta = number % 5 != 3
        if key not in self._rendered:
            inner = main() if callable(main) else main
            frame = Frame(key.split("?")[0], title, number, charset_in_meta=in_meta, feed_linked=key == "/")
            self._rendered[key] = wrap_page(self.edition, frame, main=str(inner)).encode()
        body = self._rendered[key]
        content_type = "text/html" if in_meta and number % 2 else "text/html; charset=utf-8"
        etag = make_etag(body) if self._page_etags else ""
        return WireReply(200, body, content_type, _PAGE_HEADERS, volatile=True, etag=etag)


def _share_said(text: ArticleText, held: ArticleText) -> float:
    """Return the share of the four-word runs of a text that another one has. 1.0 for a text without paragraphs."""
    own, other = _phrases(text), _phrases(held)
    return len(own & other) / len(own) if own else 1.0


def _phrases(text: ArticleText) -> set[tuple[str, ...]]:
    """Return each run of four words in the paragraphs of a text."""
    words = " ".join(block.text for block in text.blocks if isinstance(block, Para)).split()
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))
