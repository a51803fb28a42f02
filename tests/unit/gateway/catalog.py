"""A small shop and the fakes that serve it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shelfwise.clients.fake import FakeEmbedder, FakeRanker, FakeRetriever
from shelfwise.clients.fake_events import FakeEvents
from shelfwise_gateway.settings import GatewaySettings
from shelfwise_gateway.upstreams import Upstreams
from tests.support.history import history as made


def product(product_id: str, title: str, **said: Any) -> dict[str, Any]:
    return {"product_id": product_id, "title": title, "category": ["Beauty", "Nails"], "in_stock": True, **said}


PRODUCTS = [
    product("1", "Red nail paints", brand="Acme", price=4.5, currency="EUR"),
    product("2", "Blue nail paints", brand="Acme"),
    product("3", "red  NAIL paints", brand="Bolt"),
    product("4", "Green nail paints", brand="Bolt", variant_group="g"),
    product("5", "Olive nail paints", brand="Bolt", variant_group="g"),
    product("6", "Nail file", brand="Acme"),
    product("7", "Potato chips", category=["Food", "Snacks"]),
]


def history(*touched: tuple[str, int, int]) -> dict[str, Any]:
    """Products with their purchases and views, the most recently touched first: a day ago, two days ago, …"""
    return made(
        *((product_id, day, bought, 0, viewed) for day, (product_id, bought, viewed) in enumerate(touched, 1))
    ).model_dump()


class Fakes:
    """The three fakes, and a `connect` that hands them to the gateway."""

    def __init__(self, products: list[dict[str, Any]] | None = None) -> None:
        self.embedder = FakeEmbedder()
        self.retriever = FakeRetriever(PRODUCTS if products is None else products)
        self.ranker = FakeRanker()
        self.events = FakeEvents()
        self.upstreams = Upstreams(self.embedder, self.retriever, self.ranker, self.events)

    @asynccontextmanager
    async def connect(self, settings: GatewaySettings) -> AsyncIterator[Upstreams]:
        yield self.upstreams
