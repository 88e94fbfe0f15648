"""All the rules together."""

from __future__ import annotations

from people_rules import PeopleRules
from session_rules import ListRules, SessionRules
from user_rules import AccountRules, UserRules


class SiteMachine(SessionRules, ListRules, PeopleRules, UserRules, AccountRules):
    """Everything that can happen to two sites."""
