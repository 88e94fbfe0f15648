"""A real IMAP server on loopback: dovecot with a folder, a user and certificates of its own, without rights of root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import trustme

USER = "qa"
PASSWORD = 'Zq7"Canary\\9 ü'
"""Has what breaks quoting."""

STARTS_IN = 20

CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {account}
default_login_user = {account}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
mailbox_list_index = no
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
disable_plaintext_auth = {needs_tls}
auth_mechanisms = {mechanisms}
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""


def program() -> str | None:
    """Return where dovecot is; None where it is not installed."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Dovecot:
    """The server, from ``with`` on. Mails are delivered by writing files, as any mail server does it."""

    def __init__(self, *, needs_tls: bool = False, mechanisms: str = "plain login") -> None:
        # Of root, dovecot gives nobody his mails; below pytest's folders, nobody else can look.
        self._account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.plain_port, self.tls_port = free_port(), free_port()
        self.authority = self._folder / "authority.pem"
        self._process: subprocess.Popen[bytes] | None = None
        self._delivered = 0
        self._write(needs_tls, mechanisms)

    def _write(self, needs_tls: bool, mechanisms: str) -> None:
        folder, account = self._folder, self._account
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority)
        certificate = authority.issue_cert("localhost")
        for part in certificate.cert_chain_pems:
            part.write_to_path(folder / "server.pem", append=True)
        certificate.private_key_pem.write_to_path(folder / "server.key")
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        for name in ("run", "mail", "mail/new", "mail/cur", "mail/tmp"):
            (folder / name).mkdir()
        values = {
            "folder": folder,
            "account": account.pw_name,
            "group": subprocess.check_output(["id", "-gn", account.pw_name], text=True).strip(),
            "uid": account.pw_uid,
            "gid": account.pw_gid,
            "plain_port": self.plain_port,
            "tls_port": self.tls_port,
            "needs_tls": "yes" if needs_tls else "no",
            "mechanisms": mechanisms,
        }
        (folder / "dovecot.conf").write_text(CONFIG.format(**values))
        for path in (folder, *folder.rglob("*")):
            self._hand_over(path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and wait until it greets."""
        command = [str(program()), "-F", "-c", str(self._folder / "dovecot.conf")]
        who = {"user": self._account.pw_uid, "group": self._account.pw_gid} if os.getuid() == 0 else {}
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                command, stdout=out, stderr=out, start_new_session=True, extra_groups=[] if who else None, **who
            )
        deadline = time.monotonic() + STARTS_IN
        while not self._greets():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.plain_port), 1) as connection:
                return connection.recv(4).startswith(b"* OK")
        except OSError:
            return False

    def stop(self) -> None:
        """End it and all its connections."""
        if self._process is not None:
            # Asked to end, it would give its children a second.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STARTS_IN)
            self._process = None

    @property
    def log(self) -> str:
        """What it has to say."""
        files = [self._folder / "out", self._folder / "log"]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def deliver(self, mail: bytes, folder: str = "") -> None:
        """Let a mail arrive."""
        self._delivered += 1
        name = f"{int(time.time())}.{self._delivered:06}.example"
        written = self._mails / folder / "tmp" / name
        written.write_bytes(mail)
        self._hand_over(written)
        written.rename(self._mails / folder / "new" / name)

    def make_folder(self, name: str) -> None:
        """Make a folder beside the inbox, by its name on the disk."""
        for path in (self._mails / name, *(self._mails / name / part for part in ("new", "cur", "tmp"))):
            path.mkdir()
            self._hand_over(path)

    def empty(self) -> None:
        """Throw all mails away."""
        for name in ("new", "cur"):
            for path in (self._mails / name).iterdir():
                path.unlink()

    def await_in_log(self, text: str) -> int:
        """Return how often the log has a text, once it has it."""
        deadline = time.monotonic() + STARTS_IN
        while text not in self.log:
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)
        return self.log.count(text)

    @property
    def _mails(self) -> Path:
        return self._folder / "mail"

    def _hand_over(self, path: Path) -> None:
        os.chown(path, self._account.pw_uid, self._account.pw_gid)

    @property
    def unread(self) -> int:
        """How many mails bear no mark of having been read, or of anything else."""
        new, known = ([*(self._mails / name).iterdir()] for name in ("new", "cur"))
        return len(new) + sum(path.name.endswith((":2,", ".example")) for path in known)

    def renumber(self) -> None:
        """Forget which mail has which number, as a mailbox that was restored does."""
        for path in self._mails.glob("dovecot*"):
            path.unlink()
