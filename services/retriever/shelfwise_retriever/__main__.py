"""`python -m shelfwise_retriever`: the retriever as a process."""

from shelfwise.app import serve
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings


def main() -> None:
    serve("retriever", RetrieverSettings, create_app)


if __name__ == "__main__":
    main()
