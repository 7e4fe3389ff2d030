"""What is meant by a pasted address, before it is withheld and after."""

from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.archive.withheld.open_whole import open_whole
from crawler.withholding.targets import Target, find_target
from tests.support.build import Clock
from tests.support.withholding import PHOTO, SECRET, TITLE, act, make_nights

WRAPPED = quote(SECRET.url, safe="")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An archive before and after the article is withheld."""
    made = []
    for name in ("public", "withheld"):
        archive, clock = tmp_path_factory.mktemp(name) / "archive.db", Clock()
        make_nights(archive, clock, first=1, last=1)
        made.append(archive)
    act(archive, "withhold", SECRET.url, at=clock())
    return made[0], made[1]


@pytest.mark.parametrize(
    "text",
    [
        SECRET.url,
        f"“{SECRET.url}”",
        f"'{SECRET.url}',",
        f"{SECRET.url}, ",
        f"Xem: {SECRET.url}",
        SECRET.url.replace("ba-vang-thi-sau-duoc-cap-nha-moi", "mot-ten-khac"),
        f"https://l.facebook.com/l.php?u={WRAPPED}&h=AT0",
        f"{SECRET.url}?fbclid=abc#binh-luan",
        f"https://web.archive.org/web/20260102030405/{SECRET.url}",
        f"http://127.0.0.1:8001/go?url={WRAPPED}",
        SECRET.url.partition("://")[2],
    ],
)
def test_an_article_is_meant_by_every_spelling_of_its_address(text: str, archives: tuple[Path, Path]) -> None:
    for archive in archives:
        with closing(open_whole(archive)) as connection:
            found = find_target(connection, text)
        assert (found.kind, found.title) == ("article", TITLE)


def test_a_file_is_meant_by_its_address_in_quotation_marks(archives: tuple[Path, Path]) -> None:
    with closing(open_whole(archives[0])) as connection:
        (sha256,) = connection.execute("select sha256 from files where url = ?", (PHOTO,)).fetchone()
        assert find_target(connection, f'"{PHOTO}",') == Target("image", sha256)


@pytest.mark.parametrize("text", ["“1”", "article:1,", "‹1›.", "(article:1)"])
def test_an_id_is_meant_in_marks_too(text: str, archives: tuple[Path, Path]) -> None:
    with closing(open_whole(archives[0])) as connection:
        assert find_target(connection, text) == find_target(connection, "1")
