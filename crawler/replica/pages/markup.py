"""Write an article's blocks as HTML, in the four styles of this CMS's portals."""

import html
import unicodedata
from collections.abc import Iterator
from html.entities import codepoint2name
from urllib.parse import quote

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
    Para,
    PublishedMention,
    PublishedTable,
    Quote,
    Signature,
    TitleAgain,
    Unkept,
    Upload,
    YouTube,
)
from crawler.replica.content.urls import Hosts, resolve_href, write_href

ALT = "anh tin bai"
_NBSP = "&nbsp;"
_CENTRING = _NBSP * 37
_WORD_STYLE = (
    'style="font-size:14.0pt;line-height:115%;font-family:&quot;Times New Roman&quot;,&quot;serif&quot;;'
    'mso-fareast-language:VI"'
)
_WORD_OPENING = (
    "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View><w:Zoom>0</w:Zoom>"
    "</w:WordDocument></xml><![endif]-->"
    "<!--[if gte mso 10]><style>table.MsoNormalTable {mso-style-name:'Table Normal';}</style><![endif]-->\n"
)


class BlockWriter:
    """Writes text and blocks for one article: its layout, its letters, its entities."""

    def __init__(self, article: ArticlePlan, content: ArticleText, hosts: Hosts) -> None:
        self.article = article
        self.content = content
        self.hosts = hosts
        self.layout = article.layout
        self.broken_lines = article.layout == "plain" and article.key % 2 == 1
        self._texts = 0

    def text(self, value: str) -> str:
        """Return the text escaped, in the letters (NFC, NFD) and entities of this article."""
        self._texts += 1
        letters = self.article.letters
        if letters == "NFD" or (letters == "mixed" and self._texts % 2):
            value = unicodedata.normalize("NFD", value)
        escaped = html.escape(value, quote=False)
        if self.article.entities:
            escaped = encode_entities(escaped)
        return escaped.replace(BOLD_START, "<strong>").replace(BOLD_END, "</strong>")

    def body(self) -> str:
        """Return the HTML of the body: the blocks, the byline and the source line."""
        parts = [self._block(block) for block in self.content.blocks]
        parts += self._closing()
        opening = _WORD_OPENING if self.layout == "word" else ""
        return opening + "\n".join(parts)

    def summary(self) -> str:
        """Return the HTML of the summary, with a document's link in it; "" without one."""
        text, document = self.content.summary or "", self.content.summary_file
        if document is None or not document.label:
            return self.text(text)
        before, label, after = text.partition(document.label)
        href = html.escape(write_href(document, self.hosts))
        return f'{self.text(before)}<a href="{href}">{self.text(label)}</a>{self.text(after)}'

    def _closing(self) -> Iterator[str]:
        content, signed = self.content, self.text(self.content.byline or "")
        if content.byline_form == "last-bold":
            yield self.paragraph(f"<strong>{signed}</strong>")
        elif content.byline_form == "last-right":
            yield self.paragraph(f"<b>{signed}</b>", align="right")
        elif content.byline_form == "last-plain":
            yield self.paragraph(signed)
        elif content.byline_form == "label-last":
            yield self.paragraph(f"<em>{self.text('Tác giả: ')}{signed}</em>")
        source = content.source or ""
        forms = {"label": f"Nguồn: {source}", "bracket": f"(Nguồn: {source})", "follow": f"Theo {source}"}
        if content.source_form in forms:
            line = self.text(forms[content.source_form])
            yield self.paragraph(f"<em>{line}</em>", align="right" if content.source_form == "follow" else "")

    def paragraph(self, inner: str, *, align: str = "", indent: bool = False) -> str:
        """Return a paragraph of this layout around finished HTML."""
        lead = _NBSP * (4 + len(inner) % 2) if indent else ""
        if self.layout == "word":
            place = f"text-align:{align or 'justify'};" + ("text-indent:36.0pt;" if indent else "")
            return (
                f'<p class="MsoNormal" style="margin-bottom:6.0pt;{place}"><span lang="VI" {_WORD_STYLE}>'
                f'<font face="Times New Roman">{inner}</font><o:p></o:p></span></p>'
            )
        if self.layout == "bare":
            return f"<P ALIGN={align or 'justify'}><SPAN STYLE='font-size: 13pt'>{lead}{inner}</SPAN>"
        if self.broken_lines:
            if align:
                return f'<div style="text-align: {align};">{inner}</div>'
            return f"{lead}{inner}<br />" + ("<br />" if len(inner) % 3 else "")
        style = f' style="text-align: {align or "justify"};"' if align or self.layout == "standard" else ""
        return f"<p{style}>{lead}{inner}</p>"

    def _block(self, block: Block) -> str:
        if isinstance(block, Para):
            return self._para(block)
        if isinstance(block, Figure):
            return self._figure(block)
        if isinstance(block, Attached):
            return self.attached(block.document)
        if isinstance(block, PublishedMention):
            href = html.escape(write_href(block.document, self.hosts))
            link = f'<a href="{href}" target="_blank">{self.text(block.document.label or "")}</a>'
            return self.paragraph(f"{self.text(block.before)}{link}{self.text(block.after)}")
        if isinstance(block, YouTube):
            return (
                f'<p><iframe width="560" height="315" src="https://www.youtube.com/embed/{block.code}" '
                'frameborder="0" allowfullscreen></iframe></p>'
            )
        if isinstance(block, Signature):
            return self.paragraph(
                "<br />".join(f"<strong>{self.text(line)}</strong>" for line in block.lines), align="right"
            )
        return self._unkept(block) if isinstance(block, Unkept) else self._plain_block(block)

    def _unkept(self, block: Unkept) -> str:
        if block.kind == "embed":
            return f'<iframe src="{html.escape(block.address)}" width="600" height="450"></iframe>'
        if block.kind == "script":
            return f"<script>fetch('{block.address}').then(function (r) {{ return r.json(); }});</script>"
        return self.paragraph(f'<a href="{block.address}">{self.text(block.text)}</a>')

    def _plain_block(self, block: Heading | Items | PublishedTable | Quote | Blank | TitleAgain) -> str:
        if isinstance(block, Heading):
            inner = self.text(block.text)
            tag = "h3" if self.layout == "standard" else "H2"
            return self.paragraph(f"<b>{inner}</b>") if self.layout in ("word", "plain") else f"<{tag}>{inner}</{tag}>"
        if isinstance(block, Items):
            return self._items(block)
        if isinstance(block, PublishedTable):
            return self._table(block)
        if isinstance(block, Quote):
            return f"<blockquote>{self.paragraph(self.text(block.text))}</blockquote>"
        if isinstance(block, Blank):
            return self.paragraph(_NBSP)
        title = self.content.title.upper() if block.capitals else self.content.title
        return self.paragraph(f"<strong>{self.text(title)}</strong>", align="center")

    def _para(self, block: Para) -> str:
        inner = self.text(block.text)
        if self.layout == "word" and "<strong>" not in inner and "&" not in inner:
            cut = len(inner) * 2 // 3
            while unicodedata.combining(inner[cut]):
                cut += 1
            inner = f'{inner[:cut]}<span style="mso-spacerun:yes">{inner[cut:]}</span>'
        if block.style == "bold":
            inner = f"<strong>{inner}</strong>"
        return self.paragraph(inner, indent=block.style == "indent")

    def _items(self, block: Items) -> str:
        lines = [self.text(text) for text in word_items(block) if self.layout == "word"]
        if lines:
            return "\n".join(self.paragraph(line, indent=True) for line in lines)
        tag = "ol" if block.ordered else "ul"
        rows = "".join(f"<li>{self.text(item)}</li>\n" for item in block.items)
        return f"<{tag}>\n{rows}</{tag}>"

    def _table(self, block: PublishedTable) -> str:
        rows = []
        for number, row in enumerate(block.rows):
            tag = "th" if number == 0 and self.layout == "standard" else "td"
            cells = (self.text(cell) for cell in row)
            if self.layout == "word":
                cells = (f'<p class="MsoNormal"><span {_WORD_STYLE}>{cell}<o:p></o:p></span></p>' for cell in cells)
            rows.append("<tr>" + "".join(f'<{tag} valign="top">{cell}</{tag}>' for cell in cells) + "</tr>")
        return (
            '<table border="1" class="MsoTableGrid" cellpadding="0"><tbody>\n' + "\n".join(rows) + "\n</tbody></table>"
        )

    def picture(self, upload: Upload) -> str:
        """Return the img element. Every uploaded picture has the same alt."""
        src = html.escape(write_href(upload, self.hosts))
        if self.layout == "bare":
            quoted = f"'{src.replace(chr(39), '&#39;')}'" if any(mark in src for mark in " ='`") else src
            return f"<IMG ALT='{ALT}' SRC={quoted} BORDER=0>"
        if self.layout == "word":
            return f'<img width="600" height="400" id="Picture_x0020_1" src="{src}" alt="{ALT}" />'
        return f'<img alt="{ALT}" src="{src}" style="width: 640px; height: auto;" />'

    def _figure(self, figure: Figure) -> str:
        images = [self.picture(upload) for upload in figure.pictures]
        caption = self.text(figure.caption) if figure.caption else ""
        if figure.style == "table" and caption:
            return (
                '<table class="image-table" align="center" border="0"><tbody><tr><td>'
                + " ".join(images)
                + f"</td></tr><tr><td>{self.paragraph(caption)}</td></tr></tbody></table>"
            )
        if self.article.key % 3 == 0:
            rows = [self.paragraph("\n".join(images), align="center")]
        else:
            rows = [self.paragraph(image, align="center") for image in images]
        if not caption:
            return "\n".join(rows)
        if figure.style == "italic":
            rows.append(self.paragraph(f"<em>{caption}</em>"))
        elif figure.style == "nbsp":
            rows.append(self.paragraph(_CENTRING + caption))
        else:
            rows.append(self.paragraph(caption, align="center" if figure.style == "center" else ""))
        if figure.credit:
            align = "center" if figure.style == "center" else ""
            rows.append(self.paragraph(f"<em>{self.text(figure.credit)}</em>", align=align))
        return "\n".join(rows)

    def attached(self, document: Upload) -> str:
        """Return the markup that shows a document: link, viewer frame or object."""
        written = write_href(document, self.hosts)
        href, label = html.escape(written), self.text(document.label or "")
        whole = quote(resolve_href(document, self.hosts), safe="")
        if document.how == "link-download":
            icon = '<i class="fa fa-download"></i>'
            return f'<p><a class="link-download" href="{href}" title="{label}">{icon} {label}</a></p>'
        if document.how == "view-gallery":
            return f'<div class="file"><a href="{href}" class="btn view-gallery" rel=nofollow>{label}</a></div>'
        if document.how == "plain":
            return f'<p><a href="{href}">{label}</a></p>'
        if document.how == "pdfjs":
            inner = quote(written, safe="") if document.spelling == "relative" else whole
            return f'<iframe src="/ArticleText/pdfjs/web/viewer.html?file={inner}" width="100%"></iframe>'
        if document.how == "object":
            return f'<object data="{href}" type="application/pdf" width="100%" height="700px"></object>'
        if document.how == "google":
            return f'<iframe src="https://docs.google.com/gview?url={whole}&amp;embedded=true"></iframe>'
        return f"<iframe src='https://view.officeapps.live.com/op/embed.aspx?src={whole}' width='100%'></iframe>"


def word_items(block: Items) -> tuple[str, ...]:
    """Return a list as pasted from Word: paragraphs with a typed dash or number.

    >>> word_items(Items(("một", "hai"), ordered=True))
    ('1. một', '2. hai')
    """
    return tuple(f"{number}. {item}" if block.ordered else f"- {item}" for number, item in enumerate(block.items, 1))


def encode_entities(text: str) -> str:
    """Return the text with named entities for its Latin-1 letters, as the CMS's editor writes it.

    >>> encode_entities("Hòa Bình, ủy")
    'H&ograve;a B&igrave;nh, ủy'
    """
    return "".join(_as_entity(char) for char in text)


def _as_entity(char: str) -> str:
    name = codepoint2name.get(ord(char)) if 0xC0 <= ord(char) <= 0xFF else None
    return f"&{name};" if name else char
