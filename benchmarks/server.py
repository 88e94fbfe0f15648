"""A mock site in a process of its own, for both sides of a benchmark: ``server.py DELAY``."""

import sys
import time

from conformance.mock.building import new_site
from conformance.mock.server import MockServer
from conformance.versions import DEFAULT_VERSION

with MockServer(delay=float(sys.argv[1])) as server:
    site = new_site("mock", DEFAULT_VERSION)
    server.add_site(site)
    print(server.endpoint, site.accounts["host"].password, flush=True)
    while True:
        time.sleep(60)
