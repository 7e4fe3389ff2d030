"""Whole pages of a portal with articles: frame, footer, canonical address; and texts that have nothing in common."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from random import Random
from typing import Any

from tests.support.build import Clock, Night

_WORDS = """hội nghị tổng kết phong trào trồng cây gây rừng thôn bản nhân dân cán bộ chiến sĩ mùa xuân lễ hội du lịch
    đường giao thông nông thôn mới học sinh trường lớp y tế trạm xá nước sạch vệ sinh môi trường chợ phiên văn hóa dân
    tộc thổ cẩm"""


def text(seed: int, *, paragraphs: int = 6) -> str:
    """Compose a text of that many paragraphs; another seed gives other words."""
    rng = Random(seed)
    return "\n\n".join(" ".join(rng.choices(_WORDS.split(), k=24)).capitalize() + "." for _ in range(paragraphs))


def whole_page(
    title: str, body: str, *, head: str = "", behind: str = "", footer: str = "Bản quyền thuộc về thị xã", **more: str
) -> str:
    """Write an article's page in the CMS's markup, with a menu before the article and a footer after it."""
    paragraphs = "".join(f"<p>{escape(one)}</p>" for one in body.split("\n\n"))
    summary = f'<div class="ArticleSummary">{more["summary"]}</div>' if "summary" in more else ""
    author = f'<div class="author">{more["author"]}</div>' if "author" in more else ""
    attached = (
        f'<div class="FileAttach"><a class="link-download" href="{more["file"]}">Tải về</a></div>'
        if "file" in more
        else ""
    )
    closing = f'<div class="footer"><p>{footer}</p></div>' if footer else ""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head><body>'
        '<div id="page"><ul class="menu"><li><a href="/">Trang chủ</a></li></ul><div id="main">'
        f'<div class="ArticleDetailControl"><div class="ArticleHeader">{escape(title)}</div>{summary}'
        f'<div class="ArticleContent">{paragraphs}{behind}</div>{author}{attached}</div></div>{closing}</div>'
        "</body></html>"
    )


@contextmanager
def next_night(archive: Path, clock: Clock, **more: Any) -> Iterator[Night]:
    """Run a night, and let a day pass."""
    with Night(archive, clock, **more) as night:
        yield night
    clock.go_on(days=1)


def paste(data: bytes, media_type: str = "image/png") -> str:
    """Write the `data:` address of a picture that an editor pasted into a page."""
    return f"data:{media_type};base64,{b64encode(data).decode()}"
