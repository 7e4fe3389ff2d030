"""Compose the articles: what an editor of the district would type, paste and upload."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from crawler.replica.content import topics, vocabulary
from crawler.replica.content.model import (
    BOLD_END,
    BOLD_START,
    ArticlePlan,
    ArticleText,
    Attached,
    Blank,
    Block,
    Figure,
    Heading,
    Items,
    ListingPlan,
    Para,
    PublishedMention,
    PublishedTable,
    Quote,
    Signature,
    TitleAgain,
    Unkept,
    YouTube,
)
from crawler.replica.content.prose import Writer, leave_typos, mix_tones
from crawler.replica.content.uploads import UploadMaker

CATEGORIES = (
    ListingPlan(
        "tin-tuc-su-kien", "Tin tức - Sự kiện", 54439, 27461, 0.34, "news", "default", "newer", 15, True, 0, 0.25
    ),
    ListingPlan(
        "kinh-te-xa-hoi", "Kinh tế - Xã hội", 54442, 27462, 0.2, "economy", "list-news", "older", 10, True, 160, 0.2
    ),
    ListingPlan("thong-bao", "Thông báo", 54501, 27470, 0.17, "notice", "in-menu", "variables", 15, False, 0, 0.5),
    ListingPlan(
        "thu-tuc-hanh-chinh-76761",
        "Thủ tục hành chính",
        76761,
        27488,
        0.12,
        "notice",
        "default",
        "older",
        20,
        False,
        120,
        0,
    ),
    ListingPlan(
        "luat--phap-lenh", "Luật & Pháp lệnh", 54777, 27490, 0.1, "notice", "in-menu", "newer", 12, True, 0, 0.9
    ),
    ListingPlan(
        "van-hoa-du-lich",
        "Văn hóa - Du lịch",
        54810,
        27495,
        0.07,
        "culture",
        "default",
        "newer",
        5,
        False,
        0,
        0.1,
        True,
    ),
)
LAYOUTS = ("standard", "plain", "word", "bare")
LAYOUTS_WITH_SUMMARY = ("standard", "word")
# What an editor does now and then, by the article's key modulo `ODD_EVERY`.
ODD_EVERY = 23
ODDITIES = {3: "summary-file", 7: "pasted", 11: "scan", 15: "winners", 19: "signature", 21: "unkept"}
_CREDIT_EVERY = 5
_NAMED_OFFICE = ("last-bold", "last-right", "last-plain")


class Composer:
    """Makes any article of a portal from its key. The same seed and key give the same article."""

    def __init__(self, seed: int, total: int, first_day: date) -> None:
        self._seed = seed
        self._total = max(total, 1)
        self._first_day = first_day

    def base_article(self, key: int) -> ArticlePlan:
        """Return one of the articles posted before the first night. Key 0 is the newest."""
        rng = Random(f"{self._seed}/{key}")
        age_days = 1 + int((key / self._total) ** 1.3 * 2200)
        clock = time(7, 0)
        day = self._first_day - timedelta(days=age_days)
        posted_at = datetime.combine(day, clock) + timedelta(minutes=600 - key * 600 // self._total)
        category = rng.choices(CATEGORIES, [category.share for category in CATEGORIES])[0]
        place = "box" if key % 29 == 11 else "related" if key % 31 == 17 else "listed"
        number = 1_090_000 - key * (1_040_000 // self._total)
        if key % 17 == 5 and key > self._total // 2:
            number = 1_100_000 + key * 7
        return self._article(key, number, posted_at=posted_at, category=category, place=place, rng=rng)

    def newcomer(self, night: int, place_in_night: int) -> ArticlePlan:
        """Return one of the articles that appear in a later night."""
        key = 100_000 + night * 10 + place_in_night
        rng = Random(f"{self._seed}/{key}")
        day = self._first_day + timedelta(days=night - 1)
        posted_at = datetime.combine(day, time(0, 20 + place_in_night * 9))
        category = CATEGORIES[(night + place_in_night) % len(CATEGORIES)]
        return self._article(
            key,
            1_150_000 + night * 100 + place_in_night * 7,
            posted_at=posted_at,
            category=category,
            place="listed",
            rng=rng,
        )

    def arrival(self, category: ListingPlan, count: int, *, night: int) -> ArticlePlan:
        """Return the article that appears in a listing while it is read. `count` is from 1."""
        order = CATEGORIES.index(category)
        key = 200_000 + night * 1000 + order * 100 + count
        rng = Random(f"{self._seed}/{key}")
        day = self._first_day + timedelta(days=night - 1)
        posted_at = datetime.combine(day, time(1, 30)) + timedelta(minutes=count)
        return self._article(
            key,
            1_400_000 + night * 1000 + order * 100 + count * 3,
            posted_at=posted_at,
            category=category,
            place="listed",
            rng=rng,
        )

    def _article(
        self, key: int, source_id: int, *, posted_at: datetime, category: ListingPlan, place: str, rng: Random
    ) -> ArticlePlan:
        layout = rng.choices(LAYOUTS, (34, 26, 20, 20))[0]
        annual = category.slug == "thong-bao" and rng.random() < 0.2
        content = _compose_content(key, posted_at, category=category, layout=layout, annual=annual, rng=rng)
        content = _with_oddity(content, key, posted_at=posted_at, layout=layout, topic=category.topic)
        date_form = "none"
        if layout == "standard":
            date_form = rng.choices(("long", "label", "none"), (6, 3, 1))[0]
        elif layout in ("word", "bare"):
            date_form = rng.choices(("clock", "label", "none"), (2, 3, 5))[0]
        return ArticlePlan(
            key=key,
            source_id=source_id,
            old_number=290_000 + (source_id - 50_000) // 3,
            category=category,
            posted_at=posted_at,
            layout=layout,
            date_form=date_form,
            place=place,
            letters=rng.choices(("NFC", "NFD", "mixed"), (70, 18, 12))[0],
            entities=rng.random() < 0.2,
            old_slug_cut=rng.random() < 0.5,
            tracker=rng.choices(("", "?fbclid=IwAR3x{k}Qy", "?gidzl=Vz8{k}-w"), (8, 1, 1))[0].format(k=key),
            content=content,
            annual=annual,
            shows_views=rng.random() < 0.4,
        )


def _compose_content(
    key: int, posted_at: datetime, *, category: ListingPlan, layout: str, annual: bool, rng: Random
) -> ArticleText:
    writer = Writer(rng.choice(topics.TOPICS[category.topic]), rng)
    ticks = rng.choices(("own", "none", "reused"), (60, 34, 6))[0]
    maker = UploadMaker(key, posted_at, rng, ticks=ticks)
    tone_share = rng.choice((0.0, 0.0, 0.4, 1.0))
    title = rng.choice(vocabulary.ANNUAL_TITLES) if annual else mix_tones(writer.title(), rng, share=tone_share)
    summary = None
    if rng.random() < 0.75:
        summary = mix_tones(writer.summary(), rng, share=tone_share)
    blocks = [
        *_opening(writer, rng, has_summary=summary is not None and layout in LAYOUTS_WITH_SUMMARY),
        *_middle(writer, maker, category=category, rng=rng),
    ]
    byline, byline_form = _sign(layout, rng)
    if byline_form == "last-right" and rng.random() < 0.4:
        blocks.append(Figure((maker.picture(),), None))
    source, source_form = _credit(blocks, byline_form, rng=rng)
    lead_picture = maker.picture() if layout in ("standard", "word") and rng.random() < 0.25 else None
    below = (maker.document(),) if layout in ("standard", "word") and rng.random() < 0.12 else ()
    return ArticleText(
        title=title,
        summary=summary,
        blocks=tuple(_touch(block, rng, tone_share=tone_share) for block in blocks),
        lead_picture=lead_picture,
        byline=byline,
        byline_form=byline_form,
        source=source,
        source_form=source_form,
        below=tuple(document for document in below if document.label),
    )


def _opening(writer: Writer, rng: Random, *, has_summary: bool) -> list[Block]:
    blocks: list[Block] = []
    if rng.random() < 0.25:
        blocks.append(TitleAgain(capitals=rng.random() < 0.5))
    if rng.random() < 0.3:
        blocks.append(Blank())
    style = "bold" if not has_summary and rng.random() < 0.35 else rng.choice(("plain", "indent"))
    blocks.append(Para(writer.lead() + " " + writer.paragraph(1, 2), style))
    return blocks


def _middle(writer: Writer, maker: UploadMaker, *, category: ListingPlan, rng: Random) -> list[Block]:
    notice = category.topic == "notice"
    blocks: list[Block] = []
    figures = rng.choices((0, 1, 2, 3), (6, 3, 1, 0) if notice else (2, 4, 3, 2))[0]
    for _ in range(figures):
        blocks += _figure(writer, maker, rng=rng)
        if rng.random() < 0.6:
            blocks.append(Para(writer.paragraph(), rng.choice(("plain", "indent", "glued"))))
    for _ in range(rng.randint(1, 3)):
        blocks.append(Para(writer.paragraph(), rng.choice(("plain", "indent"))))
    if rng.random() < (0.4 if notice else 0.12):
        blocks += [
            Heading(f"{rng.randint(1, 3)}. {rng.choice(vocabulary.HEADINGS)}"),
            Items(writer.items(3), rng.random() < 0.4),
        ]
    if rng.random() < (0.3 if notice else 0.06):
        blocks += [Para(writer.paragraph(1, 2)), PublishedTable(writer.rows(rng.randint(3, 6)))]
    if rng.random() < 0.08:
        blocks.append(Quote(writer.paragraph(1, 2)))
    if rng.random() < 0.05:
        blocks += [YouTube(f"tS{rng.randrange(10**8):08d}k"), Para(writer.long_paragraph(), "indent")]
    if rng.random() < (0.55 if notice else 0.08):
        blocks += _documents(maker, rng)
    if rng.random() < 0.5:
        blocks.append(Para(writer.paragraph(1, 2), "indent"))
    return blocks


def _figure(writer: Writer, maker: UploadMaker, *, rng: Random) -> list[Block]:
    count = 2 if rng.random() < 0.3 else 1
    pictures = tuple(maker.picture() for _ in range(count))
    if rng.random() < 0.65:
        style = rng.choices(("unmarked", "italic", "nbsp", "table", "center"), (4, 4, 3, 3, 2))[0]
        return [Figure(pictures, writer.caption(), style)]
    return [Figure(pictures, None), Para(writer.long_paragraph(), "indent")]


def _documents(maker: UploadMaker, rng: Random) -> list[Block]:
    first = maker.document()
    if first.how == "plain" and rng.random() < 0.5:
        return [PublishedMention("Nội dung chi tiết xem ", first, " hoặc liên hệ bộ phận một cửa.")]
    blocks: list[Block] = [Attached(first)]
    if rng.random() < 0.3:
        blocks.append(Attached(maker.document()))
    return blocks


def _sign(layout: str, rng: Random) -> tuple[str | None, str]:
    """Return the byline with its form. A form without a label or markup always names the office."""
    name = f"{rng.choice(vocabulary.SURNAMES)} {rng.choice(vocabulary.GIVEN)}"
    office = f"{name} ({rng.choice(vocabulary.OFFICES)})"
    if layout == "plain":
        return office, rng.choice(_NAMED_OFFICE)
    forms = ["none", "last-right", "last-bold", "label-last", "below-title"]
    if layout in ("standard", "word"):
        forms += ["author-div", "author-div"]
    form = rng.choice(forms)
    if form == "none":
        return None, form
    return (office if form in _NAMED_OFFICE or rng.random() < 0.3 else name), form


def _credit(blocks: list[Block], byline_form: str, *, rng: Random) -> tuple[str | None, str]:
    if isinstance(blocks[-1], Figure) or rng.random() > 0.16:
        return None, "none"
    if byline_form in _NAMED_OFFICE and rng.random() < 0.7:
        return None, "none"
    return rng.choice(vocabulary.AGENCIES), rng.choice(("label", "bracket", "follow"))


def _with_oddity(content: ArticleText, key: int, *, posted_at: datetime, layout: str, topic: str) -> ArticleText:
    """Return the content as an editor leaves it who pastes, signs, lists winners or links in a summary."""
    rng = Random(f"odd/{key}")
    maker = UploadMaker(key + 10_000_000, posted_at, rng, ticks="none")
    if key % _CREDIT_EVERY == 0:
        content = replace(content, blocks=tuple(_credit_picture(block, rng) for block in content.blocks))
    oddity = ODDITIES.get(key % ODD_EVERY)
    if oddity == "summary-file" and content.summary and layout in LAYOUTS_WITH_SUMMARY:
        label = f"Quyết định số {rng.randint(1, 900)}/QĐ-UBND"
        summary = f"{content.summary.rstrip('.')}, theo {label} của UBND thị xã."
        return replace(content, summary=summary, summary_file=replace(maker.document(), label=label, how="summary"))
    if oddity == "pasted":
        writer = Writer(rng.choice(topics.TOPICS[topic]), rng)
        figure = Figure((maker.pasted(),), writer.caption(), "italic", f"Ảnh: {_name(rng)}")
        return _after_opening(content, figure, Para(writer.long_paragraph(), "indent"))
    if oddity == "scan":
        return ArticleText(content.title, None, (Figure((maker.pasted(),), None),))
    if oddity == "unkept":
        return _after_opening(content, *_unkept(key))
    if oddity in ("winners", "signature"):
        closing = _winners(rng) if oddity == "winners" else _signature(rng)
        unsigned = replace(content, byline=None, byline_form="none", source=None, source_form="none")
        return replace(unsigned, blocks=(*content.blocks, *closing))
    return content


def _after_opening(content: ArticleText, *more: Block) -> ArticleText:
    place = 1 + next(number for number, block in enumerate(content.blocks) if isinstance(block, Para))
    return replace(content, blocks=(*content.blocks[:place], *more, *content.blocks[place:]))


def _credit_picture(block: Block, rng: Random) -> Block:
    if isinstance(block, Figure) and block.caption and block.style in ("italic", "center"):
        return replace(block, credit=f"(Ảnh: {_name(rng)})")
    return block


def _name(rng: Random) -> str:
    return f"{rng.choice(vocabulary.SURNAMES)} {rng.choice(vocabulary.GIVEN)}"


def _winners(rng: Random) -> tuple[Block, ...]:
    places = ("Giải Nhất", "Giải Nhì", "Giải Ba")
    named = tuple(Para(f"{place}: {_name(rng)}") for place in places)
    return (Para("Ban tổ chức trao giải cho các thí sinh:"), *named, Para(_name(rng)))


def _signature(rng: Random) -> tuple[Block, ...]:
    post = rng.choice(("CHỦ TỊCH", "KT. CHỦ TỊCH", "GIÁM ĐỐC"))
    return (Signature(("TM. ỦY BAN NHÂN DÂN", post, _name(rng))),)


def _unkept(key: int) -> tuple[Block, ...]:
    return (
        Para("Vị trí khu vực quy hoạch được thể hiện trên bản đồ dưới đây để bà con các thôn theo dõi và góp ý."),
        Unkept("embed", f"https://www.google.com/maps/embed?pb={key}"),
        Unkept("script", f"/api/ban-do/{key}"),
        Unkept("file-unknown", f"/sitefolders/tason/ban-do/khu-{key}.dgn", "Bản vẽ gốc"),
    )


def _touch(block: Block, rng: Random, *, tone_share: float) -> Block:
    """Return the paragraph with the article's tone marks and sometimes a typo."""
    if not isinstance(block, Para):
        return block
    text = mix_tones(block.text, rng, share=tone_share)
    if rng.random() < 0.12:
        text = leave_typos(text, rng)
    return Para(_glue(text, rng) if block.style == "glued" else text, block.style)


def _glue(text: str, rng: Random) -> str:
    """Return the text with one bold word joined to the next: the editor lost the space with the tag."""
    words = text.split(" ")
    place = rng.randrange(2, len(words) - 2)
    return " ".join(words[:place]) + " " + BOLD_START + words[place] + BOLD_END + " ".join(words[place + 1 :])
