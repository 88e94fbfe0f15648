"""What the machine draws: who calls, and what calls send."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from reference_model import Invitation, Page, Profile, Wish

from conformance.versions import DEFAULT_VERSION, LINEAGE

Told = TypeVar("Told")

WRONG = " with a wrong password"
DELETED = (["other"], ["newcomer"], ["host"], ["attendee", "newcomer"])
ADDRESSES = ("new@example.com", "moved@example.com", "other@example.com")
OWN_PASSWORD = "key-of-own-choice"
"""The password that users give themselves."""


def _any_of(make: type[Told], **values: Sequence[object]) -> st.SearchStrategy[Told]:
    """Draw one of all combinations by a single choice: the fewer choices, the better a sequence is shrunk."""
    combinations = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    return st.sampled_from([make(**combination) for combination in combinations])


class Caller(NamedTuple):
    """Who calls, and on which site."""

    by: str
    """A Webex ID, an address, the ticket that the site issued as its first or second, or nobody."""
    site: str


releases = st.sampled_from([*LINEAGE, *[DEFAULT_VERSION] * 5])
_BYS = (
    *(["host"] * 9 + ["siteadmin"] * 4 + ["other", "attendee"] * 3 + ["ticket 1"] * 2),
    *("ticket 2", "newcomer", "", f"host{WRONG}", "host@example.com", "new@example.com"),
)
bys = st.sampled_from(_BYS)
callers = st.sampled_from([Caller(by, site) for site in ["go"] * 7 + ["away"] for by in _BYS])
names = st.sampled_from(["host"] * 4 + ["attendee", "other", "newcomer"])
"""Which user is asked for."""
reaches = st.sampled_from([""] * 6 + ["by the general service", "by the other service", "on the other site"])
"""How a session is asked for: by the service of its kind, on the site that has it, unless said otherwise."""

_FLAGS = (None, True, False)
wishes = _any_of(
    Wish,
    name=["A", "B", "C"],
    start=[None, 60, 60, 0, -60],
    duration=[None, 30],
    password=[None, "room1"],
    public=_FLAGS,
)
changes = _any_of(
    Wish, name=[None, "A", "D"], start=[None, 60, -60], duration=[None, 45], password=[None, "room2"], public=_FLAGS
)
invitations = _any_of(
    Invitation,
    name=["Ann Lee", "Bo Lee"],
    email=["ann@example.com", "Ann@Example.com", "other@example.com", "attendee@example.com"],
    role=[None, "HOST", "ATTENDEE"],
    status=[None, "REGISTER", "ACCEPT"],
)
profiles = _any_of(
    Profile,
    first_name=[None, "Kim"],
    email=[None, *ADDRESSES],
    password=[None, OWN_PASSWORD],
    new_id=[None, None, None, "newcomer", "other"],
    active=[None, None, None, False, True],
)
pages = _any_of(Page, first=[None, None, 1, 2], most=[None, None, 1, 2], descending=[False, True])
