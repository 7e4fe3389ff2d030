"""The site's own words, Vietnamese first and English beside it. `{name}` stands for a value."""

from crawler.web.words_analysts import ANALYST_WORDS
from crawler.web.words_article import ARTICLE_WORDS
from crawler.web.words_capture import CAPTURE_WORDS
from crawler.web.words_history import HISTORY_WORDS
from crawler.web.words_home import HOME_WORDS
from crawler.web.words_search import SEARCH_WORDS
from crawler.web.words_withheld import WORDS_WITHHELD

LANGUAGES = ("vi", "en")

# Each key with its Vietnamese and its English words.
WORDS: dict[str, tuple[str, str]] = {
    **ANALYST_WORDS,
    **ARTICLE_WORDS,
    **CAPTURE_WORDS,
    **HISTORY_WORDS,
    **HOME_WORDS,
    **SEARCH_WORDS,
    **WORDS_WITHHELD,
    "site_name": ("Kho lưu trữ cổng thông tin", "Portal archive"),
    "skip": ("Đến nội dung chính", "Skip to content"),
    "data": ("Dữ liệu", "Data"),
    "navigation": ("Điều hướng", "Navigation"),
    "vi": ("Tiếng Việt", "Tiếng Việt"),
    "en": ("English", "English"),
    "language": ("Ngôn ngữ", "Language"),
    "footer_rights": (
        "Nội dung thuộc cơ quan đã đăng. Bản lưu này không cấp phép sử dụng lại.",
        "The content belongs to the body that published it. This archive grants no licence.",
    ),
    "footer_data": ("Toàn bộ dữ liệu, SQL, JSON, CSV", "All data, SQL, JSON, CSV"),
    # dates
    "date_unknown": ("Không rõ ngày đăng", "Date unknown"),
    "first_seen": ("thấy lần đầu {when}", "first seen {when}"),
    "from_page": ("theo trang bài", "from the page"),
    "from_listing": ("theo danh mục", "from a listing"),
    "from_box": ("theo hộp tin", "from a side box"),
    "from_rss": ("theo RSS", "from RSS"),
    "from_file-name": ("suy ra từ tên tệp", "inferred from a file name"),
    # messages
    "not_found": ("Không có gì ở địa chỉ này", "There is nothing here"),
    "not_found_help": ("Hãy tìm theo từ ngữ trong bài.", "Try searching for words of the article."),
    "go_unknown": ("Chưa có bản lưu của địa chỉ này", "This address is not in the archive"),
    "go_unknown_help": ("Không có bài nào từng được thấy ở: {address}", "No article was ever met at: {address}"),
    "go_without_address": ("Thiếu địa chỉ", "No address given"),
    "go_without_address_help": (
        "Hãy thêm địa chỉ của bài: /go?url=https://…",
        "Add an article's address: /go?url=https://…",
    ),
    "too_slow": ("Câu hỏi này cần quá nhiều thời gian", "This takes too long"),
    "too_slow_help": ("Hãy tìm với từ dài hơn hoặc thêm bộ lọc.", "Search for longer words, or add a filter."),
    "unreadable": ("Không đọc được bản ghi này", "This record cannot be read"),
    "unreadable_help": (
        "Tệp lưu trữ bị thiếu hoặc hư hỏng: {error}",
        "A file of the archive is missing or damaged: {error}",
    ),
}


def say(key: str, language: str, **values: object) -> str:
    """Give the words of a key in a language, values put in; a key that is none comes back as it is.

    >>> say("hits_many", "en", count="12")
    '12 articles'

    """
    pair = WORDS.get(key)
    if pair is None:
        return key
    words = pair[LANGUAGES.index(language)]
    for name, value in values.items():
        words = words.replace("{" + name + "}", str(value))
    return words
