"""What must not be fuzzed, told before anything is sent. What is sent then passes the guard of the site as in a run."""

from __future__ import annotations

from conformance.config import find_file
from conformance.errors import UserError
from conformance.run.suite import MOCK, RunOptions
from conformance.wire.effects import reads
from conformance.wire.names import Operation

_SIGN_IN = "AuthenticateUser"


def refuse(operation: Operation, options: RunOptions, *, allow_writes: bool) -> None:
    """Raise UserError where requests of an operation must not be sent to a site."""
    if not reads(operation.name) and not allow_writes:
        raise UserError(f"{operation.name} changes the site; --allow-writes lets it")
    if options.site == MOCK:
        return
    from conformance.live.settings import load_site  # noqa: PLC0415 - only live sites have profiles

    settings, _ = load_site(options.site, options.config or find_file())
    if allow_writes and settings.kind == "production":
        raise UserError(f"{options.site} is a production site; generated requests are never written to one")
    if operation.name == _SIGN_IN:
        raise UserError(f"{_SIGN_IN} is not generated for a live site: sign-ins that are refused can lock the account")
