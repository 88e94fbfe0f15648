"""GetSiteType: whether a site's users are those of Common Identity."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.call import Call, answers
from conformance.wire.answer import Answer

SITE_TYPE = "9.0/getsitetype"


@answers("GetSiteType", change=SITE_TYPE)
def get_site_type(call: Call) -> Mapping[str, Answer]:
    """Return 1 for a site of Common Identity (FAQ on Spark Meet), 0 for any other (assumed)."""
    return {"sitetype": "1" if call.site.settings.common_identity else "0"}
