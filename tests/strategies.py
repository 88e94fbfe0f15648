"""Hypothesis strategies for what crosses the wire; importing them takes the clock away from examples."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from conformance.versions import Version

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if settings.get_current_profile_name() == "default":
    settings.load_profile("unhurried")

_ILLEGAL = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r") + "\ufffe\uffff"

versions = st.builds(Version, st.integers(38, 42), st.integers(0, 12), st.integers(0, 6))

xml_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=_ILLEGAL), max_size=40)
"""Every text that XML 1.0 can carry, the empty one too."""

element_names = st.from_regex(r"[A-Za-z_][\w.-]{0,12}", fullmatch=True, alphabet=st.characters(max_codepoint=127))

bodies = st.dictionaries(
    element_names,
    st.recursive(
        xml_texts,
        lambda inner: st.dictionaries(element_names, inner, max_size=4) | st.lists(inner, max_size=3),
        max_leaves=12,
    ),
    max_size=4,
)
"""Contents of a request: texts, children by name, repeated elements."""

secrets = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*\0"), min_size=4, max_size=20)
"""Values that must not be shown. The mask itself is made of asterisks."""
