"""The elements of a recording, in the order in which GetRecordingInfo gives them back (2011 schemas).

Their values where nobody set one are assumed. The notation is that of ``stored``.
"""

from __future__ import annotations

from conformance.mock.stored import fields

RECORDING = fields(
    """
    basic {
        topic live; listing (PUBLIC | PRIVATE | UNLISTED)=PUBLIC; presenter string; email string; agenda string;
        description live
    };
    playback {
        chat boolean=true; supportQandA boolean=true; video boolean=true; polling boolean=true; notes boolean=true;
        fileShare boolean=true; attendeeList boolean=true; toc boolean=true; range (FULL | PARTIAL)=FULL;
        partialStart integer[0..]; partialEnd integer[0..]; includeNBRcontrols boolean=true
    }=;
    fileAccess {
        registration boolean=false; attendeeView boolean=true; attendeeDownload boolean=true; endPlayURL string;
        password live
    }
    """
)
