"""Runs the ranker: `python -m shelfwise_ranker`."""

import sys

from shelfwise.app import logs, serve
from shelfwise.settings import WrongSetting
from shelfwise_ranker.app import create_app
from shelfwise_ranker.settings import RankerSettings


def main() -> None:
    try:
        settings = RankerSettings()
    except WrongSetting as error:
        sys.exit(f"the ranker cannot start: {error}")
    logs.configure("ranker", settings.log_format, settings.log_level)
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
