"""What the user types to decide on an upgrade, and to look at the runs behind a decision."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.shared import CONFIG, HISTORY, PATHS

app = typer.Typer()
history_app = typer.Typer(help="Look at the runs so far.", invoke_without_command=True)
app.add_typer(history_app, name="history")


def _rules(asked: bool) -> None:
    if asked:
        from conformance.commands.compare import list_rules

        list_rules()
        raise typer.Exit


@app.command()
def compare(  # noqa: PLR0917 - typer passes options by name
    a: Annotated[str, typer.Argument(help="The earlier run: a report folder, SITE:last~1, or a run of the history.")],
    b: Annotated[str, typer.Argument(help="The later run, or that of the other site.")],
    history: Annotated[str | None, HISTORY] = None,
    config: Annotated[Path | None, CONFIG] = None,
    payloads: Annotated[
        bool, typer.Option("--payloads", help="Compare the answers too, and tell which differences are documented.")
    ] = False,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json or markdown.")] = "table",
    rules: Annotated[
        bool,
        typer.Option(
            "--rules", help="List what is taken for the same in two answers, and end.", is_eager=True, callback=_rules
        ),
    ] = False,
) -> int:
    """Hold one run against another: two nights, two runs or two sites. Tells only what differs.

    Exit codes: 0 nothing broke, 1 something broke or, with --payloads, answers differ in a way that nothing
    documents, 2 could not tell, 4 usage.
    """
    del rules
    from conformance.commands.compare import FORMATS
    from conformance.commands.compare import compare as command
    from conformance.errors import UnknownName

    if output not in FORMATS:
        raise UnknownName("format", output, FORMATS)
    return command(a, b, history, config, payloads=payloads, output=output)


@app.command()
def can_upgrade(  # noqa: PLR0917 - typer passes options by name
    paths: Annotated[list[Path] | None, PATHS] = None,
    to: Annotated[str, typer.Option(metavar="V", help="Version that would be taken.")] = ...,  # type: ignore[assignment]
    from_: Annotated[str | None, typer.Option("--from", metavar="V", help="Version that is used today.")] = None,
    site: Annotated[str, typer.Option(metavar="NAME", help="Site whose runs count.")] = "mock",
    profile: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the integration uses.", show_default="as in the settings file"),
    ] = None,
    traffic: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="HAR file, folder of XML or results.jsonl with what the integration sends; can be repeated.",
            show_default="as in the settings file",
        ),
    ] = None,
    max_age: Annotated[
        str | None, typer.Option(metavar="TIME", help="Greatest age of evidence: 36h, 90m, 7d.", show_default="36h")
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Rules that differ from the shipped ones.", show_default="as in the settings file"
        ),
    ] = None,
    history: Annotated[str | None, HISTORY] = None,
    config: Annotated[Path | None, CONFIG] = None,
    schemas: Annotated[Path | None, typer.Option(metavar="DIR", help="Schemas to use instead of the shipped.")] = None,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, json or github.")] = "text",
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for summary.json, badge.svg and the like.")
    ] = None,
) -> int:
    """Say whether a version can be taken, by what runs have seen, with the reasons.

    Exit codes: 0 READY, 1 NOT READY, 2 CANNOT TELL, 3 RUN VOID, 4 usage.
    """
    from conformance.commands.can_upgrade import can_upgrade
    from conformance.upgrade.ask import Asked
    from conformance.upgrade.words import read_duration
    from conformance.versions import Version

    asked = Asked(
        to=Version.parse(to),
        from_=Version.parse(from_) if from_ else None,
        site=site,
        paths=paths or (),
        profile=profile,
        traffic=traffic or (),
        max_age=read_duration(max_age) if max_age else None,
        policy=policy,
        config=config,
        schemas=schemas,
    )
    return can_upgrade(asked, history, output, report)


@history_app.callback()
def history(  # noqa: PLR0917 - typer passes options by name
    context: typer.Context,
    case: Annotated[str, typer.Option(metavar="ID", help="What each run made of this case.")] = "",
    flaky: Annotated[
        bool, typer.Option("--flaky", help="Which cases did not come to the same end each time in the last 30 runs.")
    ] = False,
    site: Annotated[str, typer.Option(metavar="NAME", help="Only runs of this site.")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="At most so many lines; 0: all.")] = 20,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table or json.")] = "table",
    where: Annotated[str | None, HISTORY] = None,
    config: Annotated[Path | None, CONFIG] = None,
) -> int:
    """Look at the runs so far: the last ones, one case, or those that are flaky."""
    if context.invoked_subcommand:
        context.obj = (where, config)
        return 0
    from conformance.commands import history as command

    asked = command.Asked(where, config, site, limit, output)
    if case:
        return command.show_case(case, asked)
    return command.show_flaky(asked) if flaky else command.list_runs(asked)


@history_app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="results.jsonl, or report folders.")],
    where: Annotated[str | None, HISTORY] = None,
    config: Annotated[Path | None, CONFIG] = None,
) -> int:
    """Take runs into the history; a run that is there already is left as it is."""
    from conformance.commands import history as command

    return command.import_files(files, command.Asked(where or context.obj[0], config or context.obj[1]))


@history_app.command()
def prune(
    context: typer.Context,
    keep_days: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Forget runs that are older.", show_default=False)
    ] = None,
    keep_runs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Keep so many runs of each site.", show_default=False)
    ] = None,
    where: Annotated[str | None, HISTORY] = None,
    config: Annotated[Path | None, CONFIG] = None,
) -> int:
    """Forget old runs, but never the newest complete run of a site; without a limit: keep_days of [history]."""
    from conformance.commands import history as command

    asked = command.Asked(where or context.obj[0], config or context.obj[1])
    return command.prune_runs(keep_days, keep_runs, asked)
