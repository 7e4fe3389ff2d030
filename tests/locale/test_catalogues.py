"""The catalogues: whole in both languages, with plural forms, and quick to read."""

import pytest

from crawler.locale import LANGUAGES, say
from crawler.locale.catalogues import ROOT
from tests.support.messages import SUBJECTS, fields, forms, read

FORMS = {"vi": 1, "en": 2}


def test_each_language_has_the_same_catalogues() -> None:
    assert {path.parts[-3] for path in ROOT.rglob("*.po")} == set(LANGUAGES)
    assert sorted(path.stem for path in ROOT.glob("en/LC_MESSAGES/*.po")) == SUBJECTS


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_message_is_in_both_languages_with_the_same_fields(subject: str) -> None:
    vietnamese, english = forms(read("vi", subject)), forms(read("en", subject))
    assert list(vietnamese) == list(english)
    for key, texts in vietnamese.items():
        assert all(text.strip() for text in (*texts, *english[key])), key
        assert fields(texts[-1]) == fields(english[key][-1]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_forms_of_its_language(language: str) -> None:
    for subject in SUBJECTS:
        catalog = read(language, subject)
        assert catalog.num_plurals == FORMS[language]
        for message in catalog:
            if message.pluralizable:
                assert len(message.string) == FORMS[language], message.id


def test_no_key_is_in_two_catalogues() -> None:
    keys = [key for subject in SUBJECTS for key in forms(read("vi", subject))]
    assert len(keys) == len(set(keys))


def test_count_chooses_the_plural_form_and_is_written_as_the_language_does() -> None:
    assert [say("hits", "en", count=count) for count in (0, 1, 2)] == ["0 articles", "1 article", "2 articles"]
    assert say("hits", "vi", count=12345) == "12.345 bài"
    assert say("away_days_open", "en", since="a", until="b", count=1.5, least="1").endswith("1.5 days (at least 1).")


def test_an_unknown_key_is_returned_unchanged() -> None:
    assert say("no-such-message", "vi", count=3) == "no-such-message"
