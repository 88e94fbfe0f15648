"""One-Click: what a user's next instant session is to be like.

The newer guide names a SetOneClickSettings beside SetupOneClickSettings; of it nothing but the name was seen, so it is
left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.accounts import reachable
from conformance.mock.call import Call, answers
from conformance.mock.refusal import access_denied, bad_value
from conformance.mock.stored import Content, fields, group, kept, overlaid, text, written
from conformance.wire.answer import Answer

_INT = "[0..2147483647]"

ONE_CLICK = fields(f"""
    metaData {{
        serviceType (MeetingCenter | EventCenter | TrainingCenter | SupportCenter | SalesCenter); sessionType integer;
        confName string; sessionPassword string; listing (PUBLIC | PRIVATE | UNLISTED); CUVCMeetingID string;
        isInternal boolean; sessionTemplate {{name string; type (User | Site | Service); value string}}
    }};
    trackingCodes live;
    tracking {{trackingCode* {{index! integer[1..10]; value string}}}};
    telephony {{
        telephonySupport! (NONE | CALLIN | CALLBACK | OTHER); extTelephonyDescription string;
        tspAccountIndex integer{_INT}; personalAccountIndex integer{_INT}; intlLocalCallIn boolean; tollfree boolean;
        entryExitTone (NOTONE | BEEP | ANNOUNCENAME); isMPAudio boolean
    }};
    enableOptions {{voip boolean}};
    attendeeOptions {{joinApproval boolean}}
""")
"""``ep:setupOneClickSettings`` and, but for its ``tracking``, its response (2011 schemas)."""

_NEEDED = ("serviceType", "sessionType", "confName")
_RESPONSE = {name: known for name, known in ONE_CLICK.items() if name != "tracking"}


@answers("SetupOneClickSettings")
def setup_one_click_settings(call: Call) -> Mapping[str, Answer]:
    """Keep the settings of the caller, who must be able to host; what is not sent stays as it was (assumed)."""
    if not call.account.host:
        raise access_denied()
    sent = kept(ONE_CLICK, call.content)
    for name in _NEEDED:
        if not text(sent, "metaData", name):
            raise bad_value(f"metaData/{name}")
    settings = call.site.belongings.one_click
    settings[call.account.user_id] = overlaid(ONE_CLICK, settings.get(call.account.user_id, {}), sent)
    return {}


@answers("GetOneClickSettings")
def get_one_click_settings(call: Call) -> Mapping[str, Answer]:
    """Return the caller's settings, to a site administrator those of anybody; of none nothing is told (assumed)."""
    settings = call.site.belongings.one_click.get(reachable(call, "hostWebExID").user_id, {})
    return written(_RESPONSE, settings, _tracking_codes(settings))


def _tracking_codes(settings: Mapping[str, Answer]) -> Content:
    """Return the tracking codes with what the site calls them and how they are entered (both assumed)."""
    codes = group(settings, "tracking").get("trackingCode", [])
    told: list[Answer] = [
        {"index": code["index"], "name": f"Tracking code {code['index']}", "inputMode": "Text", **_value(code)}
        for code in codes
        if isinstance(code, Mapping)
    ]
    return {"trackingCodes": {"trackingCode": told}} if told else {}


def _value(code: Mapping[str, Answer]) -> Content:
    return {"value": code["value"]} if "value" in code else {}
