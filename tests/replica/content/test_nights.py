"""Which articles appear, change and vanish in which night."""

import pytest

from crawler.replica import ArticleTruth, Replica, Truth
from crawler.replica.content.nights import FATES
from tests.support.replica import ask


def fated(portal: Replica, fate: str) -> ArticleTruth:
    return next(one for one in portal.truth().articles if one.fate == fate)


def test_night_two_brings_newcomers_on_top() -> None:
    with Replica(seed=1, articles=120) as portal:
        before = {one.key for one in portal.truth().articles}
        portal.night = 2
        truth = portal.truth()
        fresh = [one for one in truth.articles if one.key not in before]
        assert len(fresh) == 3
        for article in fresh:
            assert article.posted_on == truth.today
            assert ask(article.url).status == 200


def test_full_portal_has_an_article_for_every_fate(truth: Truth) -> None:
    assert {one.fate for one in truth.articles if one.fate} == {fate.name for fate in FATES}


def test_nights_change_what_the_fates_say() -> None:
    with Replica(seed=1, articles=240) as portal:
        keys = {one.fate: one.key for one in portal.truth().articles if one.fate}
        nights: dict[int, Truth] = {}
        for night in range(1, 6):
            portal.night = night
            nights[night] = portal.truth()

        def article_of(fate: str, night: int) -> ArticleTruth:
            return nights[night].article(keys[fate])

        assert article_of("a-b-a", 1).body != article_of("a-b-a", 2).body
        assert article_of("a-b-a", 1).body == article_of("a-b-a", 3).body
        assert len({article_of("edited-every-night", night).body for night in nights}) == 5
        assert article_of("retitled", 2).url != article_of("retitled", 1).url
        assert article_of("retitled", 2).source_id == article_of("retitled", 1).source_id
        assert article_of("recaptioned", 2).images != article_of("recaptioned", 1).images
        before, after = (
            article_of("same-address-other-picture", 1).images,
            article_of("same-address-other-picture", 2).images,
        )
        assert [one.url for one in before] == [one.url for one in after]
        assert before != after
        for fate in ("gone-404", "gone-410", "soft-404", "redirect-home"):
            assert article_of(fate, 2).state == fate
            assert not article_of(fate, 2).listed
        for fate, night in (("away-one-night", 3), ("away-three-nights", 5), ("back-changed", 5)):
            assert article_of(fate, night - 1).state != "live"
            assert article_of(fate, night).state == "live"
        assert article_of("unlisted", 2).state == "live"
        assert not article_of("unlisted", 2).listed
        assert article_of("relisted", 3).listed
        assert article_of("moved", 3).category != article_of("moved", 1).category
        assert article_of("renumbered", 3).source_id != article_of("renumbered", 1).source_id
        for fate in ("moved", "renumbered"):
            answer = ask(article_of(fate, 1).url)
            assert answer.status == 301
            assert article_of(fate, 3).url.endswith(answer.header("Location"))
            assert article_of(fate, 1).url in article_of(fate, 3).former_urls
            assert ask(article_of(fate, 3).url).status == 200


@pytest.mark.parametrize(
    ("fate", "status"), [("gone-404", 404), ("gone-410", 410), ("soft-404", 200), ("redirect-home", 302)]
)
def test_vanished_article_answers_as_its_truth_says(fate: str, status: int) -> None:
    with Replica(seed=1, articles=160, night=2) as portal:
        for url in (fated(portal, fate).url, fated(portal, fate).old_url):
            answer = ask(url)
            assert answer.status == status
            assert "ArticleDetailControl" not in answer.text
