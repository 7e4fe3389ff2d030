"""Write packages of Office since 2007 [ECMA-376]: parts, and the relations by which they name each other."""

import zipfile
from io import BytesIO

TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def write_package(
    main: str, parts: dict[str, str | bytes], *, names: dict[str, dict[str, tuple[str, str]]] | None = None,
    space: str = TRANSITIONAL,
) -> bytes:  # fmt: skip
    """Return a package.

    Args:
        main: the path of its main part.
        parts: the content of each part by its path.
        names: for a part, what it names: by number, the kind and the target.
        space: of the kinds of relations: `STRICT` or `TRANSITIONAL`.
    """
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f"<Types xmlns='{_TYPES}'><Default Extension='xml' ContentType='application/xml'/></Types>",
        )
        for path, named in {"": {"r0": ("officeDocument", main)}, **(names or {})}.items():
            folder, _, name = path.rpartition("/")
            listing = "".join(
                f'<Relationship Id="{number}" Type="{space}/{kind}" Target="{target}"/>'
                for number, (kind, target) in named.items()
            )
            start = f"{folder}/" if folder else ""
            package.writestr(
                f"{start}_rels/{name}.rels", f'<Relationships xmlns="{_PACKAGE}">{listing}</Relationships>'
            )
        for path, content in parts.items():
            package.writestr(path, content)
    return out.getvalue()


def write_word_package(
    body: str, *, main: str = "word/document.xml", parts: dict[str, str | bytes] | None = None,
    names: dict[str, tuple[str, str]] | None = None,
) -> bytes:  # fmt: skip
    """Return a Word document with the elements of a body; `names` is what it names by number, besides its text."""
    document = (
        f'<w:document {WORD} xmlns:r="{TRANSITIONAL}" xmlns:mc="mc" xmlns:a="a"><w:body>{body}</w:body></w:document>'
    )
    return write_package(main, {main: document, **(parts or {})}, names={main: names or {}})
