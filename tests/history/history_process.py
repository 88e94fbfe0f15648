"""A process that writes a run, told on standard output result by result, so that others can kill it anywhere.

python history_process.py WHERE RUN CASES BATCH
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from history_support import catalogue, footer, header, result

from conformance.history import writer as writing
from conformance.history.store import History


def main(where: str, run: str, cases: int, batch: int) -> None:
    """Write one run of that many cases."""
    writing.BATCH = batch
    with History.open(where) as history:
        print("open", flush=True)
        writer = history.writer(None)
        head = header(id=run, planned=cases)
        results = [result(f"{number:04}", "F" if number % 3 == 0 else "P") for number in range(cases)]
        writer.started(head, catalogue())
        for one in results:
            writer.case(one)
            print(one.id, flush=True)
        writer.finished(footer(head, results))
        print(f"trouble: {writer.trouble}" if writer.trouble else "done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
