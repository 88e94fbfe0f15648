"""Which schema files hold at a release, and the compiled set of them.

A release's folder holds only the files that it changes; the others come from the release it grew from.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property, partial
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

from conformance.errors import SchemaNotFound, SuiteError
from conformance.resources import schemas_root
from conformance.schema.canonical import Canonical, canonicalise
from conformance.schema.evidence import Place
from conformance.schema.findings import SchemaFinding, read_findings
from conformance.schema.model import SchemaFile, SchemaModel, read_file, read_model
from conformance.schema.store import imported_set
from conformance.versions import LINEAGE, ROOT, Version, ancestry, nearest_release
from conformance.wire.names import NAMESPACES, Operation
from conformance.wire.request import Request

ENTRY = "message.xsd"
_SERV = NAMESPACES["serv"]
_QUALIFIED = re.compile(rb"""elementFormDefault\s*=\s*["']qualified["']""")


class SchemaCatalog:
    """The schema sets below one folder, each compiled when it is first asked for.

    Without a ``root`` that are the shipped ones, and in their place those that the user has imported, from where
    ``config`` says (default: the settings file that applies here).
    """

    def __init__(self, root: Path | None = None, config: Path | None = None) -> None:
        self.root = root or schemas_root()
        self._imported = cache(partial(imported_set, config=config)) if root is None else lambda _: None
        self._sets: dict[Version, SchemaSet] = {}
        self._overlays: dict[Version, Mapping[str, Path]] = {}
        self._parts: dict[tuple[Version, str], SchemaSet] = {}
        self._already_read: dict[Path, SchemaFile] = {}
        self._files = cache(self._find_files)
        self.part = cache(self._part)
        """As much of the set that holds at a version as messages in a namespace need, the envelope too.

        It judges them as the whole set does; what is wrong with the rest of the set is not seen. Where the whole set
        is at hand, or does not import the namespace, it is that.
        """

    def at(self, version: Version) -> SchemaSet:
        """Return the set that holds at ``version``; raise SchemaNotFound or SuiteError."""
        whole = self.uncompiled(version)
        whole.compile()
        return whole

    def uncompiled(self, version: Version) -> SchemaSet:
        """Return the set that holds at ``version``, compiled only when it judges; what it defines can be asked."""
        release, files = self._files(version)
        if release not in self._sets:
            self._sets[release] = SchemaSet(release, files, already_read=self._already_read)
        return self._sets[release]

    def _part(self, version: Version, namespace: str) -> SchemaSet:
        release, files = self._files(version)
        if release in self._sets or not {_SERV, namespace} <= set(_imports(files, self._already_read)):
            return self.uncompiled(version)
        key = (release, namespace)
        if key not in self._parts:
            self._parts[key] = SchemaSet(release, files, namespace, self._already_read)
        return self._parts[key]

    def release(self, version: Version) -> Version:
        """Return the release whose schemas hold at ``version``."""
        return self._files(version)[0]

    def _find_files(self, version: Version) -> tuple[Version, Mapping[str, Path]]:
        if imported := self._imported(version):
            return imported.release, imported.files
        release = nearest_release(version)
        return release, overlay(self.root, release, self._overlays)


def overlay(root: Path, release: Version, known: dict[Version, Mapping[str, Path]] | None = None) -> Mapping[str, Path]:
    """Return the schema files that hold at ``release``: relative name to the file it comes from.

    ``known`` are those of releases that were asked for before; this one and those it grew from are added.
    """
    if not (root / str(ROOT)).is_dir():
        raise SchemaNotFound(root / str(ROOT), "the set that every release grows from")
    files = {} if known is None else known
    for step in ancestry(release):
        if step not in files:
            base, folder = LINEAGE[step], root / str(step)
            own = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.xsd"))}
            files[step] = {**(files[base] if base else {}), **own}
    return files[release]


def _imports(files: Mapping[str, Path], already_read: dict[Path, SchemaFile]) -> dict[str, str]:
    """Return which file the entry imports for each namespace."""
    entry = read_file(files, ENTRY, Place(Path(ENTRY), 1), already_read)
    return {link.namespace: link.file for link in entry.links}


class SchemaSet:
    """The schemas of one release, or the part of them that messages in a namespace need.

    libxml2 compiles them when they judge first; it judges every payload.
    """

    def __init__(
        self,
        release: Version,
        files: Mapping[str, Path],
        namespace: str = "",
        already_read: dict[Path, SchemaFile] | None = None,
    ) -> None:
        self.release = release
        self.files = files
        known = {} if already_read is None else already_read
        self.namespace = namespace
        """The namespace that this is the part of; empty for the whole set."""
        wanted = {_SERV, namespace} if namespace else ()
        self._imports = {space: file for space, file in _imports(files, known).items() if space in wanted}
        self.model: SchemaModel = read_model(files, *(self._imports.values() or [ENTRY]), already_read=known)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and bytes of all files: evidence is only good for the schemas it was got with.

        Of a part it is that of the whole set.
        """
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

    def judge_request(self, request: Request, *, ignore_unknown: bool = False) -> tuple[list[SchemaFinding], Canonical]:
        """Return what is wrong with a request, judged in its canonical form, and that form.

        The service reads requests without namespaces and in any order; the canonical form is what it
        reads. Findings are at the lines and columns of the original bytes. With ``ignore_unknown``, elements that
        the schemas do not know are departures.
        """
        canonical = canonicalise(request, self.model, ignore_unknown=ignore_unknown)
        if self._compiled(canonical.root):
            return [], canonical
        tree = canonical.root.getroottree()
        found = read_findings(self._compiled.error_log, tree, self.model)
        return [canonical.at_origin(finding, tree) for finding in found], canonical

    def is_valid_unqualified(self, root: etree._Element) -> bool:
        """Tell whether a request is valid whose elements, below the root, are in no namespace.

        False also where the schemas can not be read so.
        """
        return self._unqualified is not None and self._unqualified.validate(root)

    @contextmanager
    def materialised(self) -> Iterator[Path]:
        """Lay the set out as real files, where relative schema locations work, and yield the entry file.

        libxml2 compiles imports reliably only from real files.
        """
        with tempfile.TemporaryDirectory(prefix="conformance-schemas-") as folder:
            for name in self.model.files if self._imports else self.files:
                target = Path(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.files[name], target)
            entry = Path(folder, ENTRY)
            if self._imports:
                entry.write_text(_entry(self._imports), encoding="utf-8")
            yield entry

    def compile(self) -> None:
        """Compile the schemas, if they are not yet; raise SuiteError for those that do not."""
        _ = self._compiled

    @cached_property
    def _compiled(self) -> etree.XMLSchema:
        with self.materialised() as entry:
            try:
                return etree.XMLSchema(file=str(entry))
            except etree.XMLSchemaParseError as error:
                told = str(error).replace(f"{entry.parent}/", "")
                raise SuiteError(f"the schemas of {self.release} do not compile: {told}") from error

    @cached_property
    def _unqualified(self) -> etree.XMLSchema | None:
        """The same schemas with local elements in no namespace; None for those that do not compile so."""
        with self.materialised() as entry:
            for path in entry.parent.rglob("*.xsd"):
                path.write_bytes(_QUALIFIED.sub(b"", path.read_bytes()))
            try:
                return etree.XMLSchema(file=str(entry))
            except etree.XMLSchemaParseError:
                return None


def _entry(imports: Mapping[str, str]) -> str:
    lines = (
        f"<xs:import namespace={quoteattr(space)} schemaLocation={quoteattr(name)}/>" for space, name in imports.items()
    )
    return f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(lines)}</xs:schema>'
