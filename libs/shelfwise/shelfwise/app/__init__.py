"""The application factory that every service starts from."""

from shelfwise.app.body import answer, body_of, json_body
from shelfwise.app.direct import DirectRoute
from shelfwise.app.factory import create_service
from shelfwise.app.live import Live
from shelfwise.app.serve import serve
from shelfwise.app.serving import Serving

__all__ = ["DirectRoute", "Live", "Serving", "answer", "body_of", "create_service", "json_body", "serve"]
