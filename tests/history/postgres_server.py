"""A real PostgreSQL server on loopback, with a folder of its own, without rights of root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg

USER = "qa"
PASSWORD = "Zq7-canary-pw"
STARTS_IN = 40


class NotHere(Exception):
    """There is no server program on this machine, or nobody to run it as."""


def binaries() -> Path:
    """Return the folder of the newest server programs. Raises NotHere."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    versions = Path("/usr/lib/postgresql")
    folders += sorted(versions.glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0]))
    for folder in reversed(folders):
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise NotHere("no PostgreSQL server is installed here")


def account() -> pwd.struct_passwd | None:
    """Return whom to run the server as: None is ourselves, for it refuses to run as root. Raises NotHere."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotHere("PostgreSQL does not run as root, and there is no user it could run as")


class PostgresServer:
    """A server that wants a password. Each database that is asked for is a new one."""

    def __init__(self) -> None:
        self._programs = binaries()
        self._account = account()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self.port = _free_port()

    def __enter__(self) -> Self:
        try:
            self._create()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(3)  # at once
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "", password: str = PASSWORD) -> str:
        """Return the URL of a database, by default of a new one."""
        return f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{self.port}/{database or self.new_database()}"

    def new_database(self) -> str:
        """Make a database, and return its name."""
        self._databases += 1
        name = f"history_{self._databases}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return name

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection to a database that needs no commit."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        )

    def _create(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._account is not None:
            for path in (self._folder, secret):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        self._run(
            "initdb",
            f"--pgdata={self._folder / 'data'}",
            f"--username={USER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        )

    def _start(self) -> None:
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "fsync": "off", "max_connections": 30}
        settings["unix_socket_directories"] = str(self._folder)
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", *options],
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as_account(),
            )
        deadline = time.monotonic() + STARTS_IN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self._folder / "log").read_text())
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            timeout=120,
            check=False,
            **self._as_account(),
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _as_account(self) -> dict[str, int | list[int]]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
