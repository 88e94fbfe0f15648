"""A client that nobody wrote for this mock: webex-api-client, Cisco's own, in Node.

It declares no ``xmlns:serv`` and asks for ``Connection: close`` with every call.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from conformance.mock.building import new_site
from conformance.mock.server import MockServer
from conformance.versions import DEFAULT_VERSION
from conformance.wire.names import NAMESPACES
from conformance.wire.response import Response, read_response

PACKAGE = "webex-api-client@0.2.3"
SCRIPT = Path(__file__).with_name("node_client.cjs")
OPERATIONS = (
    "AuthenticateUser",
    "CreateMeeting",
    "CreateTeleconferenceSession",
    "DelMeeting",
    "GetMeeting",
    "GetSite",
    "GetTeleconferenceSession",
    "GethosturlMeeting",
    "GetjoinurlMeeting",
    "LstsummaryMeeting",
    "SetMeeting",
)


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return the folder that holds the package; install it where no test has before."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    folder = Path(tempfile.gettempdir()) / f"conformance-node-{os.getuid()}" / PACKAGE
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not install {PACKAGE} in two minutes")
        if done.returncode:
            pytest.skip(f"npm cannot install {PACKAGE}: {done.stderr.strip().splitlines()[-1]}")
        (folder / "complete").touch()
    return folder / "node_modules"


@pytest.fixture(scope="module")
def answers(modules: Path) -> dict[str, Response]:
    """Return the mock's answers to the client, by operation."""
    with MockServer() as server:
        site = server.add_site(new_site("go", DEFAULT_VERSION))
        account = site.accounts["host"]
        command = ["node", str(SCRIPT), server.endpoint, "go", account.web_ex_id, account.password]
        # The client writes dates in the zone of its process.
        environment = os.environ | {"NODE_PATH": str(modules), "TZ": "UTC"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return {name: read_response(text.encode()) for name, text in json.loads(done.stdout).items()}


def text(answers: dict[str, Response], name: str, path: str) -> str | None:
    content = answers[name].content
    assert content is not None
    return content.findtext(path, namespaces=NAMESPACES)


def test_every_operation_it_knows_succeeds(answers: dict[str, Response]) -> None:
    assert {name: (answer.result, answer.reason) for name, answer in answers.items()} == dict.fromkeys(
        OPERATIONS, ("SUCCESS", None)
    )


def test_what_it_sent_comes_back(answers: dict[str, Response]) -> None:
    assert text(answers, "CreateMeeting", "meet:meetingPassword") == "pass123"
    assert text(answers, "GetMeeting", "meet:metaData/meet:confName") == "Renamed"
    assert text(answers, "GetMeeting", "meet:metaData/meet:agenda") == "Ägenda ☃"
    assert text(answers, "LstsummaryMeeting", "meet:meeting/meet:confName") == "Renamed"
    assert text(answers, "GetTeleconferenceSession", "auo:metaData/{*}confName") == "By telephone"
    assert (text(answers, "GethosturlMeeting", "meet:hostMeetingURL") or "").startswith("https://")
    assert (text(answers, "GetjoinurlMeeting", "meet:joinMeetingURL") or "").startswith("https://")
