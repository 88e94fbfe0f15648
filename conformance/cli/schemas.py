"""What the user types about schemas: ``conformance schema-diff`` and ``conformance schemas ...``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.shared import CONFIG

_SET = "A release (40.4.3; shipped:40.4.3 or imported:40.4.3 say whose schemas) or a folder of XSD files."

app = typer.Typer()
schemas_app = typer.Typer(help="The provider's own schemas as the authority for a release.", no_args_is_help=True)
app.add_typer(schemas_app, name="schemas")


def _rules(asked: bool) -> None:
    if asked:
        from conformance.commands.schema_diff import list_rules

        list_rules()
        raise typer.Exit


@app.command("schema-diff")
def schema_diff(  # noqa: PLR0917 - typer passes options by name
    a: Annotated[str, typer.Argument(help=f"The old set. {_SET}")],
    b: Annotated[str, typer.Argument(help="The new set.")],
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Tell only what concerns the integration of this profile.")
    ] = None,
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="table, json, markdown, sarif or html.")
    ] = "table",
    to: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write.", show_default="standard output")
    ] = None,
    fail_on: Annotated[
        str, typer.Option(metavar="SEVERITY", help="What makes the exit code 1: breaking, risky or none.")
    ] = "breaking",
    rules: Annotated[
        bool,
        typer.Option("--rules", help="List the rules, and end.", is_eager=True, callback=_rules),
    ] = False,
) -> int:
    """Say what differs on the wire between two sets of schemas, and which update notes speak of it.

    Exit codes: 0 nothing is as heavy as --fail-on, 1 something is, 4 usage.
    """
    del rules
    from conformance.commands.schema_diff import schema_diff as command

    return command(a, b, profile=profile, output=output, to=to, fail_on=fail_on)


@schemas_app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="The provider's schemas: the zip as it was downloaded, or a folder.")],
    release: Annotated[str, typer.Option("--as", metavar="V", help="The release that they are of.")],
    config: Annotated[Path | None, CONFIG] = None,
) -> int:
    """Check the provider's own schemas, show how they differ from ours, and let them judge from then on.

    Exit codes: 0 imported, 4 they can not be used; then nothing has changed.
    """
    from conformance.commands.schemas import import_ as command
    from conformance.versions import Version

    return command(path, Version.parse(release), config)


@schemas_app.command("list")
def list_(config: Annotated[Path | None, CONFIG] = None) -> int:
    """List the imported schemas."""
    from conformance.commands.schemas import list_ as command

    return command(config)


@schemas_app.command("remove")
def remove(
    release: Annotated[str, typer.Argument(help="The release whose imported schemas are to go.")],
    config: Annotated[Path | None, CONFIG] = None,
) -> int:
    """Forget imported schemas; the shipped ones hold again.

    Exit codes: 0 removed, 4 there were none.
    """
    from conformance.commands.schemas import remove_ as command
    from conformance.versions import Version

    return command(Version.parse(release), config)
