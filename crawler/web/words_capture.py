"""The words of the pages that show what was captured."""

CAPTURE_WORDS: dict[str, tuple[str, str]] = {
    "capture_title": ("Bản chụp {id}", "Capture {id}"),
    "capture_bar": (
        "Kho lưu trữ đang hiển thị trang đúng như máy chủ của cổng đã trả lời lúc {when} ({utc} UTC). "
        "Mã lệnh đã bị bỏ; ảnh và kiểu dáng lấy từ kho; không tải gì từ bên ngoài.",
        "The archive shows the page as the portal's server sent it at {when} ({utc} UTC). "
        "Scripts are taken out; pictures and styles are the archive's own; nothing is loaded from elsewhere.",
    ),
    "capture_address": ("Địa chỉ", "Address"),
    "capture_when": ("Thời điểm chụp", "Captured"),
    "capture_zone": ("{when} (giờ của cổng, {zone})", "{when} (the portal's time, {zone})"),
    "capture_answer": ("Trả lời", "Answer"),
    "capture_headers": ("Phần đầu HTTP", "HTTP headers"),
    "capture_downloads": ("Tải về", "Downloads"),
    "capture_raw": ("Nguyên dạng như đã truyền", "Bytes as transferred"),
    "capture_source": ("Mã nguồn của trang", "The page's source"),
    "capture_file": ("Tệp này", "This file"),
    "capture_page": ("Mở riêng trang", "The page alone"),
    "capture_record": ("Bản ghi WARC", "WARC record"),
    "capture_place": ("{file}, byte {offset}, dài {length} byte", "{file}, byte {offset}, {length} bytes long"),
    "capture_payload": ("SHA-256 nội dung truyền", "SHA-256 as transferred"),
    "capture_frame": ("Trang như đã chụp", "The page as captured"),
    "capture_picture": ("Ảnh như đã chụp", "The picture as captured"),
    "capture_text": ("Nội dung như đã chụp", "The text as captured"),
    "capture_cut": (
        "Chỉ hiển thị phần đầu, {shown} ký tự; tải về để xem hết.",
        "Only the first {shown} characters are shown; download it to see all.",
    ),
    "capture_deep": (
        "Trang lồng quá sâu nên chỉ hiển thị phần đầu; tải mã nguồn để xem hết.",
        "The page is nested too deep, so only its beginning is shown; its source holds all.",
    ),
    "capture_truncated": ("bị cắt ngang: {why}", "cut short: {why}"),
    "capture_empty": ("Câu trả lời này không có nội dung.", "This answer has no content."),
    "capture_leads": ("Trang này chuyển hướng tới:", "This answer leads on to:"),
    "capture_broken": (
        "Nội dung không giải mã được; hãy tải nguyên dạng.",
        "The content cannot be decoded; download it as it is.",
    ),
    "capture_large": (
        "Nội dung quá lớn để hiển thị; hãy tải nguyên dạng.",
        "The content is too large to be shown; download it as it is.",
    ),
    "capture_document": (
        "Tệp loại này không hiển thị trong trang; hãy tải về.",
        "Files of this kind are not shown in the page; download it.",
    ),
    "capture_post": (
        "Trả lời cho một yêu cầu POST: một mảnh của trang, như danh mục tải thêm.",
        "The answer to a POST request: a fragment of a page, such as more of a listing.",
    ),
    "capture_revisit": ("Nội dung giống hệt, được lưu trong", "The same content as before, kept in"),
    "capture_times": ("Các bản chụp của địa chỉ này", "Captures of this address"),
    "capture_first": ("Đầu tiên", "First"),
    "capture_previous": ("Trước đó", "Previous"),
    "capture_next": ("Tiếp theo", "Next"),
    "capture_last": ("Mới nhất", "Latest"),
    "capture_all": ("Danh sách theo thời gian", "All, by time"),
    "capture_only": ("Bản chụp duy nhất của địa chỉ này", "The only capture of this address"),
    "capture_article": ("Bài trong kho", "The article"),
    "capture_history": ("Lịch sử bài", "History"),
    "capture_same": (
        "Lúc đó là phiên bản {then}, cũng là phiên bản hiện nay.",
        "It was revision {then} then, which still holds.",
    ),
    "capture_differs": (
        "Lúc đó là phiên bản {then}, nay là phiên bản {now}.",
        "It was revision {then} then; now it is revision {now}.",
    ),
    "capture_missed": ("Lần này cổng không trả về bài.", "This answer was not the article."),
    "capture_diff": ("Xem khác biệt", "See what changed"),
    "capture_dead": ("Không có trong kho lưu trữ: {url}", "Not in the archive: {url}"),
    "capture_none": ("Chưa có bản chụp nào của địa chỉ này", "This address was never captured"),
    "capture_none_help": (
        "Kho lưu trữ không có câu trả lời nào cho: {address}",
        "The archive holds no answer for: {address}",
    ),
    "capture_none_article": (
        "Địa chỉ này có thể là của một bài trong kho:",
        "It may be the address of an article in the archive:",
    ),
    "capture_none_go": ("Mở bài theo địa chỉ", "Open the article by its address"),
    "bad_datetime": ("Không hiểu thời điểm được hỏi", "The time asked for is not understood"),
    "bad_datetime_help": (
        "Accept-Datetime phải viết như “Thu, 27 Aug 2026 18:05:00 GMT”, không phải: {when}",
        "Accept-Datetime is written as “Thu, 27 Aug 2026 18:05:00 GMT”, not: {when}",
    ),
}
