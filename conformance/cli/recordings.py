"""What the user types to record traffic and about recorded traffic: ``conformance proxy``, ``profile``, ``traffic``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conformance.cli.shared import CONFIG, STRICTNESS

_TRAFFIC = typer.Argument(
    metavar="TRAFFIC...", help="HAR files, results.jsonl, files of XML, or folders of them.", show_default=False
)

app = typer.Typer()
profile_app = typer.Typer(help="What an integration uses of the API.", no_args_is_help=True)
traffic_app = typer.Typer(help="Look at recorded requests.", no_args_is_help=True)
app.add_typer(profile_app, name="profile")
app.add_typer(traffic_app, name="traffic")


@profile_app.command("learn")
def learn_profile(
    traffic: Annotated[list[Path], _TRAFFIC],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the integration.")] = "unnamed",
    owner: Annotated[str, typer.Option(metavar="OWNER", help="Who answers for it.")] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="File to write.", show_default="standard output"),
    ] = None,
) -> int:
    """Learn from recorded traffic what an integration calls, sends and can read; names only, no values.

    Exit codes: 0 learnt, 2 no request of the API was found, 4 usage.
    """
    from conformance.commands import profile as command

    return command.learn_profile(traffic, name, owner, output)


@profile_app.command("check")
def check_profile(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile.")],
) -> int:
    """Say what a profile holds and which documented changes touch it.

    Exit codes: 0 it can be used, 4 it has faults.
    """
    from conformance.commands import profile as command

    return command.check_profile(file)


@traffic_app.command("check")
def check_traffic(
    traffic: Annotated[list[Path], _TRAFFIC],
    to: Annotated[str, typer.Option("--to", metavar="V", help="Version to be taken.")],
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="V", help="Version in use; default: every change of --to counts."),
    ] = None,
    sent_at: Annotated[
        str, typer.Option(metavar="TIME", help="When requests were sent of which the recording does not say.")
    ] = "",
) -> int:
    """Say what an upgrade makes of recorded requests.

    Exit codes: 0 nothing is refused or answered differently, 1 something is, 2 could not tell, 4 usage.
    """
    from conformance.commands import traffic as command
    from conformance.versions import Version

    return command.check(traffic, Version.parse(to), Version.parse(from_) if from_ else None, sent_at)


@app.command()
def proxy(  # noqa: PLR0917 - typer passes options by name
    to: Annotated[
        str, typer.Option("--to", metavar="SITE", help="Site to pass to: mock, mock:42.3.0, or one of the sites file.")
    ],
    config: Annotated[Path | None, CONFIG] = None,
    api_version: Annotated[
        str | None,
        typer.Option(metavar="V", help="Version to judge by; default: its profile's, else what the site says."),
    ] = None,
    strictness: Annotated[str, STRICTNESS] = "documented",
    port: Annotated[int, typer.Option(metavar="N", help="Port on loopback; 0 takes a free one.")] = 8081,
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder to make and record into.", show_default="recordings/<time>-<site>"),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Serve HTTPS with this certificate (PEM).")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help="The key of that certificate (PEM).")] = None,
) -> int:
    """Pass a client's calls to a site, judge and record them, without secrets, until it is stopped.

    Exit codes: 0 all that passed is valid, 1 some is not, 2 nothing passed or the site can not be asked for its
    version, 4 usage.
    """
    from conformance.commands import proxy as command
    from conformance.wire.departures import Strictness

    return command.record(
        to,
        config,
        api_version,
        port,
        record,
        strictness=Strictness.parse(strictness),
        tls_certificate=tls_certificate,
        tls_key=tls_key,
    )
