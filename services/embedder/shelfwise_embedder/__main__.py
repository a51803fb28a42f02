"""`python -m shelfwise_embedder`: settings, logging, application, serve."""

import sys

from shelfwise.app import serve
from shelfwise.app.logs import configure
from shelfwise.settings import WrongSetting
from shelfwise_embedder.app import create_app
from shelfwise_embedder.settings import EmbedderSettings


def main() -> None:
    try:
        settings = EmbedderSettings()
    except WrongSetting as error:
        sys.exit(f"the embedder cannot start: {error}")
    configure("embedder", settings.log_format, settings.log_level)
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
