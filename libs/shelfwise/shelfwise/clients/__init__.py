"""Clients of the services, for their callers."""

from shelfwise.clients.breaker import Breaker
from shelfwise.clients.candidates import Candidates
from shelfwise.clients.embedder import Embedder, EmbedderClient
from shelfwise.clients.events import Events, EventsClient
from shelfwise.clients.http import Probe, ServiceClient
from shelfwise.clients.question import Question
from shelfwise.clients.ranker import Ranker, RankerClient, Ranking
from shelfwise.clients.retriever import Retriever, RetrieverClient

__all__ = [
    "Breaker",
    "Candidates",
    "Embedder",
    "EmbedderClient",
    "Events",
    "EventsClient",
    "Probe",
    "Question",
    "Ranker",
    "RankerClient",
    "Ranking",
    "Retriever",
    "RetrieverClient",
    "ServiceClient",
]
