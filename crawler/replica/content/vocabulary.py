"""The names and sentences of an invented mountain district, Tả Sơn in Hoàng Liên province.

Places and persons are invented. The sentences are templates; `prose` fills their `{slots}`. A slot with a digit at the
end of its name keeps its value within one article.
"""

from __future__ import annotations


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split("|"))


COMMUNES = _list(
    "Nậm Khao|Bản Lếch|Tả Giàng|Lao Sín|Mường Pung|Lùng Chải|Pa Hốc|Sín Thẩu Hạ|Khâu Rèn|Nà Ư|Phìn Sảng|"
    "Hồ Thầu Thượng|Dền Tả|Suối Hòa|Tân Thủy"
)
VILLAGES = _list(
    "Cốc Phát|Sả Chải|Nậm Lốt|Bản Pho|Hang Đề|Lồ Suối|Khe Ngoã|Tổ 4|Tổ 11|Giàng Cài|Má Tra|Phố Cũ|Ít Nộc|Kin Chù"
)
SURNAMES = _list(
    "Giàng A|Thào A|Lý Láo|Chảo Duần|Vàng Thị|Má Thị|Nguyễn Văn|Trần Thị|Hoàng Thu|Lò Văn|Sùng Seo|Đỗ Quang|Phàn Mùi|"
    "Bùi Đức|Lê Minh"
)
GIVEN = _list("Páo|Chu|Tả|Mẩy|Sử|Dế|Hòa|Thủy|Khoa|Lan|Sơn|Phúc|Dung|Vảng|Tuyên|Liềng|Hạnh|Cường|Quý|Nhàn")
ROLES = _list(
    "Phó Bí thư Thường trực Huyện ủy|Phó Chủ tịch UBND huyện|Chủ tịch UBND huyện|Bí thư Huyện ủy|"
    "Trưởng Ban Tuyên giáo và Dân vận Huyện ủy|Chủ tịch Ủy ban MTTQ Việt Nam huyện|Phó Chủ tịch HĐND huyện|"
    "Chủ tịch Hội Liên hiệp Phụ nữ huyện|Trưởng phòng Nội vụ huyện|Bí thư Huyện đoàn"
)
UNITS = _list(
    "Phòng Nông nghiệp và Môi trường|Phòng Văn hóa, Khoa học và Thông tin|Phòng Giáo dục và Đào tạo|"
    "Trung tâm Y tế huyện|Hạt Kiểm lâm huyện|Công an huyện|Ban Chỉ huy Quân sự huyện|Huyện đoàn|Hội Nông dân huyện|"
    "Ngân hàng Chính sách xã hội huyện|Trung tâm Dịch vụ nông nghiệp huyện"
)
CROPS = _list("lúa Séng cù|chè Shan tuyết|thảo quả|atiso|lê Tai nung|mận hậu|ngô lai|rau trái vụ|hoa địa lan|đương quy")
HERDS = ("trâu", "lợn đen bản địa", "cá hồi nước lạnh", "gà xương đen", "dê", "ong lấy mật", "bò vàng")
SCHOOLS = _list("Trường PTDTBT THCS|Trường Tiểu học|Trường Mầm non|Trường PTDTNT THCS và THPT|Trường THCS")
FESTIVALS = _list(
    "Lễ hội Gầu tào|Lễ hội Xuống đồng|Lễ hội Hoa đỗ quyên|Hội đua ngựa|Tết Sử giề pà|Lễ cúng rừng|"
    "Hội thi cấy lúa trên ruộng bậc thang"
)
OFFICES = _list(
    "Trung tâm VH,TT-TT Tả Sơn|Trng tâm VH,TT-TT Tả Sơn|Trung tâm VH, TT – TT huyện|Phòng Văn hoá huyện|"
    "Đài TT-TH huyện|Văn phòng HĐND và UBND"
)
AGENCIES = _list("Cổng TTĐT tỉnh Hoàng Liên|Báo Hoàng Liên|Sở Nội vụ tỉnh|TTXVN|Bảo hiểm xã hội huyện|baohoanglien.vn")

