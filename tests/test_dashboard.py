"""The dashboard for Grafana: it has the shape that Grafana reads, and asks for nothing that is not there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.hub.core import Hub
from tests.gateway.hub.world import World, a_hub, settings

FILE = Path(__file__).parents[1] / "configs/grafana/hubgate.json"
SOURCE = {"type": "object", "required": ["type", "uid"], "properties": {"uid": {"const": "${datasource}"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["uid", "title", "schemaVersion", "panels", "templating", "time"],
    "properties": {
        "uid": {"type": "string", "maxLength": 40, "pattern": "^[a-zA-Z0-9_-]+$"},
        "title": {"type": "string", "minLength": 1},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "id": {"type": "null"},
        "time": {"type": "object", "required": ["from", "to"]},
        "templating": {
            "type": "object",
            "required": ["list"],
            "properties": {"list": {"items": {"type": "object", "required": ["name", "type", "query"]}}},
        },
        "panels": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "title", "gridPos"],
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "type": {"enum": ["row", "stat", "timeseries"]},
                    "gridPos": {
                        "type": "object",
                        "required": ["h", "w", "x", "y"],
                        "properties": {"w": {"minimum": 1, "maximum": 24}, "x": {"minimum": 0, "maximum": 23}},
                    },
                    "targets": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["refId", "expr", "datasource"],
                            "properties": {"datasource": SOURCE, "expr": {"type": "string", "minLength": 1}},
                        },
                    },
                },
                "if": {"properties": {"type": {"const": "row"}}},
                "else": {"required": ["targets", "datasource", "fieldConfig"], "properties": {"datasource": SOURCE}},
            },
        },
    },
}
"""Of Grafana's dashboard model, what this file uses."""
WORDS = frozenset({"sum", "max", "by", "rate", "increase", "histogram_quantile"})


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def expressions() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]


def test_its_shape() -> None:
    found = dashboard()
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)] == []
    ids = [panel["id"] for panel in found["panels"]]
    assert len(ids) == len(set(ids))


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def names_and_labels(hub: Hub) -> dict[str, set[str]]:
    """Each name that a sample may have, with the labels that it may carry."""
    result: dict[str, set[str]] = {}
    for family in hub.metrics.registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        for suffix in suffixes:
            result[family.name + suffix] = {label for sample in family.samples for label in sample.labels}
    return result


@pytest.fixture
async def there(tmp_path: Path) -> dict[str, set[str]]:
    async with a_hub(World(), settings(tmp_path), "alice") as hub:
        return names_and_labels(hub)


def test_each_expression_asks_for_what_exists(there: dict[str, set[str]]) -> None:
    for expression in expressions():
        bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", " ", expression)
        names = set(re.findall(r"[a-zA-Z_]\w*", bare)) - WORDS
        assert names, expression
        assert names <= there.keys(), expression


def test_each_is_of_the_chosen_job() -> None:
    for expression in expressions():
        assert all('job=~"$job"' in found for found in re.findall(r"\{[^}]*\}", expression)), expression
