"""The canonical fields and the form of their values in a shop's file."""

from enum import StrEnum

from shelfwise_pipeline.importing import event_rules, judgement_rules, product_rules
from shelfwise_pipeline.importing.report import Kind


class Shape(StrEnum):
    """How a field's text is interpreted."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    TRUTH = "yes or no"
    TIME = "time"
    PATH = "path"


NUMBERS = (Shape.NUMBER, Shape.WHOLE)

FIELDS: dict[Kind, dict[str, Shape]] = {
    "products": {
        "product_id": Shape.TEXT,
        "title": Shape.TEXT,
        "description": Shape.TEXT,
        "brand": Shape.TEXT,
        "category": Shape.PATH,
        "price": Shape.NUMBER,
        "currency": Shape.TEXT,
        "image_url": Shape.TEXT,
        "rating": Shape.NUMBER,
        "rating_count": Shape.WHOLE,
        "in_stock": Shape.TRUTH,
        "variant_group": Shape.TEXT,
        "created_at": Shape.TIME,
    },
    "events": {
        "event_id": Shape.TEXT,
        "type": Shape.TEXT,
        "product_id": Shape.TEXT,
        "user_id": Shape.TEXT,
        "session_id": Shape.TEXT,
        "timestamp": Shape.TIME,
        "quantity": Shape.WHOLE,
        "value": Shape.NUMBER,
        "request_id": Shape.TEXT,
        "position": Shape.WHOLE,
    },
    "judgements": {"query": Shape.TEXT, "product_id": Shape.TEXT, "grade": Shape.NUMBER},
}
REQUIRED: dict[Kind, frozenset[str]] = {
    "products": product_rules.REQUIRED,
    "events": event_rules.REQUIRED - {"event_id"},  # made from the row if the shop has none
    "judgements": judgement_rules.REQUIRED,
}
