"""Sentence templates for `prose`, by the kind of news; the templates are in `topics.toml`."""

import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Topic:
    """One kind of news: its title, lead, body and caption templates."""

    titles: tuple[str, ...]
    leads: tuple[str, ...]
    sentences: tuple[str, ...]
    captions: tuple[str, ...]


def _read_topics() -> dict[str, Topic]:
    text = (resources.files("crawler.replica.content") / "topics.toml").read_text(encoding="utf-8")
    return {
        name: Topic(**{part: tuple(templates) for part, templates in parts.items()})
        for name, parts in tomllib.loads(text).items()
    }


ALL = _read_topics()
CONFERENCE, CULTURE, NOTICE = ALL["conference"], ALL["culture"], ALL["notice"]
TOPICS = {
    "news": (CONFERENCE, ALL["farming"], ALL["works"], ALL["schooling"], CULTURE),
    "economy": (ALL["farming"], ALL["works"]),
    "notice": (NOTICE,),
    "culture": (CULTURE, ALL["schooling"]),
}
