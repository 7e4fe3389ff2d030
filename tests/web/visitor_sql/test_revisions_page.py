"""`revisions` is a view, and has the pages of a table: rows, links, labels, facets and filters."""

from collections.abc import Iterator

import pytest

from tests.support.web_archive import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("site")) as opened:
        yield opened


def a_revision(site: Site) -> dict[str, object]:
    rows: list[dict[str, object]] = site.get("/archive/revisions.json?_shape=array&number=2&_size=1").json()
    return rows[0]


@pytest.mark.parametrize("number", [1, 2])
def test_every_revision_has_a_page_with_its_text(site: Site, number: int) -> None:
    article_id = a_revision(site)["article_id"]
    path = f"/archive/revisions/{article_id},{number}"
    (row,) = site.get(f"{path}.json?_shape=array").json()
    assert (row["article_id"], row["number"]) == (article_id, number)
    assert row["title"]
    assert row["body"]
    said = site.get(f"{path}.json").json()
    assert (said["table"], said["primary_keys"]) == ("revisions", ["article_id", "number"])
    page = site.get(path)
    assert page.status_code == 200
    assert str(row["title"]) in page.text
    assert site.get(f"/archive/revisions/{article_id},99").status_code == 404


def test_the_list_links_to_the_pages_of_its_rows_and_to_articles(site: Site) -> None:
    article_id = a_revision(site)["article_id"]
    page = site.get(f"/archive/revisions?article_id={article_id}").text
    assert f'href="/archive/revisions/{article_id},2"' in page
    assert f'href="/archive/articles/{article_id}"' in page


def test_labels_facets_filters_sorting_and_pages_work_as_in_a_table(site: Site) -> None:
    row = a_revision(site)
    labelled = site.get("/archive/revisions.json?_shape=array&_labels=on&number=2&_size=1").json()[0]["article_id"]
    assert labelled["value"] == row["article_id"]
    assert labelled["label"]
    said = site.get("/archive/revisions.json?_facet=number&_size=2&_sort=article_id").json()
    assert {one["value"] for one in said["facet_results"]["number"]["results"]} >= {1, 2}
    following = site.get(f"/archive/revisions.json?_size=2&_sort=article_id&_next={said['next']}").json()["rows"]
    assert following
    assert following[0] not in said["rows"]
    assert site.get(f"/archive/revisions.json?_shape=array&title__exact={row['title']}").json()


def test_the_table_below_is_not_shown_among_the_tables(site: Site) -> None:
    tables = {one["name"]: one for one in site.get("/archive.json").json()["tables"]}
    assert tables["revisions"]["primary_keys"] == ["article_id", "number"]
    assert not tables["revisions"]["hidden"]
    assert tables["revision_rows"]["hidden"]
    assert "revisions" not in site.get("/archive.json").json()["views"]


def test_sql_that_was_written_for_the_table_runs(site: Site) -> None:
    sql = (
        "select r.number, r.body, n.seen_at from articles a join revisions r on r.article_id = a.id "
        "left join revisions n on n.article_id = r.article_id and n.number = r.number %2B 1 where r.body <> ''"
    )
    rows = site.get(f"/archive.json?_shape=array&sql={sql}").json()
    assert any(one["seen_at"] is None for one in rows)
    assert all(one["body"] for one in rows)