ANNUAL_TITLES = (
    "Thông báo tuyển dụng công chức cấp xã huyện Tả Sơn",
    "Thông báo về việc nghỉ Tết Nguyên đán và treo cờ Tổ quốc",
    "Kế hoạch tuyển sinh các lớp đầu cấp trên địa bàn huyện",
    "Thư chúc mừng năm mới của lãnh đạo huyện Tả Sơn",
)

LONG_TAILS = (
    " gắn với thực hiện Chương trình mục tiêu quốc gia phát triển kinh tế - xã hội vùng đồng bào dân tộc thiểu số",
    " và phương hướng, nhiệm vụ trọng tâm trong thời gian tới trên địa bàn các xã biên giới, vùng đặc biệt khó khăn",
    " theo tinh thần {nq1} của Ban Chấp hành Trung ương và chương trình hành động số {so1} của Ban Thường vụ Huyện ủy",
)

COMMON = (
    "Thời gian tới, các cấp, các ngành tiếp tục đổi mới cách làm, lấy sự hài lòng của người dân làm thước đo.",
    "Trước mắt, huyện tập trung tháo gỡ {so} nhóm khó khăn đã được các xã kiến nghị.",
    "Qua rà soát, vẫn còn {lon} hộ cần được hỗ trợ, tập trung ở {xa} và {xa}.",
    "Kết quả trên có sự đóng góp không nhỏ của lực lượng vũ trang, các tổ chức chính trị - xã hội và từng thôn, bản.",
    "Theo {vb}, việc đánh giá được thực hiện {hang} lần mỗi năm, công khai trên cổng thông tin của huyện.",
    "Tuy nhiên, một số nơi còn lúng túng , chưa sát cơ sở, việc báo cáo còn chậm so với yêu cầu.",
    "Với quyết tâm cao, Đảng bộ và nhân dân huyện Tả Sơn tin tưởng sẽ hòa nhịp cùng sự phát triển chung của tỉnh.",
    "Đây là tiền đề quan trọng để địa phương hoàn thành {so} tiêu chí còn lại vào năm {nam}.",
    "Ủy ban nhân dân huyện giao {dv} chủ trì, phối hợp với {dv} tham mưu giải pháp cụ thể.",
    "Số liệu cho thấy thu ngân sách trên địa bàn ước đạt {tien}, bằng {pt} dự toán tỉnh giao.",
    "Mặc dù thời tiết không thuận hoà, mưa nhiều, công việc vẫn được duy trì đúng tiến độ.",
    "Ông {nguoi}, người dân bản {ban}, cho rằng điều bà con cần nhất lúc này là nước sạch và điện thắp sáng.",
)

ITEMS = (
    "Bản sao giấy tờ tùy thân còn hiệu lực;",
    "Đơn đề nghị theo mẫu số {hang};",
    "Biên bản họp thôn có chữ ký của {so} hộ;",
    "Rà soát, lập danh sách {lon} hộ thuộc diện hỗ trợ;",
    "Phân công cán bộ phụ trách từng bản, báo cáo hằng tuần;",
    "Bố trí kinh phí {tien} từ nguồn dự phòng;",
    "Tuyên truyền trên loa truyền thanh và nhóm Zalo của thôn.",
    "Hoàn thành việc nghiệm thu trước ngày {ngaydu};",
    "Tổng hợp ý kiến của nhân dân gửi về {dv}.",
)

HEADINGS = _list(
    "Kết quả đạt được|Những khó khăn, tồn tại|Nhiệm vụ trọng tâm thời gian tới|Đối tượng và điều kiện|"
    "Thời gian, địa điểm|Tổ chức thực hiện|Giải pháp chủ yếu"
)
