"""The ready-made SQL questions, in groups by what they answer."""

from collections.abc import Mapping

# The last group is for questions that an operator added.
OTHER = "other"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "articles": (
        "full_text_search", "articles_a_month", "articles_per_month", "articles_on_a_day", "words_by_year",
        "same_title_over_the_years", "titles_that_return",
    ),
    "edits": (
        "latest_revisions", "numbers_changed", "returns_and_put_backs", "what_changed_in_a_month", "text_on_a_day",
        "share_revised_by_category", "share_revised_by_month", "edited_within_days", "until_an_edit_is_seen",
    ),
    "gone": (
        "removed_articles", "unlisted_but_answering", "vanished_and_returned", "lives_before_removal",
        "share_removed_by_category", "share_returned",
    ),
    "cited": (
        "documents_cited_most", "articles_citing_a_document", "sums_above", "sums_by_month", "hosts_linked_most",
    ),
    "authors": ("bylines", "bylines_by_year", "units_of_bylines"),
    "files": (
        "picture_reuse", "articles_with_a_picture", "pictures_and_files_not_held", "unread_attachments",
        "doubtful_texts",
    ),
    "dates": (
        "dates_by_source", "articles_without_date", "conflicting_dates", "event_to_posting", "posting_to_archive",
    ),
    "runs": (
        "nights_and_outcomes", "crawls_and_what_they_missed", "pages_missed_by_night", "listed_but_not_held",
        "errors_by_kind", "captures_of_a_url", "captures_by_status",
    ),
}  # fmt: skip


def group_queries(titles: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the titles by name, in their groups; groups without a question are missing.

    >>> group_queries({"bylines": "Tác giả", "own": "Của tôi"})
    {'authors': {'bylines': 'Tác giả'}, 'other': {'own': 'Của tôi'}}
    """
    grouped = {group: {name: titles[name] for name in names if name in titles} for group, names in GROUPS.items()}
    known = {name for names in GROUPS.values() for name in names}
    grouped[OTHER] = {name: title for name, title in titles.items() if name not in known}
    return {group: of_group for group, of_group in grouped.items() if of_group}
