"""Builders for tests of the archive: a clock, exchanges, readings, pages, and whole nights of a small portal.

All of them give real objects. A `Night` drives a real writer: hand-made readings where the archive alone is
under test, pages read by the real extractor where a rebuild must read them again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from http.client import responses
from io import BytesIO
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from PIL import Image

from crawler.addresses import classify
from crawler.archive.database import open_for_reading
from crawler.archive.run_writer import RunWriter
from crawler.archive.warc.ledger import Failed, FileRead, ListingWalked, PageRead
from crawler.body import Body
from crawler.extract.answer import read_file, read_page
from crawler.extract.version import READER_VERSION
from crawler.items import (
    Address,
    AddressKind,
    Answer,
    Article,
    AttachmentRef,
    Capture,
    Exchange,
    FileReading,
    FileRole,
    FoundDate,
    ImageRef,
    Link,
    Listing,
    Outcome,
    PageReading,
    Purpose,
    Refusal,
)
from crawler.language.dates import to_iso_utc
from crawler.profile import Profile, parse_profile
from crawler.rebuild.adoption import adopt
from crawler.rebuild.readers.reading import make_reread
from crawler.sentences import PAGES, REASONS, Sentence, parse_joined, say

BASE = "https://sapa.example.vn"
STORE = "https://storage.example.vn"
FIRST_NIGHT = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)  # 01:30 of the 2nd at the portal
DESCRIBE = (("software", "portal-archive tests"), ("operator", "tests@example.vn"))

# What another reader makes of a page's address and of what today's reader makes of the page.
OtherReader = Callable[[str, tuple[PageReading, tuple[Address, ...]]], tuple[PageReading, tuple[Address, ...]]]

PROFILE_TOML = """name = "sapa"
title = "Thị xã Sa Pa"
cms = "vnpt"
base_url = "https://sapa.example.vn/"
asset_hosts = ["storage.example.vn"]
"""


def make_profile(extra: str = "") -> Profile:
    """Make the test portal's profile, with more lines of TOML after it."""
    return parse_profile(PROFILE_TOML + extra)


class Clock:
    """A clock that moves only by `go_on`."""

    def __init__(self, now: datetime = FIRST_NIGHT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **span: float) -> None:
        self.now += timedelta(**span)


def exchange(
    url: str = f"{BASE}/",
    body: bytes | Body = b"<html></html>",
    *,
    status: int = 200,
    at: datetime = FIRST_NIGHT,
    content_type: str = "text/html; charset=utf-8",
    headers: Sequence[tuple[bytes, bytes]] = (),
    method: str = "GET",
    request_body: bytes = b"",
    head: bytes | None = None,
    **more: Any,
) -> Exchange:
    """Make an exchange; `head` is the answer's head as it came, in place of one made of status and headers."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    stated = ((b"Content-Type", content_type.encode()), *headers)
    return Exchange(
        url=url,
        method=method,
        request_head=http_head(f"{method} {target} HTTP/1.1", (b"User-Agent", b"tests"), (b"Accept", b"*/*")),
        request_body=request_body,
        fetched_at=at,
        status=status,
        response_head=http_head(f"HTTP/1.1 {status} {responses.get(status, '')}", *stated) if head is None else head,
        body=body if isinstance(body, Body) else Body(body),
        **more,
    )


def http_head(first_line: str, *headers: tuple[bytes, bytes]) -> bytes:
    """Write the head of an HTTP message."""
    lines = [name + b": " + value for name, value in headers]
    return b"\r\n".join([first_line.encode(), *lines, b"", b""])


def address(path: str) -> Address:
    """Name the article address of a path, as the portal's pages would."""
    found = classify(f"{BASE}{path}", make_profile())
    assert found is not None
    assert found.is_article, path
    return found


def new_address(number: int, slug: str = "tin", category: str = "tin-tuc") -> Address:
    """Name a two-level address."""
    return address(f"/{category}/{slug}-{number}")


