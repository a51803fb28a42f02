"""The monolith as a system under test: Gunicorn with two preloaded workers on a free port."""

from benchmarks.catalog import Catalog
from benchmarks.monolith.app import FOLDER_VARIABLE, THREADS_VARIABLE
from benchmarks.monolith.prepare import prepare
from benchmarks.serving.shelfwise import HOST, free_ports
from benchmarks.serving.system import Program, System, python


def monolith(catalog: Catalog, threads: int, worker_class: str) -> System:
    """The server as a system. The first call prepares the index and the ranker.

    `threads`: numeric threads of each of the two workers. `worker_class`: "sync" (a new connection for each request) or
    "gthread" (one thread, connections are kept).
    """
    folder = prepare(catalog)
    [port] = free_ports(1)
    program = Program(
        name="monolith",
        command=python(
            "-m",
            "gunicorn",
            "--config=python:benchmarks.monolith.gunicorn_config",
            f"--bind={HOST}:{port}",
            f"--worker-class={worker_class}",
            "benchmarks.monolith.app:create_app()",
        ),
        environment={
            FOLDER_VARIABLE: str(folder),
            THREADS_VARIABLE: str(threads),
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        ready_url=f"http://{HOST}:{port}/readyz",
    )
    return System("monolith", HOST, port, [program])
