"""The digest: what is new, edited, removed or back, each article once, when the night is over."""

from datetime import timedelta
from pathlib import Path

from crawler.operations.journal.database import journal_path, read_journal
from crawler.operations.journal.messages import last_digest
from crawler.operations.notices.notify import NotificationSettings, notify_operator
from tests.support.build import BASE, Clock, Night, article, new_address, small_portal
from tests.support.operations import Mailbox, add_run, other_portal

SITE = "https://luutru.example.vn"


def settings_of(
    mailbox: Mailbox, digest: str = "night", *, site: str | None = SITE, language: str = "en"
) -> NotificationSettings:
    return NotificationSettings((mailbox.target,), language, digest, site)


def crawl(archive: Path, clock: Clock, *titles: str) -> None:
    """Crawl a night that finds articles of these titles; a title that is known is seen again."""
    with Night(archive, clock, with_adoption=True) as night:
        for title in titles:
            number = sum(title.encode())
            night.put(article(title), new_address(number))


def test_a_night_is_listed_with_titles_and_links(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    crawl(archive, clock, "Hội nghị tổng kết", "Thông báo [tuyển dụng] <b>*2026*</b>")
    notify_operator(archive, settings_of(mailbox), now=clock())
    (said,) = mailbox.take()
    assert said == (
        "Portal archive: 2 changes (luutru.example.vn)\nFrom 2 Sep 2026 to 2 Sep 2026:\n\nThị xã Sa Pa\nNew (2):\n"
        f"- Hội nghị tổng kết {SITE}/article/1\n- Thông báo [tuyển dụng] <b>*2026*</b> {SITE}/article/2"
    )
    assert notify_operator(archive, settings_of(mailbox), now=clock() + timedelta(hours=13)).messages == ()


def test_without_a_site_the_portals_own_addresses_are_given_and_words_are_vietnamese(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    crawl(archive, clock, "Hội nghị")
    notify_operator(archive, settings_of(mailbox, site=None, language="vi"), now=clock())
    (said,) = mailbox.take()
    assert said.startswith("Kho lưu trữ: 1 thay đổi\n")
    assert f"Mới (1):\n- Hội nghị {BASE}/tin-tuc/tin-" in said


def test_edits_removals_and_returns_are_listed_by_their_state_now(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    edited, gone, back = new_address(1, "sua"), new_address(2, "mat"), new_address(3, "lai")
    settings = settings_of(mailbox)
    with Night(archive, clock) as night:
        for address, title in ((edited, "Sửa"), (gone, "Mất"), (back, "Lại")):
            night.put(article(title), address)
    notify_operator(archive, settings, now=clock())
    for number in range(4):
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            night.put(article("Sửa", f"Thân bài {number}."), edited)
            night.put_gone(gone.url)
            if number < 3:
                night.put_gone(back.url)
            else:
                night.put(article("Lại"), back)
        notify_operator(archive, settings, now=clock() + timedelta(minutes=5))
    first, *_, third, fourth = mailbox.take()
    assert "New (3):" in first
    assert "Edited (1):\n- Sửa" in third
    assert "Removed from the portal (2):\n- Mất" in third
    assert "Back again (1):\n- Lại" in fourth
    assert "Removed" not in fourth


def test_a_long_list_is_cut_and_the_rest_is_counted(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    with Night(archive, clock) as night:
        for number in range(40):
            night.put(article(f"Tin số {number}", f"Thân bài {number}."), new_address(number + 1))
    notify_operator(archive, settings_of(mailbox), now=clock())
    (said,) = mailbox.take()
    assert said.count("\n- ") == 10
    assert "New (40):" in said
    assert "… and 30 more" in said


def test_a_night_without_news_is_sent_weekly_only(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    crawl(archive, clock, "Một")
    said = []
    for _ in range(15):
        notify_operator(archive, settings_of(mailbox), now=clock())
        said.append(len(mailbox.take()))
        clock.go_on(days=1)
        crawl(archive, clock, "Một")
    assert said == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_a_weekly_digest_comes_once_a_week_with_all_of_it(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    said = []
    for number in range(15):
        crawl(archive, clock, f"Tin {number:02}")
        notify_operator(archive, settings_of(mailbox, "week"), now=clock())
        said.append(mailbox.take())
        clock.go_on(days=1)
    assert [len(one) for one in said] == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert "New (7):" in said[7][0]


def test_a_digest_waits_until_every_portal_had_its_night(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    late = other_portal("muon", '[schedule]\ncron = "0 2 * * *"\n')
    crawl(archive, clock, "Một")
    add_run(archive, clock, profile=late)
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert len(mailbox.take()) == 1
    clock.go_on(days=1)
    crawl(archive, clock, "Hai")
    clock.go_on(minutes=31)
    assert notify_operator(archive, settings_of(mailbox), now=clock()).messages == ()
    night = Night(archive, clock, late)
    assert notify_operator(archive, settings_of(mailbox), now=clock()).messages == ()
    night.writer.finish("complete")
    night.writer.close()
    notify_operator(archive, settings_of(mailbox), now=clock())
    (said,) = mailbox.take()
    assert "Hai" in said
    assert "muon" not in said


def test_a_digest_that_could_not_be_sent_is_sent_next_time(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    crawl(archive, clock, "Một")
    mailbox.status = 500
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert not journal_path(archive).exists()
    mailbox.status = 200
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert len(mailbox.take()) == 1
    with read_journal(archive) as journal:
        assert journal is not None
        sent = last_digest(journal)
    assert sent is not None
    assert sent.until_crawl_id == 1


def test_none_is_sent_where_none_is_configured(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    with Night(archive, clock) as night:
        small_portal(night)
    assert notify_operator(archive, settings_of(mailbox, "off"), now=clock()).messages == ()


def test_a_clock_that_was_ahead_once_does_not_end_the_digests(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    crawl(archive, clock, "Một")
    notify_operator(archive, settings_of(mailbox), now=clock() + timedelta(days=3000))
    mailbox.take()
    clock.go_on(days=1)
    crawl(archive, clock, "Hai")
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert "- Hai" in mailbox.take()[-1]
