"""Checks whether the ports of the laptop launcher are free."""

from collections.abc import Iterable

from shelfwise.ports import why_not_free
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.launcher.plan import Replica

HIGHEST = 65_535


class NoSuchPort(PipelineError):
    """The port number is too high."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"expected ports up to {HIGHEST}, found {port} for the {name}; choose lower ones: `shelfwise run --port 8000`."
        )


class PortTaken(PipelineError):
    """Another program listens where a service should."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"port {port}, for the {name}, is taken. Stop what listens there (`lsof -i :{port}` names it), "
            f"or choose other ports: `shelfwise run --port {port + 1000 if port < HIGHEST - 2000 else 8000}`."
        )


def require_free(replicas: Iterable[Replica]) -> None:
    """Raises PortTaken for the first replica whose port is in use, NoSuchPort for one whose port is too high."""
    for replica in replicas:
        if replica.port > HIGHEST:
            raise NoSuchPort(replica.name, replica.port)
        if why_not_free("127.0.0.1", replica.port):
            raise PortTaken(replica.name, replica.port)
