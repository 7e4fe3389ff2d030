"""The names and attributes of elements of XML, whatever namespace they are in. Pure."""

from xml.etree.ElementTree import Element


def find_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def get(element: Element, name: str) -> str:
    """Return an attribute by its name without its namespace; "" if there is none."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
