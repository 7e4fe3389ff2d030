"""Read the lists of a Word document (ECMA-376, 17.9). Pure."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from crawler.attachments.formats.elements.names import attribute, local_name
from crawler.attachments.formats.list_numbers import LARGEST, PLACES, Level, Numbering, show_zeros
from crawler.attachments.formats.packages.package import Package
from crawler.attachments.formats.packages.styles import WordStyles
from crawler.language.numbers import whole_number

_PLACE = re.compile("%([1-9])")
# How the first number of a form of its own is written, such as "0001, 0002, ...".
_WITH_ZEROS = re.compile("(0{1,9})1(?:[^0-9]|$)")
_FALSE = ("0", "false", "off")


def read_numbering(package: Package, main: str, *, styles: WordStyles) -> Numbering:
    """Read the lists of a document; none if it has none.

    Args:
        package: that is read.
        main: its main part.
        styles: know the list of each style, since a definition may name a style instead of its own levels, and the
            fonts of the theme.
    """
    numbering = Numbering()
    links: dict[str, str] = {}
    for path in package.related(main, "numbering"):
        for _, element in package.parse(path, events=("end",)):
            name = local_name(element)
            if name == "abstractNum":
                own = attribute(element, "abstractNumId") or ""
                numbering.lists[own] = _read_levels(element, styles)
                style = next((one for one in element if local_name(one) == "numStyleLink"), None)
                if style is not None:
                    links[own] = attribute(style, "val") or ""
                element.clear()
            elif name == "num":
                _read_list(numbering, element, styles=styles)
    own_definitions = dict(numbering.definitions)
    for number, own in own_definitions.items():
        if own in links:
            numbering.definitions[number] = own_definitions.get(styles.lists.get(links[own], ""), own)
    return numbering


def _read_list(numbering: Numbering, element: Element, *, styles: WordStyles) -> None:
    number = attribute(element, "numId") or ""
    for child in element:
        if local_name(child) == "abstractNumId":
            numbering.definitions[number] = attribute(child, "val") or ""
        elif local_name(child) == "lvlOverride":
            depth = _whole(attribute(child, "ilvl"))
            start = next((attribute(one, "val") for one in child if local_name(one) == "startOverride"), None)
            if start is not None:
                numbering.restarts.setdefault(number, {})[depth] = _whole(start)
            numbering.overrides.setdefault(number, {}).update(_read_levels(child, styles))


def _read_levels(element: Element, styles: WordStyles) -> dict[int, Level]:
    return {_whole(attribute(one, "ilvl")): _read_level(one, styles) for one in element if local_name(one) == "lvl"}


def _read_level(element: Element, styles: WordStyles) -> Level:
    children = list(_find_first_forms(element))
    values = {local_name(child): attribute(child, "val") or "" for child in children}
    form = next((attribute(child, "format") or "" for child in children if local_name(child) == "numFmt"), "")
    font = next((styles.name_font(one) for one in element.iter() if local_name(one) == "rFonts"), None)
    # A level without a first number begins with 0 (17.9.25).
    start = whole_number(values.get("start", "0"), at_most=LARGEST)
    zeros = _WITH_ZEROS.match(form) if values.get("numFmt") == "custom" else None
    style = show_zeros(len(zeros[1])) if zeros else values.get("numFmt", "decimal")
    return Level(
        style, _PLACE.sub(lambda place: PLACES[int(place[1]) - 1], values.get("lvlText", "")),
        1 if start is None else start, font, "" if values.get("suff") == "nothing" else " ",
        whole_number(values["lvlRestart"], at_most=8) if "lvlRestart" in values else None,
        "isLgl" in values and values["isLgl"] not in _FALSE,
    )  # fmt: skip


def _find_first_forms(element: Element) -> Iterator[Element]:
    """Give the children of an element; of one that is written in two forms, the first."""
    for child in element:
        is_twice = local_name(child) == "AlternateContent"
        yield from next(([*one] for one in child if local_name(one) == "Choice"), []) if is_twice else [child]


def _whole(text: str | None) -> int:
    return whole_number(text or "0", at_most=LARGEST) or 0
