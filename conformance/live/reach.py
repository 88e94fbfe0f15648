"""How the site of a profile is reached."""

from __future__ import annotations

from pathlib import Path

from conformance.live.references import resolve
from conformance.live.settings import SiteSettings
from conformance.site.transport import Transport


def transport(settings: SiteSettings, base: Path) -> Transport:
    """Return what the client of a site is made with; paths start from ``base``.

    Raises UserError where the proxy, or the secret for it, can not be used.
    """
    password = resolve(settings.proxy_password, base) if settings.proxy_password else ""
    return Transport(
        ca_file=base / settings.ca_file if settings.ca_file else None,
        proxy=settings.proxy,
        proxy_auth=(settings.proxy_user, password) if password else None,
        private_addresses=settings.private_addresses,
        link_hosts=frozenset({*settings.link_hosts, settings.host_name}),
        follow_same_host=settings.follow_same_host,
    )
