"""Bringing a history to the newest revision. The only module that loads alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from conformance.history.tables import revision

FOLDER = Path(__file__).parent / "migrations"


def scripts() -> ScriptDirectory:
    """Return the migrations that the package brings."""
    return ScriptDirectory(str(FOLDER), version_locations=[str(FOLDER / "versions")])


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest revision, within the transaction that ``connection`` is in.

    Nothing of it is to be seen if it does not come to its end.
    """
    directory = scripts()

    def steps(current: Any, context: Any) -> Any:
        del context
        return directory._upgrade_revs("head", current)

    with EnvironmentContext(Config(), directory, fn=steps) as environment:
        environment.configure(connection=connection, version_table=revision.name, transactional_ddl=True)
        environment.run_migrations()
