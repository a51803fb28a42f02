"""Runs a service as a process: everything that its `__main__` has to do."""

import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import TypeVar

import uvicorn
from fastapi import FastAPI

from shelfwise.app.logs import configure
from shelfwise.app.protocol import JoiningProtocol
from shelfwise.ports import why_not_free
from shelfwise.setting_names import slips
from shelfwise.settings import PREFIX, ServiceSettings, WrongSetting

Settings = TypeVar("Settings", bound=ServiceSettings)

_log = logging.getLogger("shelfwise.settings")


def serve(
    service: str,
    settings_of_environment: Callable[[], Settings],
    create_app: Callable[[Settings], FastAPI],
    refusals: tuple[type[Exception], ...] = (),
) -> None:
    """Listen until SIGTERM or Ctrl-C; open requests get `drain_s` seconds to end.

    Exits with 1 and a sentence if a setting is wrong, if `create_app` raises one of `refusals`, and if the port is taken.
    A setting whose name seems misspelt is logged as a warning.
    """
    told: tuple[type[Exception], ...] = (WrongSetting, *refusals)
    try:
        settings = settings_of_environment()
        app = create_app(settings)
    except told as error:
        sys.exit(f"the {service} cannot start: {error}")
    configure(service, settings.log_format, settings.log_level)
    for slip in slips(os.environ):
        _log.warning(slip)
    require_free_port(settings.host, settings.port)
    spare_garbage_collection()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=JoiningProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.drain_s,
    )


def spare_garbage_collection() -> None:
    """A request's objects are freed when it is answered, without the collector; a pass every 700 new objects, its default,
    finds nothing and took 6 % of the gateway's time. Reference cycles, for example from exceptions, are still collected,
    later."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def require_free_port(host: str, port: int) -> None:
    """End the process with a sentence instead of a traceback if the port is taken."""
    if problem := why_not_free(host, port):
        sys.exit(
            f"cannot listen on {host}:{port}: {problem}; stop the process that uses it, or choose another with {PREFIX}PORT"
        )
