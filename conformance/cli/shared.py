"""Arguments and options that several commands share."""

from __future__ import annotations

import typer

PATHS = typer.Argument(help="Case files or folders of them; none: the shipped cases.", show_default=False)
API_VERSION = typer.Option("--api-version", metavar="V", help="Version; default: the newest.")
CONFIG = typer.Option(
    metavar="FILE", help="File with the sites.", show_default="conformance.toml, here or in a folder above"
)
HISTORY = typer.Option(
    "--history",
    metavar="WHERE",
    help="Where runs are kept: a file, postgresql+psycopg://USER@HOST/DATABASE, or env:NAME, file:PATH,"
    " keyring:SERVICE/USER that holds such a URL with its password.",
    show_default="[history] of the settings file, else reports/history.sqlite3",
)
