"""The display name of a user (update notes 40.11.0)."""

from __future__ import annotations

import re

from conformance.mock.state import Account, Site
from conformance.mock.stored import Content, text

DISPLAY_NAMES = "40.11.0/display-names"

_ASIAN = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Hangul, kana and Chinese characters: what the notes mean by Asian characters is assumed."""


def has_display_names(site: Site) -> bool:
    """Tell whether the site knows display names, and its toggle is on."""
    return site.has(DISPLAY_NAMES) and site.settings.display_names_enabled


def display_name(site: Site, account: Account) -> Content:
    """Return ``displayName`` as GetUser tells it; nothing where the site minds none.

    It is the one that was set, or else both names, parted by a blank unless Asian characters are among them.
    """
    if not has_display_names(site):
        return {}
    names = (account.first_name, account.last_name)
    parted = "" if _ASIAN.search("".join(names)) else " "
    return {"displayName": text(account.profile, "displayName") or parted.join(names).strip()}
