"""`python -m shelfwise_embedder`: the embedder as a process."""

from shelfwise.app import serve
from shelfwise_embedder.app import create_app
from shelfwise_embedder.settings import EmbedderSettings


def main() -> None:
    serve("embedder", EmbedderSettings, create_app)


if __name__ == "__main__":
    main()
