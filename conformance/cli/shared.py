"""Arguments and options that several commands share."""

from __future__ import annotations

import typer

from conformance.versions import DEFAULT_VERSION

PATHS = typer.Argument(help="Case files or folders of them; none: the shipped cases.", show_default=False)
API_VERSION = typer.Option("--api-version", metavar="V", help=f"Version; default: {DEFAULT_VERSION}.")
CONFIG = typer.Option(
    metavar="FILE", help="File with the sites.", show_default="conformance.toml, here or in a folder above"
)
STRICTNESS = typer.Option(
    metavar="HOW",
    help="strict: departures are findings; documented: what is known to work is a note; service: elements that the"
    " service ignores, too.",
)
HISTORY = typer.Option(
    "--history",
    metavar="WHERE",
    help="Where runs are kept: a file, postgresql+psycopg://USER@HOST/DATABASE, or env:NAME, file:PATH,"
    " keyring:SERVICE/USER that holds such a URL with its password.",
    show_default="[history] of the settings file, else reports/history.sqlite3",
)
