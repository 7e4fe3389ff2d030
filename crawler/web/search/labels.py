"""The active filters of a search in words, by parameter: for the page, its print and its feed."""

from collections.abc import Mapping

from crawler.locale import show_day
from crawler.web.formatting import show_dong
from crawler.web.request import SiteRequest
from crawler.web.search.question import Question


def name_filters(
    request: SiteRequest, question: Question, *, portals: Mapping[str, str], categories: Mapping[int, str]
) -> dict[str, str]:
    """Return the labels of the filters that a search has.

    Args:
        request: whose language is spoken.
        question: with its category looked up.
        portals: titles by name.
        categories: titles by id.
    """
    filters, say, language = question.filters, request.say, request.language
    titles = [categories[key] for key in filters.categories if key in categories]
    labels = {
        "portal": portals.get(filters.portal or "", filters.portal),
        "category": titles[0] if titles else question.category,
        "since": filters.since and f"{say('since')} {show_day(filters.since.isoformat(), language)}",
        "until": filters.until and f"{say('until')} {show_day(filters.until.isoformat(), language)}",
        "byline": filters.byline and f"{say('filter_byline')}: {filters.byline}",
        "pictures": filters.has_pictures and say("filter_pictures"),
        "changed": filters.is_changed and say("filter_changed"),
        "removed": filters.is_removed and say("filter_removed"),
        "undated": filters.is_undated and say("filter_undated"),
        "sum_from": filters.least_sum and f"{say('filter_sum_from')} {show_dong(filters.least_sum, language)}",
        "sum_to": filters.most_sum and f"{say('filter_sum_to')} {show_dong(filters.most_sum, language)}",
    }
    return {name: str(label) for name, label in labels.items() if label}
