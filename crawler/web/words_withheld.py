"""Words of the pages that are withheld."""

WORDS_WITHHELD: dict[str, tuple[str, str]] = {
    "withheld": ("Nội dung này tạm không được công bố", "This is withheld"),
    "withheld_help": (
        "Được rút khỏi trang công bố ngày {when}. Lý do: {reason}. Quyết định số {number} của {by}; bản ghi gốc vẫn "
        "được giữ.",
        "Taken off this site on {when}. Reason: {reason}. Withholding {number}, by {by}; the record itself is kept.",
    ),
    "withheld_unsure": ("Chưa thể công bố bản chụp này", "This capture cannot be shown now"),
    "withheld_unsure_help": (
        "Có nội dung đang được rút khỏi trang, và lúc này không kiểm tra được bản chụp có chứa nội dung ấy hay không.",
        "Something is withheld, and just now it cannot be told whether this capture holds it.",
    ),
}
