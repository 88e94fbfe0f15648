"""The same work twice: as case files for the plugin, as a hand-written pytest module.

One request (GetUser of the caller), three XPaths and one XSD a case; both sides talk to the same server process.
"""

from __future__ import annotations

from pathlib import Path

XPATHS = {
    "//use:webExId": "host",
    "//use:password": "******",
    "count(//use:privilege/use:host)": "1",
}

_HEAD = """\
change: Benchmark {number}
released_in: [40.4.3]
kind: behaviour changed
operations: [GetUser]
source: none, this is a benchmark
impact: None.
advice: None.
clauses:
  same: GetUser answers.
cases:
"""

_CASE = """\
  - name: case {number}
    proves: [same]
    as: host
    request: {{GetUser: {{webExId: host}}}}
    expect:
      result: SUCCESS
      xpath:
{xpaths}
    before: {{result: FAILURE}}
"""

_HANDWRITTEN = '''\
"""What an engineer writes without the plugin."""

import os

import httpx2
import pytest
from lxml import etree

ENDPOINT = os.environ["BENCH_ENDPOINT"]
NAMESPACES = {"serv": "http://www.webex.com/schemas/2002/06/service",
              "use": "http://www.webex.com/schemas/2002/06/service/user"}
REQUEST = """<?xml version="1.0" encoding="UTF-8"?>
<serv:message xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:serv="http://www.webex.com/schemas/2002/06/service"><header><securityContext><siteName>mock</siteName>
<webExID>host</webExID><password>{password}</password></securityContext></header><body>
<bodyContent xsi:type="java:com.webex.service.binding.user.GetUser"><webExId>host</webExId></bodyContent></body>
</serv:message>""".format(password=os.environ["BENCH_PASSWORD"]).encode()


@pytest.fixture(scope="session")
def client():
    with httpx2.Client(headers={"Content-Type": "text/xml"}) as client:
        yield client


@pytest.fixture(scope="session")
def schema():
    return etree.XMLSchema(file=os.environ["BENCH_SCHEMA"])


@pytest.mark.parametrize("number", range(COUNT))
def test_get_user(client, schema, number):
    response = client.post(ENDPOINT, content=REQUEST)
    assert response.status_code == 200
    root = etree.fromstring(response.content)
    schema.assertValid(root)
    assert root.xpath("string(//serv:result)", namespaces=NAMESPACES) == "SUCCESS"
    assert root.xpath("string(//use:webExId)", namespaces=NAMESPACES) == "host"
    assert root.xpath("string(//use:password)", namespaces=NAMESPACES) == "******"
    assert root.xpath("count(//use:privilege/use:host)", namespaces=NAMESPACES) == 1
'''

_PROVIDER = '''\
"""The site of the benchmark: one fixed endpoint."""

import os
from contextlib import asynccontextmanager
from datetime import timedelta

from conformance.site.http import HttpClient
from conformance.site.seam import Credentials, SiteFacts, SiteProfile, by_password
from conformance.site.transport import Transport


class FixedSite:
    def __init__(self, client):
        self._client = client
        account = Credentials("host", os.environ["BENCH_PASSWORD"], "host@example.com")
        self.profile = SiteProfile("mock", "mock.example.com", "example.com", {"host": account})

    async def security(self, role):
        return by_password(self.profile, role)

    async def send(self, request):
        return await self._client.post(request)


class FixedProvider:
    confirms_failures = False

    async def open(self):
        self._client = HttpClient(os.environ["BENCH_ENDPOINT"], Transport(private_addresses=True))
        return SiteFacts(self._client.endpoint, "", timedelta())

    @asynccontextmanager
    async def site(self, needs, case="", effect="read"):
        yield FixedSite(self._client)

    def remarks(self):
        return ()

    def left(self):
        return None

    async def close(self):
        await self._client.close()


def pytest_conformance_provider(config, name):
    return FixedProvider() if name == "bench" else None
'''


def write_cases(folder: Path, count: int, per_file: int = 100) -> Path:
    """Write ``count`` cases into ``folder`` and return it."""
    release = folder / "40.4.3"
    release.mkdir(parents=True)
    (folder / "conformance.yaml").write_text("format: 1\n", encoding="utf-8")
    (folder / "conftest.py").write_text(_PROVIDER, encoding="utf-8")
    xpaths = "\n".join(f"        {xpath}: '{value}'" for xpath, value in XPATHS.items())
    for first in range(0, count, per_file):
        cases = (_CASE.format(number=n, xpaths=xpaths) for n in range(first, min(first + per_file, count)))
        text = _HEAD.format(number=first) + "".join(cases)
        (release / f"part-{first:05}.yaml").write_text(text, encoding="utf-8")
    return folder


def write_handwritten(folder: Path, count: int) -> Path:
    """Write the hand-written module into ``folder`` and return it."""
    folder.mkdir(parents=True)
    path = folder / "test_handwritten.py"
    path.write_text(_HANDWRITTEN.replace("COUNT", str(count)), encoding="utf-8")
    return path
