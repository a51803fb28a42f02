"""`python -m shelfwise_gateway`: the gateway as a process."""

from shelfwise.app import serve
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings


def main() -> None:
    serve("gateway", GatewaySettings, create_app, (OSError, ValueError))


if __name__ == "__main__":
    main()
