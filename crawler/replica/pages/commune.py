"""The skin of a commune's portal: other wrappers around an article, and captions in other elements.

`Replica(skin="commune")` shows every article in it. What the portal says is the same.
"""

from crawler.replica.content.model import Figure
from crawler.replica.pages.markup import BlockWriter

# Captions that the other skins mark by their look have these forms here, one after the other.
_FORMS = ("figure", "line-break", "class", "item", "heading")


class CommuneWriter(BlockWriter):
    """Writes captions as figures, after a line break, with a class, in the item of a list, as a small heading."""

    def _figure(self, figure: Figure) -> str:
        if not figure.caption or figure.style not in ("italic", "center"):
            return super()._figure(figure)
        *others, last = [self.picture(upload) for upload in figure.pictures]
        before = "".join(f'<p style="text-align:center">{image}</p>\n' for image in others)
        caption = self.text(figure.caption)
        credit = self.text(figure.credit) if figure.credit else ""
        form = _FORMS[(self.article.key + len(figure.caption)) % len(_FORMS)]
        return before + _write_caption(form, last, caption=caption, credit=credit)


def _write_caption(form: str, image: str, *, caption: str, credit: str) -> str:
    """Return the picture with its caption, whose second line names the author of the picture."""
    lines = f"{caption}<br />{credit}" if credit else caption
    below = f'<p style="text-align:center"><em>{credit}</em></p>' if credit else ""
    if form == "figure":
        return f'<figure class="image">{image}<figcaption>{lines}</figcaption></figure>'
    if form == "line-break":
        return f'<p style="text-align:center">{image}<br /><em>{lines}</em></p>'
    if form == "class":
        return f'<div class="photo"><p>{image}</p><p class="img-caption">{lines}</p></div>'
    if form == "item":
        return f'<ul class="album"><li>{image}<p>{lines}</p></li></ul>'
    return f'<p style="text-align:center">{image}</p><h6 style="text-align:center"><em>{caption}</em></h6>{below}'
