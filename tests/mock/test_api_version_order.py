"""GetAPIVersion with the train: the answer is one that the schemas take."""

from __future__ import annotations

from conformance.mock.dispatch import respond
from conformance.schema.catalog import SchemaSet
from conformance.wire.names import operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response


def test_the_train_stands_where_the_schemas_have_it(make_site, schemas: SchemaSet) -> None:
    data = build_request(operation("GetAPIVersion"), {}, {"returnTrainReleaseVersion": "true"})
    answer = read_response(respond({"go": make_site()}, data))
    assert answer.content.find("{*}trainReleaseVersion") is not None
    assert schemas.judge_response(answer.root) == []
