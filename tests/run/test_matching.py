"""Each condition on the value of an XPath: what holds, and what nearly does."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.cases.xpaths import evaluate
from conformance.run.matching import mismatches, shown

MESSAGE = etree.fromstring("""\
<m>
  <text>Sorry</text><split>So<!-- no -->rry</split><padded> Sorry </padded>
  <empty/><open></open><blank> \t </blank><nbsp>&#160;</nbsp><parent><child/></parent><commented><!-- x --></commented>
  <many>1</many><many>2</many><many>3</many>
  <ten>10</ten><padded-ten> 10 </padded-ten><minus>-3</minus><half>2.50</half>
  <huge>123456789012345678901234567890</huge>
  <word>ten</word><nan>NaN</nan><inf>INF</inf><score>1_0</score><arabic>\u0661\u0662</arabic><lines>a&#10;b</lines>
  <kind type="x" none=""/>
</m>""")


def holds(xpath: str, **condition: str | list[str]) -> bool:
    """Tell whether the value of an XPath meets a condition, with ``_`` for the blanks of its keys."""
    wanted = {key.strip("_").replace("_", " "): value for key, value in condition.items()}
    return not list(mismatches(evaluate(xpath, MESSAGE), wanted))


@pytest.mark.parametrize(
    ("xpath", "condition"),
    [
        ("text", {"text": "Sorry"}),
        ("split", {"text": "Sorry"}),
        ("padded", {"text": " Sorry "}),
        ("many", {"text": "1"}),
        ("absent", {"text": ""}),
        ("empty", {"text": ""}),
        ("kind/@type", {"text": "x"}),
        ("string(text)", {"text": "Sorry"}),
        ("count(many)", {"text": "3"}),
        ("count(absent)", {"text": "0"}),
        ("text = 'Sorry'", {"text": "true"}),
        ("text = 'sorry'", {"text": "false"}),
        ("half * 2", {"text": "5"}),
        ("half * 1", {"text": "2.5"}),
        ("text", {"not": "sorry"}),
        ("absent", {"not": "Sorry"}),
        ("text", {"one_of": ["Pardon", "Sorry"]}),
        ("empty", {"one_of": ["", "x"]}),
        ("text", {"matches": "S.*y"}),
        ("ten", {"matches": r"\d+"}),
        ("text", {"contains": "orr"}),
        ("split", {"contains": "orr"}),
        ("text", {"contains": ""}),
        ("many", {"count": "3"}),
        ("absent", {"count": "0"}),
        ("text", {"count": "1"}),
        ("string(absent)", {"count": "1"}),
        ("ten", {"at_least": "10"}),
        ("ten", {"at_most": "10"}),
        ("padded-ten", {"at_least": "9"}),
        ("half", {"at_least": "2.5", "at_most": "2.5"}),
        ("minus", {"at_least": "-3", "at_most": "0"}),
        ("huge", {"at_least": "123456789012345678901234567889"}),
        ("text", {"present": "true"}),
        ("empty", {"present": "true"}),
        ("kind/@none", {"present": "true"}),
        ("absent", {"absent": "true"}),
        ("kind/@absent", {"absent": "true"}),
        ("empty", {"empty": "true"}),
        ("open", {"empty": "true"}),
        ("kind/@none", {"empty": "true"}),
        ("empty", {"blank": "true"}),
        ("blank", {"blank": "true"}),
        ("parent", {"blank": "true"}),
        ("many", {"count": "3", "text": "1", "at_most": "1"}),
    ],
)
def test_a_condition_holds(xpath: str, condition: dict[str, str | list[str]]) -> None:
    assert holds(xpath, **condition)


@pytest.mark.parametrize(
    ("xpath", "condition"),
    [
        ("text", {"text": "sorry"}),
        ("text", {"text": "Sorry."}),
        ("padded", {"text": "Sorry"}),
        ("many", {"text": "2"}),
        ("absent", {"text": "Sorry"}),
        ("text", {"not": "Sorry"}),
        ("empty", {"not": ""}),
        ("absent", {"not": ""}),
        ("text", {"one_of": ["Sorr", "Sorry "]}),
        ("absent", {"one_of": ["Sorry"]}),
        ("text", {"matches": "S"}),
        ("text", {"matches": "sorry"}),
        ("lines", {"matches": "a.*b"}),
        ("absent", {"matches": ".+"}),
        ("text", {"contains": "orry "}),
        ("absent", {"contains": "S"}),
        ("many", {"count": "2"}),
        ("many", {"count": "03"}),
        ("absent", {"count": "1"}),
        ("empty", {"count": "0"}),
        ("ten", {"at_least": "11"}),
        ("ten", {"at_least": "10.0001"}),
        ("ten", {"at_most": "9"}),
        ("minus", {"at_least": "-2"}),
        ("huge", {"at_most": "123456789012345678901234567889"}),
        ("absent", {"at_least": "0"}),
        ("empty", {"at_most": "5"}),
        ("word", {"at_least": "1"}),
        ("nan", {"at_least": "0"}),
        ("nan", {"at_most": "0"}),
        ("inf", {"at_least": "0"}),
        ("number(word)", {"at_least": "0"}),
        ("1 div 0", {"at_least": "0"}),
        ("score", {"at_least": "1"}),
        ("arabic", {"at_least": "1"}),
        ("ten", {"at_least": "none"}),
        ("absent", {"present": "true"}),
        ("string(absent)", {"present": "true"}),
        ("empty", {"absent": "true"}),
        ("kind/@none", {"absent": "true"}),
        ("absent", {"empty": "true"}),
        ("blank", {"empty": "true"}),
        ("nbsp", {"empty": "true"}),
        ("parent", {"empty": "true"}),
        ("text", {"empty": "true"}),
        ("absent", {"blank": "true"}),
        ("text", {"blank": "true"}),
        ("many", {"count": "3", "text": "2"}),
    ],
)
def test_a_near_miss_does_not_hold(xpath: str, condition: dict[str, str | list[str]]) -> None:
    assert not holds(xpath, **condition)


def test_every_condition_that_does_not_hold_is_told() -> None:
    wrong = list(mismatches(evaluate("many", MESSAGE), {"count": "2", "text": "1", "at least": "5"}))
    assert wrong == ["2 of them, found 3", "a number of at least 5"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"text": "a"}, "'a'"),
        ({"not": "Sorry"}, "anything but 'Sorry'"),
        ({"one of": ["a", "b"]}, "one of a, b"),
        ({"matches": "a+"}, "text that matches a+"),
        ({"contains": "a"}, "text that contains 'a'"),
        ({"count": "2"}, "2 of them, found 1"),
        ({"at least": "1"}, "a number of at least 1"),
        ({"at most": "1"}, "a number of at most 1"),
        ({"absent": "true"}, "absent"),
        ({"empty": "true"}, "present, with neither text nor children"),
        ({"blank": "true"}, "present, with no text but blanks"),
    ],
)
def test_what_was_expected_is_told_in_these_words(condition: dict[str, str | list[str]], words: str) -> None:
    assert list(mismatches(evaluate("text", MESSAGE), condition)) == [words]


def test_that_something_is_expected_to_be_there_is_told_too() -> None:
    assert list(mismatches(evaluate("absent", MESSAGE), {"present": "true"})) == ["present"]


@pytest.mark.parametrize(
    ("xpath", "words"),
    [
        ("absent", "absent"),
        ("empty", "present and empty"),
        ("blank", "present and blank"),
        ("text", "Sorry"),
        ("many", "1 (first of 3)"),
        ("count(many)", "3"),
        ("empty | open", "present and empty (first of 2)"),
    ],
)
def test_absent_empty_and_blank_are_shown_as_different_things(xpath: str, words: str) -> None:
    assert shown(evaluate(xpath, MESSAGE)) == words


def test_a_long_value_is_cut_where_it_is_shown() -> None:
    assert shown(["x" * 300]) == "x" * 300
    assert shown(["x" * 301]) == "x" * 300 + "..."
    assert shown(["x" * 1000, "y"]) == "x" * 300 + "... (first of 2)"
