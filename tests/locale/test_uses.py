"""Every message is used, every place that says one knows it, and gives the fields that it has in each language."""

from collections.abc import Iterator
from typing import get_args

import pytest

from crawler.archive.articles.publication_dates import TRUST
from crawler.archive.attachment_texts import DOUBTS
from crawler.archive.verdicts.removals import MISS_KINDS
from crawler.extract.marks.unkept import UNKEPT_KINDS
from crawler.language.bylines import Reason
from crawler.language.changes.change_kinds import CLASSES
from crawler.language.changes.number_changes import NumberKind
from crawler.language.claims.claims import Kind as ClaimKind
from crawler.language.claims.matching import DIFFERENCES
from crawler.language.query.faults import FaultKind
from crawler.locale import LANGUAGES
from crawler.operations.health.problems import KINDS
from crawler.operations.notices.digest import CHANGES
from crawler.union.problems import ArchiveProblem
from crawler.web.article.citation import FORMS
from crawler.web.data.query_groups import GROUPS, OTHER
from crawler.web.draft.verdicts import ClaimState
from crawler.web.news.changed_articles import PERIODS
from crawler.web.news.removal_queries import WHICH
from tests.support.messages import SUBJECTS, Use, fields, find_uses, forms, read

OUTCOMES = ("complete", "partial", "suspect", "failed", "interrupted", "running")
STATES = ("live", "suspect", "removed")
FIGURES = ("dates", "edits", "categories", "delay", "nights")
CREDITS = ("byline", "source")
UNREAD = (
    "broken", "crashed", "encrypted", "no-text", "no-tool", "not-in-warc", "out-of-memory", "timed-out", "too-large",
    "unknown-kind",
)  # fmt: skip
# Keys that are put together at run time, with what can be in the place of `*`.
PATTERNS = {
    "by_*": PERIODS,
    "author_reason_*": get_args(Reason),
    "capture_*": ("empty", "broken", "large"),
    "cite_*": FORMS,
    "class_*": CLASSES,
    "coverage_*": ("pictures", "files", "rows", "menu"),
    "diff_*": ("title", "summary", "byline", "source", "published_on"),
    "diff_paragraph_*": ("removed", "added", "moved-from", "moved-to"),
    "doubt_*": DOUBTS,
    "draft_by_*": ("quotation", "link", "document", "words"),
    "draft_help_*": ("missing", "foreign", "unchecked", "number"),
    "draft_kind_*": get_args(ClaimKind),
    "draft_near_*": DIFFERENCES,
    "draft_note_*": ("short", "revised"),
    "draft_state_*": tuple(ClaimState),
    "event_*": (
        "found",
        "unlisted",
        "listed",
        "away",
        "back",
        "merged",
        "completed",
        "decided",
        "doubted",
        "file-gone",
        "file-returned",
        "file-replaced",
    ),
    "fault_*": get_args(FaultKind),
    "figure_*": FIGURES,
    "figure_*_help": FIGURES,
    "figure_*_n": FIGURES,
    "file_*": ("moved", "renamed", "removed", "added", "replaced"),
    "file_diff_lines_*": ("removed", "added", "moved-from", "moved-to"),
    "filter_*": ("pictures", "changed", "removed", "undated"),
    "fleet_trouble_*": (*sorted(KINDS), "silent", "other-system", "layout"),
    "fleet_node_*": ("alive", "leaving", "stopped", "away"),
    "fleet_problem_*": ("node-away", "node-stopped", "restoring"),
    "fleet_verdict_*": (
        *sorted(KINDS),
        "node-away",
        "node-stopped",
        "restoring",
        "no-home",
        "running",
        "complete",
        "none",
    ),
    "fact_*": ("page", "sheet", "slide", "file", "section"),
    "from_*": TRUST,
    "in_*": ("summary", "captions", "byline", "files"),
    "marked_*": ("phrase", "near", "words", "nothing"),
    "miss_*": sorted(MISS_KINDS),
    "night_*": (*OUTCOMES, "last"),
    "notice_*": CHANGES,
    "number_*": get_args(NumberKind),
    "over_*": sorted(KINDS),
    "queries_*": (*GROUPS, OTHER),
    "reader_how_*": ("near", "words"),
    "reader_unit_*": ("page", "sheet", "slide", "file", "section"),
    "reason_*": UNREAD,
    "removed_lead_*": WHICH,
    "series_*": (*TRUST, "revised", "removed", "articles", *OUTCOMES),
    "sort_*": ("tier", "date"),
    "state_*": STATES,
    "sums_place_*": ("title", "summary", "body", "captions"),
    "status_outcome_*": OUTCOMES,
    "union_unread_*": tuple(ArchiveProblem),
    "unkept_*": UNKEPT_KINDS,
    "unit_*": ("month", "category", "days", "night"),
    "which_*": WHICH,
}
# Keys that a variable holds.
VARIABLES = {
    "article.html name": CREDITS,
    "base.html other": LANGUAGES,
    "base.html words": ("feed_new", "feed_changes", "feed_removed"),
    "capture.html name": ("capture_first", "capture_previous", "capture_next", "capture_last"),
    "formatting.py key": ("dong_billions", "dong_millions"),
    "diff.html which": ("file_before", "file_after"),
    "file_diff.html which": ("file_before", "file_after"),
    "file_diff_parts.html which": ("file_before", "file_after"),
    "nights.py key": ("span_days", "span_hours"),
    "nights.py last.outcome": ("partial", "suspect", "failed", "interrupted"),
    "plugin.py name": ("search", "changes", "removed", "dashboard", "downloads", "data"),
    "search_parts.html key": tuple(
        f"syntax_{name}" for name in ("phrase", "minus", "or", "title", "prefix", "document")
    ),
    "search_parts.html title": ("chart_year", "chart_month", "chart_category"),
    "views.py _REFUSED_WORDS.get(name, name)": (
        "since", "until", "filter_byline", "filter_pictures", "filter_changed", "filter_removed", "filter_sort",
    ),
}  # fmt: skip
MESSAGES = {
    language: {key: texts for subject in SUBJECTS for key, texts in forms(read(language, subject)).items()}
    for language in LANGUAGES
}
# Said through crawler.locale.sentences, and tested beside it.
SENTENCES = {key for key in MESSAGES["vi"] if key.startswith(("sentence_", "value_", "kind_"))}
USES = find_uses()


