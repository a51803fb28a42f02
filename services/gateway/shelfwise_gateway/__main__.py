"""`python -m shelfwise_gateway`: the gateway as a process."""

import sys

from shelfwise.app import serve
from shelfwise.app.logs import configure
from shelfwise.settings import WrongSetting
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings


def main() -> None:
    try:
        settings = GatewaySettings()
        app = create_app(settings)
    except (OSError, ValueError, WrongSetting) as error:
        sys.exit(f"the gateway cannot start: {error}")
    configure("gateway", settings.log_format, settings.log_level)
    serve(app, settings)


if __name__ == "__main__":
    main()
