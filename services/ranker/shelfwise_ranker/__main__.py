"""Runs the ranker: `python -m shelfwise_ranker`."""

from shelfwise.app import logs, serve
from shelfwise_ranker.app import create_app
from shelfwise_ranker.settings import RankerSettings


def main() -> None:
    settings = RankerSettings()
    logs.configure("ranker", settings.log_format, settings.log_level)
    serve(create_app(settings), settings)


if __name__ == "__main__":
    main()
