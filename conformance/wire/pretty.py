"""A message laid out for people."""

from __future__ import annotations

from lxml import etree

from conformance.wire.limits import parser

_MAX_SHOWN = 200_000


def pretty(data: bytes) -> str:
    """Return the message indented; bytes that are no XML are shown as text, unprintable ones escaped."""
    shown = data[:_MAX_SHOWN]
    cut = f"\n... {len(data) - _MAX_SHOWN} more bytes" if len(data) > _MAX_SHOWN else ""
    if not cut:
        try:
            root = etree.fromstring(shown, parser())
        except (etree.XMLSyntaxError, ValueError):
            pass  # shown as it came
        else:
            etree.indent(root)
            return printable(etree.tostring(root, encoding="unicode"))
    return printable(shown.decode("utf-8", "backslashreplace")) + cut


def printable(text: str) -> str:
    """Escape what a terminal or a browser would act on: control characters, lone surrogates."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
