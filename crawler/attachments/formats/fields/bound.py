"""Find the value that a control of a Word document is bound to: it is shown in place of what the control held. Pure."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crawler.attachments.formats.pages import MAX_CHARACTERS
from crawler.language.numbers import whole_number

_NAME = r"(?:(?P<prefix>[\w.-]{1,100}):)?(?P<name>[\w.-]{1,200})"
_STEP = re.compile(rf"/(?P<at>@?){_NAME}(?:\[(?P<place>\d{{1,6}})\])?")
_PREFIX = re.compile(r"""xmlns:([\w.-]{1,100})\s{0,9}=\s{0,9}["']([^"']{0,1000})["']""")


class BoundValues:
    """The values that the controls of a document are bound to (ECMA-376, 17.5.2.6): parts of XML by their identity."""

    def __init__(self, stores: Mapping[str, bytes]) -> None:
        self._stores = {number.upper(): data for number, data in stores.items()}
        self._roots: dict[str, Element | None] = {}
        self._children: dict[Element, dict[str, list[Element]]] = {}
        # A small file can bind thousands of controls to one long value: no more than a text may have is given.
        self._left = MAX_CHARACTERS

    def find(self, path: str, *, prefixes: str, store: str) -> str | None:
        """Return a value. None if it is empty, or if nothing is there: then the control shows what it holds.

        Args:
            path: the way to it, as XPath: names with places, such as `/n:letter[1]/n:number[1]`. Others give None.
            prefixes: the declarations of the namespaces in the path.
            store: the identity of its part; "" for the only part that has the path.
        """
        spaces = dict(_PREFIX.findall(prefixes))
        asked = [store.upper()] if store else list(self._stores)
        found = (self._follow(self._root(number), path, spaces=spaces) for number in asked)
        value = next((value for value in found if value and value.strip()), None)
        self._left -= len(value or "")
        return value if self._left > 0 else None

    def _root(self, number: str) -> Element | None:
        if number not in self._roots:
            self._roots[number] = _parse(self._stores.get(number, b""))
        return self._roots[number]

    def _follow(self, here: Element | None, path: str, *, spaces: Mapping[str, str]) -> str | None:
        if here is None or not path or self._left <= 0:
            return None
        at = 0
        while at < len(path):
            step = _STEP.match(path, at)
            space = spaces.get(step["prefix"]) if step is not None and step["prefix"] else ""
            if step is None or space is None:
                return None
            at = step.end()
            name = f"{{{space}}}{step['name']}" if space else step["name"]
            if step["at"]:
                return here.get(name) if at == len(path) else None
            fitting = self._named(here).get(name, ())
            place = (whole_number(step["place"]) or 0) if step["place"] else 1
            if not 1 <= place <= len(fitting):
                return None
            here = fitting[place - 1]
        return "".join(here.itertext())

    def _named(self, element: Element) -> dict[str, list[Element]]:
        """Return the children of an element by their names; each element is searched once."""
        if element not in self._children:
            named = self._children.setdefault(element, {})
            for child in element:
                named.setdefault(str(child.tag), []).append(child)
        return self._children[element]


def _parse(data: bytes) -> Element | None:
    """Return an element that holds the root of a part; None if the part is damaged."""
    above = Element("")
    try:
        above.append(fromstring(data))
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return above
