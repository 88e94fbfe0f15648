"""What the user types to send generated requests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.shared import CONFIG
from conformance.versions import DEFAULT_VERSION

app = typer.Typer()


@app.command()
def fuzz(  # noqa: PLR0917 - typer passes options by name
    operation: Annotated[
        str, typer.Option("--operation", metavar="OP", help="Operation whose requests are generated.")
    ],
    caller: Annotated[
        str | None,
        typer.Option("--as", metavar="ROLE", help="Who calls.", show_default="whoever usually calls it"),
    ] = None,
    site: Annotated[str, typer.Option(metavar="NAME", help="Site to test: mock, or one of the sites file.")] = "mock",
    config: Annotated[Path | None, CONFIG] = None,
    api_version: Annotated[
        str | None,
        typer.Option(metavar="V", help=f"Version the site is held to; default: its profile's, else {DEFAULT_VERSION}."),
    ] = None,
    mock_version: Annotated[
        str | None, typer.Option(metavar="V", help="Version the embedded mock really is; default: the same.")
    ] = None,
    schemas: Annotated[Path | None, typer.Option(metavar="DIR", help="Schemas to use instead of the shipped.")] = None,
    most: Annotated[int, typer.Option("--max", metavar="N", help="Requests that are generated at most.")] = 200,
    seed: Annotated[
        int | None, typer.Option(metavar="S", help="The requests of that seed.", show_default="any")
    ] = None,
    time_limit: Annotated[float, typer.Option(metavar="SECONDS", help="Time it may take; 0 for no limit.")] = 300.0,
    invalid: Annotated[bool, typer.Option("--invalid", help="Send requests too that the schemas refuse.")] = False,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Let it create, change and delete on the site.")
    ] = False,
    deviations: Annotated[
        bool, typer.Option("--deviations", help="Count as findings what breaks only assumed or recommended rules.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for findings.", show_default="reports/fuzz-<run>")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> int:
    """Send generated requests of one operation to a site and say what its answers are found to be.

    Exit codes: 0 nothing found, 1 findings, 2 could not tell, 3 the suite itself failed, 4 usage.
    """
    from conformance.commands import fuzz as command
    from conformance.run.suite import RunOptions
    from conformance.versions import Version

    options = RunOptions(
        site=site,
        config=config,
        mock_version=Version.parse(mock_version) if mock_version else None,
        schemas=schemas,
    )
    asked = command.Asked(
        operation=operation,
        caller=caller,
        api_version=api_version,
        most=most,
        seed=seed,
        seconds=time_limit,
        invalid=invalid,
        allow_writes=allow_writes,
        deviations=deviations,
        output=output,
        format=form,
    )
    return command.fuzz(asked, options)
