"""The ``conformance`` command. Thin: each command imports what it needs when it is called."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from conformance import __version__
from conformance.cli import deciding, fuzzing, recordings, running, schemas

app = typer.Typer(
    help="Conformance suite for the documented changes of the Cisco Webex Meetings XML API.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
for part in (running, deciding, recordings, schemas, fuzzing):
    app.add_typer(part.app)


def _version(asked: bool) -> None:
    if asked:
        print(f"conformance {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the command and exit: errors of the user are lines on stderr and exit code 4."""
    # What a person may read of this is one line a fault, never a traceback.
    from conformance.errors import ExchangeFault, SuiteError, UserError

    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        # Errors of usage can show themselves, with the usage; others of typer only have a text.
        show = getattr(error, "show", None)
        show() if show else print(error, file=sys.stderr)
        code = 4
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; do not complain again while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    except UserError as error:
        from conformance.wire.pretty import printable  # files of others are quoted in the text

        for line in str(error).splitlines():
            print(printable(line), file=sys.stderr)
        code = 4
    except ExchangeFault as fault:
        print(f"COULD NOT TELL: the site can not be tested now: {fault}", file=sys.stderr)
        code = 2
    except SuiteError as error:
        print(f"RUN VOID: {error}", file=sys.stderr)
        code = 3
    sys.exit(code or 0)
