"""WebACD: which queues and which manager support people serve.

What the 2011 schemas do not say is assumed: only site administrators assign; who is given a queue or a manager is an
agent from then on, who is given agents a manager, as ``webACDPrefs`` tells; a call that is refused assigns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.accounts import reachable, require_admin
from conformance.mock.call import Call, answers
from conformance.mock.listing import matching_records, page
from conformance.mock.refusal import access_denied, bad_value, no_record, user_not_found
from conformance.mock.state import Account, Site
from conformance.mock.stored import group, text
from conformance.mock.user_state import Queue
from conformance.wire.answer import Answer
from conformance.wire.times import write_date
from conformance.wire.tree import Node

_ROLES = ("AGENT", "MANAGER", "ALL")
_ACTIONS = ("ASSIGN", "UNASSIGN")


@answers("AssignWebACDQueues")
def assign_queues(call: Call) -> Mapping[str, Answer]:
    """Give queues to a user as an agent, the default, as a manager or as both; or take them away."""
    require_admin(call)
    account = _account(call.site, call.text("webExId"))
    assignments = [
        (_queue(call.site, node), _word(node, "type", _ROLES, "AGENT"), _word(node, "action", _ACTIONS))
        for node in call.content.all("queue")
    ]
    if not assignments:
        raise bad_value("queue")
    for queue, role, action in assignments:
        for served_as, people in (("AGENT", queue.agents), ("MANAGER", queue.managers)):
            if role in (served_as, "ALL"):
                _put(people, account, action)
                if action == "ASSIGN":
                    _become(account, served_as)
        queue.modified = call.site.clock.now()
    return {}


@answers("AssignWebACDAgents")
def assign_agents(call: Call) -> Mapping[str, Answer]:
    """Give agents to a manager, or take them away."""
    require_admin(call)
    site = call.site
    manager = _account(site, call.text("manager"))
    assignments = [
        (_account(site, node.value("webExId") or ""), _word(node, "action", _ACTIONS))
        for node in call.content.all("webACDUser")
    ]
    if not assignments:
        raise bad_value("webACDUser")
    for agent, action in assignments:
        _put(site.agents.setdefault(manager.user_id, set()), agent, action)
        if action == "ASSIGN":
            _become(agent, "AGENT")
            _become(manager, "MANAGER")
    return {}


@answers("GetWebACDQueues")
def get_queues(call: Call) -> Mapping[str, Answer]:
    """List queues by name: those that a user serves, or to a site administrator all.

    ``type`` limits them to those served as that; ``numUsers`` counts who serves them so (all assumed).
    """
    role = _word(call.content, "type", _ROLES, "ALL")
    account = reachable(call) if call.text("webExId") else None
    if account is None and not call.account.site_admin:
        raise access_denied()
    queues = sorted(call.site.queues.values(), key=lambda queue: queue.name.lower())
    found = [queue for queue in queues if account is None or account.user_id in _people(queue, role)]
    shown = page(found, call.content.find("listControl"))
    return {
        "queue": [_described(queue, role, account) for queue in shown.items],
        "matchingRecords": matching_records(shown),
    }


def roles(account: Account) -> tuple[bool, bool]:
    """Tell whether a user is an agent, and whether a manager."""
    prefs = group(account.profile, "webACDPrefs")
    return text(prefs, "isAgent") == "true", text(prefs, "isMgr") == "true"


def is_agent_of(site: Site, account: Account, manager: str) -> bool:
    """Tell whether a user is one of the agents of the manager with that Webex ID."""
    known = site.account(manager)
    return known is not None and account.user_id in site.agents.get(known.user_id, ())


def _account(site: Site, web_ex_id: str) -> Account:
    account = site.account(web_ex_id)
    if account is None:
        raise user_not_found()
    return account


def _queue(site: Site, node: Node) -> Queue:
    """Return the queue of that name; what an unknown one gets was not seen: 000015 (assumed)."""
    queue = site.queues.get((node.value("name") or "").lower())
    if queue is None:
        raise no_record()
    return queue


def _word(node: Node, name: str, words: tuple[str, ...], default: str = "") -> str:
    word = (node.value(name) or default).upper()
    if word not in words:
        raise bad_value(name)
    return word


def _put(people: set[int], account: Account, action: str) -> None:
    if action == "ASSIGN":
        people.add(account.user_id)
    else:
        people.discard(account.user_id)


def _become(account: Account, role: str) -> None:
    flag = "isAgent" if role == "AGENT" else "isMgr"
    account.profile["webACDPrefs"] = {**group(account.profile, "webACDPrefs"), flag: "true"}


def _people(queue: Queue, role: str) -> set[int]:
    return {"AGENT": queue.agents, "MANAGER": queue.managers, "ALL": queue.agents | queue.managers}[role]


def _described(queue: Queue, role: str, account: Account | None) -> Mapping[str, Answer]:
    described: dict[str, Answer] = {
        "name": queue.name,
        "numUsers": str(len(_people(queue, role))),
        "modDate": write_date(queue.modified),
    }
    if account is not None:
        served = [word for word in ("AGENT", "MANAGER") if account.user_id in _people(queue, word)]
        described["type"] = served[0] if len(served) == 1 else "ALL"
    return described
