"""Sites on which users can not be managed as anywhere else: suspended ones and those of Common Identity."""

from __future__ import annotations

from conformance.mock.call import Call
from conformance.mock.refusal import access_denied, role_not_supported, site_suspended

SUSPENDED = "42.6.0/suspended-site-users"
ROLES_REFUSED = "9.0.2/common-identity-roles"

ROLES = ("siteAdmin", "roSiteAdmin", "labAdmin")
"""The roles that a site of Common Identity does not assign (assumed: the notes do not tell which)."""


def refuse_management(call: Call) -> None:
    """Refuse a CreateUser or SetUser that the site does not allow.

    Suspended, it lets users change themselves, and site administrators nobody, not even themselves (update notes
    42.6.0; the latter is assumed). Of Common Identity, it takes no call until 9.0 SP2 (release notes; the code is
    assumed), and then none that assigns an unsupported role.
    """
    site = call.site
    if site.settings.suspended and site.has(SUSPENDED) and call.account.site_admin:
        raise site_suspended()
    if site.settings.common_identity:
        if not site.has(ROLES_REFUSED):
            raise access_denied()
        if any(call.flag(f"privilege/{role}") for role in ROLES):
            raise role_not_supported()
