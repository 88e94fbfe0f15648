"""The failures the mock gives, with the codes and texts that were seen on the wire.

``assumed`` marks what nobody has seen: which code an old or unknown case gives.
"""

from __future__ import annotations


class Refusal(Exception):
    """A call that is answered with FAILURE."""

    def __init__(self, exception_id: str, reason: str, *, dispatched: bool = True) -> None:
        super().__init__(f"{exception_id} {reason}")
        self.exception_id = exception_id
        self.reason = reason
        self.dispatched = dispatched
        """Whether a service was reached; before that, the answer has no bodyContent."""


def not_forwarded() -> Refusal:
    """Return what unreadable XML gets (recorded). Unknown operations get it too (assumed)."""
    return Refusal("000000", "Fail to forward request:null", dispatched=False)


def access_denied() -> Refusal:
    """Return what a caller without the needed privilege gets (recorded)."""
    return Refusal("000001", "Access denied, additional privileges are required")


def no_record() -> Refusal:
    """Return what an empty list gets (recorded; update notes 40.2.0). On the wire it has no full stop."""
    return Refusal("000015", "Sorry, no record found")


def site_suspended() -> Refusal:
    """Return what a suspended site answers to what it no longer does (update notes 42.5.0, 42.6.0)."""
    return Refusal("010107", "The site is suspended")


def rate_limit_reached() -> Refusal:
    """Return what a call too many within a minute gets (release notes 10.0)."""
    return Refusal("000045", "API Rate Limit Reach")


def not_supported() -> Refusal:
    """Return what an operation gets that the schemas of 2011 call not supported (assumed)."""
    return Refusal("999999", "This operation is not supported")


def user_not_found() -> Refusal:
    """Return what an unknown user gets (recorded)."""
    return Refusal("030001", "Corresponding User not found")


def bad_credentials() -> Refusal:
    """Return what a wrong Webex ID or password gets (recorded)."""
    return Refusal("030002", "Incorrect user or password")


def web_ex_id_taken() -> Refusal:
    """Return what an existing Webex ID gets; of 030004 and 030005 which is which was not seen (assumed)."""
    return Refusal("030004", "The Webex ID already exists")


def email_taken() -> Refusal:
    """Return what an existing e-mail address gets (assumed, see web_ex_id_taken)."""
    return Refusal("030005", "The e-mail address already exists")


def role_not_supported() -> Refusal:
    """Return what a role that a site of Common Identity does not assign gets (release notes 9.0 SP2)."""
    return Refusal("E030103", "Assignment of this role is not supported")


def bad_ticket() -> Refusal:
    """Return what an unknown or expired session ticket gets (recorded)."""
    return Refusal("030047", "Not a valid session ticket")


def no_filter() -> Refusal:
    """Return what a preliminary history without a filter gets (release notes 10.0 SP1, whose text is cut off)."""
    reason = "At least one filter by confID, confName, sessionKey, and startTimeScope is required"
    return Refusal("000047", reason)


def too_many_attendees() -> Refusal:
    """Return what more than 50 attendees in one call get (update notes 42.1.0)."""
    return Refusal("040015", "Register attendee number over limit in one API call")


def session_not_found() -> Refusal:
    """Return what an unknown session key gets (recorded for GetMeeting and DelMeeting)."""
    return Refusal("060001", "Corresponding Meeting not found")


def start_in_the_past() -> Refusal:
    """Return what a start time already past gets (update notes 40.2.0)."""
    return Refusal("060016", "Session start time should be later than current time.")


def password_missing() -> Refusal:
    """Return what a missing required password got before 40.1.2 (recorded 2016 for CreateMeeting)."""
    return Refusal("060026", "Meeting password must not be null")


def no_such_site() -> Refusal:
    """Return what an unknown site name gets; the text was seen, its code was not (assumed)."""
    return Refusal("999999", "Failed to get SiteUrl from server")


def departure(why: str) -> Refusal:
    """Return what a request gets that only a site stricter than the service refuses; no service is so (assumed)."""
    return Refusal("999999", f"Refused by the strictness of this site: {why}")


def bad_value(element: str) -> Refusal:
    """Return what a missing or unusable value gets; no recording exists (assumed)."""
    return Refusal("999999", f"The value of {element} is missing or not valid")


def host_not_found() -> Refusal:
    """Return what a ``hostWebExID`` of nobody gets; the code was seen, its text was not (assumed)."""
    return Refusal("060019", "The host does not exist")


def may_not_schedule_for() -> Refusal:
    """Return what scheduling for a host without his permission gets; the text was not seen (assumed)."""
    return Refusal("060021", "No permission to schedule for this host")


def classic_events_disabled() -> Refusal:
    """Return what an operation of events gets where the site has them switched off (update notes 41.12.0)."""
    return Refusal("010106", "The classic Event has been disabled.")


def session_has_started() -> Refusal:
    """Return what another recurrence type gets for a session that has started (reference guide)."""
    reason = "On WebEx11 site, a started session cannot be deleted or changed recurrence type"
    return Refusal("060042", reason)
