"""Scripts cost no more than a number of steps, counted in the script itself; their tokens are found in linear time."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from crawler.errors import BadFileError
from crawler.extract.listing.javascript import (
    MAX_STEPS,
    UNKNOWN,
    EvaluationSteps,
    evaluate,
    find_functions,
    matching,
    tokenize,
)
from crawler.extract.listing.pager import read_pager
from crawler.extract.page import parse_page

URL = "https://sapa.laocai.gov.vn/tin-tuc"
SEND = "$.ajax({url: u, data: {page: p}});"
HOSTILE: dict[str, Callable[[int], str]] = {
    "nested brackets in a call": lambda n: "$.ajax(" + "[" * n,
    "functions that do not end": lambda n: "function(" * (n // 9),
    "functions in functions": lambda n: "function f(){" * (n // 13),
    "many requests": lambda n: "$.ajax({url:u,data:d});" * (n // 23),
    "requests in requests": lambda n: "$.ajax(" * (n // 7),
    "strings that do not end": lambda n: '"\\' * (n // 2),
    "other strings that do not end": lambda n: "'\\" * (n // 2),
    "templates that do not end": lambda n: "`\\" * (n // 2),
    "patterns that do not end": lambda n: "/[" * (n // 2),
    "comments that do not end": lambda n: "/*" * (n // 2),
    "casts in casts": lambda n: "$.ajax({url:" + "String(" * (n // 8) + "b" + ")" * (n // 8) + ",data:{page:p}});",
    "choices": lambda n: "$.ajax({url:" + "a||" * (n // 3) + "b,data:{page:p}});",
    "objects in objects": lambda n: "$.ajax({url:u,data:{" + "a:{" * (n // 4) + "}" * (n // 4) + "}});",
    "sums of sums": lambda n: (
        "".join(f"v{k}=" + "+".join([f"v{k + 1}"] * (n // 30)) + ";" for k in range(6))
        + "v6='a';$.ajax({url:v0,data:{page:v0}});"
    ),
    "members": lambda n: "d={};" + "d.x=d;" * (n // 6) + "$.post(u,d);",
    "calls": lambda n: "function f(k){$.ajax({url:k,data:{page:k}});}" + "f('a');" * (n // 7),
}


def steps_of(script: str) -> int:
    """Return how many steps reading a page with this script takes. Above the budget it is refused."""
    page, steps = parse_page(f"<ul><li>x</ul><script>{script}</script>", URL), EvaluationSteps()
    with suppress(BadFileError):
        read_pager(page, None, steps=steps)
    return steps.taken


@pytest.mark.parametrize("name", list(HOSTILE))
def test_script_is_read_or_refused_within_the_budget(name: str) -> None:
    # A request adds what it looks at once more; the sum stays near the budget.
    assert steps_of(HOSTILE[name](60_000)) <= 2 * MAX_STEPS


def test_sums_of_sums_are_refused() -> None:
    script = HOSTILE["sums of sums"](600)
    assert len(script) < 700
    with pytest.raises(BadFileError) as refused:
        read_pager(parse_page(f"<script>{script}</script>", URL), None)
    assert (refused.value.kind, refused.value.sentence.kind) == ("page_too_costly", "costs-script")


def test_usual_script_takes_few_steps() -> None:
    assert 0 < steps_of(f"var a = 1; function go(p) {{ {SEND} }}" * 3) < MAX_STEPS / 50


@pytest.mark.parametrize("name", list(HOSTILE))
def test_tokens_take_linear_time(name: str) -> None:
    def seconds(letters: int) -> float:
        source, took = HOSTILE[name](letters), []
        for _ in range(3):
            before = time.process_time()
            tokenize(source)
            took.append(time.process_time() - before)
        return min(took)

    assert seconds(48_000) < 12 * max(seconds(8_000), 0.001)


def test_brackets_are_found_in_a_string_that_does_not_end() -> None:
    assert [token.text for token in tokenize('a = "b\nc = `d')] == ["a", "=", "b", "c", "=", "d"]
    assert [token.kind for token in tokenize("x = /[a\ny")] == ["name", "mark", "regex", "name"]


def test_deep_expression_has_no_known_value() -> None:
    steps = EvaluationSteps()
    tokens = tokenize("String(" * 60 + "'a'" + ")" * 60)
    assert evaluate(tokens, lambda name: UNKNOWN, steps=steps) is UNKNOWN
    assert evaluate(tokenize("String(String('a'))"), lambda name: UNKNOWN, steps=steps) == "a"
    assert steps.nested == 0


def test_steps_are_those_of_the_page_whatever_was_read_before() -> None:
    tokens = tokenize("function a(b) { c(d); }")
    first, again = EvaluationSteps(), EvaluationSteps()
    for steps in (first, again):
        assert matching(tokens, 2, steps=steps) == 4
        assert [function.name for function in find_functions(tokens, steps)] == ["a"]
    assert first.taken == again.taken > 0
    assert steps_of(SEND) == steps_of(SEND)
