"""Hypothesis strategies made from an XSD: valid elements, and elements with exactly one named fault.

It stands on its own and knows nothing of the rest of the suite. A valid element is valid for libxml2 and for xmlschema,
a broken one for neither. Examples shrink to small documents with simple texts.

Limits (docs/xsdgen.md has the reasons):

- Not generated, ``Unsupported`` is raised: ``ID``, ``IDREF``, ``ENTITY``, ``NOTATION``; content that has no end; an
  abstract element or type that nothing stands for; a wildcard that must be there and takes only declared elements.
- Generated in part: mixed content has text before its first child only; wildcards bring one element that nobody
  declares; ``anyAttribute`` brings none; ``xsi:type`` names derived complex types, no simple ones; a type stands within
  itself at most twice; patterns are matched in Latin letters; dates are of the years 1 to 9999.
- Not looked at: ``key``, ``keyref`` and ``unique``.
"""

from conformance.xsdgen.errors import Unsupported
from conformance.xsdgen.strategies import Broken, broken, elements

__all__ = ["Broken", "Unsupported", "broken", "elements"]
