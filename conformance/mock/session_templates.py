"""Session templates: told by GetUser, deleted by DelSessionTemplates."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.refusal import access_denied, bad_value, no_record
from conformance.mock.state import Account, Site
from conformance.mock.stored import Content
from conformance.wire.answer import Answer


@answers("DelSessionTemplates")
def del_session_templates(call: Call) -> Mapping[str, Answer]:
    """Delete templates by name and service: the caller's own, or the site's where ``templateType`` is Site.

    Those of the site are a site administrator's to delete; an unknown one is 000015, and then none is deleted (all
    assumed).
    """
    whose = call.text("templateType", "User").capitalize()
    if whose not in ("User", "Site"):
        raise bad_value("templateType")
    if whose == "Site" and not call.account.site_admin:
        raise access_denied()
    owner = call.account.user_id if whose == "User" else 0
    wanted = {(node.value("name"), node.value("serviceType")) for node in call.content.all("sessionTemplate")}
    if not wanted:
        raise bad_value("sessionTemplate")
    doomed = [t for t in call.site.session_templates if t.owner == owner and (t.name, t.service_type) in wanted]
    if len(doomed) < len(wanted):
        raise no_record()
    call.site.session_templates = [t for t in call.site.session_templates if t not in doomed]
    return {}


def usable(site: Site, account: Account) -> Content:
    """Return ``schedulingTemplates``: a user's own templates and those of the site (assumed); nothing without any."""
    templates: list[Answer] = [
        {"name": template.name, "value": template.value, "serviceType": template.service_type}
        for template in site.session_templates
        if template.owner in (account.user_id, 0)
    ]
    return {"schedulingTemplates": {"sessionTemplate": templates}} if templates else {}
