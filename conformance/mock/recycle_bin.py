"""The recycle bin of recordings, which came with 10.0 SP12.

Of its three operations the names are known, of RecoverRecordingFromRecycleBin also its request and the name of one
element of its answer. Everything else of their shape is assumed to be like that of the other calls for recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from conformance.mock.call import Call, answers
from conformance.mock.listing import matching_records
from conformance.mock.recordings import RECYCLE_BIN, page_of, record
from conformance.mock.refusal import bad_value, no_record
from conformance.mock.state import Recording
from conformance.wire.answer import Answer
from conformance.wire.times import GMT

KEPT = timedelta(days=30)
"""How long a deleted recording can be recovered, by default (release notes 10.0 SP12)."""

MOST = 20
"""How many recordings one call may name (release notes 10.0 SP12)."""


@answers("LstRecordingInRecycleBin", change=RECYCLE_BIN)
def lst_recording_in_recycle_bin(call: Call) -> Mapping[str, Answer]:
    """List the caller's own recordings in the bin; not even a site administrator sees others' (release notes)."""
    shown = page_of(call, _in_bin(call))
    return {
        "matchingRecords": matching_records(shown),
        "recording": [record(call, recording, GMT) for recording in shown.items],
    }


@answers("RecoverRecordingFromRecycleBin", change=RECYCLE_BIN)
def recover_recording_from_recycle_bin(call: Call) -> Mapping[str, Answer]:
    """Take recordings out of the bin again; those that are not there are passed over (assumed)."""
    recovered = _named(call)
    for recording in recovered:
        recording.deleted = None
    return {"successfulRecoverRecordings": {"recordingID": [str(r.recording_id) for r in recovered]}}


@answers("DelRecordingFromRecycleBin", change=RECYCLE_BIN)
def del_recording_from_recycle_bin(call: Call) -> Mapping[str, Answer]:
    """Delete recordings for good; those that are not in the bin are passed over, and nothing is told (assumed)."""
    for recording in _named(call):
        call.site.recordings.remove(recording)
    return {}


def _in_bin(call: Call) -> list[Recording]:
    me, now = call.account.web_ex_id.lower(), call.site.clock.now()
    return [
        recording
        for recording in call.site.recordings
        if recording.host.lower() == me and recording.deleted is not None and now < recording.deleted + KEPT
    ]


def _named(call: Call) -> list[Recording]:
    """Return the caller's recordings in the bin that a call names; refuse too many, and none at all (assumed)."""
    numbers = {node.text.strip() for node in call.content.all("recordingID")} - {""}
    if not 0 < len(numbers) <= MOST:
        raise bad_value("recordingID")
    named = [recording for recording in _in_bin(call) if str(recording.recording_id) in numbers]
    if not named:
        raise no_record()
    return named
