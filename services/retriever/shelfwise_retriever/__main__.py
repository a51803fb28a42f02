"""`python -m shelfwise_retriever`: settings, logging, application, serve."""

import sys

from shelfwise.app import serve
from shelfwise.app.logs import configure
from shelfwise.settings import WrongSetting
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings


def main() -> None:
    try:
        settings = RetrieverSettings()
    except WrongSetting as error:
        sys.exit(f"the retriever cannot start: {error}")
    configure("retriever", settings.log_format, settings.log_level)
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
