"""A request as the service reads it: local names, text and where each element stands in the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """One element, without namespaces, because the service reads requests without them."""

    name: str
    text: str = ""
    prefix: str = ""
    line: int = 0
    column: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def find(self, path: str) -> Node | None:
        """Return the first element at ``a/b/c`` below this one, or None.

        A step that nothing is spelt like takes what is spelt so but for its case, as clients write ``timezoneID``.
        """
        node = self
        for name in path.split("/"):
            child = node.child(name)
            if child is None:
                return None
            node = child
        return node

    def child(self, name: str) -> Node | None:
        """Return the first child of that name, else the first whose name differs in case only, or None."""
        for child in self.children:
            if child.name == name:
                return child
        length = len(name)
        for child in self.children:
            if len(child.name) == length and child.name.lower() == name.lower():
                return child
        return None

    def all(self, path: str) -> list[Node]:
        """Return all elements at ``a/b/c``, spelt as the first of them; steps before the last take the first match."""
        parent, _, name = path.rpartition("/")
        around = self.find(parent) if parent else self
        first = around.child(name) if around else None
        return [child for child in around.children if child.name == first.name] if around and first else []

    def value(self, path: str) -> str | None:
        """Return the trimmed text at ``a/b/c``; None where it is absent or blank.

        The service trims (guide samples end values with line breaks) and takes an empty element as absent.
        """
        node = self.find(path)
        return (node.text.strip() or None) if node else None

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))
