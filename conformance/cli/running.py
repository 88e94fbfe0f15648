"""What the user types to run cases, to look at what they are, and to serve or look at a site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.shared import API_VERSION, CONFIG, HISTORY, PATHS, STRICTNESS
from conformance.versions import DEFAULT_VERSION

_FAULT = typer.Option(
    "--fault",
    metavar="NAME[:OPERATION][@CALLS][=VALUE]",
    help="Suffer a fault; can be repeated. 503:Get* befalls every read, 503@3 each third call, 503@1-2 the first two,"
    " 503=60 sets Retry-After. --fault list lists all.",
)

app = typer.Typer()
site_app = typer.Typer(help="Look at live sites.", no_args_is_help=True)
app.add_typer(site_app, name="site")


@app.command()
def run(  # noqa: PLR0917 - typer passes options by name
    paths: Annotated[list[Path] | None, PATHS] = None,
    site: Annotated[
        str, typer.Option(metavar="NAME", help="Site to test: mock, mutant:ID, or one of the sites file.")
    ] = "mock",
    config: Annotated[Path | None, CONFIG] = None,
    api_version: Annotated[
        str | None,
        typer.Option(metavar="V", help=f"Version the site is held to; default: its profile's, else {DEFAULT_VERSION}."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be sent and created; send nothing.")
    ] = False,
    mock_version: Annotated[
        str | None, typer.Option(metavar="V", help="Version the embedded mock really is; default: the same.")
    ] = None,
    mock_clock: Annotated[
        float, typer.Option(metavar="SECONDS", help="How far the embedded mock's clock is ahead of ours.")
    ] = 0.0,
    in_flight: Annotated[int, typer.Option(metavar="N", help="Cases in flight at a time.")] = 16,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the reports.", show_default="reports/<run>")
    ] = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no reports.")] = False,
    keyword: Annotated[str, typer.Option("-k", metavar="EXPR", help="Only cases that match, as in pytest.")] = "",
    case: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this case; can be repeated.")] = None,
    first_failure: Annotated[bool, typer.Option("-x", "--exitfirst", help="Stop at the first failure.")] = False,
    maxfail: Annotated[int, typer.Option(metavar="N", help="Stop after N failures.")] = 0,
    case_timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Time a case may take.")] = 120.0,
    time_limit: Annotated[
        float, typer.Option(metavar="SECONDS", help="Time the run may take; later cases are not run.")
    ] = 0.0,
    schemas: Annotated[Path | None, typer.Option(metavar="DIR", help="Schemas to use instead of the shipped.")] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File of waivers.", show_default="waivers of [upgrade] in the settings file"),
    ] = None,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace people and their addresses in all reports.")
    ] = False,
    history: Annotated[str | None, HISTORY] = None,
) -> int:
    """Run the cases against a site and say whether it behaves as documented.

    Exit codes: 0 as documented, 1 findings, 2 could not tell, 3 the suite itself failed, 4 usage.
    """
    from conformance.commands import run as command
    from conformance.run.engine import Limits
    from conformance.run.suite import RunOptions, clock_offset, held_to
    from conformance.run.waive import waivers_file
    from conformance.versions import Version

    options = RunOptions(
        site=site,
        config=config,
        api_version=held_to(site, api_version, config, ask=not dry_run),
        mock_version=Version.parse(mock_version) if mock_version else None,
        mock_clock=clock_offset(mock_clock),
        schemas=schemas,
        waivers=waivers_file(waivers, config),
        limits=Limits(in_flight, 1 if first_failure else maxfail, case_timeout, time_limit),
    )
    folder = None if no_report or dry_run else report or command.report_folder(options)
    return command.run(
        paths or [],
        options,
        case or [],
        keyword,
        folder,
        dry_run=dry_run,
        pseudonymise=pseudonymise,
        history=history,
    )


@app.command()
def changes(
    paths: Annotated[list[Path] | None, PATHS] = None,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table or json.")] = "table",
    links: Annotated[
        bool,
        typer.Option("--links", help="Lay beside each clause its cases, schema rule, switch in the mock and mutants."),
    ] = False,
) -> int:
    """List the documented changes, their clauses and the cases that prove them.

    Exit code 1 where a clause has no case, or with --links where the statements disagree.
    """
    from conformance.commands.changes import list_changes
    from conformance.errors import UnknownName

    if output not in ("table", "json"):
        raise UnknownName("format", output, ["table", "json"])
    if links:
        from conformance.commands.links import list_links

        return list_links(paths or None, "json" if output == "json" else "table")
    return list_changes(paths or None, "json" if output == "json" else "table")


@app.command()
def mutants(
    change: Annotated[str, typer.Option(metavar="ID", help="Only the mutants of this documented change.")] = "",
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json or html.")] = "table",
    to: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write.", show_default="standard output")
    ] = None,
    jobs: Annotated[int, typer.Option(metavar="N", help="Processes; 0: one a processor.")] = 0,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Catalogue to use instead of the shipped.")
    ] = None,
) -> int:
    """Prove that the cases can fail: try them on sites, and on a suite, that are wrong in one known way each.

    Exit codes: 0 each is killed for its stated reason or equivalent with a reason, 1 some are not, 3 a mutant made
    the suite itself fail, 4 usage.
    """
    from conformance.commands.mutants import try_mutants

    return try_mutants(change, output, to, jobs, catalogue)


@app.command()
def coverage(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RUN|TRAFFIC]...",
            help="Report folders, or HAR files, files of XML, or folders of them; default: all cases on the mock.",
        ),
    ] = None,
    api_version: Annotated[str | None, typer.Option(metavar="V", help="Version; default: the newest.")] = None,
    output: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json or html.")] = "table",
    to: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write.", show_default="standard output")
    ] = None,
) -> int:
    """Say which operations, elements, exception codes and clauses were observed, and which never were.

    Exit codes: 0 something was observed, 2 nothing was, 4 usage.
    """
    from conformance.commands.coverage import tell_coverage
    from conformance.versions import NEWEST, Version

    return tell_coverage(sources or [], Version.parse(api_version) if api_version else NEWEST, output, to)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Requests or responses; - is standard input.")],
    api_version: Annotated[str | None, API_VERSION] = None,
    schemas: Annotated[Path | None, typer.Option(metavar="DIR", help="Schemas to use instead of the shipped.")] = None,
    strictness: Annotated[str, STRICTNESS] = "documented",
) -> int:
    """Validate payloads against the schemas of a release."""
    from conformance.commands import validate as command
    from conformance.versions import Version
    from conformance.wire.departures import Strictness

    version = Version.parse(api_version) if api_version else DEFAULT_VERSION
    return command.validate(files, version, schemas, Strictness.parse(strictness))


@app.command()
def mock(  # noqa: PLR0917 - typer passes options by name
    port: Annotated[int, typer.Option(metavar="N", help="Port on loopback; 0 takes a free one.")] = 8080,
    api_version: Annotated[str | None, API_VERSION] = None,
    site_file: Annotated[Path | None, typer.Option(metavar="FILE", help="YAML file that describes the site.")] = None,
    panel_port: Annotated[
        int | None, typer.Option(metavar="N", help="Port of the panel that shows and sets state; default: none.")
    ] = None,
    delay: Annotated[float, typer.Option(metavar="SECONDS", help="Answer only after this time.")] = 0.0,
    fault: Annotated[list[str] | None, _FAULT] = None,
    mutant: Annotated[
        str, typer.Option(metavar="ID", help="Be wrong as this mutant is; see conformance mutants.")
    ] = "",
    tls_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Serve HTTPS with this certificate (PEM).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="The key of that certificate (PEM).")] = None,
    strictness: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="What requests are refused: strict, documented or service.",
            show_default="the site file's, else service",
        ),
    ] = None,
) -> int:
    """Serve a mock site until it is stopped."""
    from conformance.commands.mock import serve
    from conformance.versions import Version
    from conformance.wire.departures import Strictness

    return serve(
        port,
        Version.parse(api_version) if api_version else None,
        site_file,
        panel_port,
        delay,
        faults=fault or (),
        mutant=mutant,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        strictness=Strictness.parse(strictness) if strictness else None,
    )


@site_app.command()
def check(
    name: Annotated[str, typer.Argument(help="Site of the sites file.")],
    config: Annotated[Path | None, CONFIG] = None,
    forget_refusals: Annotated[
        bool, typer.Option("--forget-refusals", help="Try passwords again that the site refused before.")
    ] = False,
) -> int:
    """Look at a site, sign each account in once, and tell which cases would run there and which not.

    Exit codes: 0 ready, 2 can not be reached, 4 the profile is wrong.
    """
    from conformance.commands.site import check_site

    return check_site(name, config, forget_refusals=forget_refusals)


@app.command()
def sweep(
    name: Annotated[str, typer.Argument(help="Site of the sites file.")],
    config: Annotated[Path | None, CONFIG] = None,
) -> int:
    """Remove from a site what killed runs left there, and nothing else.

    Exit codes: 0 nothing is left, 1 something is, 2 the site can not be reached, 4 the profile is wrong.
    """
    from conformance.commands.site import sweep_site

    return sweep_site(name, config)
