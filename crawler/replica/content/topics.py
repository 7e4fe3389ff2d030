"""Sentence templates for `prose`, by the kind of news."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One kind of news: its title, lead, body and caption templates."""

    titles: tuple[str, ...]
    leads: tuple[str, ...]
    sentences: tuple[str, ...]
    captions: tuple[str, ...]


CONFERENCE = Topic(
    titles=(
        "Hội nghị sơ kết {so1} năm thực hiện {nq1} về công tác dân tộc trên địa bàn xã {xa1}",
        "Huyện Tả Sơn tổng kết phong trào thi đua “Chung tay vì người nghèo” giai đoạn {nam1}",
        "Đồng chí {nguoi1} - {chuc1} làm việc với Đảng ủy xã {xa1} về công tác phát triển đảng viên",
        "Khai mạc kỳ họp thứ {so1}, HĐND huyện khóa XXI: xem xét {so2} nội dung quan trọng",
        "Xã {xa1} đối thoại với nhân dân bản {ban1} về giải phóng mặt bằng",
        "Gặp mặt người có uy tín tiêu biểu các xã vùng cao năm {nam1}",
    ),
    leads=(
        "Sáng {ngay1}, tại hội trường trung tâm huyện, {dv1} phối hợp với UBND xã {xa1} tổ chức hội "
        "nghị sơ kết "
        "{so1} năm thực hiện {nq1}.",
        "Chiều ngày {ngay1}, đồng chí {nguoi1} - {chuc1} đã có buổi làm việc với cấp ủy, chính quyền xã {xa1}.",
        "Trong hai ngày, từ {ngay1}, huyện Tả Sơn lấy ý kiến nhân dân {so2} thôn, bản về các nội dung "
        "trình kỳ "
        "họp cuối năm.",
    ),
    sentences=(
        "Dự hội nghị có đồng chí {nguoi1} - {chuc1}; đại diện lãnh đạo {dv}; bí thư chi bộ, trưởng "
        "thôn của {so} "
        "thôn, bản.",
        "Theo báo cáo trình bày tại hội nghị, toàn huyện đã kết nạp {lon} đảng viên, trong đó {pt} là "
        "người dân "
        "tộc thiểu số.",
        "Các đại biểu tập trung thảo luận về nguyên nhân khiến {so} chỉ tiêu chưa đạt kế hoạch, nhất "
        "là ở các "
        "thôn xa trung tâm.",
        "Thực hiện {vb}, Ban Thường vụ đã phân công từng đồng chí ủy viên phụ trách xã và chịu trách nhiệm về kết quả.",
        "Công tác kiểm tra, giám sát được duy trì nền nếp với {so} cuộc kiểm tra chuyên đề, xử lý kịp "
        "thời những "
        "việc người dân phản ánh.",
        "“Cán bộ phải ở cùng dân ít nhất mỗi tuần một ngày, nghe cho hết rồi hãy nói”, đồng chí {nguoi1} nhấn mạnh.",
        "Tổ dân vận số {so} đã đến từng nhà, kiên trì giải thích để {so} hộ đồng thuận bàn giao đất làm đường.",
        "Tại buổi đối thoại có {so} lượt ý kiến, chủ yếu về giá đền bù, nước sinh hoạt và chế độ cho cán bộ thôn.",
        "Kết luận hội nghị, {chuc1} yêu cầu các xã rà soát lại kế hoạch, xong trước ngày {ngaydu}.",
        "Nhân dịp này, UBND huyện tặng giấy khen cho {so} tập thể, {so} cá nhân có thành tích xuất sắc (Ảnh trên).",
    ),
    captions=(
        "Quang cảnh hội nghị",
        "Đồng chí {nguoi1} - {chuc1} phát biểu tại hội nghị",
        "Đại biểu chia tổ bàn về dự thảo",
        "Đại biểu xã {xa} nêu ý kiến",
        "Lãnh đạo huyện trao giấy khen cho các tập thể",
    ),
)

