"""Entries of the menu that are one article by themselves, in the forms that portals give them.

A replica has them if it is asked for (`Replica(single_pages=True)`). Some change from night to night: the text, the
form, or a list comes in their place.
"""

import html
from dataclasses import dataclass, replace

from crawler.replica.content.compose import CATEGORIES
from crawler.replica.content.edition import Edition
from crawler.replica.content.model import Para, PublishedArticle
from crawler.replica.content.nights import publish
from crawler.replica.pages.layouts import render_article
from crawler.replica.pages.markup import BlockWriter

# The composer's newcomers of such nights are in no listing.
_FIRST_COMPOSED = 700
UPDATING = "Nội dung đang được cập nhật."
CONTACT = "/lien-he"
_CONTACT_FORM = (
    '<div class="UIContact_Default"><h2>Liên hệ</h2><label>Họ và tên</label> <input name="hoten" /> '
    '<label>Nội dung</label> <textarea name="noidung"></textarea> <button type="button">Gửi</button></div>'
)


@dataclass(frozen=True)
class SinglePlan:
    """An entry: its path, its words in the menu, its form on each night from one on, and further spellings of it.

    `forms`: `frame` (the CMS's frame of an article), `widget` (free text without title), `module` (the frame inside a
    list's module), `beside-list` (the frame above a list), `edited`, `updating` (only the sentence that it is being
    updated), `list`, `empty-list`, `gone`. One that `is_below` only the page of the entry above it names.
    """

    path: str
    title: str
    forms: tuple[tuple[int, str], ...]
    spellings: tuple[str, ...] = ()
    is_below: bool = False

    def form(self, night: int) -> str:
        """Return the form of a night."""
        return [form for since, form in self.forms if night >= since][-1]


SINGLE_PAGES = (
    SinglePlan("/gioi-thieu", "Giới thiệu", ((1, "frame"),), ("/Gioi-Thieu/", "/gioi-thieu?menu=5")),
    SinglePlan("/gioi-thieu/lich-su-hinh-thanh", "Lịch sử hình thành", ((1, "frame"), (2, "edited"))),
    SinglePlan("/co-cau-to-chuc", "Cơ cấu tổ chức", ((1, "widget"),)),
    SinglePlan("/chuc-nang-nhiem-vu", "Chức năng, nhiệm vụ", ((1, "frame"), (2, "updating"))),
    SinglePlan("/ban-do-hanh-chinh", "Bản đồ hành chính", ((1, "beside-list"),)),
    SinglePlan("/gioi-thieu/lanh-dao", "Lãnh đạo huyện", ((1, "frame"), (2, "list"), (3, "frame"))),
    SinglePlan("/hoi-dong-nhan-dan", "Hội đồng nhân dân", ((1, "list"), (3, "frame"))),
    SinglePlan("/khu-du-lich", "Khu du lịch", ((1, "frame"), (2, "gone"))),
    SinglePlan("/so-do-to-chuc", "Sơ đồ tổ chức", ((1, "module"),)),
    SinglePlan("/gioi-thieu/di-tich", "Di tích", ((1, "frame"),), is_below=True),
    SinglePlan("/thu-moi", "Thư mời", ((1, "empty-list"),)),
)


@dataclass(frozen=True)
class ReplicaPage:
    """An entry of one night, with its article. `article` is None if it shows none."""

    plan: SinglePlan
    form: str
    article: PublishedArticle | None


def single_pages(edition: Edition) -> tuple[ReplicaPage, ...]:
    """Return the entries of a night; () for a replica without them."""
    plans = SINGLE_PAGES if edition.has_single_pages else ()
    return tuple(_compose(edition, plan, number=number) for number, plan in enumerate(plans))


def find_single_page(edition: Edition, path: str) -> ReplicaPage | None:
    """Return the entry at a path, whose case does not matter."""
    wanted = path.rstrip("/").lower()
    return next((one for one in single_pages(edition) if one.plan.path == wanted), None)


def list_entries(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Return path and words of the menu's entries, each spelling one."""
    plans = [one.plan for one in single_pages(edition) if not one.plan.is_below]
    return tuple((path, plan.title) for plan in plans for path in (plan.path, *plan.spellings))


def render_single_page(edition: Edition, single: ReplicaPage) -> str:
    """Return the main part of an entry's page."""
    if single.article is None:
        rows = "" if single.form == "empty-list" else _rows(edition, 5)
        head = f'<div class="UIArticleInMenu_Default"><h2>{single.plan.title}</h2>'
        return f'{head}<ul class="ArticleList">{rows}</ul></div>'
    if single.form == "widget":
        body = BlockWriter(single.article.article, single.article.content, edition.hosts).body()
        return (
            '<div id="ctrl_180301_12" class="UIMultiFunction_Default"><div class="MultiFunctionControl">'
            f'<div class="content">{body}</div></div></div>'
        )
    text = render_article(single.article, edition.hosts, related="", skin=edition.skin)
    below = [one.plan for one in single_pages(edition) if one.plan.is_below]
    if any(plan.path.startswith(f"{single.plan.path}/") for plan in below):
        links = "".join(f'<li><a href="{plan.path}">{plan.title}</a></li>' for plan in below)
        text += f'<div class="left-menu"><ul>{links}</ul></div>'
    if single.form == "module":
        return f'<div class="UIArticleInMenu_Default"><div class="ArticleInMenu">{text}</div></div>'
    if single.form != "beside-list":
        return text
    return f'{text}<div class="UIListNews_Default list-news"><ul>{_rows(edition, 4)}</ul></div>'


def render_contact() -> str:
    """Return the main part of a page that is neither a list nor an article."""
    return _CONTACT_FORM


def _rows(edition: Edition, count: int) -> str:
    rows = edition.rows(CATEGORIES[0])[:count]
    return "".join(
        f'<li class="row item"><h2 class="Title"><a href="{html.escape(edition.path(one))}">'
        f"{html.escape(one.content.title)}</a></h2></li>\n"
        for one in rows
    )


def _compose(edition: Edition, plan: SinglePlan, *, number: int) -> ReplicaPage:
    form = plan.form(edition.night)
    if form in ("list", "empty-list", "gone"):
        return ReplicaPage(plan, form, None)
    corpus = edition.corpus
    composed = corpus.composer.newcomer(_FIRST_COMPOSED + number, 0)
    content = replace(composed.content, title=plan.title, below=(), source=None, source_form="none")
    if form == "widget":
        content = replace(content, summary=None, lead_picture=None, byline=None, byline_form="none")
    if form == "edited":
        content = replace(content, blocks=(*content.blocks, Para("Từ ngày 01/7/2025 huyện kết thúc hoạt động.")))
    if form == "updating":
        content = replace(
            content, blocks=(Para(UPDATING),), summary=None, lead_picture=None, byline=None, byline_form="none"
        )  # fmt: skip
    article = replace(composed, content=content, date_form="none", shows_views=False)
    published = publish(article, None, night=edition.night, seed=corpus.seed)
    return ReplicaPage(plan, form, replace(published, listed=False))
