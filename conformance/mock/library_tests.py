"""The test library of the training service: tests listed, copied and deleted; ``ims_tests`` uploads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.mock.call import Call, answers
from conformance.mock.refusal import access_denied, bad_value, no_record
from conformance.mock.training_state import LibraryTest
from conformance.wire.answer import Answer
from conformance.wire.tree import Node

_TYPES = {"PRIVATE": False, "SHARE": True}


@answers("LstLibTests")
def lst_lib_tests(call: Call) -> Mapping[str, Answer]:
    """List the caller's own tests and those that are shared (assumed); the author is told by Webex ID (assumed)."""
    tests = [test for test in call.site.library_tests.values() if _may_use(call, test)]
    if not tests:
        raise no_record()
    return {
        "libTest": [
            {
                "testID": str(test.test_id),
                "type": "SHARE" if test.shared else "PRIVATE",
                "title": test.title,
                "description": test.description,
                "author": test.author,
            }
            for test in tests
        ]
    }


@answers("CopyLibTests")
def copy_lib_tests(call: Call) -> Mapping[str, Answer]:
    """Copy tests to the caller's own or the shared ones: all, or none where one is not there (assumed)."""
    shared = _TYPES.get(call.text("copyToType"))
    if shared is None:
        raise bad_value("copyToType")
    tests = named_tests(call)
    copies = [replace(test, test_id=call.site.number(), author=call.account.web_ex_id, shared=shared) for test in tests]
    call.site.library_tests |= {copy.test_id: copy for copy in copies}
    return {"testID": [str(copy.test_id) for copy in copies]}


@answers("DelLibTests")
def del_lib_tests(call: Call) -> Mapping[str, Answer]:
    """Delete tests of the caller's own, for a site administrator anybody's (assumed): all, or none."""
    tests = named_tests(call)
    if not all(call.account.site_admin or _is_author(call, test) for test in tests):
        raise access_denied()
    for test in tests:
        call.site.library_tests.pop(test.test_id, None)
    return {}


def named_tests(call: Call) -> list[LibraryTest]:
    """Return the tests whose ``testID`` a call names; refuse what the caller does not see (assumed: 000015)."""
    numbers = numbers_of_tests(call)
    tests = [test for number in numbers if (test := seen_test(call, number))]
    if len(tests) < len(numbers):
        raise no_record()
    return tests


def seen_test(call: Call, number: int) -> LibraryTest | None:
    """Return the test of that number if the caller may use it."""
    test = call.site.library_tests.get(number)
    return test if test and _may_use(call, test) else None


def numbers_of_tests(call: Call) -> list[int]:
    """Return every ``testID`` of a call; refuse a call without one."""
    if not call.account.host:
        raise access_denied()
    numbers = [_number(node) for node in call.content.all("testID")]
    if not numbers:
        raise bad_value("testID")
    return numbers


def _number(node: Node) -> int:
    text = node.text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise bad_value("testID")
    return int(text)


def _may_use(call: Call, test: LibraryTest) -> bool:
    return test.shared or _is_author(call, test) or call.account.site_admin


def _is_author(call: Call, test: LibraryTest) -> bool:
    return test.author.lower() == call.account.web_ex_id.lower()
