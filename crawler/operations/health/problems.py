"""Every kind of trouble, and the sentence that says it: what, since when, what to do."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from crawler.language.dates import to_iso_utc

# Where a problem is nobody's portal's, its times are shown in this zone to readers of Vietnamese.
HOME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

# A portal's own words (a reason, an error) stand in a sentence up to this length.
_MAX_QUOTE = 300

# Each kind with its English and its Vietnamese sentence; after a slash, another wording of a kind.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "archive": (
        "The archive cannot be read: {error}. Nothing can be judged until it can; see whether its disk is mounted and "
        "whole, then restore it or rebuild it from the WARC files",
        "Không đọc được kho lưu trữ: {error}. Chưa thể đánh giá gì; hãy kiểm tra ổ đĩa, rồi khôi phục từ bản sao "
        "lưu (restore) hoặc dựng lại từ các tệp WARC (rebuild)",
    ),
    "not-crawled": (
        "No portal was ever crawled into this archive; run a crawl",
        "Chưa có cổng nào được thu thập vào kho này; hãy chạy crawl",
    ),
    "night-missed": (
        "{subject}: the night planned for {since} did not begin; the last run began {last}. Is the scheduler running? "
        "Start it; it makes the night up",
        "{subject}: đêm theo kế hoạch lúc {since} đã không chạy; lần chạy gần nhất bắt đầu lúc {last}. Trình lập lịch "
        "(schedule) có đang chạy không? Hãy khởi động nó, nó sẽ chạy bù",
    ),
    "night-missed/many": (
        "{subject}: {nights} nights did not begin, the first planned for {since}; the last run began {last}. Is the "
        "scheduler running? Start it; one run makes them up",
        "{subject}: {nights} đêm đã không chạy, đêm đầu theo kế hoạch lúc {since}; lần chạy gần nhất bắt đầu lúc "
        "{last}. Trình lập lịch (schedule) có đang chạy không? Hãy khởi động nó, nó sẽ chạy bù một lần",
    ),
    "hung": (
        "{subject}: the run begun {began} makes no progress since {since}. Stop its process; the next run goes on "
        "where it stopped",
        "{subject}: lần chạy bắt đầu lúc {began} không tiến triển từ {since}. Hãy dừng tiến trình đó; lần chạy sau "
        "sẽ tiếp tục từ chỗ dừng",
    ),
    "hung/ended": (
        "{subject}: the run begun {began} made no progress and was ended by the watchdog ({reason}). It is tried again "
        "by itself; if it stays, see whether the portal answers at all",
        "{subject}: lần chạy bắt đầu lúc {began} không tiến triển và đã bị bộ giám sát dừng ({reason}). Hệ thống sẽ tự "
        "thử lại; nếu vẫn lặp lại, hãy xem cổng có còn trả lời không",
    ),
    "died": (
        "{subject}: the run begun {began} died; the next one resumes it. Start one, or wait for the scheduler",
        "{subject}: lần chạy bắt đầu lúc {began} đã chết giữa chừng; lần chạy sau sẽ tiếp tục. Hãy chạy crawl, hoặc "
        "chờ trình lập lịch",
    ),
    "interrupted": (
        "{subject}: the run begun {began} is interrupted: {reason}. The next one resumes it; start one, or wait "
        "for the scheduler",
        "{subject}: lần chạy bắt đầu lúc {began} bị ngắt: {reason}. Lần chạy sau sẽ tiếp tục; hãy chạy crawl, hoặc chờ "
        "trình lập lịch",
    ),
    "failed": (
        "{subject}: no run got anything since {since}; the last, begun {began}, is failed: {reason}. See whether the "
        "portal answers and the disk can be written",
        "{subject}: từ {since} không thu thập được gì; lần chạy gần nhất, bắt đầu lúc {began}, thất bại: {reason}. Hãy "
        "xem cổng có trả lời không và ổ đĩa có ghi được không",
    ),
    "failed/unbegun": (
        "{subject}: no run could begin since {since}; the last try, at {began}, was refused with exit code {code}. "
        "Read why in the logs; docs/operations.md says what to do (When it does not start)",
        "{subject}: từ {since} không lần chạy nào bắt đầu được; lần thử gần nhất, lúc {began}, bị từ chối với mã thoát "
        "{code}. Hãy đọc lý do trong tệp log; docs/operations.md nói phải làm gì (When it does not start)",
    ),
    "partial": (
        "{subject}: incomplete since {since}; the run begun {began} is partial: {reason}. What is missing is tried "
        "again every night; look at it if it stays",
        "{subject}: chưa đầy đủ từ {since}; lần chạy bắt đầu lúc {began} chỉ được một phần: {reason}. Phần thiếu được "
        "thử lại mỗi đêm; hãy xem xét nếu vẫn kéo dài",
    ),
    "suspect": (
        "{subject}: in doubt since {since}; the run begun {began} is suspect: {reason}. Open the portal and compare; "
        "docs/operations.md says what each doubt means",
        "{subject}: đáng ngờ từ {since}; lần chạy bắt đầu lúc {began} có dấu hiệu lạ: {reason}. Hãy mở cổng ra đối "
        "chiếu; docs/operations.md giải thích từng dấu hiệu",
    ),
    "empty": (
        "{subject}: nothing new since {since}: {days} working nights in a row, where its longest pause was {longest}. "
        "Open the portal: does it still publish, and do its listings still show it?",
        "{subject}: không có bài mới từ {since}: {days} đêm làm việc liên tiếp, lâu nhất trước đây là {longest}. "
        "Hãy mở cổng ra xem: có còn đăng bài không, danh sách tin có còn hiển thị không?",
    ),
    "clock": (
        "This machine's clock seems wrong since {since}: {what}. Set it (chrony or systemd-timesyncd keep it right)",
        "Đồng hồ máy này có vẻ sai từ {since}: {what}. Hãy chỉnh lại (chrony hoặc systemd-timesyncd giữ giờ đúng)",
    ),
    "disk": (
        "The disk is running out: {free} free, of which {reserve} are reserved; {what}. Free some space, or move the "
        "archive to a larger disk",
        "Ổ đĩa sắp đầy: còn trống {free}, trong đó dự phòng {reserve}; {what}. Hãy giải phóng dung lượng, hoặc chuyển "
        "kho sang ổ lớn hơn",
    ),
    "backup": (
        "No good backup since {since}: {what}. Run `portal-archive backup` and see what it says",
        "Không có bản sao lưu tốt từ {since}: {what}. Hãy chạy `portal-archive backup` và xem thông báo",
    ),
    "drill": (
        "No backup has proved whole in a restore drill since {since}: {what}. Run `portal-archive backup --drill`",
        "Từ {since} chưa có bản sao lưu nào được chứng minh là khôi phục được: {what}. Hãy chạy "
        "`portal-archive backup --drill`",
    ),
    "profile-fault": (
        "{subject}: its profile cannot be used since {since}: {reason}. Mend the file; the plan goes on with the last "
        "good one meanwhile, if there was one",
        "{subject}: hồ sơ (profile) không dùng được từ {since}: {reason}. Hãy sửa tệp; trong lúc đó kế hoạch dùng bản "
        "tốt gần nhất, nếu có",
    ),
    "journal": (
        "The journal of operations cannot be read: {error}. Move operations.db aside; a new one is made, and only the "
        "memory of past runs, backups and messages is lost",
        "Không đọc được nhật ký vận hành: {error}. Hãy chuyển operations.db đi chỗ khác; tệp mới sẽ được tạo, chỉ mất "
        "phần ghi nhớ về các lần chạy, sao lưu và tin nhắn đã qua",
    ),
}

# The kinds are promised (docs/operations.md, "Alarms").
KINDS = frozenset(wording.partition("/")[0] for wording in _SENTENCES)

# Of these a portal has one at most: how its last run went.
NIGHT_KINDS = frozenset({"hung", "died", "interrupted", "failed", "partial", "suspect"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that needs a person.

    `kind` and `subject` (a portal's name, "" where it is no portal's) tell one trouble from another. `since` is ISO
    8601 in UTC with Z. The sentences say what, since when, and what to do.
    """

    kind: str
    subject: str
    since: str
    sentence_en: str
    sentence_vi: str

    def sentence(self, language: str) -> str:
        """Give the sentence in a language, `vi` or `en`."""
        return self.sentence_vi if language == "vi" else self.sentence_en


