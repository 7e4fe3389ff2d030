"""What a hostile server says at one address, and what may come of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

# What is sent: bytes, and pauses in seconds between them. An endless answer ends when its reader leaves.
Steps = Iterable[bytes | float]

BODY = (
    "Ủy ban nhân dân thị xã thông báo lịch tiếp công dân định kỳ tại trụ sở, mời bà con các thôn bản đến dự đúng giờ.",
    "Các đơn vị chuẩn bị nội dung, phân công cán bộ trực, niêm yết công khai tại nhà văn hóa thôn và trên trang này.",
)


@dataclass(frozen=True)
class Ask:
    """One request: its target, its number at this address (from 1), its cookies, and where the trap listens."""

    target: str
    number: int
    cookies: str
    host: str
    trap: str
    body: bytes = b""


@dataclass(frozen=True)
class Hostile:
    """A hostile answer.

    Attributes:
        write: makes what is sent.
        refused: the kinds of `crawl_errors` of which one must be recorded. Empty: the article must be read. None:
            it may be read or refused under any kind, but one of both.
        says: words that the stored text must have if it is read.
    """

    write: Callable[[Ask], Steps]
    refused: tuple[str, ...] | None = None
    says: str = ""


Catalogue = Mapping[str, Hostile]


def head(*lines: str | bytes, first: str | bytes = "HTTP/1.1 200 OK") -> bytes:
    """Return a head: its first line, the others, that the connection ends, and the blank line."""
    coded = [line.encode() if isinstance(line, str) else line for line in (first, *lines)]
    return b"\r\n".join([*coded, b"Connection: close", b"", b""])


HTML = "Content-Type: text/html; charset=utf-8"


def whole(body: bytes | str, *lines: str | bytes, first: str | bytes = "HTTP/1.1 200 OK", kind: str = HTML) -> Steps:
    """Return a plain answer with its length."""
    sent = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return [head(*([kind] if kind else []), f"Content-Length: {len(sent)}", *lines, first=first) + sent]


def page(
    inner: str = "",
    *,
    title: str = "Thông báo lịch tiếp công dân",
    top: str = "",
    raw_title: str | None = None,
    behind: str = "",
) -> str:
    """Return an article's page in the CMS's markup; `inner` goes into its body, `top` into its head."""
    shown = escape(title) if raw_title is None else raw_title
    text = "".join(f"<p>{one}</p>\n" for one in BODY)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{shown}</title>{top}</head><body><div id="page">'
        f'<ul class="menu"><li><a href="/">Trang chủ</a></li></ul><div class="ArticleDetailControl">'
        f'<div class="ArticleHeader"><h1>{shown}</h1></div><div class="PostDate">02/06/2025 08:30</div>'
        f'<div class="ArticleContent">{text}{inner}</div>{behind}</div>'
        '<div class="footer"><p>Bản quyền thuộc về thị xã</p></div></div></body></html>'
    )  # fmt: skip


def shown(inner: str = "", **more: str) -> Callable[[Ask], Steps]:
    """Return a writer of an article's page."""
    return lambda _: whole(page(inner, **more))
