"""The notation of kept elements, and laying contents over each other."""

from __future__ import annotations

import pytest

from conformance.mock.refusal import Refusal
from conformance.mock.stored import fields, flag, group, kept, overlaid, text, written
from conformance.wire.tree import Node

KNOWN = fields(
    "a string≤3; b com:{c boolean=true; d* integer[1..9]}; e* {f! (X | Y,Z); g string}; h {i string}=; j live;", "meet"
)


def node(name: str, *children: Node, value: str = "") -> Node:
    return Node(name, value, children=list(children))


def test_prefixes_defaults_and_order() -> None:
    assert written(KNOWN) == {"meet:b": {"com:c": "true"}, "meet:h": {}}
    assert written(KNOWN, {"j": "live", "b": {"d": ["1"]}, "a": "x"}) == {
        "meet:a": "x",
        "meet:b": {"com:c": "true", "com:d": ["1"]},
        "meet:h": {},
        "meet:j": "live",
    }


def test_what_is_kept_of_a_request() -> None:
    sent = node(
        "bodyContent",
        node("e", node("f", value="Y,Z")),
        node("e", node("g", value="without f")),
        node("a", value=" x "),
        node("b", node("d", value="1"), node("d", value="+02"), node("c", value="TRUE"), node("z")),
        node("h"),
        node("j", value="set by the service"),
        node("unknown", value="?"),
    )
    assert kept(KNOWN, sent) == {
        "a": "x",
        "b": {"c": "true", "d": ["1", "2"]},
        "e": [{"f": "Y,Z"}],
        "h": {},
    }
    assert kept(KNOWN, None) == {}
    assert kept(KNOWN, node("bodyContent", node("a"))) == {}


@pytest.mark.parametrize(
    "child",
    [
        node("a", value="long"),
        node("b", node("c", value="yes")),
        node("b", node("d", value="0")),
        node("b", node("d", value="10")),
        node("b", node("d", value="1.5")),
        node("e", node("f", value="x")),
    ],
)
def test_values_of_the_wrong_kind_are_refused(child: Node) -> None:
    with pytest.raises(Refusal):
        kept(KNOWN, node("bodyContent", child))


def test_groups_merge_and_repeated_elements_are_replaced() -> None:
    older = {"e": [{"f": "X"}], "b": {"c": "false", "d": ["1"]}}
    newer = {"b": {"d": ["2", "3"]}, "a": "x"}
    merged = overlaid(KNOWN, older, newer)
    assert merged == {"a": "x", "b": {"c": "false", "d": ["2", "3"]}, "e": [{"f": "X"}]}
    assert list(merged) == ["a", "b", "e"]


def test_reading_kept_content() -> None:
    content = {"b": {"c": "true"}, "a": "x"}
    assert group(content, "b") == {"c": "true"}
    assert group(content, "a") == group(content, "b", "c", "d") == {}
    assert (text(content, "b", "c"), text(content, "b"), text(content, "z", default="-")) == ("true", "", "-")
    assert (flag(True), flag(False)) == ("true", "false")


@pytest.mark.parametrize("notation", ["a", "a string b string", "a {b string", "a float"])
def test_notations_that_cannot_be_read(notation: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        fields(notation)