def old_address(number: int, slug: str = "tin", category: str = "tin-tuc") -> Address:
    """Name an address of the old scheme."""
    found = address(f"/1227/27461/54439/{number}/{category}/{slug}")
    assert found.kind is AddressKind.OLD_ARTICLE
    return found


def article(title: str = "Tin", body: str = "Thân bài.", **more: Any) -> Article:
    """Make a reading of an article page; `body_html` follows the body unless given."""
    plain: dict[str, Any] = {
        "summary": None, "body_html": f"<p>{escape(body)}</p>", "byline": None, "source": None, "dates": (),
        "images": (), "attachments": (), "category_slug": "tin-tuc", "category_title": None,
    }  # fmt: skip
    return Article(title=title, body=body, **(plain | more))


def image_ref(name: str, caption: str | None = None, *, folder: str = "lci") -> ImageRef:
    return ImageRef(f"{STORE}/{folder}/{name}", caption)


def file_ref(name: str, label: str | None = None, *, folder: str = "lci") -> AttachmentRef:
    return AttachmentRef(f"{STORE}/{folder}/{name}", label)


def on_page(day: str) -> FoundDate:
    return FoundDate(date.fromisoformat(day), "page")


def link(to: Address, title: str | None = None, *, day: str | None = None, summary: str | None = None) -> Link:
    """Make a row of a listing; the date is one that the listing says."""
    found = FoundDate(date.fromisoformat(day), "listing") if day else None
    return Link(to, title, summary, found)


def listing(*rows: Link, url: str = f"{BASE}/tin-tuc", title: str | None = None) -> Listing:
    return Listing(url, title, rows, None)


def picture(colour: str = "red", size: tuple[int, int] = (40, 30), kind: str = "PNG", mode: str = "RGB") -> bytes:
    """Draw a picture of one colour."""
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return out.getvalue()


def article_page(title: str, body: str, *, day: str | None = None, images: Sequence[str] = (), files: str = "") -> str:
    """Write an article page in the CMS's markup; `images` are addresses, each with a caption under it."""
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in body.split("\n\n"))
    pictures = "".join(
        f'<p><img src="{url}"></p><p style="text-align:center"><em>Ảnh: {escape(title)}</em></p>' for url in images
    )
    posted = f'<div class="PostDate">{day}</div>' if day else ""
    attached = f'<div class="FileAttach"><a class="link-download" href="{files}">Kế hoạch</a></div>' if files else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        f'<div class="ArticleDetailControl"><div class="ArticleHeader">{escape(title)}</div>{posted}'
        f'<div class="ArticleContent">{paragraphs}{pictures}</div>{attached}</div></body></html>'
    )


def listing_page(rows: Iterable[tuple[Address, str, str | None]]) -> str:
    """Write page 1 of a listing without a pager: address, title and day of each row."""
    items = "".join(
        f'<li class="row"><h2 class="Title"><a href="{to.url}">{escape(title)}</a></h2>'
        + (f'<div class="Ngaydang">{day}</div>' if day else "")
        + "</li>"
        for to, title, day in rows
    )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Tin tức</title></head><body>'
        f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{items}</ul></div></body></html>'
    )


