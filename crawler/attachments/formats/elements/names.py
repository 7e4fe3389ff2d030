"""The names and attributes of elements of XML, in any namespace. Pure."""

from xml.etree.ElementTree import Element


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace: the strict variant of ECMA-376 has other namespaces."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element, name: str) -> str | None:
    """Return an attribute by its name without its namespace; None if there is none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def get(element: Element, name: str) -> str:
    """Return an attribute by its name without its namespace; "" if there is none."""
    return attribute(element, name) or ""
