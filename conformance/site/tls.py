"""Whom we trust, and what it means when a TLS handshake fails."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.errors import UserError
from conformance.wire.pretty import printable

# Numbers of X509_verify_cert_error_string(3).
_NOT_YET_VALID, _EXPIRED = 9, 10
NAME_MISMATCHES = frozenset({62, 64})
"""The name, the address is not in the certificate."""

_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG"})
_OLD_VERSION = frozenset(
    {"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW"}
)
_MOST_NAMES = 5


def trust(ca_file: Path | None, *, any_name: bool = False) -> ssl.SSLContext:
    """Return a context for TLS 1.2 or newer that trusts the certificates of a file, or those of the system.

    ``any_name`` accepts a trusted certificate for another host. Raises UserError where the file can not be used.
    Not made by ``ssl.create_default_context``: that one writes keys to the file that SSLKEYLOGFILE names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = not any_name
    if ca_file is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except ssl.SSLError as error:  # also an OSError
        raise UserError(f"ca_file: {ca_file} holds no certificates in PEM form") from error
    except OSError as error:
        raise UserError(f"ca_file: {ca_file}: {error.strerror or error}") from error
    return context


def explained(error: ssl.SSLError, host: str, certificate: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Return kind and words of the fault that a TLS error is; ``certificate`` is the one of another name."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls", _distrust(error, host, certificate)
    reason = error.reason or ""
    if reason in _NOT_TLS:
        return "not-tls", f"{host} does not speak TLS there: plain HTTP on the HTTPS port, or another service"
    if reason in _OLD_VERSION:
        return "tls", f"version: {host} offers neither TLS 1.2 nor 1.3"
    return "tls", f"handshake: {printable(reason.replace('_', ' ').lower() or str(error))}"


def expiry(certificate: Mapping[str, Any] | None) -> datetime | None:
    """Return when a certificate, as the ssl module shows it, ends."""
    if not certificate or "notAfter" not in certificate:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def _distrust(error: ssl.SSLCertVerificationError, host: str, certificate: Mapping[str, Any] | None) -> str:
    if error.verify_code in NAME_MISMATCHES:
        names = _names(certificate or {})
        told = f"is for {', '.join(names)}" if names else "is for another name"
        return f"name mismatch: we asked for {host}, the certificate {told}"
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        which = "expired" if error.verify_code == _EXPIRED else "not yet valid"
        now = datetime.now(UTC)
        return f"{which}: the certificate of {host}; check our own clock too, it says {now:%Y-%m-%d %H:%M} UTC"
    reason = printable(error.verify_message)
    return f"untrusted: the certificate of {host}: {reason}; give the certificate of its issuer as ca_file"


def _names(certificate: Mapping[str, Any]) -> Sequence[str]:
    names = [printable(str(name)) for _, name in certificate.get("subjectAltName", ())]
    return names if len(names) <= _MOST_NAMES else [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"]
