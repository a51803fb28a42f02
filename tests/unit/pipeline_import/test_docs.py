"""Whatever a map may say is explained in docs/import.md."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from shelfwise_pipeline.importing.files import FileOptions
from shelfwise_pipeline.importing.mapping.fields import FIELDS
from shelfwise_pipeline.importing.mapping.model import ColumnMap, FieldSource, Refusal, Timeline

DOCS = (Path(__file__).parents[3] / "docs" / "import.md").read_text("utf-8")


@pytest.mark.parametrize("model", [ColumnMap, FieldSource, Refusal, Timeline, FileOptions])
def test_every_entry_of_a_map_is_explained_in_the_docs(model: type[BaseModel]) -> None:
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert {name for name in names if not re.search(rf"\b{name}\b", DOCS)} == set()


def test_every_field_is_named_in_the_docs() -> None:
    assert {field for fields in FIELDS.values() for field in fields if f"`{field}`" not in DOCS} == set()


def test_the_examples_in_the_docs_are_valid_maps() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert ColumnMap.model_validate(yaml.safe_load(blocks[0])).fields["title"].used == ("brand", "name")
    timeline = yaml.safe_load(blocks[1])["timestamp"]
    assert FieldSource.model_validate(timeline).used[0] == "days_since_prior_order"
