"""The skin of a commune shows every article in other wrappers, and captions in each of its forms."""

from crawler.replica import Replica
from tests.support.replica import ask

FORMS = ("<figcaption>", 'class="img-caption"', '<ul class="album"><li>', "<h6 ", "<br /><em>")


def test_every_article_has_the_skin_and_every_form_of_caption_occurs() -> None:
    with Replica(seed=7, articles=120, skin="commune") as portal, Replica(seed=7, articles=120) as other:
        live = [one for one in portal.truth().articles if one.state == "live"]
        pages = [ask(one.url).text for one in live]
        assert all('<section class="UIArticleDetail_XaPhuong"' in page for page in pages)
        assert {form for form in FORMS if any(form in page for page in pages)} == set(FORMS)
        same = [one for one in other.truth().articles if one.state == "live"]
        assert [(one.title, one.body, one.byline) for one in live] == [
            (one.title, one.body, one.byline) for one in same
        ]
