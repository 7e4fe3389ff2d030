"""Messages of e-mail give their heading and text under their subject, then the files sent with them, by name."""

import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.archives.packed_rtf import unpack_rtf
from crawler.attachments.worker import read_text
from crawler.media.documents import examine_attachment
from crawler.replica.content.documents import write_docx
from tests.support.attachments.compound_files import write_compound

PLAN = write_docx(("Kế hoạch năm 2023",))
# The first example of [MS-OXRTFCP].
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def read(data: bytes, folder: Path, name: str = "thu.eml") -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=())


def mail(text: str, page: str = "") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Báo cáo tháng 6", "Văn phòng <vp@tavan.vn>", "nv@sapa.vn"
    message.set_content(text)
    if page:
        message.add_alternative(page, subtype="html")
    return message


def stored(**properties: bytes) -> dict[str, bytes]:
    """Return the streams of properties by their codes, each after a letter."""
    return {f"__substg1.0_{code[1:]}": data for code, data in properties.items()}


def test_a_mail_gives_its_heading_text_and_the_files_sent_with_it(tmp_path: Path) -> None:
    message = mail("Xã gửi báo cáo 12/BC-UBND.")
    message.add_attachment(PLAN, maintype="application", subtype="octet-stream", filename="Kế hoạch.docx")
    sent_on = mail("Thư trong thư")
    message.add_attachment(sent_on)
    reading = read(message.as_bytes(), tmp_path)
    heading = "Báo cáo tháng 6\nFrom: Văn phòng <vp@tavan.vn>\nTo: nv@sapa.vn\n"
    assert reading.text == (
        f"{heading}Xã gửi báo cáo 12/BC-UBND.\n\nKế hoạch.docx\nKế hoạch năm 2023\n\nmessage\n{heading}Thư trong thư"
    )
    assert (reading.method, reading.doubts) == ("archive", ())


def test_of_a_mail_with_two_forms_the_text_is_read_and_else_the_page(tmp_path: Path) -> None:
    assert "trang" not in (read(mail("chữ", "<p>trang</p>").as_bytes(), tmp_path).text or "")
    assert (read(mail(" ", "<p>trang</p>").as_bytes(), tmp_path).text or "").endswith("message.html\ntrang")


def test_a_mail_of_a_mailbox_and_one_without_a_text_are_mails(tmp_path: Path) -> None:
    of_mailbox = b"From a@b.vn Wed Jul 20\r\nReceived: from x\r\nFrom: a@b.vn\r\nSubject: T\xe1\xba\xa3 Van\r\n\r\nxong"
    assert read(of_mailbox, tmp_path).text == "Tả Van\nFrom: a@b.vn\nxong"
    saved = b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>trang"
    assert read(saved, tmp_path).method == "mht"


def test_an_unread_file_of_a_mail_makes_it_incomplete(tmp_path: Path) -> None:
    message = mail("Gửi kèm quyết định")
    message.add_attachment(b"PK\x03\x04hong", maintype="application", subtype="zip", filename="Hỏng.docx")
    reading = read(message.as_bytes(), tmp_path)
    assert (reading.doubts, reading.is_cut) == (("pages-unread",), True)
    assert "Hỏng.docx" in (reading.detail or "")


def test_a_message_of_outlook_gives_the_same_in_its_code_page(tmp_path: Path) -> None:
    number = struct.pack("<IIII", 0x3FFD0003, 6, 1251, 0)
    own = stored(p0037001E="Ответ".encode("cp1251"), p0E04001F="nv@sapa.vn".encode("utf-16-le"))
    own |= stored(p1000001E="Автоматически".encode("cp1251"))
    attached = "__attach_version1.0_#0000000"
    streams = {
        "__properties_version1.0": bytes(32) + number, **own,
        f"{attached}0/__substg1.0_3707001F": "Kế hoạch.docx".encode("utf-16-le"),
        f"{attached}0/__substg1.0_37010102": PLAN.ljust(5000, b"\0"),
        f"{attached}1/__substg1.0_3701000D/__substg1.0_0037001F": "Thư trong".encode("utf-16-le"),
        f"{attached}1/__substg1.0_3701000D/__substg1.0_10090102": PACKED,
    }  # fmt: skip
    assert read(write_compound(streams), tmp_path, "thu.msg").text == (
        "Ответ\nTo: nv@sapa.vn\nАвтоматически\n\nKế hoạch.docx\nKế hoạch năm 2023\n\nmessage.rtf\nhello world"
    )


def test_rich_text_is_unpacked_and_other_bytes_are_refused() -> None:
    assert unpack_rtf(PACKED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert unpack_rtf(b"\0\0\0\0\x03\0\0\0MELA\0\0\0\0abcd") == b"abc"
    assert unpack_rtf(PACKED[:40]).startswith(b"{\\rtf1\\ansi")
    for other in (b"", b"\0" * 40):
        with pytest.raises(ValueError, match="pack"):
            unpack_rtf(other)


def test_a_link_to_a_mail_gives_a_file() -> None:
    data = mail("Gửi kèm báo cáo").as_bytes()
    assert examine_attachment(data, "message/rfc822", path="/a/thu.eml").media_type == "message/rfc822"
