"""Building and reading requests, and their canonical form: nothing is lost, nothing is invented."""

from __future__ import annotations

from generated import SECURITY, any_operation, as_sent, body_of, contents, schemas_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from strategies import xml_texts

from conformance.schema.canonical import canonicalise
from conformance.versions import Version
from conformance.wire.names import Operation
from conformance.wire.request import Body, build_request, read_request
from conformance.wire.tree import Node

_ATTRIBUTES = st.dictionaries(st.sampled_from(["@a", "@b-c", "@d.e"]), xml_texts, max_size=2)


def as_body(node: Node) -> Body:
    """Return what was read in the form from which it was built."""
    if not node.children and not node.attributes:
        return node.text
    body: dict[str, Body] = {f"@{key}": value for key, value in node.attributes.items()}
    for name in dict.fromkeys(child.name for child in node.children):
        found = [as_body(child) for child in node.children if child.name == name]
        body[name] = found[0] if len(found) == 1 else found
    return body


class TestRequest:
    @settings(max_examples=60)
    @given(any_operation(), st.dictionaries(st.sampled_from(["webExID", "password", "siteName"]), xml_texts), st.data())
    def test_is_read_as_it_was_built(
        self, wanted: tuple[Operation, Version], security: dict[str, str], data: st.DataObject
    ) -> None:
        operation, release = wanted
        body = body_of(data.draw(contents(operation, release)))
        attributes = data.draw(_ATTRIBUTES)
        sent = {**body, "extra": [{**attributes, "inner": "x"}, ""]} if isinstance(body, dict) else {}
        built = build_request(operation, security, sent)
        assume("\u00a0" not in built.decode())  # a blank where the documentation prints it; tests/wire/test_blanks.py
        request = read_request(built)
        read = {key: as_body(node) for key, node in _by_name(request.content)}
        assert request.operation is operation
        assert request.departures == ()
        assert [child.name for child in request.content.children] == _names(sent)
        assert read.pop("extra", "") == (sent["extra"][1] if sent else "")
        assert read == {name: _last(value) for name, value in sent.items() if name != "extra"}
        # The service trims who signs in, and takes a blank as absent.
        stripped = {name: value.strip() for name, value in security.items() if value.strip()}
        assert request.security == stripped


def _by_name(content: Node) -> list[tuple[str, Node]]:
    return [(child.name, child) for child in content.children]


def _names(body: dict[str, Body]) -> list[str]:
    return [name for name, value in body.items() for _ in (value if isinstance(value, list) else [value])]


def _last(value: Body) -> Body:
    return value[-1] if isinstance(value, list) else value


class TestCanonicalForm:
    @settings(max_examples=60)
    @given(any_operation(), st.randoms(use_true_random=False), st.data())
    def test_a_valid_request_stays_valid_however_it_is_ordered_and_prefixed(
        self, wanted: tuple[Operation, Version], random, data: st.DataObject
    ) -> None:
        operation, release = wanted
        content = data.draw(contents(operation, release))
        for element in content.iter():
            children = list(element)
            random.shuffle(children)
            element[:] = children
        sent = _prefixed(as_sent(operation, content), data.draw(st.sampled_from(["", "x:", "serv:", "meet:"])))
        assert schemas_of(release).judge_request(read_request(sent))[0] == []

    @settings(max_examples=60)
    @given(any_operation(), st.data())
    def test_of_the_canonical_form_is_itself(self, wanted: tuple[Operation, Version], data: st.DataObject) -> None:
        operation, release = wanted
        model = schemas_of(release).model
        sent = as_sent(operation, data.draw(contents(operation, release)), SECURITY)
        once = canonicalise(read_request(sent), model)
        again = canonicalise(read_request(etree.tostring(once.root)), model)
        assert etree.tostring(again.root) == etree.tostring(once.root)
        assert again.departures == []


def _prefixed(sent: bytes, prefix: str) -> bytes:
    """Give every element of the content a prefix, declared or not."""
    head, opening, rest = sent.partition(b"<bodyContent")
    start, _, inner = rest.partition(b">")
    inner, closing, tail = inner.partition(b"</bodyContent>")
    marked = inner.replace(b"</", b"\0").replace(b"<", b"<" + prefix.encode()).replace(b"\0", b"</" + prefix.encode())
    return head + opening + start + b">" + marked + closing + tail