FARMING = Topic(
    titles=(
        "Xã {xa1} mở rộng vùng trồng {cay1}, nâng thu nhập cho hơn {lon1} hộ dân",
        "Nông dân bản {ban1} thoát nghèo nhờ nuôi {con1}",
        "Tả Sơn chủ động phòng, chống rét cho {con1} trong vụ đông xuân {nam1}",
        "Hiệu quả bước đầu từ mô hình liên kết trồng {cay1} tại xã {xa1}",
        "Ra mắt tổ hợp tác chế biến {cay1} ở {xa1}",
        "Triển khai kế hoạch sản xuất vụ mùa, phấn đấu gieo cấy {lon1} ha đúng khung thời vụ",
    ),
    leads=(
        "Từ vài sào trồng thử năm {nam}, đến nay xã {xa1} đã có {lon1} ha {cay1}, cho thu hoạch đều mỗi năm.",
        "Những ngày này, bà con bản {ban1}, xã {xa1} đang tất bật bước vào vụ {cay1} mới.",
        "Thực hiện {vb1}, {dv1} đã hỗ trợ {lon1} hộ ở {xa1} giống và kỹ thuật nuôi {con1}.",
    ),
    sentences=(
        "Gia đình ông {nguoi} ở bản {ban} là một trong những hộ đi đầu, mỗi vụ thu về {tien} sau khi trừ chi phí.",
        "Trước đây, trên nương chỉ trồng ngô một vụ, năng suất thấp, cái đói giáp hạt vẫn đeo đẳng nhiều nhà.",
        "Hợp tác xã ký hợp đồng bao tiêu với giá ổn định, thấp nhất {so} nghìn đồng/kg, trả tiền trong vòng {so} ngày.",
        "Cán bộ khuyến nông xuống tận ruộng hướng dẫn cách ủ phân, làm giàn và ghi nhật ký canh tác.",
        "Đến nay tổng đàn {con} toàn xã có {lon} con, tăng {pt} so với cùng kỳ năm trước.",
        "Nguồn vốn vay từ Ngân hàng Chính sách xã hội huyện đạt {tien}, giải ngân cho {lon} lượt hộ.",
        "Khó khăn nhất hiện nay là đường vào khu sản xuất còn dốc, mùa mưa xe không lên được.",
        "Bà con đã che chắn {lon} chuồng trại, dự trữ rơm và cỏ khô đủ dùng trong {so} ngày rét đậm.",
        'Chị {nguoi} chia sẻ: "Làm theo cán bộ thì cây {cay} không chết nữa, năm nay nhà mình đủ tiền cho con đi học".',
        "Xã đặt mục tiêu đến năm {nam} có thêm {so} ha được cấp mã số vùng trồng.",
        "Sản phẩm {cay} của {xa} đã được công nhận OCOP {hang} sao theo {vb}.",
    ),
    captions=(
        "Bà con thu hoạch {cay1}",
        "Mô hình nuôi {con1} của gia đình ông {nguoi}",
        "Ruộng bậc thang xã {xa1} vào vụ",
        "Cán bộ {dv} hướng dẫn kỹ thuật tại bản {ban1}",
        "Vườn ươm {cay1} tại xã {xa1}",
    ),
)

WORKS = Topic(
    titles=(
        "Khởi công tuyến đường liên xã {xa1} - {xa2} với tổng mức đầu tư {tien1}",
        "Khánh thành cầu dân sinh bản {ban1}, xã {xa1}",
        "Đẩy nhanh tiến độ giải ngân vốn đầu tư công, phấn đấu đạt {pt1} kế hoạch",
        "Thông xe kỹ thuật đường vào khu tái định cư {ban1}",
        "Nhân dân {xa1} hiến {lon1} m2 đất làm đường giao thông nông thôn",
    ),
    leads=(
        "Ngày {ngay1}, tại bản {ban1}, xã {xa1}, UBND huyện tổ chức lễ khởi công công trình với tổng vốn {tien1}.",
        "Sau {so1} tháng thi công, công trình phục vụ hơn {lon1} hộ dân xã {xa1} đã hoàn thành.",
        "Thực hiện {vb1}, các chủ đầu tư đang huy động tối đa máy móc, nhân lực trên công trường.",
    ),
    sentences=(
        "Công trình có chiều dài {so} km, nền đường rộng 6,5 m, mặt đường bê tông xi măng, hệ thống "
        "thoát nước "
        "hoàn chỉnh.",
        "Nguồn vốn gồm {tien} từ Chương trình mục tiêu quốc gia và {tien} đối ứng của huyện.",
        "Đến hết tháng trước, các chủ đầu tư mới giải ngân được {tien}, bằng {pt} kế hoạch giao.",
        "Vướng mắc chủ yếu nằm ở khâu xác định nguồn gốc đất của {so} hộ tại bản {ban}.",
        "Đơn vị thi công cam kết tăng ca, tăng kíp, bù lại {so} ngày nghỉ do mưa lũ.",
        "“Có đường rồi, ngô với chè mang ra chợ không phải gùi bộ nửa ngày nữa”, ông {nguoi} phấn khởi nói.",
        "Trong quá trình thi công, chính quyền xã cùng các đoàn thể đã vận động nhân dân góp {lon} ngày công.",
        "{dv} được giao theo dõi chất lượng, báo cáo UBND huyện trước ngày {ngaydu}.",
        "Khi đưa vào sử dụng, công trình sẽ rút ngắn thời gian đi từ {xa} ra trung tâm huyện còn {so} phút.",
        "Huyện cũng bố trí {tien} để sửa chữa {so} công trình nước sinh hoạt đã xuống cấp.",
    ),
    captions=(
        "Các đại biểu thực hiện nghi thức khởi công",
        "Thi công mặt đường đoạn qua bản {ban1}",
        "Cầu dân sinh bản {ban1} nhìn từ trên cao",
        "Người dân xã {xa1} tham gia mở đường",
        "Lễ cắt băng khánh thành",
    ),
)

