"""XPaths of case files: our prefixes, whatever an answer declares; the text of a value; each condition's meaning."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.cases.xpaths import BadXPath, check, evaluate, text_of
from conformance.run.matching import mismatches

MESSAGE = b"""\
<m:message xmlns:m="http://www.webex.com/schemas/2002/06/service" xmlns:serv="urn:another">
  <m:body>
    <m:bodyContent xmlns:u="http://www.webex.com/schemas/2002/06/service/user"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="u:getUserResponse">
      <u:firstName>Kim<!-- a comment --> Sample</u:firstName>
      <u:email>kim@example.com</u:email>
      <u:email>robin@example.com</u:email>
      <u:visitCount> 12 </u:visitCount>
      <u:title/>
      <u:company> </u:company>
      <u:address><u:city>Bonn</u:city></u:address>
      <u:tracking><u:code/></u:tracking>
      <serv:email>other</serv:email>
    </m:bodyContent>
  </m:body>
</m:message>
"""
ROOT = etree.fromstring(MESSAGE)


@pytest.mark.parametrize(
    ("xpath", "text"),
    [
        ("//use:email", "kim@example.com"),
        ("//use:email[2]", "robin@example.com"),
        ("/serv:message/serv:body/serv:bodyContent/use:email", "kim@example.com"),
        ("//serv:email", ""),  # bound to another namespace there
        ("//use:firstName", "Kim Sample"),  # the comment splits no text
        ("//use:address", "Bonn"),
        ("//use:nothing", ""),
        ("//use:title", ""),
        ("//use:email/text()", "kim@example.com"),
        ("//serv:bodyContent/@*[local-name()='type']", "u:getUserResponse"),
        ("count(//use:email)", "2"),
        ("count(//use:email) div 4", "0.5"),
        ("number(//use:email)", "nan"),
        ("count(//use:email) > 1", "true"),
        ("not(//use:email)", "false"),
        ("string(//use:email[2])", "robin@example.com"),
        ("concat(//use:address/use:city, '!')", "Bonn!"),
        ("'a literal'", "a literal"),
    ],
)
def test_the_text_of_a_value_is_what_string_gives(xpath: str, text: str) -> None:
    assert text_of(evaluate(xpath, ROOT)) == text


def test_a_text_does_not_keep_the_message_that_it_is_of() -> None:
    (text, _) = evaluate("//serv:bodyContent/use:email/text()", ROOT)
    assert type(text) is str


HOLD = [
    ("//use:email", {"text": "kim@example.com"}),
    ("//use:nothing", {"text": ""}),  # absent counts as empty text
    ("//use:title", {"text": ""}),
    ("//use:firstName", {"text": "Kim Sample"}),
    ("//use:email", {"not": "robin@example.com"}),
    ("//use:nothing", {"not": "a"}),
    ("//use:email", {"one of": ["a", "kim@example.com"]}),
    ("//use:nothing", {"one of": ["a", ""]}),
    ("//use:email", {"matches": r"[a-z]+@example\.com"}),
    ("//use:title", {"matches": ""}),
    ("//use:email", {"contains": "@"}),
    ("//use:email", {"contains": ""}),
    ("//use:email", {"count": "2"}),
    ("//use:nothing", {"count": "0"}),
    ("count(//use:email)", {"count": "1"}),
    ("count(//use:email)", {"at least": "2", "at most": "2"}),
    ("//use:visitCount", {"at least": "11.5", "at most": "13"}),
    ("//use:visitCount", {"at least": "-1"}),
    ("//use:title", {"present": "true"}),
    ("//use:nothing", {"absent": "true"}),
    ("//use:title", {"empty": "true"}),
    ("//use:title", {"blank": "true"}),
    ("//use:company", {"blank": "true"}),
    ("//use:tracking", {"blank": "true"}),
    ("string(//use:email)", {"present": "true"}),
    ("string(//use:title)", {"absent": "true"}),
]

FAIL = [
    ("//use:email", {"text": "robin@example.com"}),  # the first one counts
    ("//use:email", {"text": "Kim@example.com"}),
    ("//use:visitCount", {"text": "12"}),  # blanks count
    ("//use:email", {"not": "kim@example.com"}),
    ("//use:nothing", {"not": ""}),
    ("//use:email", {"one of": ["kim", "robin@example.com"]}),
    ("//use:email", {"matches": "kim"}),  # the whole text
    ("//use:nothing", {"matches": ".+"}),
    ("//use:email", {"contains": "robin"}),
    ("//use:email", {"count": "1"}),
    ("//use:nothing", {"count": "1"}),
    ("count(//use:nothing)", {"count": "0"}),
    ("//use:visitCount", {"at least": "13"}),
    ("//use:visitCount", {"at most": "11"}),
    ("//use:email", {"at least": "0"}),  # no number
    ("//use:nothing", {"at most": "9"}),
    ("number(//use:email)", {"at least": "0"}),
    ("//use:nothing", {"present": "true"}),
    ("//use:title", {"absent": "true"}),
    ("//use:company", {"empty": "true"}),
    ("//use:tracking", {"empty": "true"}),  # it has a child
    ("//use:nothing", {"empty": "true"}),
    ("//use:nothing", {"blank": "true"}),
    ("//use:address", {"blank": "true"}),
    ("//use:email", {"text": "kim@example.com", "count": "1"}),  # all must hold
]


@pytest.mark.parametrize(("xpath", "condition"), HOLD)
def test_a_condition_that_holds(xpath: str, condition: dict[str, Any]) -> None:
    assert list(mismatches(evaluate(xpath, ROOT), condition)) == []


@pytest.mark.parametrize(("xpath", "condition"), FAIL)
def test_a_condition_that_does_not_hold(xpath: str, condition: dict[str, Any]) -> None:
    assert len(list(mismatches(evaluate(xpath, ROOT), condition))) == 1


@pytest.mark.parametrize(
    ("xpath", "told"),
    [
        ("//user:email", "prefix 'user' is not declared, did you mean 'use'?"),
        ("//use:a[user:b]", "prefix 'user' is not declared, did you mean 'use'?"),
        ("//xsi:type", "prefix 'xsi' is not declared"),
        ("//use:email[", "'//use:email[' is not an XPath 1.0 expression: Invalid expression"),
        ("", "'' is not an XPath 1.0 expression: Invalid expression"),
        ("lower-case(//use:a)", "XPath 1.0 has no function 'lower-case'"),
        ("//use:a[normalise-space(.)]", "XPath 1.0 has no function 'normalise-space', did you mean 'normalize-space'?"),
        ("//use:a[$key]", "'$key' is a variable, of which there are none; values are written ${...}"),
        ("contains(//use:a)", "'contains(//use:a)' is not an XPath 1.0 expression: Invalid number of arguments"),
        ("//use:a \x00", "is not an XPath 1.0 expression"),
    ],
)
def test_a_bad_xpath_is_told(xpath: str, told: str) -> None:
    with pytest.raises(BadXPath) as caught:
        check(xpath)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "xpath",
    [
        "//ep:session[ep:sessionKey='${meeting.key}']/ep:confName",
        "//use:user[${row.n}]",
        "//use:user[position() = 1${row.digit}]",
        "${row.sign} * count(//use:user) > 0",
        "'${name}'",
        "//serv:bodyContent/@*[local-name()='type' and .='use:x']",
        "//serv:bodyContent/child::use:email/following-sibling::node()",
        "//use:*",
        'count(//use:a[.="user:b"])',
        "//use:user['a'or(use:email)]",
    ],
)
def test_an_xpath_with_values_is_checked_without_them(xpath: str) -> None:
    check(xpath)


@given(st.text(max_size=40) | st.text(alphabet="/@*[]()'\".:= useaxisi1${}", max_size=40))
def test_any_text_is_an_xpath_or_a_bad_one(text: str) -> None:
    with suppress(BadXPath):
        check(text)
