"""A subscription brings exactly what is new, changed and gone since its last message: nothing twice, nothing lost."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest

from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.errors import SubscriptionError
from crawler.items import Address, Article, FileRole
from crawler.operations.health.status import read_status
from crawler.operations.notices.notify import NotificationSettings
from crawler.operations.subscriptions.deliver import load_noted, notify_subscribers, try_one
from crawler.operations.subscriptions.file import parse_subscriptions
from crawler.withholding.act import Intent, carry_out
from tests.support.build import Clock, Night, article, file_ref, link, listing, new_address
from tests.support.crawling import command
from tests.support.operations import Mailbox, add_run

SITE = "https://luutru.example.vn"
WORDS = "Mưa lớn gây sạt lở ở Sa Pa."


def crawl(archive: Path, clock: Clock, *said: Article, gone: tuple[str, ...] = ()) -> None:
    """Crawl a night on which the portal shows these articles; each has the address of the first word of its title.

    Two hours later it is over, and messages may be sent.
    """
    if archive.exists():
        clock.go_on(hours=22)
    with Night(archive, clock, with_adoption=True) as night:
        night.put_listing(listing(*(link(address_of(one.title)) for one in said)))
        for one in said:
            night.put(one, address_of(one.title))
        for name in gone:
            night.put_gone(address_of(name).url, 410)
        night.walked()
    clock.go_on(hours=2)


def address_of(title: str) -> Address:
    name = title.split()[0].lower().strip(":")
    return new_address(10**5 + crc32(name.encode()) % 10**5, name)


class Subscriber:
    """Runs `notify` for a file of subscriptions and takes what came."""

    def __init__(self, archive: Path, clock: Clock, mailbox: Mailbox, *tables: str, site: str | None = SITE) -> None:
        self.archive, self.clock, self.mailbox = archive, clock, mailbox
        self.settings = NotificationSettings((), site=site)
        text = "\n".join(f'[[subscription]]\nto = "{mailbox.target}"\n{table}' for table in tables)
        self.all = parse_subscriptions(text)

    def take(self) -> list[str]:
        """Take the messages, without what the first one says of the past."""
        return [said.partition("\n\nTin đầu tiên")[0] for said in self.take_whole()]

    def take_whole(self) -> list[str]:
        notify_subscribers(self.archive, self.all, settings=self.settings, now=self.clock())
        return self.mailbox.take()


def test_a_search_brings_what_is_new_changed_and_gone_and_nothing_twice(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "sat-lo"\nsearch = "sat lo"')
    old, other = article("Cũ: sạt lở năm ngoái", WORDS), article("Khác", "Lở thì sạt.")
    crawl(archive, clock, old, other)
    # What the first night brings is the portal's past.
    assert follower.take() == []
    new = article("Mới: tin trong ngày", WORDS)
    crawl(archive, clock, old, other, new)
    assert follower.take() == [
        f"Theo dõi “sat-lo”: 1 tin (luutru.example.vn)\nMới (1):\n- Mới: tin trong ngày {SITE}/article/3"
    ]
    assert follower.take() == []
    changed, also = article("Cũ: sạt lở năm ngoái", f"{WORDS} Ba người bị thương."), article("Thêm", WORDS)
    for _ in range(3):
        crawl(archive, clock, changed, article("Khác", "Không có gì."), also, gone=("Mới:",))
    (said,) = follower.take()
    assert said == (
        "Theo dõi “sat-lo”: 3 tin (luutru.example.vn)\n"
        f"Mới (1):\n- Thêm {SITE}/article/4\n"
        f"Đã sửa (1):\n- Cũ: sạt lở năm ngoái {SITE}/article/1/diff/1..2\n"
        f"Đã bị gỡ khỏi cổng (1):\n- Mới: tin trong ngày {SITE}/article/3/history"
    )
    crawl(archive, clock, changed, also, new)
    (said,) = follower.take()
    assert said.splitlines()[1:] == ["Đã trở lại (1):", f"- Mới: tin trong ngày {SITE}/article/3/history"]
    crawl(archive, clock, changed, also, new)
    assert follower.take() == []


def test_what_could_not_be_sent_is_kept_and_said_and_sent_once(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "moi"\nonly = "new"')
    crawl(archive, clock, article("Một"))
    follower.take()
    mailbox.status = 500
    crawl(archive, clock, article("Một"), article("Hai"))
    assert follower.take() == []
    crawl(archive, clock, article("Một"), article("Hai"), article("Ba"))
    assert follower.take() == []
    (problem,) = [one for one in read_status(archive, clock()).problems if one.kind == "subscription"]
    assert problem.subject == "moi"
    assert problem.since == "2026-09-02T20:30:00Z"
    assert "json://…" in problem.sentence("vi")
    assert "s3cr3t" not in problem.sentence("vi") + problem.sentence("en")
    mailbox.status = 200
    (said,) = follower.take()
    assert [line[2:5] for line in said.splitlines() if line.startswith("- ")] == ["Hai", "Ba "]
    assert follower.take() == []
    assert not [one for one in read_status(archive, clock()).problems if one.kind == "subscription"]


def test_a_long_night_comes_in_parts_each_kept_by_itself(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "moi"\nonly = "new"')
    crawl(archive, clock, article("Đầu"))
    follower.take()
    many = [article(f"B{number:03} {'dài ' * 40}") for number in range(60)]
    crawl(archive, clock, article("Đầu"), *many)
    said = follower.take()
    assert len(said) > 2
    assert said[0].startswith(f"Theo dõi “moi”: 60 tin (1/{len(said)})")
    assert all(len(one) < 4096 for one in said)
    lines = [line[2:6] for one in said for line in one.splitlines() if line.startswith("- ")]
    assert lines == [f"B{number:03}" for number in range(60)]
    assert follower.take() == []


def test_an_article_a_category_a_document_and_lists_are_followed(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(
        archive, clock, mailbox,
        'name = "bai"\narticle = 1',
        f'name = "dia-chi"\narticle = "{address_of("Hai").url}?fbclid=1"',
        'name = "muc"\ncategory = "tin-tuc"\nonly = "new"',
        'name = "muc-khac"\ncategory = "chua-co"',
        'name = "van-ban"\ndocument = "1234/QĐ-UBND"',
        'name = "sua"\nonly = "changed"',
        'name = "go"\nonly = "removed"\nportal = "sapa"',
        'name = "cong-khac"\nonly = "removed"\nportal = "khac"',
    )  # fmt: skip
    one, two = article("Một", "Như cũ."), article("Hai", "Như cũ.")
    crawl(archive, clock, one, two)
    assert follower.take() == []
    # The dash is another one, and stands in a new article.
    named = article("Ba", "Theo Quyết định 1234/QĐ‑UBND.")
    crawl(archive, clock, article("Một", "Khác rồi."), two, named)
    said = {one.partition("”")[0].partition("“")[2]: one.splitlines()[1:] for one in follower.take()}
    edited = ["Đã sửa (1):", f"- Một {SITE}/article/1/diff/1..2"]
    found = ["Mới (1):", f"- Ba {SITE}/article/3"]
    assert said == {"bai": edited, "sua": edited, "muc": found, "van-ban": found}
    for _ in range(3):
        crawl(archive, clock, article("Một", "Khác rồi."), named, gone=("Hai",))
    said = {one.partition("”")[0].partition("“")[2]: one.splitlines()[1:] for one in follower.take()}
    gone = ["Đã bị gỡ khỏi cổng (1):", f"- Hai {SITE}/article/2/history"]
    assert said == {"dia-chi": gone, "go": gone}


def test_the_first_message_says_what_the_archive_held_before(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    tables = ('name = "sat-lo"\nsearch = "sạt lở"', 'name = "sua"\nsearch = "sạt lở"\nonly = "changed"')
    follower = Subscriber(archive, clock, mailbox, *tables)
    old = [article(f"{name} cũ", WORDS) for name in ("Một", "Hai")]
    crawl(archive, clock, *old, article("Khác", "Không có."))
    assert follower.take_whole() == []
    crawl(archive, clock, *old, article("Mới", WORDS), article("Khác", "Không có."))
    (said,) = follower.take_whole()
    assert said.endswith(
        "\n\nTin đầu tiên của mục theo dõi này. Kho đã có sẵn 2 bài thuộc mục này; các bài ấy không được báo."
    )
    crawl(archive, clock, article("Một cũ", f"{WORDS} Sửa."), old[1], article("Mới", WORDS))
    assert all("Tin đầu tiên" not in said for said in follower.take_whole())


@pytest.mark.parametrize("only", ["", 'only = "removed"'])
def test_what_came_back_changed_and_what_was_put_back_is_told(
    archive: Path, clock: Clock, mailbox: Mailbox, only: str
) -> None:
    follower = Subscriber(archive, clock, mailbox, f'name = "sat-lo"\nsearch = "sạt lở"\n{only}')
    first, second = article("Tin", WORDS), article("Tin", f"{WORDS} Ba người bị thương.")
    other = article("Khác", "Không có.")
    for said in (first, second):
        crawl(archive, clock, said, other)
        follower.take()
    crawl(archive, clock, first, other)
    assert [one.splitlines()[-1] for one in follower.take()] == ([] if only else ["  Trở lại như phiên bản 1"])
    for _ in range(4):
        crawl(archive, clock, other, gone=("Tin",))
    follower.take()
    crawl(archive, clock, article("Tin", f"{WORDS} Bảy người bị thương."), other)
    assert follower.take()[0].splitlines()[-1] == "  Trở lại sau khi vắng mặt, đã khác"


def test_an_edit_that_takes_the_words_away_is_told(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "sat-lo"\nsearch = "sạt lở"', site=None)
    crawl(archive, clock, article("Tin", WORDS), article("Khác", "Không có."))
    follower.take()
    crawl(archive, clock, article("Tin", "Trời nắng."), article("Khác", "Vẫn không có."))
    (said,) = follower.take()
    url = address_of("Tin").url
    assert said == f"Theo dõi “sat-lo”: 1 tin\nĐã sửa (1):\n- Tin {url}\n  không còn các từ đang theo dõi"
    crawl(archive, clock, article("Tin", "Trời mưa."), article("Khác", "Không có."))
    assert follower.take() == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Cấp 1,5 tỷ đồng.", "Cấp 1.500 triệu đồng cho xã.", None),
        ("Cấp 1,5 tỷ đồng.", "Cấp 900 triệu đồng.", "1,5 tỷ đồng → 900 triệu đồng"),
        ("Cấp 200 triệu đồng.", "Cấp 2 tỷ đồng.", "200 triệu đồng → 2 tỷ đồng"),
        ("Cấp 200 triệu đồng.", "Cấp 300 triệu đồng.", None),
        ("Cấp 1 tỷ đồng. Mưa.", "Cấp 1 tỷ đồng. Nắng.", None),
        ("Cấp cho xã.", "Cấp cho xã một tỷ đồng.", "không có → một tỷ đồng"),
        ("Có 5 tỷ người.", "Có 8 tỷ người.", None),
        ("Cấp 2 500 000 000 đồng.", "Cấp 2.500.000.000 đồng.", None),
        ("Cấp 2 500 000 000 đồng.", "Cấp 3.500.000.000 đồng.", "2 500 000 000 đồng → 3.500.000.000 đồng"),
        # Said once more, a sum did not change; of two that changed places, each did.
        ("Cấp 2 tỷ đồng.", "Cấp 2 tỷ đồng. Số tiền 2 tỷ đồng đã về xã.", None),
        (
            "Xã Tả Van: 5 tỷ đồng. Xã Bản Hồ: 7 tỷ đồng.",
            "Xã Tả Van: 7 tỷ đồng. Xã Bản Hồ: 5 tỷ đồng.",
            "5 tỷ đồng, 7 tỷ đồng → 7 tỷ đồng, 5 tỷ đồng",
        ),
    ],
)
def test_a_threshold_brings_changes_of_large_sums_alone(
    archive: Path, clock: Clock, mailbox: Mailbox, before: str, after: str, said: str | None
) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "tien"\nsums_above = "1 tỷ"')
    crawl(archive, clock, article("Tin", before))
    follower.take()
    crawl(archive, clock, article("Tin", after), article("Mới", "Cấp 9 tỷ đồng."))
    found = follower.take()
    lines = [line.strip() for one in found for line in one.splitlines()[2:]]
    assert lines == ([] if said is None else [f"- Tin {SITE}/article/1/diff/1..2", said])


def test_a_sum_in_a_table_is_told_in_dong(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "tien"\nsums_above = "1 tỷ"')
    for value in ("900", "1.500"):
        rows = f"<tr><td>Mục</td><td>Vốn</td></tr><tr><td>Cầu</td><td>{value}</td></tr>"
        html = f"<p>ĐVT: triệu đồng</p><table>{rows}</table>"
        crawl(archive, clock, article("Tin", f"ĐVT: triệu đồng\n\nMục Vốn\n\nCầu {value}", body_html=html))
        found = follower.take()
    assert found[0].splitlines()[-1].strip() == "900.000.000 đồng → 1.500.000.000 đồng"


def test_a_replaced_file_changes_no_sum_before_it_is_read(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "tien"\nsums_above = "1 tỷ"')
    crawl(archive, clock, article("Đầu"))
    told: list[str] = []
    for value in ("3", "4"):
        clock.go_on(hours=22)
        with Night(archive, clock, with_adoption=True) as night:
            data = f"%PDF-1.7 {value}".encode()
            held = night.put_file("https://storage.example.vn/lci/dt.pdf", data, FileRole.ATTACHMENT)
            night.put(article("Tin", attachments=(file_ref("dt.pdf", "Dự toán"),)), address_of("Tin"))
        clock.go_on(hours=2)
        told += follower.take()
        with closing(open_for_writing(archive)) as connection:
            text = TextReading(text=f"Tổng mức đầu tư {value} tỷ đồng.", method="pdf")
            put_text(connection, archive, sha256=held.sha256, held=HeldText(text, 1))
    assert told == []
    (said,) = follower.take()
    assert said.splitlines()[-1].strip() == "3 tỷ đồng → 4 tỷ đồng"
    assert follower.take() == []


def test_a_week_is_told_once_and_whole(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "tuan"\nonly = "new"\nevery = "week"\ntitle = "Mỗi tuần"')
    titles = ["Đầu"]
    crawl(archive, clock, article("Đầu"))
    came: list[list[str]] = []
    for number in range(16):
        titles.append(f"Bài{number:02}")
        crawl(archive, clock, *(article(title) for title in titles))
        for one in follower.take():
            assert one.startswith("Theo dõi “Mỗi tuần”: ")
            came.append([line[2:].split()[0] for line in one.splitlines() if line.startswith("- ")])
    assert [len(one) for one in came] == [1, 7, 7]
    assert [title for one in came for title in one] == titles[1:16]


def test_what_is_withheld_is_never_sent(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "moi"\nonly = "new"')
    crawl(archive, clock, article("Đầu"))
    follower.take()
    crawl(archive, clock, article("Đầu"), article("Kín"), article("Mở"))
    at = datetime(2026, 9, 30, tzinfo=UTC)
    # Given back, it is new to the follower.
    for act, told in (("withhold", f"- Mở {SITE}/article/3"), ("release", f"- Kín {SITE}/article/2")):
        wish = Intent(act, "2", "lý do", "ai đó")
        carry_out(archive, wish, clock=lambda: at, warcinfo_fields=(("software", "test"),))
        (said,) = follower.take()
        assert said.splitlines()[1:] == ["Mới (1):", told]
    assert follower.take() == []


def test_the_text_of_a_file_that_is_read_later_is_not_lost(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    follower = Subscriber(archive, clock, mailbox, 'name = "moi"\nsearch = "thu hồi đất"')
    crawl(archive, clock, article("Đầu"))
    follower.take()
    said = article("Thông báo", attachments=(file_ref("tb.pdf", "Thông báo"),))
    clock.go_on(hours=22)
    with Night(archive, clock, with_adoption=True) as night:
        reading = night.put_file("https://storage.example.vn/lci/tb.pdf", b"%PDF-1.7 tb", FileRole.ATTACHMENT)
        night.put(said, address_of("Thông"))
    clock.go_on(hours=2)
    assert follower.take() == []
    held = HeldText(TextReading(text="Về việc thu hồi đất ở tổ 3.", method="pdf"), 1)
    with closing(open_for_writing(archive)) as connection:
        put_text(connection, archive, sha256=reading.sha256, held=held)
    (told,) = follower.take()
    assert f"- Thông báo {SITE}/article/2" in told
    assert follower.take() == []


def test_another_question_under_a_name_begins_anew(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    crawl(archive, clock, article("Đầu"))
    first = Subscriber(archive, clock, mailbox, 'name = "x"\nsearch = "không có từ này"')
    first.take()
    crawl(archive, clock, article("Đầu"), article("Bão", "Bão số 3."))
    assert first.take() == []
    second = Subscriber(archive, clock, mailbox, 'name = "x"\nsearch = "bão"')
    trial = try_one(archive, second.all[0], settings=second.settings, now=clock())
    assert trial.hits == 1
    assert len(second.take()) == len(trial.parts)
    crawl(archive, clock, article("Đầu"), article("Bão", "Bão số 3."), article("Nữa", "Bão số 4."))
    (said,) = second.take()
    assert f"- Nữa {SITE}/article/3" in said
    assert second.take() == []


def test_a_bad_file_is_refused_and_said_until_it_is_mended(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    path = archive.with_name("theo-doi.toml")
    path.write_text('[[subscription]]\nname = "a"\nevery = "luôn"\nsearch = "x"\n')
    with pytest.raises(
        SubscriptionError, match=r"theo-doi\.toml: subscription 1, key `every`: expected `night` or `week`"
    ):
        load_noted(archive, path, now=clock())
    (problem,) = [one for one in read_status(archive, clock()).problems if one.kind == "subscription"]
    assert "theo-doi.toml: subscription 1, key `every`" in problem.sentence("vi")
    assert str(path.parent) not in problem.sentence("vi")
    path.write_text('[[subscription]]\nname = "a"\nsearch = "x"\n')
    assert [one.name for one in load_noted(archive, path, now=clock())] == ["a"]
    assert not [one for one in read_status(archive, clock()).problems if one.kind == "subscription"]


def test_the_command_tries_one_without_sending(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    crawl(archive, clock, article("Đầu"))
    crawl(archive, clock, article("Đầu"), article("Mới", WORDS))
    file = archive.with_name("subscriptions.toml")
    file.write_text(f'[[subscription]]\nname = "sat-lo"\nsearch = "sạt lở"\nto = "{mailbox.target}"\n')
    now = {"PORTAL_ARCHIVE_NOW": clock().isoformat()}
    words = ("notify", "--archive", str(archive))
    for _ in range(2):
        tried = command(*words, "--subscription", "sat-lo", "--dry-run", extra=now)
        assert tried.code == 0, tried.err
        assert "Mới (1):\n- Mới https://sapa.example.vn/" in tried.out
        assert "sat-lo: it is about 1 articles" in tried.out
    assert mailbox.take() == []
    assert not archive.with_name("operations.db").exists()
    sent = command(*words, extra=now)
    assert sent.code == 0, sent.err
    assert "Theo dõi “sat-lo”: 1 tin: sent to json://…" in sent.out
    assert len(mailbox.take()) == 1
    again = command(*words, "--subscription", "sat-lo", extra=now)
    assert (again.code, again.out.strip()) == (0, "sat-lo: nothing new")
    assert command(*words, "--subscription", "khac", extra=now).code == 2
    file.write_text('[[subscription]]\nname = "sat-lo"\n')
    refused = command(*words, extra=now)
    assert refused.code == 2
    assert "subscriptions.toml: subscription 1, key `search`: expected a question" in refused.err
