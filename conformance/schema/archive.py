"""The schema files of a zip or folder that somebody else has packed: all of them, or a reason why none is taken."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from conformance.errors import UserError
from conformance.wire.pretty import printable

MAX_ENTRIES = 5_000
"""Entries of an archive or folder, whatever they are; the schemas of one release are some tens of files."""

MAX_FILES = 1_000
"""Schema files."""

MAX_FILE = 4 * 1024 * 1024
MAX_TOTAL = 32 * 1024 * 1024
"""Bytes of one schema file, and of all."""

_CHUNK = 1 << 16


def read_archive(path: Path) -> dict[str, bytes]:
    """Return the schema files of a zip or folder by relative name, with ``/``; other files are not looked at.

    Raises UserError for what can not be read, is larger than a set of schemas can be, or has a name or link that
    leads out of it. A zip is never unpacked to where its names say.
    """
    try:
        if path.is_dir():
            found = dict(_of_folder(path))
        elif zipfile.is_zipfile(path):
            found = dict(_of_zip(path))
        else:
            raise UserError(f"{path}: is {'neither a zip nor a folder' if path.exists() else 'not there'}")
    except OSError as error:
        raise UserError(f"{path}: can not be read: {error.strerror or error}") from error
    if not found:
        raise UserError(f"{path}: there are no .xsd files in it")
    folded: dict[str, str] = {}
    for name in found:
        if (other := folded.setdefault(name.casefold(), name)) != name:
            raise UserError(f"{path}: {printable(other)} and {printable(name)} are the same name to some systems")
    return found


class _Budget:
    """Counts what is taken, and refuses what is too much."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = self._files = self._bytes = 0

    def entry(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise UserError(f"{self._path}: has more than {MAX_ENTRIES} entries, too many for a set of schemas")

    def file(self) -> None:
        self._files += 1
        if self._files > MAX_FILES:
            raise UserError(f"{self._path}: has more than {MAX_FILES} .xsd files, too many for a set of schemas")

    def chunk(self, name: str, size: int, so_far: int) -> None:
        """Count bytes as they are read; what an archive says of its sizes is not believed."""
        self._bytes += size
        if so_far + size > MAX_FILE:
            raise UserError(f"{self._path}: {printable(name)} has more than {MAX_FILE} bytes")
        if self._bytes > MAX_TOTAL:
            raise UserError(f"{self._path}: its .xsd files have more than {MAX_TOTAL} bytes")


def _is_schema(name: str) -> bool:
    # Some systems pack a second file of the same name with what only they need.
    return name.lower().endswith(".xsd") and not PurePosixPath(name).name.startswith("._")


def _of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    budget = _Budget(folder)
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        budget.entry()
        name = path.relative_to(folder).as_posix()
        if not _is_schema(name):
            continue
        if not path.resolve().is_relative_to(root):
            raise UserError(f"{folder}: {printable(name)} is a link that leads out of the folder")
        if path.is_file():
            budget.file()
            with path.open("rb") as file:
                data = file.read(MAX_FILE + 1)
            budget.chunk(name, len(data), 0)
            yield name, data


def _of_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    budget = _Budget(path)
    seen: set[str] = set()
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                budget.entry()
                name = _safe_name(path, entry)
                if entry.is_dir() or not _is_schema(name):
                    continue
                if name in seen:
                    raise UserError(f"{path}: {printable(name)} is in it twice")
                seen.add(name)
                budget.file()
                yield name, _unpacked(archive, entry, name, budget)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UserError(f"{path}: is a broken zip: {printable(str(error))}") from error


def _safe_name(path: Path, entry: zipfile.ZipInfo) -> str:
    name = entry.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or any(":" in part or not part.isprintable() for part in parts):
        raise UserError(f"{path}: '{printable(entry.filename)}' leads out of the archive; nothing of it was read")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UserError(f"{path}: '{printable(entry.filename)}' is a link; schemas are plain files")
    if entry.flag_bits & 0x1:
        raise UserError(f"{path}: is encrypted; unpack it and name the folder")
    return PurePosixPath(name).as_posix()


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, budget: _Budget) -> bytes:
    data = bytearray()
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            budget.chunk(name, len(chunk), len(data))
            data += chunk
    return bytes(data)


def write_files(folder: Path, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Write files below a folder, and return where each is, by name."""
    written: dict[str, Path] = {}
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        written[name] = target
    return written
