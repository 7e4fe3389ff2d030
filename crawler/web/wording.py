"""The site's own words, Vietnamese first and English beside it. `{name}` stands for a value."""

LANGUAGES = ("vi", "en")

# Each key with its Vietnamese and its English words.
WORDS: dict[str, tuple[str, str]] = {
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
    # search
    "search": ("Tìm kiếm", "Search"),
    "search_label": ("Tìm trong kho lưu trữ", "Search the archive"),
    "search_hint": (
        "Gõ có dấu hoặc không dấu. Đặt “cụm từ” trong ngoặc kép, thêm -từ để loại bỏ.",
        "Type with or without marks. Put “phrases” in quotes; -word leaves a word out.",
    ),
    "search_button": ("Tìm", "Search"),
    "filters": ("Lọc kết quả", "Filters"),
    "filter_portal": ("Cổng", "Portal"),
    "filter_all": ("Tất cả", "All"),
    "since": ("Từ ngày", "From"),
    "until": ("Đến ngày", "Until"),
    "refused": (
        "Không hiểu giá trị của: {names}. Bộ lọc này được bỏ qua.",
        "Not understood: {names}. This filter was ignored.",
    ),
    "hits_none": ("Không tìm thấy bài nào", "Nothing was found"),
    "hits_one": ("1 bài", "1 article"),
    "hits_many": ("{count} bài", "{count} articles"),
    "hits_order": ("mới nhất trước", "newest first"),
    "results_title": ("{query} – Tìm kiếm", "{query} – Search"),
    "all_articles": ("Tất cả bài, mới nhất trước", "All articles, newest first"),
    "no_words": (
        "Trong “{query}” không có từ nào để tìm. Hãy gõ ít nhất một từ hoặc một số.",
        "There is no word to search for in “{query}”. Type at least one word or number.",
    ),
    "help_unmarked": ("Tìm mọi cách viết, không phân biệt dấu:", "Find every spelling, whatever the marks:"),
    "help_unfiltered": ("Tìm lại không dùng bộ lọc", "Search again without filters"),
    "help_fewer": ("Thử ít từ hơn, hoặc bỏ ngoặc kép.", "Try fewer words, or no quotes."),
    "help_marks": (
        "Từ gõ có dấu chỉ khớp đúng từ đó; gõ không dấu sẽ khớp mọi cách viết.",
        "A word typed with marks matches that word only; typed without, it matches every spelling.",
    ),
    "help_address": (
        "Có địa chỉ của bài trên cổng? Dùng /go?url=… để mở bản lưu.",
        "Have the portal's address of an article? /go?url=… opens its archived page.",
    ),
    "help_go": ("Mở bản lưu của địa chỉ này", "Open the archived page of this address"),
    "next_page": ("Các bài cũ hơn", "Older articles"),
    "first_page": ("Về các bài mới nhất", "Back to the newest"),
    "pages": ("Các trang kết quả", "Pages of results"),
    # dates
    "date_unknown": ("Không rõ ngày đăng", "Date unknown"),
    "first_seen": ("thấy lần đầu {when}", "first seen {when}"),
    "from_page": ("theo trang bài", "from the page"),
    "from_listing": ("theo danh mục", "from a listing"),
    "from_box": ("theo hộp tin", "from a side box"),
    "from_rss": ("theo RSS", "from RSS"),
    "from_file-name": ("suy ra từ tên tệp", "inferred from a file name"),
    # article
    "state_live": ("Còn trên cổng", "Live on the portal"),
    "state_suspect": ("Lần gần nhất không thấy trên cổng", "Missed at the last visit"),
    "state_removed": ("Đã bị gỡ khỏi cổng", "Removed from the portal"),
    "byline": ("Tác giả", "Byline"),
    "source": ("Nguồn", "Source"),
    "published": ("Ngày đăng", "Published"),
    "picture_number": ("Ảnh {number}", "Picture {number}"),
    "picture_missing": ("Chưa lưu được ảnh này", "This picture could not be archived"),
    "attachments": ("Tệp đính kèm", "Attachments"),
    "attachment_missing": ("chưa lưu được tệp", "not archived"),
    "attachment_unnamed": ("Tệp {number}", "File {number}"),
    "about_record": ("Về bản lưu này", "About this record"),
    "portal": ("Cổng thông tin", "Portal"),
    "addresses": ("Địa chỉ trên cổng", "Addresses on the portal"),
    "address_old-article": ("địa chỉ kiểu cũ", "old form"),
    "dates_found": ("Các ngày tìm thấy", "Dates found"),
    "revisions": ("Phiên bản", "Revisions"),
    "revision_of": ("{number}, mới nhất {when}", "{number}, the latest of {when}"),
    "revision_only": ("1, chưa thay đổi", "1, unchanged"),
    "seen_first": ("Thấy lần đầu", "First seen"),
    "seen_last": ("Thấy lần cuối", "Last seen"),
    "removed_at": ("Không còn thấy từ", "Gone since"),
    "words": ("Số từ", "Words"),
    "capture": ("Bản chụp gốc", "As captured"),
    "capture_open": ("Xem trang như đã chụp", "See the page as it was captured"),
    "content_sha256": ("SHA-256 nội dung", "SHA-256 of the content"),
    "rights": ("Quyền", "Rights"),
    "row": ("Dòng dữ liệu", "Data row"),
    "row_open": ("Xem trong bảng articles", "See it in the table articles"),
    # home
    "home_lead": (
        "Bài viết của cổng thông tin điện tử nhà nước, lưu từng đêm đúng như đã đăng, kể cả khi sau đó bị sửa hay gỡ.",
        "What government portals publish, kept night by night as it was posted, also when it is changed or taken down.",
    ),
    "latest": ("Bài mới nhất", "Latest articles"),
    "latest_all": ("Xem tất cả", "See all"),
    "holdings": ("Trong kho", "Holdings"),
    "count_articles": ("bài", "articles"),
    "count_images": ("ảnh", "images"),
    "count_attachments": ("tệp đính kèm", "attachments"),
    "count_captures": ("bản chụp", "captures"),
    "since_day": ("từ {when}", "since {when}"),
    "last_run": ("Lần thu thập gần nhất", "Latest crawl"),
    "outcome_complete": ("hoàn tất", "complete"),
    "outcome_partial": ("chưa đủ", "incomplete"),
    "outcome_suspect": ("đáng ngờ", "suspect"),
    "outcome_failed": ("thất bại", "failed"),
    "outcome_interrupted": ("bị ngắt", "interrupted"),
    "outcome_running": ("đang chạy", "running"),
    "run_new": ("{count} bài mới", "{count} new"),
    "run_changed": ("{count} bài sửa", "{count} changed"),
    "run_errors": ("{count} lỗi", "{count} errors"),
    "empty": ("Kho chưa có bài nào.", "The archive holds no article yet."),
    "portals": ("Các cổng được lưu", "Portals"),
    # capture
    "capture_title": ("Bản chụp {id}", "Capture {id}"),
    "capture_bar": (
        "Trang đúng như máy chủ của cổng đã trả lời lúc {when}, hiển thị không có mã lệnh, không tải gì từ bên ngoài.",
        "The page exactly as the portal's server sent it at {when}, shown without scripts, loading nothing.",
    ),
    "capture_empty": ("Câu trả lời này không có nội dung.", "This answer has no content."),
    "capture_broken": (
        "Nội dung không giải mã được; hãy tải nguyên dạng.",
        "The content cannot be decoded; download it as it is.",
    ),
    "capture_address": ("Địa chỉ", "Address"),
    "capture_answer": ("Trả lời", "Answer"),
    "capture_headers": ("Phần đầu HTTP", "HTTP headers"),
    "capture_raw": ("Tải nguyên dạng", "Download as transferred"),
    "capture_page": ("Chỉ riêng trang", "The page alone"),
    "capture_record": ("Bản ghi WARC", "WARC record"),
    "capture_payload": ("SHA-256 nội dung truyền", "SHA-256 as transferred"),
    "capture_frame": ("Trang như đã chụp", "The page as captured"),
    "capture_truncated": ("bị cắt ngang: {why}", "cut short: {why}"),
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
