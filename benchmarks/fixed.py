"""A bare endpoint that answers every POST with the bytes of a file: ``fixed.py FILE``. What the mock is measured by."""

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = Path(sys.argv[1]).read_bytes()


async def answered(request: Request) -> Response:
    """Read the request and return the bytes."""
    await request.body()
    return Response(ANSWER, media_type="text/xml")


# By its protocol asyncio knows a socket of TCP, for which it does not wait to fill packets.
listening = socket.socket(proto=socket.IPPROTO_TCP)
listening.bind(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
application = Starlette(routes=[Route("/", answered, methods=["POST"])])
server = uvicorn.Server(uvicorn.Config(application, log_level="warning", access_log=False))
asyncio.run(server.serve(sockets=[listening]))
