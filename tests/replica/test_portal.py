"""The portal as a whole: its truth, log, profile, headers, and its process."""

import gzip
import json
import signal
import subprocess
import sys
import tomllib

from crawler.replica import Replica, Truth
from tests.support.replica import LOAD, ask


def test_same_seed_gives_same_truth_and_another_seed_another() -> None:
    def bodies(seed: int) -> list[str]:
        with Replica(seed=seed, articles=30) as portal:
            return [one.body for one in portal.truth().articles]

    assert bodies(5) == bodies(5)
    assert bodies(5) != bodies(6)


def test_files_and_asked_pages_answer_304() -> None:
    with Replica(articles=20, page_etags=True) as portal:
        image = next(
            one for article in portal.truth().articles for one in article.images if one.sha256 and not one.is_pasted
        )
        first = ask(image.url)
        assert ask(image.url, If_None_Match=first.header("ETag")).status == 304
        assert ask(image.url, If_Modified_Since=first.header("Last-Modified")).status == 304
        page = ask(portal.base_url + "gioi-thieu")
        assert ask(portal.base_url + "gioi-thieu", If_None_Match=page.header("ETag")).status == 304


def test_pages_come_gzipped_chunked_and_with_repeated_headers(truth: Truth) -> None:
    answers = [ask(one.url, Accept_Encoding="gzip") for one in truth.articles[:24]]
    assert all("ArticleDetailControl" in gzip.decompress(one.body).decode() for one in answers)
    assert {one.header("Transfer-Encoding") for one in answers} == {"", "chunked"}
    assert {"charset" in one.header("Content-Type") for one in answers} == {True, False}
    assert [name for name, _ in answers[0].headers].count("Set-Cookie") == 2


def test_every_page_links_to_the_trap_and_the_log_has_its_visitors(small: Replica) -> None:
    for path in ("", "thong-bao", "lien-he"):
        assert f"http://{small.elsewhere_host}/" in ask(small.base_url + path).text
    stray = ask(small.base_url + "tin-tuc-su-kien/lien-ket-ngoai-trang-999001")
    assert small.elsewhere_host in stray.header("Location")
    assert not [one for one in small.requests if one.server == "elsewhere"]
    ask(stray.header("Location"))
    assert [one.host for one in small.requests if one.server == "elsewhere"] == [small.elsewhere_host]


def test_log_keeps_method_body_and_status(small: Replica) -> None:
    small.forget_requests()
    ask(small.base_url[:-1] + LOAD, "POST", "{}", Content_Type="application/json")
    (entry,) = small.requests
    assert (entry.server, entry.method, entry.path, entry.body, entry.status) == ("site", "POST", LOAD, b"{}", 500)


def test_profile_is_toml_with_overrides(small: Replica) -> None:
    profile = tomllib.loads(small.profile_toml())
    assert profile["base_url"] == small.base_url
    assert profile["asset_hosts"] == [small.files_host]
    assert profile["pace"]["delay_seconds"] == 0
    assert "/luat--phap-lenh" in profile["listings"]
    other = tomllib.loads(small.profile_toml(name="xa", listings=None, pace={"concurrency": 2}))
    assert "listings" not in other
    assert other["pace"] == {"delay_seconds": 0, "concurrency": 2}


def test_half_of_a_category_goes_at_once_and_comes_back() -> None:
    with Replica(articles=60) as portal:
        before = {one.key: one for one in portal.truth().articles}
        slug = max((one.category for one in before.values()), key=[one.category for one in before.values()].count)
        control = portal.base_url + "_replica/"
        assert ask(f"{control}withdraw?path=/{slug}/&share=0.5", "POST").status == 200
        gone = [one for one in portal.truth().articles if one.state == "gone-404" and before[one.key].state == "live"]
        whole = [one for one in before.values() if one.category == slug]
        assert 0.2 < len(gone) / len(whole) < 0.8
        assert {(one.category, one.listed) for one in gone} == {(slug, False)}
        assert ask(gone[0].url).status == 404
        assert ask(control + "bring-back", "POST").status == 200
        assert {one.key: one for one in portal.truth().articles} == before


def test_portal_runs_as_a_process_that_can_be_controlled() -> None:
    command = [sys.executable, "-m", "crawler.replica", "--articles", "40", "--fault", "/lien-he=503"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            base = process.stdout.readline().strip()
            assert ask(base + "lien-he").status == 503
            assert ask(base + "_replica/clear", "POST").status == 200
            assert ask(base + "lien-he").status == 200
            assert ask(base + "_replica/fault?path=/lien-he&kind=410", "POST").status == 200
            assert ask(base + "lien-he").status == 410
            assert ask(base + "_replica/fault?path=/x&kind=gremlin", "POST").status == 400
            assert ask(base + "_replica/night?n=2", "POST").status == 200
            assert json.loads(ask(base + "_replica/truth").body)["night"] == 2
            assert [one["status"] for one in json.loads(ask(base + "_replica/requests").body)] == [503, 200, 410]
            assert tomllib.loads(ask(base + "_replica/profile").text)["base_url"] == base
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_portal_with_one_article_serves_it() -> None:
    with Replica(articles=1) as portal:
        assert ask(portal.base_url).status == 200
        assert ask(portal.truth().articles[0].url).status == 200
