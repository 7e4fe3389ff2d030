"""Decide which articles appear, change, vanish, return or move, and in which night."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from crawler.replica.content import topics, vocabulary
from crawler.replica.content.compose import CATEGORIES, ODD_EVERY, ODDITIES
from crawler.replica.content.model import (
    REPLACED,
    ArticlePlan,
    ArticleText,
    Attached,
    Figure,
    ListingPlan,
    Para,
    PublishedArticle,
    PublishedMention,
    Upload,
)
from crawler.replica.content.prose import Writer
from crawler.replica.content.urls import new_path

NEWCOMERS_A_NIGHT = 3
_ABSENCES = ("gone-404", "gone-410", "soft-404", "redirect-home")


@dataclass(frozen=True)
class Fate:
    """How one article changes: effects that last from their night until the next entry."""

    name: str
    needs: str
    nights: tuple[tuple[int, tuple[str, ...]], ...]


FATES = (
    Fate("edited", "", ((2, ("body",)),)),
    Fate("a-b-a", "", ((2, ("body",)), (3, ()))),
    Fate("retitled", "", ((2, ("title",)),)),
    Fate("recaptioned", "caption", ((2, ("caption",)),)),
    Fate("same-address-other-picture", "picture", ((2, ("picture",)),)),
    Fate("same-address-other-document", "document", ((3, ("document",)),)),
    Fate("byline-added", "", ((3, ("byline",)),)),
    Fate("edited-every-night", "", ((2, ("body-each",)),)),
    Fate("gone-404", "", ((2, ("gone-404",)),)),
    Fate("gone-410", "", ((2, ("gone-410",)),)),
    Fate("soft-404", "", ((2, ("soft-404",)),)),
    Fate("redirect-home", "", ((2, ("redirect-home",)),)),
    Fate("gone-late", "", ((3, ("gone-404",)),)),
    Fate("away-one-night", "", ((2, ("gone-404",)), (3, ()))),
    Fate("away-three-nights", "", ((2, ("gone-404",)), (5, ()))),
    Fate("back-changed", "", ((3, ("soft-404",)), (5, ("body",)))),
    Fate("unlisted", "", ((2, ("unlisted",)),)),
    Fate("relisted", "", ((2, ("unlisted",)), (3, ()))),
    Fate("moved", "", ((3, ("moved",)),)),
    Fate("renumbered", "", ((3, ("renumbered",)),)),
)


def _has_picture(content: ArticleText) -> bool:
    return any(isinstance(block, Figure) and _is_plain(block.pictures[0]) for block in content.blocks)


def _is_plain(upload: Upload) -> bool:
    return upload.fate == "served" and upload.host in ("files", "site") and not upload.key.startswith("shared/")


def _has_document(content: ArticleText) -> bool:
    return any(isinstance(block, Attached | PublishedMention) and _is_plain(block.document) for block in content.blocks)


_NEEDS: dict[str, Callable[[ArticleText], bool]] = {
    "": lambda _: True,
    "caption": lambda content: any(isinstance(block, Figure) and block.caption for block in content.blocks),
    "picture": _has_picture,
    "document": _has_document,
}


def assign_fates(articles: Sequence[ArticlePlan]) -> dict[int, Fate]:
    """Return the fates by article key, spread evenly over the listed articles.

    A small portal does not have all fates: at most one for every fourth article.
    """
    free = [one for one in articles if one.place == "listed" and not one.annual and one.key % ODD_EVERY not in ODDITIES]
    wanted = FATES[: len(free) // 4]
    stride = max(len(free) // (len(wanted) + 1), 1)
    dealt: dict[int, Fate] = {}
    for number, fate in enumerate(wanted):
        rest = free[2 + number * stride :] + free[: 2 + number * stride]
        fitting = (one for one in rest if one.key not in dealt and _NEEDS[fate.needs](one.content))
        chosen = next(fitting, None)
        if chosen:
            dealt[chosen.key] = fate
    return dealt


def publish(article: ArticlePlan, fate: Fate | None, *, night: int, seed: int) -> PublishedArticle:
    """Return the article as published in a night (1 is the first)."""
    effects: tuple[str, ...] = ()
    for since, words in fate.nights if fate else ():
        if night >= since:
            effects = words
    content, category, source_id = article.content, article.category, article.source_id
    presence, listed = "live", article.place == "listed"
    moved_from: tuple[str, ...] = ()
    for effect in effects:
        if effect in _ABSENCES:
            presence, listed = effect, False
        elif effect == "unlisted":
            listed = False
        elif effect == "moved":
            moved_from = (new_path(category, content, source_id=source_id),)
            category = _other_category(category)
        elif effect == "renumbered":
            moved_from = (new_path(category, content, source_id=source_id),)
            source_id += 700_000
        else:
            version = f"{seed}/{article.key}/{effect}/{night if effect == 'body-each' else 0}"
            content = _EDITS[effect](content, Random(version))
    return PublishedArticle(article, content, category, source_id, presence, listed, moved_from)


def _other_category(category: ListingPlan) -> ListingPlan:
    return CATEGORIES[(CATEGORIES.index(category) + 1) % 2]


def _edit_body(content: ArticleText, rng: Random) -> ArticleText:
    place = max(
        (n for n, block in enumerate(content.blocks) if isinstance(block, Para)),
        key=lambda n: len(getattr(content.blocks[n], "text", "")),
    )
    old = content.blocks[place]
    assert isinstance(old, Para)
    new = Para(f"{old.text} {Writer(topics.CONFERENCE, rng).paragraph(1, 1)}", old.style)
    return replace(content, blocks=(*content.blocks[:place], new, *content.blocks[place + 1 :]))


def _edit_title(content: ArticleText, rng: Random) -> ArticleText:
    return replace(content, title=f"{rng.choice(('Đính chính', 'Bổ sung', 'Cập nhật'))}: {content.title}")


def _edit_caption(content: ArticleText, rng: Random) -> ArticleText:
    blocks = list(content.blocks)
    place = next(n for n, block in enumerate(blocks) if isinstance(block, Figure) and block.caption)
    figure = blocks[place]
    assert isinstance(figure, Figure)
    blocks[place] = replace(figure, caption=f"{Writer(topics.CULTURE, rng).caption()}, tháng {rng.randint(1, 12)}")
    return replace(content, blocks=tuple(blocks))


def _edit_picture(content: ArticleText, rng: Random) -> ArticleText:
    blocks = list(content.blocks)
    place = next(n for n, block in enumerate(blocks) if isinstance(block, Figure) and _is_plain(block.pictures[0]))
    figure = blocks[place]
    assert isinstance(figure, Figure)
    first = replace(figure.pictures[0], key=f"{figure.pictures[0].key}{REPLACED}{rng.random()}")
    blocks[place] = replace(figure, pictures=(first, *figure.pictures[1:]))
    return replace(content, blocks=tuple(blocks))


def _edit_document(content: ArticleText, rng: Random) -> ArticleText:
    blocks = list(content.blocks)
    for place, block in enumerate(blocks):
        if isinstance(block, Attached | PublishedMention) and _is_plain(block.document):
            document = replace(block.document, key=f"{block.document.key}{REPLACED}{rng.random()}")
            blocks[place] = replace(block, document=document)
            break
    return replace(content, blocks=tuple(blocks))


def _edit_byline(content: ArticleText, rng: Random) -> ArticleText:
    name = f"{rng.choice(vocabulary.SURNAMES)} {rng.choice(vocabulary.GIVEN)} ({rng.choice(vocabulary.OFFICES)})"
    return replace(content, byline=name, byline_form="last-right")


_EDITS: dict[str, Callable[[ArticleText, Random], ArticleText]] = {
    "body": _edit_body,
    "body-each": _edit_body,
    "title": _edit_title,
    "caption": _edit_caption,
    "picture": _edit_picture,
    "document": _edit_document,
    "byline": _edit_byline,
}
