"""Find footers, dates and numbers that slides of an OpenDocument presentation show (ODF 1.3, part 3, 10.9.3). Pure."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from crawler.attachments.formats.elements.names import get, local_name

# What declares a footer or a date once for many slides, and what a slide and its style call it.
_DECLARED = {"footer-decl": "footer", "date-time-decl": "date-time"}
_STYLE, _PROPERTIES, _FIXED = "style", "drawing-page-properties", "fixed"


@dataclass(slots=True)
class OpenFooters:
    """The footers and dates that a presentation declares, by what they are and their names.

    Attributes:
        hidden: which of them the styles of slides do not show.
        numbered: the styles whose slides show their number.
    """

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    numbered: set[str] = field(default_factory=set)

    def learn(self, element: Element) -> None:
        """Learn from any element that ended."""
        name = local_name(element)
        if name in _DECLARED:
            # Another date is that of the day on which it is shown.
            if name == "footer-decl" or get(element, "source") == _FIXED:
                self.texts[_DECLARED[name], get(element, "name")] = "".join(element.itertext()).strip()
        elif name == _STYLE:
            looks = [one for one in element if local_name(one) == _PROPERTIES]
            self.hidden |= {
                (kind, get(element, "name"))
                for kind in _DECLARED.values() for look in looks if get(look, f"display-{kind}") == "false"
            }  # fmt: skip
            self.numbered |= {get(element, "name") for look in looks if get(look, "display-page-number") == "true"}

    def list_shown(self, slide: Element, *, number: int) -> list[str]:
        """Return what a slide shows at its foot; [] if nothing. `number` is its own."""
        style = get(slide, "style-name")
        kinds = [kind for kind in _DECLARED.values() if (kind, style) not in self.hidden]
        shown = (self.texts.get((kind, get(slide, f"use-{kind}-name")), "") for kind in kinds)
        return [text for text in (*shown, str(number) if style in self.numbered else "") if text]
