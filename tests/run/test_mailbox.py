"""What a case may expect of mails."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.run.mailbox import judge_mails
from conformance.run.verdicts import Verdict
from conformance.site.seam import ReceivedMail

FIRST = ReceivedMail("First", "one", "text", "en")
LATEST = ReceivedMail("Welcome", "Hello Kim,\nplease click", "html", "de-DE", ("https://x/1", "https://x/2"))


def verdicts(expected: Mapping[str, str], *mails: ReceivedMail) -> dict[str, str]:
    checks = judge_mails("kim@example.com", mails, expected)
    assert all(check.subject == "mail to kim@example.com" for check in checks)
    return {check.id: check.verdict.value for check in checks}


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("count", "2", "1"),
        ("subject", "Welcome", "welcome"),
        ("format", "html", "text"),
        ("language", "de-DE", "de"),
        ("contains", "Kim,\nplease", "Kim please"),
    ],
)
def test_each_part_of_the_latest_mail_can_be_expected(key: str, right: str, wrong: str) -> None:
    assert verdicts({key: right}, FIRST, LATEST) == {f"mail.{key}": "PASS"}
    assert verdicts({key: wrong}, FIRST, LATEST) == {f"mail.{key}": "FAIL"}


@pytest.mark.parametrize("key", ["subject", "format", "language", "contains"])
def test_no_mail_meets_no_expectation_of_its_content(key: str) -> None:
    (check,) = judge_mails("kim@example.com", [], {key: ""})
    assert (check.verdict, check.observed) == (Verdict.FAIL, "no mail")


@pytest.mark.parametrize(("key", "seen"), [("count", "2"), ("subject", "Welcome"), ("contains", LATEST.body)])
def test_a_check_tells_what_was_seen_of_the_latest_mail(key: str, seen: str) -> None:
    (check,) = judge_mails("kim@example.com", [FIRST, LATEST], {key: "x"})
    assert (check.expected, check.observed) == ("x", seen)


def test_no_mail_can_be_expected() -> None:
    assert verdicts({"count": "0"}) == {"mail.count": "PASS"}
    assert verdicts({"count": "0"}, FIRST) == {"mail.count": "FAIL"}


def test_each_expectation_gets_its_own_check() -> None:
    assert verdicts({"count": "1", "subject": "Second"}, FIRST) == {"mail.count": "PASS", "mail.subject": "FAIL"}
