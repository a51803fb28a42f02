"""`python -m shelfwise_embedder`: settings, logging, application, serve."""

from shelfwise.app import serve
from shelfwise.app.logs import configure
from shelfwise_embedder.app import create_app
from shelfwise_embedder.settings import EmbedderSettings


def main() -> None:
    settings = EmbedderSettings()
    configure("embedder", settings.log_format, settings.log_level)
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