def expand(use: Use) -> Iterator[str]:
    for written in use.keys:
        values = VARIABLES.get(written)
        if values is None and "*" in written:
            values = tuple(written.replace("*", value) for value in PATTERNS[written])
        for key in values or (written,):
            yield f"problem_{key}" if use.function == "make_problem" else key
            if use.function == "render_message":
                yield f"{key}_help"


def test_only_what_hands_a_message_on_gives_fields_that_no_test_knows() -> None:
    places = [use.place.partition(":")[0] for use in USES if use.fields is None]
    assert set(places) == {"web/request.py", "operations/health/problems.py", "operations/health/nights.py"}
    # Only `JudgedPortal.make_problem`; every other place of that file gives its fields.
    assert places.count("operations/health/nights.py") == 1


def test_every_place_is_read_and_every_table_of_keys_is_needed() -> None:
    written = {key for use in USES if use.fields is not None for key in use.keys}
    assert len(USES) > 400
    assert {key for key in written if "*" in key} == set(PATTERNS)
    assert {key for key in written if " " in key} == set(VARIABLES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_is_said_is_in_the_catalogue(language: str) -> None:
    said = {(key, use.place) for use in USES if use.fields is not None for key in expand(use)}
    assert [one for one in sorted(said) if one[0] not in MESSAGES[language]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_gets_exactly_its_fields_where_it_is_said(language: str) -> None:
    wrong = []
    for use in USES:
        if use.fields is None:
            continue
        used = set()
        for key in expand(use):
            texts = MESSAGES[language][key]
            needed = set().union(*map(fields, texts)) | ({"count"} if len(texts) > 1 else set())
            # A form for one may leave out its number, and nothing else.
            lacking = [text for text in texts if fields(text) | {"count"} != needed | {"count"}]
            used |= needed
            if lacking or not needed <= use.fields:
                wrong.append((use.place, key, sorted(use.fields), sorted(needed)))
        # A problem's `since` and `subject` are columns, too, and vi has no plural that would need a number.
        spare = {"since", "subject"} if use.function == "make_problem" else {"count"}
        if use.fields - used - spare:
            wrong.append((use.place, use.keys, sorted(use.fields - used)))
    assert wrong == []


def test_a_count_is_given_only_where_a_language_needs_it() -> None:
    for use in USES:
        if use.fields and "count" in use.fields:
            texts = [text for key in expand(use) for language in LANGUAGES for text in MESSAGES[language][key]]
            assert any("{count}" in text for text in texts) or len(texts) > 2, use


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_unused(language: str) -> None:
    said = {key for use in USES if use.fields is not None for key in expand(use)}
    assert sorted(set(MESSAGES[language]) - said - SENTENCES) == []
