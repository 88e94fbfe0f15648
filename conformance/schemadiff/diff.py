"""A whole comparison: two sets, what documented changes say of them, and what concerns one integration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conformance.cases.plan import Change
from conformance.errors import UserError
from conformance.schemadiff.differ import diff_schemas
from conformance.schemadiff.model import Finding, SchemaDiff
from conformance.schemadiff.reading import read_schema
from conformance.schemadiff.reconcile import between, reconciled
from conformance.schemadiff.relevant import used
from conformance.schemadiff.sources import SchemaSource
from conformance.traffic.profile import Profile


def findings_between(old: SchemaSource, new: SchemaSource) -> list[Finding]:
    """Return what differs on the wire between two sets, heaviest first. Raises UserError for one that is not whole."""
    if old.files == new.files:
        return []
    try:
        return diff_schemas(read_schema(old.files, old.entries), read_schema(new.files, new.entries))
    except RecursionError:
        raise UserError(f"{old.label} or {new.label}: types or groups are nested too deeply to compare") from None


def compare_sources(
    old: SchemaSource, new: SchemaSource, changes: Sequence[Change] = (), profile: Profile | None = None
) -> SchemaDiff:
    """Return the comparison of two sets.

    Where they are of two versions, ``changes`` are asked what is documented of the way from one to the other. With a
    ``profile``, only what concerns that integration is left. Raises UserError.
    """
    findings = findings_between(old, new)
    diff = SchemaDiff(old, new, findings)
    if old.version is not None and new.version is not None and old.version != new.version:
        documented = between(changes, old.version, new.version)
        findings, unseen = reconciled(findings, documented)
        silent = [change.id for change in documented if not change.file.schema_rules]
        diff = SchemaDiff(old, new, findings, reconciled=True, unseen=unseen, silent=silent)
    if profile is None:
        return diff
    concerned = [replace(finding, uses=uses) for finding in findings if (uses := used(finding, profile))]
    left_out = len(findings) - len(concerned)
    return replace(diff, findings=concerned, integration=profile.integration, left_out=left_out)
