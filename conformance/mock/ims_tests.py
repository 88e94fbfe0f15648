"""Tests as IMS QTI writes them: uploaded to the library, given back, and the result of a participant."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.library_tests import seen_test
from conformance.mock.refusal import access_denied, bad_value, no_record
from conformance.mock.scheduled_tests import scheduled_test
from conformance.mock.training_state import LibraryTest
from conformance.wire.answer import Answer
from conformance.wire.times import write_date
from conformance.wire.tree import Node

_BASE = "http://www.webex.com/schemas/2002/06/service"
_ASI, _RES = f"{_BASE}/trainingsessionqtiasi", f"{_BASE}/trainingsessionqti"
"""The name spaces of IMS QTI ASI 1.2 and RES 1.2 in the schemas of 2011."""

_DISPLAYS = ("display/allOnePage", "display/onePerPage")


@answers("UploadIMStest")
def upload_ims_test(call: Call) -> Mapping[str, Answer]:
    """Put a test into the caller's own library; title and description are those of its assessment (assumed).

    How it is displayed and whether it is graded no other operation tells.
    """
    if not call.account.host:
        raise access_denied()
    content = call.content.find("questestinterop")
    if content is None or not content.children:
        raise bad_value("questestinterop")
    if sum(call.text(path).lower() == "true" for path in _DISPLAYS) != 1:
        raise bad_value("display")
    assessment = content.find("assessment") or content.children[0]
    test = LibraryTest(
        test_id=call.site.number(),
        author=call.account.web_ex_id,
        title=assessment.attributes.get("title", ""),
        description=content.value("qticomment") or assessment.value("qticomment") or "",
        content=content,
    )
    call.site.library_tests[test.test_id] = test
    return {"testID": str(test.test_id)}


@answers("GetIMStestDetails")
def get_ims_test_details(call: Call) -> Mapping[str, Answer]:
    """Return a test as it was uploaded, by its number in the library or in a training session (assumed: either)."""
    test = seen_test(call, call.number("testID")) or scheduled_test(call)[1].test
    content: list[Answer] = [{f"qtiasi:{child.name}": _written(child)} for child in test.content.children]
    return {"questestinterop": {"@xmlns:qtiasi": _ASI, "": content}}


@answers("GetIMStestResult")
def get_ims_test_result(call: Call) -> Mapping[str, Answer]:
    """Return what a participant of a training session's test scored; 000015 for who handed in none (assumed).

    Of what IMS QTI RES 1.2 can hold the mock knows name, address, date and score.
    """
    session, test = scheduled_test(call)
    email = call.text("participantEmail").lower()
    one = next((one for one in test.submissions if one.email == email), None)
    if one is None:
        raise no_record()
    result: dict[str, Answer] = {
        "context": {
            "name": one.name,
            "generic_identifier": {"type_label": "email", "identifier_string": one.email},
            "date": {"type_label": "submitted", "datetime": write_date(one.submitted, session.time_zone_id)},
        },
        "assessment_result": {
            "@asi_title": test.test.title,
            "outcomes": {"score": {"@varname": "SCORE", "score_value": str(one.score)}},
        },
    }
    return {"qti_result_report": {"@xmlns:qti": _RES, "qti:result": result}}


def _written(node: Node) -> Answer:
    """Return an element as it was sent, all but its prefixes and name spaces."""
    attributes: dict[str, Answer] = {
        f"@{name}": value for name, value in node.attributes.items() if ":" not in name and name != "xmlns"
    }
    if node.children:
        return {**attributes, "": [{child.name: _written(child)} for child in node.children]}
    return {**attributes, "": node.text} if attributes else node.text
