"""Which schema files hold at a release, and the compiled set of them.

A release's folder holds only the files that it changes; the others come from the release it grew from.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from lxml import etree

from conformance.errors import SchemaNotFound, SuiteError
from conformance.resources import schemas_root
from conformance.schema.canonical import Canonical, canonicalise
from conformance.schema.findings import SchemaFinding, read_findings
from conformance.schema.model import SchemaModel, read_model
from conformance.versions import BASELINE, Version, ancestry, nearest_release
from conformance.wire.names import Operation
from conformance.wire.request import Request

ENTRY = "message.xsd"


class SchemaCatalog:
    """The schema sets below one folder, each compiled when it is first asked for."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or schemas_root()
        self._sets: dict[Version, SchemaSet] = {}

    def at(self, version: Version) -> SchemaSet:
        """Return the set that holds at ``version``; raise SchemaNotFound or SuiteError."""
        release = nearest_release(version)
        if release not in self._sets:
            self._sets[release] = SchemaSet(release, overlay(self.root, release))
        return self._sets[release]


def overlay(root: Path, release: Version) -> dict[str, Path]:
    """Return the schema files that hold at ``release``: relative name to the file it comes from."""
    if not (root / str(BASELINE)).is_dir():
        raise SchemaNotFound(root / str(BASELINE), "the baseline that every release grows from")
    files: dict[str, Path] = {}
    for step in ancestry(release):
        folder = root / str(step)
        files |= {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.xsd"))}
    return files


class SchemaSet:
    """The schemas of one release: compiled by libxml2, which judges every payload."""

    def __init__(self, release: Version, files: Mapping[str, Path]) -> None:
        self.release = release
        self.files = files
        self.model: SchemaModel = read_model(files, ENTRY)
        self._compiled = self._compile()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and bytes of all files: evidence is only good for the schemas it was got with."""
        digest = hashlib.sha256()
        for name, path in sorted(self.files.items()):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def knows(self, operation: Operation) -> bool:
        """Tell whether the operation exists at this release."""
        return f"{{{operation.namespace}}}{operation.request_type}" in self.model.types

    def judge_response(self, root: etree._Element) -> list[SchemaFinding]:
        """Return what is wrong with a response, at most 20 findings; none means valid."""
        if self._compiled(root):
            return []
        return read_findings(self._compiled.error_log, root.getroottree(), self.model)

    @property
    def errors_logged(self) -> int:
        """How many errors libxml2 has told of the message judged last; a wrong value is told twice."""
        return len(self._compiled.error_log)

    def judge_request(self, request: Request) -> tuple[list[SchemaFinding], Canonical]:
        """Return what is wrong with a request, judged in its canonical form, and that form.

        The service reads requests without namespaces and in any order; the canonical form is what it
        reads. Findings are at the lines and columns of the original bytes.
        """
        canonical = canonicalise(request, self.model)
        if self._compiled(canonical.root):
            return [], canonical
        tree = canonical.root.getroottree()
        found = read_findings(self._compiled.error_log, tree, self.model)
        return [canonical.at_origin(finding, tree) for finding in found], canonical

    @contextmanager
    def materialised(self) -> Iterator[Path]:
        """Lay the set out as real files, where relative schema locations work, and yield the entry file.

        libxml2 compiles imports reliably only from real files.
        """
        with tempfile.TemporaryDirectory(prefix="conformance-schemas-") as folder:
            for name, path in self.files.items():
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            yield Path(folder, ENTRY)

    def _compile(self) -> etree.XMLSchema:
        with self.materialised() as entry:
            try:
                return etree.XMLSchema(file=str(entry))
            except etree.XMLSchemaParseError as error:
                told = str(error).replace(f"{entry.parent}/", "")
                raise SuiteError(f"the schemas of {self.release} do not compile: {told}") from error
