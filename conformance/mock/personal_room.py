"""UploadPMRImage: the pictures of a user's Personal Meeting Room."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.mock.refusal import bad_value
from conformance.mock.stored import group
from conformance.wire.answer import Answer

_ADDRESS_OF = {"PHOTO": "photoURL", "HEADER": "headerImageURL"}


@answers("UploadPMRImage")
def upload_image(call: Call) -> Mapping[str, Answer]:
    """Keep a picture of the caller, or of the head of his page; GetUser tells its address from then on.

    A photo is meant where ``imageFor`` is not sent, and what is no picture in base64 is refused (assumed).
    """
    address = _ADDRESS_OF.get(call.text("imageFor", "Photo").upper())
    if address is None:
        raise bad_value("imageFor")
    site, account = call.site, call.account
    picture = hashlib.sha256(_decoded(call.text("imageData"))).hexdigest()[:16]
    url = f"https://{site.host_name}/{site.name}/images/{account.user_id}/{picture}"
    account.profile["personalMeetingRoom"] = {**group(account.profile, "personalMeetingRoom"), address: url}
    account.modified = site.clock.now()
    return {}


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        data = b""
    if not data:
        raise bad_value("imageData")
    return data
