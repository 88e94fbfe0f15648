"""Wherever in a message a secret stands, and however it is written: it is not shown. Limits: docs/secrets.md."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from generated import answers, any_operation, as_sent, contents
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.versions import Version
from conformance.wire.names import Operation
from conformance.wire.redact import Redactor, is_secret

SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": escape,
    "entities": lambda secret: "".join(f"&#{ord(character)};" for character in secret),
    "hexadecimal entities": lambda secret: "".join(f"&#x{ord(character):X};" for character in secret),
    "CDATA": lambda secret: f"<![CDATA[{secret}]]>",
    "split by a comment": lambda secret: f"{escape(secret[:3])}<!-- x -->{escape(secret[3:])}",
    "URL": lambda secret: escape(quote(secret, safe="")),
    "JSON": lambda secret: escape(json.dumps(secret)[1:-1]),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "hex": lambda secret: secret.encode().hex(),
    "escaped twice": lambda secret: escape(escape(secret)),
    "other letters": lambda secret: escape(secret.swapcase()),
}

SECRETS = st.text(st.sampled_from("abcXYZ0189&<>'\"/+_-!\u00e4\u05d0\U0001f600"), min_size=4, max_size=10).map(
    lambda middle: f"q7{middle}Z9k"
)
"""Nothing that the generated texts, or the messages themselves, could hold by chance."""

_MARK = "\ue000"


def with_marks(root: etree._Element, data: st.DataObject) -> str:
    """Return a message in which some leaves hold a mark, to be replaced by a secret."""
    leaves = [element for element in root.iter() if len(element) == 0]
    for leaf in data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=4, unique=True)):
        leaf.text = f"before {_MARK} after"
    return etree.tostring(root, encoding="unicode")


class TestAnySecret:
    @settings(max_examples=100)
    @given(any_operation(), st.booleans(), SECRETS, st.sampled_from(sorted(SPELLINGS)), st.data())
    def test_that_is_known_is_not_shown_wherever_it_stands(
        self, wanted: tuple[Operation, Version], of_request: bool, secret: str, spelling: str, data: st.DataObject
    ) -> None:
        operation, release = wanted
        if of_request:
            root = etree.fromstring(as_sent(operation, data.draw(contents(operation, release))))
        else:
            root = data.draw(answers(operation, release))
        marked = with_marks(root, data)
        spelt = SPELLINGS[spelling](secret)
        shown = Redactor([secret])(marked.replace(_MARK, spelt))
        for text in {secret, escape(secret), spelt}:
            assert text.casefold() not in shown.casefold()

    @settings(max_examples=80)
    @given(any_operation(), SECRETS, st.sampled_from(sorted(SPELLINGS)), st.data())
    def test_that_a_message_brings_is_not_shown_anywhere_else(
        self, wanted: tuple[Operation, Version], secret: str, spelling: str, data: st.DataObject
    ) -> None:
        operation, release = wanted
        root = data.draw(answers(operation, release))
        leaves = [element for element in root.iter() if len(element) == 0]
        holders = [leaf for leaf in leaves if is_secret(etree.QName(leaf).localname)]
        assume(len(leaves) > 1)
        holder = holders[0] if holders else etree.SubElement(root, "sessionTicket")
        holder.text = secret
        other = data.draw(st.sampled_from([leaf for leaf in leaves if leaf is not holder]))
        other.text = f"before {_MARK} after"
        message = etree.tostring(root, encoding="unicode").replace(_MARK, SPELLINGS[spelling](secret))
        redact = Redactor()
        redact.learn_from(message)
        assert secret in redact.known
        shown = redact(message)
        for text in {secret, escape(secret), SPELLINGS[spelling](secret)}:
            assert text.casefold() not in shown.casefold()
