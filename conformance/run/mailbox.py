"""What a case may expect of the mails to an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.run.verdicts import Check, Verdict
from conformance.site.seam import ReceivedMail


def judge_mails(to: str, mails: Sequence[ReceivedMail], expected: Mapping[str, str]) -> list[Check]:
    """Return a check for each expectation: ``count`` is of all mails, the others are of the latest one."""
    checks = []
    for key, wanted in expected.items():
        if key == "count":
            seen, holds = str(len(mails)), str(len(mails)) == wanted
        elif not mails:
            seen, holds = "no mail", False
        elif key == "contains":
            seen, holds = mails[-1].body, wanted in mails[-1].body
        else:
            seen = getattr(mails[-1], key)
            holds = seen == wanted
        checks.append(Check(f"mail.{key}", Verdict.PASS if holds else Verdict.FAIL, f"mail to {to}", wanted, seen))
    return checks
