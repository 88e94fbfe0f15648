"""Live sites for tests: the mock over TLS in a process of its own, and the command that runs there."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme

from conformance.cases.model import NUMBERED_NEEDS
from conformance.mock.state import Settings

PASSWORDS = {"admin": "Kq3-admin-canary", "ann": "Kq3-host-canary", "bob": "Kq3-attendee-canary"}
TOLD = ("session passwords required", "access anywhere sessions")
"""The settings that a site tells itself."""
ROLES = {"siteAdmin": "admin", "host": "ann", "attendee": "bob"}

_SITE_FILE = """\
site:
  name: acme
  version: {version}
  settings: {switches}
accounts:
  - {{webExID: admin, password: {admin}, email: admin@example.com, role: siteAdmin}}
  - {{webExID: ann, password: {ann}, email: ann@example.com, role: host, firstName: Ann, lastName: Lee}}
  - {{webExID: bob, password: {bob}, email: bob@example.com, role: attendee}}
access_anywhere: 12
"""


class LiveMock:
    """``conformance mock`` over TLS in another process, its panel, and a folder with the profile ``staging``."""

    def __init__(self, folder: Path, *, version: str = "40.4.3", **switches: bool) -> None:
        """``switches`` are fields of the mock's ``Settings`` that are not as shipped."""
        self.folder = folder
        self.switches = asdict(Settings(**{"email_change_needs_confirmation": True, **switches}))
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "ca.pem")
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for part in certificate.cert_chain_pems:
            part.write_to_path(folder / "cert.pem", append=True)
        site = _SITE_FILE.format(version=version, switches=json.dumps(self.switches), **PASSWORDS)
        (folder / "site.yaml").write_text(site, encoding="utf-8")
        files = ("--site-file", "site.yaml", "--tls-certificate", "cert.pem", "--tls-key", "key.pem")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "mock", "--port", "0", "--panel-port", "0", *files],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.endpoint = self._announced("endpoint")
        self.panel = self._announced("panel")
        self.write_profile()

    def write_profile(self, more: str = "", limits: str = "", kind: str = "staging", rate: int = 1000) -> None:
        """Write the profile, with further keys of the site, and of its limits. What the site tells is not stated."""
        known = dict.fromkeys(NUMBERED_NEEDS, 0) | {name.replace("_", " "): on for name, on in self.switches.items()}
        stated = "\n".join(f'"{name}" = {json.dumps(value)}' for name, value in known.items() if name not in TOLD)
        accounts = "".join(
            f'[sites.staging.accounts.{role}]\nweb_ex_id = "{name}"\npassword = "env:PASSWORD_{name.upper()}"\n'
            for role, name in ROLES.items()
        )
        (self.folder / "conformance.toml").write_text(
            f'[sites.staging]\nendpoint = "{self.endpoint}"\nsite_name = "acme"\nkind = "{kind}"\n'
            f'host = "acme.webex.example.com"\nprivate_addresses = true\nca_file = "ca.pem"\n{more}\n'
            f"[sites.staging.settings]\n{stated}\n{accounts}"
            f"[sites.staging.limits]\nrequests_per_second = {rate}\nin_flight = 64\nsettle_seconds = 0.2\n{limits}\n",
            encoding="utf-8",
        )

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[str]:
        """Start the command as a user would."""
        passwords = {f"PASSWORD_{name.upper()}": password for name, password in PASSWORDS.items()}
        return subprocess.Popen(
            [sys.executable, "-m", "conformance", *arguments],
            cwd=self.folder,
            env={**os.environ, **passwords, "PYTHONUNBUFFERED": "1", **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *arguments: str, **more: Any) -> tuple[int, str]:
        """Run the command to its end; return exit code and output."""
        process = self.start(*arguments, **more)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def state(self) -> dict[str, Any]:
        """Return what is on the site."""
        return dict(self._get("/sites/acme"))

    def mails(self) -> list[dict[str, Any]]:
        """Return what the site sent."""
        return list(self._get("/sites/acme/outbox")["mails"])

    def left(self) -> list[str]:
        """Return what is on the site beside what was there when it began. A user is gone when he is deactivated."""
        state = self.state()
        users = [name for name, account in state["accounts"].items() if account["active"] and name not in PASSWORDS]
        tests = [test["title"] for test in state["library_tests"].values()]
        return [*users, *tests, *(session["name"] for session in state["sessions"].values())]

    def shared(self) -> dict[str, Any]:
        """Return what everybody on the site uses, and only who may touch that changes."""
        kept = ("settings", "belongings", "meeting_place", "recordings", "session_templates", "queues", "agents")
        return {name: self.state()[name] for name in kept}

    def ledgers(self) -> list[str]:
        """Return the names of the ledgers that runs have left."""
        return sorted(path.name for path in self.folder.glob(".conformance/staging/ledger-*"))

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.communicate(timeout=10)

    def _announced(self, word: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if match := re.match(rf"\s+{word}\s+(\S+)", line):
                return match[1].removesuffix("/sites")
        raise AssertionError(f"the mock did not announce its {word}")

    def _get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.panel}{path}", timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def postman(site: LiveMock, server: Any) -> Iterator[None]:
    """Carry what the site sends to a mail server, as long as the block runs."""
    ended = threading.Event()

    def carry() -> None:
        carried = 0
        while not ended.wait(0.05):
            for mail in site.mails()[carried:]:
                carried += 1
                server.deliver(_as_bytes(mail))

    thread = threading.Thread(target=carry, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _as_bytes(mail: dict[str, Any]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "site@example.com", mail["to"], mail["subject"]
    message.set_content(mail["body"], subtype="html" if mail["html"] else "plain")
    message["Content-Language"] = mail["language"]
    return message.as_bytes()
