"""A request as a tree: finding elements and values as the service does."""

from __future__ import annotations

import pytest

from conformance.wire.tree import Node


def node(name: str, *children: Node, text: str = "") -> Node:
    """Return a node."""
    return Node(name, text, children=list(children))


TREE = node(
    "list",
    node("order", node("orderBy", text="A"), node("orderAD", text="ASC"), node("orderBy", text=" B\n")),
    node("order", node("orderBy", text="C")),
    node("empty"),
    node("blank", text=" \n"),
)


def test_the_first_of_equal_elements_is_found() -> None:
    found = TREE.find("order/orderBy")
    assert found is TREE.children[0].children[0]


@pytest.mark.parametrize("path", ["no", "order/no", "no/orderBy", "order/orderBy/no", "list", ""])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert TREE.find(path) is None
    assert TREE.all(path) == []
    assert TREE.value(path) is None


def test_all_takes_every_match_of_the_last_step_below_the_first_match_of_the_others() -> None:
    assert [found.text.strip() for found in TREE.all("order/orderBy")] == ["A", "B"]
    assert len(TREE.all("order")) == 2


@pytest.mark.parametrize(("path", "value"), [("order/orderAD", "ASC"), ("empty", None), ("blank", None)])
def test_an_empty_value_is_an_absent_one(path: str, value: str | None) -> None:
    assert TREE.value(path) == value


def test_a_value_is_trimmed() -> None:
    assert Node("parent", children=[Node("date", " 09/29/2019\n ")]).value("date") == "09/29/2019"


def test_walking_is_in_document_order() -> None:
    assert [found.name for found in TREE.walk()] == [
        *("list", "order", "orderBy", "orderAD", "orderBy", "order", "orderBy", "empty", "blank")
    ]


def test_a_deep_tree_can_be_walked_and_searched() -> None:
    deep = node("leaf", text="x")
    for _ in range(5000):
        deep = node("a", deep)
    assert sum(1 for _ in deep.walk()) == 5001
    assert deep.value("/".join(["a"] * 4999) + "/leaf") == "x"
