"""The sales service: sales sessions scheduled, changed, read, deleted and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching_records
from conformance.mock.sales_records import account_name, opportunity_name
from conformance.mock.scheduling import (
    Form,
    drafted,
    hosted,
    keep,
    links,
    live,
    named,
    own,
    refuse_past_start,
    remove,
    revised,
)
from conformance.mock.session_elements import SALES
from conformance.mock.session_lists import basics, session_page
from conformance.mock.state import Kind, Session
from conformance.mock.stored import Content, group, overlaid, text, written
from conformance.wire.answer import Answer

_FORM = Form(Kind.SALES, SALES, default_type=15, password_path="accessControl/meetingPassword")  # noqa: S106 - a path
"""The session type is assumed: no sample has one."""

_NAMES: Mapping[str, tuple[str, Callable[[Call, str], str]]] = {
    "account": ("intAccountID", account_name),
    "opportunity": ("intOpptyID", opportunity_name),
}
"""What a session says of whom it is to sell to, and the number by which it may say so."""


@answers("CreateSalesSession")
def create_sales_session(call: Call) -> Mapping[str, Answer]:
    """Schedule a sales session."""
    session = _sold(call, drafted(call, _FORM))
    refuse_past_start(call, session)
    keep(call, session)
    return {
        "meetingKey": str(session.key),
        "iCalendarURL": _links(call, session),
        "guestToken": session.token,
    }


@answers("SetSalesSession")
def set_sales_session(call: Call) -> Mapping[str, Answer]:
    """Change a sales session of the caller's own; a refused call changes nothing."""
    session = _sold(call, revised(call, _FORM, own(call, _named(call))))
    refuse_past_start(call, session)
    keep(call, session)
    return {"iCalendarURL": _links(call, session)}


@answers("GetSalesSession")
def get_sales_session(call: Call) -> Mapping[str, Answer]:
    """Return a sales session with all its groups."""
    session = hosted(call, _named(call))
    return written(SALES, session.content, live(session), {"meetingKey": str(session.key)})


@answers("DelSalesSession")
def del_sales_session(call: Call) -> Mapping[str, Answer]:
    """Delete a sales session of the caller's own; the links of the answer cancel it in calendars."""
    session = own(call, _named(call))
    remove(call.site, session)
    return {"iCalendarURL": _links(call, session, "cancel-")}


@answers("LstsummarySalesSession")
def lstsummary_sales_session(call: Call) -> Mapping[str, Answer]:
    """List sales sessions, perhaps those of an account or opportunity; matchingRecords stand first (2011 schemas)."""
    criteria = [_is_to(name, wanted.casefold()) for name in _NAMES if (wanted := call.text(name))]
    found = session_page(call, Kind.SALES, "meetingKey", criteria)
    return {
        "matchingRecords": matching_records(found),
        "salesSession": [{"meetingKey": str(s.key), **basics(s), **_to_whom(s)} for s in found.items],
    }


def _named(call: Call) -> Session:
    return named(call, "meetingKey", kind=Kind.SALES)


def _sold(call: Call, session: Session) -> Session:
    """Note what account and opportunity are called that a call names by number alone (assumed)."""
    meta_data = group(session.content, "metaData")
    names: Content = {
        name: told(call, text(meta_data, number))
        for name, (number, told) in _NAMES.items()
        if call.text(f"metaData/{number}") and not call.text(f"metaData/{name}")
    }
    session.content = overlaid(SALES, session.content, {"metaData": names}) if names else session.content
    return session


def _links(call: Call, session: Session, purpose: str = "") -> Content:
    """Return the links for calendars; sales people who know the matter have one of their own."""
    return links(call.site, session, purpose) | {"sme": call.site.link(session, f"{purpose}sme")}


def _is_to(name: str, wanted: str) -> Callable[[Session], bool]:
    return lambda session: text(session.content, "metaData", name).casefold() == wanted


def _to_whom(session: Session) -> Content:
    return {name: value for name in _NAMES if (value := text(session.content, "metaData", name))}
