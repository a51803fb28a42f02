"""`python -m shelfwise_ranker`: the ranker as a process."""

from shelfwise.app import serve
from shelfwise_ranker.app import create_app
from shelfwise_ranker.settings import RankerSettings


def main() -> None:
    serve("ranker", RankerSettings, create_app)


if __name__ == "__main__":
    main()