class Night:
    """One run over the test portal, driven by hand; as a context it ends with `outcome`, or only closes on an error.

    `ill` is the reason, given at its end, why no miss of the night counts.
    """

    def __init__(
        self,
        archive: Path,
        clock: Clock,
        profile: Profile | None = None,
        *,
        with_adoption: bool = False,
        full: bool = False,
        ill: Sentence | None = None,
    ) -> None:
        self.profile = profile or make_profile()
        self.clock = clock
        self.ill = ill
        self.outcome = Outcome.COMPLETE
        self.writer = RunWriter(archive, self.profile, clock=clock, warcinfo_fields=DESCRIBE, full=full)
        try:
            self.adopted = adopt(self.writer) if with_adoption else None
        except BaseException:
            self.writer.close()
            raise
        self.writer.reread = make_reread(self.writer.connection, self.writer.folder, profile=self.profile)
        self.writer.begin()
        self.queries = self.writer.queries

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        try:
            if kind is None:
                self.writer.finish(self.outcome, ill=self.ill)
        finally:
            self.writer.close()

    def record(self, exchanged: Exchange) -> Capture:
        return self.writer.record(replace(exchanged, fetched_at=self.clock())).result()

    def capture(self, url: str, body: bytes = b"x", **more: Any) -> Capture:
        return self.record(exchange(url, body, **more))

    def put(self, said: Article, *addresses: Address, links: Sequence[Link] = ()) -> tuple[int, str]:
        """Store a hand-made reading of an article; give its id and what that changed."""
        page = self.capture(addresses[0].url, f"{addresses[0].url} {said}".encode())
        entry = PageRead(page.record_id, Purpose.ARTICLE.value, addresses[0].url, reader=READER_VERSION)
        reading = PageReading(article=said, links=tuple(links))
        applied = self.writer.apply_page(entry, reading, addresses=addresses).result()
        assert applied.article_id is not None
        assert applied.change is not None
        return applied.article_id, applied.change

    def put_listing(self, said: Listing, purpose: Purpose = Purpose.LISTING) -> Capture:
        page = self.capture(said.url, repr(said).encode())
        entry = PageRead(page.record_id, purpose.value, said.url, said.url, 1)
        self.writer.apply_page(entry, PageReading(listing=said), addresses=()).result()
        return page

    def put_links(self, url: str, links: Sequence[Link], purpose: Purpose = Purpose.HOME) -> Capture:
        page = self.capture(url, repr(links).encode())
        self.writer.apply_page(
            PageRead(page.record_id, purpose.value, url), PageReading(links=tuple(links)), addresses=()
        )
        return page

    def put_refusal(
        self, url: str, kind: str = "soft-404", purpose: Purpose = Purpose.ARTICLE, *, led_to: str | None = None
    ) -> None:
        """Ask for an address and be refused by what the page says; `led_to` is where a redirect ended."""
        page = self.capture(led_to or url, f"{kind} {url}".encode())
        reading = PageReading(refusal=Refusal(kind, say("other", text="no article")))
        self.writer.apply_page(PageRead(page.record_id, purpose.value, url), reading, addresses=()).result()

    def put_file(self, url: str, data: bytes, role: FileRole = FileRole.IMAGE, **more: Any) -> FileReading:
        """Fetch and examine a file as the pipeline does."""
        found = self.capture(url, data, content_type="application/octet-stream", **more)
        answer = Answer(url, data, "application/octet-stream", None)
        reading = read_file(answer, role, asked=url, profile=self.profile)
        self.writer.apply_file(FileRead(found.record_id, role.value, url, READER_VERSION), reading).result()
        return reading

    def put_failure(self, url: str, kind: str = "timeout", role: str = "article", **more: Any) -> None:
        at = to_iso_utc(self.clock())
        self.writer.fail(Failed(self.writer.crawl_id, url, at, kind, say("other", text="gone"), role, **more)).result()

    def put_gone(self, url: str, status: int = 404) -> None:
        """Ask for an address that answers with a status, none of success."""
        page = self.capture(url, f"{status} {url}".encode(), status=status)
        self.put_failure(url, f"http-{status}", capture=page.record_id)

    def read(
        self, url: str, html: str, purpose: Purpose = Purpose.ARTICLE, *, asked: str | None = None, chain: str = "",
        by: OtherReader | None = None,
        **more: Any,
    ) -> int | None:  # fmt: skip
        """Fetch a page and read it as the spider does; give the article's id, None if it is not an article.

        `by` is the first reader: how it changes what today's reader reads.

        `asked` is the address that redirected to it, if one did, by the statuses of `chain`.
        """
        found = self.capture(url, html.encode(), **more)
        listing_url, page = (url, 1) if purpose is Purpose.LISTING else (None, None)
        answer = Answer(url, html.encode(), "text/html; charset=utf-8", None)
        asked = asked or url
        reading, addresses = read_page(
            answer, purpose, asked=asked, listing=listing_url, page=page, profile=self.profile
        )
        if by is not None:
            reading, addresses = by(url, (reading, addresses))
        entry = PageRead(
            found.record_id, purpose.value, asked, listing_url, page, chain=chain,
            reader=READER_VERSION if by is None else None,
        )  # fmt: skip
        return self.writer.apply_page(entry, reading, addresses=addresses).result().article_id

    def walked(self, url: str = f"{BASE}/tin-tuc", missing: str | None = None, *, whole: bool | None = None) -> None:
        at = to_iso_utc(self.clock())
        whole = missing is None if whole is None else whole
        to_end = whole or missing is not None
        said = parse_joined(missing, PAGES) if missing else ()
        entry = ListingWalked(self.writer.crawl_id, url, at, 1, 1, 1, said, whole, to_end)
        self.writer.walked(entry).result()

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        def read() -> list[tuple[Any, ...]]:
            return [tuple(row) for row in self.writer.connection.execute(sql, parameters)]

        return self.writer.read(read).result()

    def value(self, sql: str, *parameters: object) -> Any:
        return self.rows(sql, *parameters)[0][0]


