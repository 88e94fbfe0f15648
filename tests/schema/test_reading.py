"""What the children of an element are read as, by their names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.schema import reading
from conformance.schema.catalog import SchemaSet
from conformance.schema.reading import Content, Note, content_of, local_name
from conformance.wire.names import NAMESPACES

USE = f"{{{NAMESPACES['use']}}}"
COM = f"{{{NAMESPACES['com']}}}"


@pytest.fixture
def content(schemas: SchemaSet) -> Content:
    return content_of(schemas.model.types[f"{USE}createUser"], schemas.model)


def test_names_are_known_without_namespaces_and_with_those_of_the_schema(content: Content) -> None:
    assert content.read(("webExId", "email")).known
    own = content.read((f"{USE}webExId", "email"))
    assert own.known
    assert own.respelt == [(0, "webExId")]
    assert own.notes == []


@pytest.mark.parametrize("name", ["new", f"{COM}webExId", f"{USE}new", f"{USE}WEBEXID"])
def test_others_are_not(name: str, content: Content) -> None:
    assert not content.read(("email", name)).known


def test_another_case_is_read_and_noted(content: Content) -> None:
    row = content.read(("WEBEXID", "Email", "email"))
    assert row.known
    assert [child.name for child in row.children if child] == ["webExId", "email", "email"]
    assert row.respelt == [(0, "webExId"), (1, "email")]
    assert row.notes == [
        Note("name-case", 0, "'WEBEXID' instead of 'webExId'"),
        Note("name-case", 1, "'Email' instead of 'email'"),
    ]


def test_the_first_child_out_of_order_is_noted_and_unknown_ones_come_last(content: Content) -> None:
    row = content.read(("new", "email", "firstName", "webExId"))
    assert row.order == [2, 3, 1, 0]
    assert row.notes == [Note("order", 0, "not in the order of the schema")]
    assert content.read(("firstName", "webExId", "email", "new", "newer")).order is None


def test_those_whose_text_or_children_matter_are_grouped_by_name(content: Content) -> None:
    row = content.read(("webExId", "address", "sendWelcome", "Address", "address"))
    assert [(group.name, group.child.name, group.numbers) for group in row.groups] == [
        ("address", "address", [1, 4]),
        ("sendWelcome", "sendWelcome", [2]),
        ("Address", "address", [3]),
    ]


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("sendWelcome", "TRUE", "true"),
        ("sendWelcome", "true", None),
        ("sendWelcome", "NO", None),
        ("webExId", "TRUE", None),
    ],
)
def test_only_a_boolean_is_read_in_small_letters(name: str, text: str, read: str | None, content: Content) -> None:
    (child,) = content.read((name,)).children
    assert child is not None
    assert child.in_small_letters(text) == read


@given(st.lists(st.lists(st.sampled_from(["webExId", "WebExID", "email", "address", "new"]), max_size=40), max_size=9))
def test_what_is_kept_is_what_would_be_found_out(schemas: SchemaSet, rows: list[list[str]]) -> None:
    model = schemas.model
    type_ = model.types[f"{USE}createUser"]
    content = content_of(type_, model)
    for row in rows:
        fresh = Content(model.children_by_local_name(type_), model.builtin, ordered=type_.ordered).read(tuple(row))
        again = content.read(tuple(row))
        assert (again.order, again.notes, again.known, again.respelt) == (
            fresh.order,
            fresh.notes,
            fresh.known,
            fresh.respelt,
        )
        assert [child and child.name for child in again.children] == [child and child.name for child in fresh.children]


def test_only_so_many_short_rows_of_known_names_are_kept(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MOST_KEPT", 3)
    monkeypatch.setattr(content, "_kept", {})
    for count in range(1, 50):
        content.read(("email",) * count)
        content.read(("email",) * count + ("new",))
    assert 0 < len(content._kept) <= 3
    assert all(len(row) <= reading._LONGEST_KEPT and "new" not in row for row in content._kept)


def test_a_local_name() -> None:
    assert [local_name(name) for name in ("a", "{urn:b}a", "{}a")] == ["a"] * 3


def test_of_two_that_differ_in_case_only_each_is_read_as_itself(schemas: SchemaSet) -> None:
    children = schemas.model.children_by_local_name(schemas.model.types[f"{USE}createUser"])
    two = [replace(children["email"][1], name=f"{USE}{name}") for name in ("key", "Key")]
    content = Content(
        {local_name(particle.name): (rank, particle) for rank, particle in enumerate(two)},
        schemas.model.builtin,
        ordered=True,
    )
    read = content.read(("Key", "key", "KEY"))
    assert [child and child.name for child in read.children] == ["Key", "key", "key"]
