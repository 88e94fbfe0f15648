"""Where a history is: a file, or a PostgreSQL database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from conformance.errors import UserError
from conformance.wire.pretty import printable

POSTGRES = "postgresql+psycopg"
FORMS = "a path, or postgresql+psycopg://USER@HOST/DATABASE"
_DRIVERS = ("postgresql", "postgres", POSTGRES)
FAILURES = (SQLAlchemyError, sqlite3.Error)
"""What a database fails with; SQLite also while it is set up, where SQLAlchemy does not translate it."""

_SECRETS = ("password", "sslpassword")


@dataclass(frozen=True, slots=True)
class Place:
    """A place, and how it may be shown."""

    url: URL
    shown: str
    """The path, or the URL without its password."""

    @property
    def embedded(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.url.get_backend_name() == "sqlite"


def is_url(text: str) -> bool:
    """Tell whether a text is a URL and no path."""
    return "://" in text


def place_of(where: str | Path) -> Place:
    """Read a path or a URL. Raises UserError, which holds no password."""
    text = str(where)
    if isinstance(where, Path) or not is_url(text):
        return _file(Path(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # What can not be read may hold a password anywhere.
        raise UserError(f"the URL of the history can not be read; write {FORMS}") from None
    if url.get_backend_name() == "sqlite" and url.drivername in ("sqlite", "sqlite+pysqlite"):
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise UserError("a history in memory would be gone at once; write the path of a file")
        return _file(Path(url.database))
    if url.drivername not in _DRIVERS:
        raise UserError(f"a history can not be kept in {printable(url.drivername)!r:.40}; write {FORMS}")
    url = url.set(drivername=POSTGRES)
    return Place(url, without_secrets(url).render_as_string())


def _file(path: Path) -> Place:
    if "\0" in str(path):
        raise UserError(f"{str(path)!r}: is no path")
    try:
        folder = path.is_dir()
    except OSError as error:
        raise UserError(f"{printable(str(path))}: can not be read: {error.strerror}") from None
    if folder:
        raise UserError(f"{path}: is a folder; write the path of a file in it, as {path / 'history.sqlite3'}")
    return Place(URL.create("sqlite+pysqlite", database=str(path)), printable(str(path)))


def secrets_of(url: URL) -> list[str]:
    """Return every password that a URL holds, also among its options."""
    found = [str(url.password)] if url.password else []
    for name in _SECRETS:
        value = url.query.get(name, ())
        found += [value] if isinstance(value, str) else value
    return [secret for secret in found if secret]


def without_secrets(url: URL) -> URL:
    """Return a URL without any password."""
    bare = URL.create(url.drivername, url.username, None, url.host, url.port, url.database, url.query)
    return bare.difference_update_query(_SECRETS)


@contextmanager
def told(place: Place) -> Iterator[None]:
    """Turn errors of the database into UserErrors: where, what the database says, no statement, no value."""
    try:
        yield
    except FAILURES as error:
        raise UserError(why(place, error)) from None
    except OSError as error:
        raise UserError(f"{place.shown}: {error.strerror or error}") from None


def why(place: Place, error: Exception) -> str:
    """Return in one line why a database could not do what it was asked to."""
    if isinstance(error, NoSuchModuleError):
        return f"{place.shown}: there is no driver for it; write {FORMS}"
    # The text of SQLAlchemy has the statement and its values; that of the driver has neither.
    said = str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
    line = " ".join(printable(said).split())
    for secret in secrets_of(place.url):
        line = line.replace(secret, "******")
    advice = "; who reads needs to write beside it too, or reads a copy" if "readonly database" in line else ""
    return f"{place.shown}: the history can not be used: {line[:300] or type(error).__name__}{advice}"