def because(prose: str | None) -> tuple[Sentence, ...]:
    """Give the reasons of a run from their prose."""
    return parse_joined(prose, REASONS) if prose else ()


def small_portal(night: Night, *, edition: int = 1) -> None:
    """Crawl a portal of three articles; edition 2 changes a text and brings an article, edition 3 takes it away."""
    first, second, third = new_address(101, "mot"), new_address(102, "hai"), old_address(103, "ba")
    rows = [(first, "Một", "02/01/2026"), (second, "Hai", None), (third, "Ba", None)]
    night.read(f"{BASE}/", "<html><body><a href='/tin-tuc'>Tin tức</a></body></html>", Purpose.HOME)
    night.read(f"{BASE}/khong/khong-co-bai-9000001", "<html><body>Trang không tồn tại</body></html>", Purpose.PROBE)
    night.read(f"{BASE}/tin-tuc", listing_page(rows), Purpose.LISTING)
    photo, plan = f"{STORE}/lci/20251231/anh.png", f"{STORE}/lci/20251230/ke-hoach.pdf"
    night.put_file(photo, picture("blue"))
    night.put_file(plan, b"%PDF-1.7 plan", FileRole.ATTACHMENT)
    lost = f"{STORE}/lci/mat.jpg"
    night.put_failure(lost, "http-404", "image", capture=night.capture(lost, b"", status=404).record_id)
    long = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản."
    night.read(first.url, article_page("Một", long + f" Lần {edition}.", images=[photo, lost]))
    night.read(second.url, article_page("Hai", long + "\n\nHết.", day="05/06/2024 08:00", files=plan))
    night.read(third.url, article_page("Ba", long))
    night.read(new_address(104, "ba").url, article_page("Ba", long), headers=[(b"X-A", b"1"), (b"X-A", b"2")])
    night.read(new_address(199, "khong").url, "<html><body>Trang không tồn tại</body></html>")
    if edition == 2:
        night.read(new_address(105, "moi").url, article_page("Mới", long + " Mới."))
    if edition > 2:
        night.put_gone(new_address(105, "moi").url)
    night.put_failure(new_address(198, "cham").url, "timeout", "article", attempted=True)
    night.walked()


def make_archive(folder: Path, *, nights: int = 1, start: datetime = FIRST_NIGHT) -> Path:
    """Make an archive of the small portal after some nights; give its path."""
    archive = folder / "archive.db"
    clock = Clock(start)
    for edition in range(1, nights + 1):
        with Night(archive, clock) as night:
            small_portal(night, edition=edition)
        clock.go_on(days=1)
    return archive


def read_rows(archive: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Read rows of a closed archive."""
    connection = open_for_reading(archive)
    try:
        return [tuple(row) for row in connection.execute(sql, parameters)]
    finally:
        connection.close()