SCHOOLING = Topic(
    titles=(
        "{truong1} xã {xa1} đón nhận Bằng công nhận đạt chuẩn quốc gia mức độ {hang1}",
        "Ngày hội đọc sách của học sinh vùng cao {xa1} năm {nam1}",
        "Tiếp sức đến trường: trao {lon1} suất học bổng cho học sinh nghèo xã {xa1}",
        "{dv1} tập huấn kỹ năng phòng bệnh cho {lon1} giáo viên và nhân viên y tế thôn bản",
        "Chiến dịch tiêm chủng bổ sung cho trẻ dưới 5 tuổi tại {so1} xã, thị trấn",
    ),
    leads=(
        "Sáng {ngay1}, {truong1} xã {xa1} long trọng tổ chức buổi lễ với sự tham dự của đông đảo phụ huynh.",
        "Trong không khí vui tươi của những ngày đầu năm học, hơn {lon1} học sinh xã {xa1} đã tới trường.",
        "Trung tâm Y tế huyện vừa triển khai {vb1} tại {so1} điểm trên địa bàn.",
    ),
    sentences=(
        "Nhà trường hiện có {so} lớp với {lon} học sinh, trong đó {pt} là con em đồng bào các dân tộc.",
        "Tỷ lệ chuyên cần đạt {pt}, tăng đáng kể so với thời điểm đầu năm học.",
        "Thầy giáo {nguoi} cho biết, các em ở bán trú được ăn ba bữa, có nước nóng và chăn ấm trong mùa đông.",
        "Nhà hảo tâm đã trao {lon} áo ấm, {so} xe đạp cùng nhiều đồ dùng học tập, tổng trị giá {tien}.",
        "Y tế thôn bản đến từng nhà lập danh sách, không để sót trẻ trong độ tuổi.",
        "Đến cuối ngày, {lon} trẻ đã được tiêm, chưa ghi nhận trường hợp phản ứng nặng.",
        "Khu nội trú mới gồm {so} phòng, kinh phí {tien}, do các nhà tài trợ và ngân sách huyện đóng góp.",
        "Em {nguoi} học lớp 5 nói: “Em thích nhất là được đọc truyện ở thư viện xanh dưới gốc cây sa mộc”.",
        "Ngành giáo dục huyện phấn đấu đến năm {nam} có {so} trường đạt chuẩn.",
        "Công tác phổ cập, xóa mù chữ cho người lớn được mở thêm {so} lớp vào buổi tối tại bản {ban}.",
    ),
    captions=(
        "Học sinh {truong1} trong giờ ra chơi",
        "Trao học bổng cho các em học sinh",
        "Giờ học của cô và trò điểm trường {ban1}",
        "Cán bộ y tế tiêm chủng cho trẻ tại {xa1}",
        "Thư viện xanh của nhà trường",
    ),
)