@dataclass(frozen=True, slots=True)
class Both:
    """Words that differ between the two languages."""

    en: str
    vi: str


def make_problem(
    wording: str,
    subject: str = "",
    *,
    since: datetime,
    zone: tzinfo = HOME_ZONE,
    **values: "str | int | datetime | Both",
) -> Problem:
    """Make a problem of a kind (after a slash: with another wording), from the values that its sentence names.

    Times among them are said in UTC in English, and as the zone's clock shows them in Vietnamese.
    """
    english, vietnamese = _SENTENCES[wording]
    every: dict[str, str | int | datetime | Both] = {"subject": subject, "since": since, **values}
    return Problem(
        wording.partition("/")[0],
        subject,
        to_iso_utc(since),
        english.format(**{name: _say_in_english(value) for name, value in every.items()}) + ".",
        vietnamese.format(**{name: _say_in_vietnamese(value, zone) for name, value in every.items()}) + ".",
    )


def quote(text: str | None, otherwise: Both) -> "str | Both":
    """Give somebody else's words for a sentence: one line, nothing invisible, not too long, no full stop at the end."""
    words = " ".join("".join(char if unicodedata.category(char)[0] != "C" else " " for char in text or "").split())
    shown = words if len(words) <= _MAX_QUOTE else words[:_MAX_QUOTE].rstrip() + "…"
    return shown.rstrip(". ") or otherwise


def _say_in_english(value: "str | int | datetime | Both") -> str:
    if isinstance(value, datetime):
        return to_iso_utc(value)
    return value.en if isinstance(value, Both) else str(value)


def _say_in_vietnamese(value: "str | int | datetime | Both", zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%H:%M ngày %d/%m/%Y}"
    return value.vi if isinstance(value, Both) else str(value)
