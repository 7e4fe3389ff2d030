"""Controls of Word documents show the value that they are bound to, as Word does, not what they held before."""

from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.fields.bound import BoundValues
from crawler.attachments.formats.pages import MAX_CHARACTERS
from crawler.attachments.worker import read_text
from tests.support.attachments.package_files import WORD, write_package
from tests.support.processes.cpu_time import is_linear, least_seconds

STORE, CORE = "{5448916C-134B-45E6-B8FE-88CC1FFC17C3}", "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"
NUMBERS = "<n:number>12/QĐ-UBND</n:number><n:number day='03/06/2024'>15/TB</n:number>"
VALUES = f"<n:letter xmlns:n='urn:vb'>{NUMBERS}</n:letter>"
PREFIX = "xmlns:n='urn:vb'"


def write(control: str, *, values: str | bytes = VALUES) -> bytes:
    """Return a document with a control behind "Số: ", and a part with values."""
    title = "<c:coreProperties xmlns:c='urn:c' xmlns:d='urn:d'><d:title>Quyết định</d:title></c:coreProperties>"
    return write_package(
        "word/document.xml",
        {
            "word/document.xml": f"<w:document {WORD}><w:p><w:r><w:t>Số: </w:t></w:r>{control}</w:p></w:document>",
            "customXml/item1.xml": values, "docProps/core.xml": title,
            "docProps/core1.xml": title.replace("Quy", "sai"),
            "customXml/props1.xml": f"<ds:datastoreItem xmlns:ds='urn:ds' ds:itemID='{STORE}'/>",
        },
        names={
            "": {
                "r0": ("officeDocument", "word/document.xml"), "r1": ("core-properties", "docProps/core.xml"),
                "r4": ("core-properties", "docProps/core1.xml"),
            },
            "word/document.xml": {"r2": ("customXml", "../customXml/item1.xml")},
            "customXml/item1.xml": {"r3": ("customXmlProps", "props1.xml")},
        },
    )  # fmt: skip


def control(path: str, *, store: str = STORE, kind: str = "<w:text/>", prefixes: str = PREFIX) -> str:
    binding = f'<w:dataBinding w:prefixMappings="{prefixes}" w:xpath="{path}" w:storeItemID="{store}"/>'
    held = "<w:sdtContent><w:r><w:t>sai</w:t></w:r><w:r><w:t xml:space='preserve'> cũ</w:t></w:r></w:sdtContent>"
    return f"<w:sdt><w:sdtPr>{binding}{kind}</w:sdtPr>{held}</w:sdt><w:r><w:t>.</w:t></w:r>"


def read(data: bytes, folder: Path) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, "van-ban.docx", tools=frozenset())


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        (control("/n:letter[1]/n:number[1]"), "12/QĐ-UBND"),
        (control("/n:letter/n:number[2]"), "15/TB"),
        (control("/n:letter/n:number[2]/@day"), "03/06/2024"),
        (control("/n:letter/n:number", store=""), "12/QĐ-UBND"),
        (control("/k:coreProperties/t:title", store=CORE, prefixes="xmlns:k='urn:c' xmlns:t='urn:d'"), "Quyết định"),
    ],
)
def test_a_control_shows_the_value_that_it_is_bound_to(tmp_path: Path, held: str, shown: str) -> None:
    assert read(write(held), tmp_path).text == f"Số: {shown}."


@pytest.mark.parametrize(
    "held",
    [
        control("/n:letter[1]/n:number[3]"),
        control("/n:letter[1]/n:number[0]"),
        control("/letter[1]/number[1]"),
        control("/m:letter[1]/m:number[1]"),
        control("//n:number"),
        control("/n:letter/n:number[2]/@none"),
        control("/n:letter/n:number", store="{00000000-0000-0000-0000-000000000000}"),
        control("/n:letter/n:number", kind="<w:date/>"),
    ],
)
def test_a_control_whose_value_is_not_found_or_has_a_form_of_its_own_shows_what_it_holds(
    tmp_path: Path, held: str
) -> None:
    assert read(write(held), tmp_path).text == "Số: sai cũ."


@pytest.mark.parametrize("values", [b"<n:letter", b"", b"<n:letter xmlns:n='urn:vb'><n:number> </n:number></n:letter>"])
def test_values_that_are_damaged_or_empty_leave_what_the_control_holds(tmp_path: Path, values: bytes) -> None:
    assert read(write(control("/n:letter[1]/n:number[1]"), values=values), tmp_path).text == "Số: sai cũ."


def test_values_are_found_in_linear_time_and_are_no_longer_than_a_text() -> None:
    def seconds(count: int) -> float:
        data = f"<a>{'<b>c</b>' * count}</a>".encode()

        def work() -> None:
            values = BoundValues({STORE: data})
            assert all(values.find(f"/a/b[{place + 1}]", prefixes="", store=STORE) for place in range(count))

        return least_seconds(work)

    assert is_linear(seconds, 1000)
    values = BoundValues({STORE: f"<a>{'b' * (MAX_CHARACTERS // 3)}</a>".encode()})
    found = [values.find("/a", prefixes="", store=STORE) for _ in range(9)]
    assert [len(value or "") for value in found] == [MAX_CHARACTERS // 3] * 3 + [0] * 6


def test_values_with_entities_are_not_read() -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY b 'cc'>]><a>&b;</a>"
    assert BoundValues({STORE: bomb}).find("/a", prefixes="", store=STORE) is None
