"""What the bench of a crawl measures with: pages of real size that are read whole, and a server that sends them."""

import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import pytest

from bench import server
from bench.crawl import Cost, judge
from bench.portal import PAGE_BYTES, WORDS, make_portal
from crawler.extract.answer import read_page
from crawler.items import Answer, Purpose
from crawler.profile import parse_profile

BASE = "http://127.0.0.1:8000/"


def test_pages_have_the_size_of_real_ones_and_are_read_whole(tmp_path: Path) -> None:
    portal = make_portal(tmp_path, articles=60, pictures=2)
    profile = parse_profile(portal.profile(BASE))
    sizes, words = [], []
    for path in portal.paths[1 + len(portal.listings) :]:
        data = (tmp_path / path[1:]).read_bytes()
        if path.endswith(".jpg"):
            assert 80_000 < len(data) < 160_000
            continue
        url = BASE + path[1:]
        said, _ = read_page(
            Answer(url, data, "text/html", None), Purpose.ARTICLE, asked=url, listing=None, page=None, profile=profile
        )
        assert said.article is not None, path
        assert len(said.article.images) == 2
        sizes.append(len(data))
        words.append(len(said.article.body.split()))
    assert len(sizes) == 60
    assert mean(sizes) == pytest.approx(PAGE_BYTES, rel=0.1)
    assert mean(words) == pytest.approx(WORDS, rel=0.1)


@pytest.mark.parametrize("name", ["nginx", "our own server"])
def test_every_address_is_served(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name != "nginx":
        monkeypatch.setattr(server.shutil, "which", lambda _: None)
    elif server.shutil.which("nginx") is None:
        pytest.skip("no nginx here")
    with ExitStack() as serving:
        # Not pytest's folder: nginx reads as another user.
        folder = Path(serving.enter_context(TemporaryDirectory()))
        folder.chmod(0o755)
        portal = make_portal(folder / "portal", articles=20, pictures=1)
        base, by = serving.enter_context(server.serve(portal.folder, folder))
        assert by == name
        for path in portal.paths:
            with urllib.request.urlopen(base + path[1:]) as answer:
                file = portal.folder / path[1:]
                assert answer.read() == (file / "index.html" if file.is_dir() else file).read_bytes()
                kind = "image/jpeg" if path.endswith(".jpg") else "text/html"
                assert answer.headers.get_content_type() == kind
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{base}nothing-1")


def _runs(*walls: float, cpu: float = 1.5, others: float = 0.0) -> dict[str, list[Cost]]:
    crawl = [Cost(wall, cpu, 100, others) for wall in walls]
    return {"crawl": crawl, "bare Scrapy": [Cost(1, 1, 50, 0.02) for _ in walls]}


def test_the_gate_judges_medians_and_no_wall_time_of_a_shared_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(_runs(1.0, 1.1, 9.0), wall=1.2, cpu=1.6) == 0
    assert judge(_runs(1.0, 1.3, 1.3), wall=1.2, cpu=1.6) == 1
    assert "wall ratio 1.30 of 3 sound pairs is above the gate of 1.2" in capsys.readouterr().out
    assert judge(_runs(2.0, 2.0, 2.0, others=0.3), wall=1.2, cpu=1.6) == 0
    assert "not judged" in capsys.readouterr().out
    assert judge(_runs(1.0, cpu=2.0, others=0.3), wall=1.2, cpu=1.6) == 1
    assert judge(_runs(1.0, cpu=2.0), wall=None, cpu=None) == 0