CULTURE = Topic(
    titles=(
        "{le1} năm {nam1} tại xã {xa1}: đậm đà bản sắc văn hóa các dân tộc",
        "Du lịch cộng đồng {xa1} đón hơn {lon1} lượt khách trong dịp nghỉ lễ",
        "Bảo tồn nghề thêu thổ cẩm của phụ nữ bản {ban1}",
        "Câu lạc bộ khèn Mông xã {xa1} truyền dạy cho thế hệ trẻ",
        "Phát động tuần lễ “Tả Sơn xanh - sạch - đẹp” chào đón du khách",
    ),
    leads=(
        "Ngày {ngay1}, trên sân vận động xã {xa1}, {le1} năm {nam1} đã khai hội trong tiếng khèn, tiếng sáo rộn ràng.",
        "Ẩn mình trong mây, bản {ban1} đang trở thành điểm hẹn của du khách thích trải nghiệm.",
        "Nhằm gìn giữ vốn quý của cha ông, {dv1} phối hợp với xã {xa1} mở lớp truyền dạy cho {so1} học viên.",
    ),
    sentences=(
        "Phần lễ được thực hiện trang nghiêm theo phong tục, do thầy cúng {nguoi} chủ trì.",
        "Phần hội có các trò chơi dân gian như ném pao, đẩy gậy, kéo co, thi giã bánh dày, thu hút {so} đội tham gia.",
        "Theo thống kê, doanh thu từ dịch vụ lưu trú và ăn uống ước đạt {tien}.",
        "Hiện cả bản có {so} homestay, sức chứa khoảng {lon} khách mỗi đêm.",
        "Bà {nguoi}, {so} tuổi, vẫn miệt mài bên khung cửi, vừa dệt vừa kể chuyện cho con cháu nghe.",
        "Để giữ chân du khách, xã đã trồng {lon} cây hoa dọc đường, dựng {so} điểm ngắm cảnh.",
        "Ban Tổ chức trao {so} giải cho các đội, trong đó giải nhất toàn đoàn thuộc về xã {xa}.",
        "Công an huyện bố trí lực lượng phân luồng từ sớm nên không xảy ra ùn tắc kéo dài.",
        'Du khách {nguoi} đến từ Hà Nội bộc bạch: "Tôi bất ngờ vì bản nào cũng sạch và ai cũng mến khách".',
        "Huyện định hướng phát triển du lịch gắn với bảo vệ rừng, không đánh đổi môi trường lấy tăng trưởng.",
    ),
    captions=(
        "Tiết mục múa khèn mở đầu lễ hội",
        "Du khách chụp ảnh bên ruộng bậc thang {xa1}",
        "Thi kéo co tại {le1}",
        "Nghệ nhân {nguoi} bên khung cửi",
        "Một góc bản {ban1}",
    ),
)

NOTICE = Topic(
    titles=(
        "Thông báo lịch tiếp công dân định kỳ của lãnh đạo UBND huyện tháng {thang1}/{nam1}",
        "Niêm yết công khai kết quả xét tuyển viên chức {dv1} năm {nam1}",
        "Công khai danh sách hộ nghèo, hộ cận nghèo xã {xa1} theo {vb1}",
        "Về việc tạm ngừng cấp điện để sửa chữa đường dây khu vực {xa1}",
        "Hướng dẫn thủ tục đăng ký biến động đất đai tại bộ phận một cửa xã {xa1}",
        "Danh mục {so1} thủ tục hành chính được sửa đổi theo {vb1}",
        "Cảnh báo nguy cơ sạt lở đất tại các điểm {ban1}, {ban2}",
    ),
    leads=(
        "Căn cứ {vb1}, UBND huyện Tả Sơn thông báo đến các cơ quan, đơn vị và nhân dân trên địa bàn nội dung sau.",
        "Thực hiện chỉ đạo tại {vb1}, {dv1} thông báo như sau:",
        "Để bảo đảm quyền lợi của người dân xã {xa1}, UBND huyện công khai các nội dung dưới đây.",
    ),
    sentences=(
        "Thời gian thực hiện từ ngày {ngaydu} đến hết ngày {ngaydu}, trong giờ hành chính, trừ thứ Bảy và Chủ nhật.",
        "Địa điểm: Phòng số {so}, trụ sở tiếp công dân huyện, số {so} đường Trần Phú, thị trấn Tả Sơn.",
        "Hồ sơ gồm {hang} bộ bản chính và {hang} bản sao có chứng thực, nộp trực tiếp hoặc qua dịch vụ "
        "bưu chính công ích.",
        "Lệ phí thực hiện theo {vb} của UBND tỉnh, mức thu {so}.000 đồng/hồ sơ.",
        "Mọi thắc mắc đề nghị liên hệ đồng chí {nguoi}, điện thoại 0214.{dt}, để được giải đáp.",
        "UBND các xã, thị trấn có trách nhiệm niêm yết tại trụ sở và thông báo trên loa truyền thanh {so} lần/tuần.",
        "Quá thời hạn nêu trên, nếu không nhận được ý kiến, kết quả coi như được công nhận.",
        "Đề nghị các hộ dân ở khu vực có nguy cơ chủ động di chuyển người và tài sản khi mưa lớn kéo dài.",
        "Văn bản này thay thế {vb} và có hiệu lực kể từ ngày ký.",
        "Số lượng chỉ tiêu cần tuyển là {so}, trong đó ưu tiên người biết tiếng dân tộc Mông hoặc Dao.",
    ),
    captions=(
        "Người dân làm thủ tục tại bộ phận một cửa",
        "Điểm có nguy cơ sạt lở tại {ban1}",
        "Trụ sở tiếp công dân huyện",
        "Bảng niêm yết công khai tại xã {xa1}",
    ),
)

TOPICS = {
    "news": (CONFERENCE, FARMING, WORKS, SCHOOLING, CULTURE),
    "economy": (FARMING, WORKS),
    "notice": (NOTICE,),
    "culture": (CULTURE, SCHOOLING),
}
