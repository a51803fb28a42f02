"""What a container must not be able to do, and what it must not contain."""

from pathlib import Path

import pytest

from tests.containers.engine import ROOT, SERVICES, Project, run

pytestmark = pytest.mark.containers

FOREIGN = {
    "embedder": ("torch", "faiss", "lightgbm"),
    "retriever": ("torch", "onnxruntime", "lightgbm"),
    "ranker": ("torch", "onnxruntime", "faiss"),
    "gateway": ("torch", "onnxruntime", "faiss", "lightgbm", "numpy", "polars"),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_as_an_unprivileged_user_without_capabilities(shop: Project, service: str) -> None:
    status = shop.python(service, "print(open('/proc/self/status').read())").stdout
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert facts["Uid"].split() == ["10001"] * 4
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    assert facts["NoNewPrivs"] == "1"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("folder", ["/", "/opt/shelfwise", "/bundles"])
def test_a_service_cannot_write_to_its_image_or_the_bundles(shop: Project, service: str, folder: str) -> None:
    attempt = shop.python(service, f"open('{folder}/written', 'w')")
    assert attempt.returncode == 1
    assert "Read-only file system" in attempt.stderr or "Permission denied" in attempt.stderr, attempt.stderr
    assert shop.inspect(service)["HostConfig"]["ReadonlyRootfs"] is True


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_no_foreign_libraries_build_tools_or_compilers(shop: Project, service: str) -> None:
    for module in (*FOREIGN[service], "pip", "setuptools", "shelfwise_pipeline"):
        attempt = shop.python(service, f"import {module}")
        assert f"No module named '{module}'" in attempt.stderr, f"{module} is in the image of the {service}"
    compilers = shop.python(service, "import shutil; print([c for c in ('gcc', 'cc', 'g++', 'make') if shutil.which(c)])")
    assert compilers.stdout.strip() == "[]"


def test_only_the_gateway_is_published_and_only_on_localhost(shop: Project) -> None:
    published = {
        name: bindings
        for name in shop.containers
        if (bindings := [b for bound in shop.inspect(name)["NetworkSettings"]["Ports"].values() for b in bound or ()])
    }
    assert list(published) == ["gateway"]
    assert {binding["HostIp"] for binding in published["gateway"]} == {"127.0.0.1"}


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker"])
def test_services_behind_the_gateway_are_on_an_internal_network_only(shop: Project, service: str) -> None:
    [network] = shop.inspect(service)["NetworkSettings"]["Networks"]
    assert network == f"{shop.name}_inside"
    assert run(["docker", "network", "inspect", "--format", "{{.Internal}}", network], timeout_s=30).strip() == "true"


def test_a_shops_scenarios_can_be_added_as_a_layer_on_the_gateways_image(shop: Project, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("search: {question: text}\nsimilar: {question: product}\nours: {question: user}\n")
    gateway, recipe = shop.inspect("gateway")["Config"]["Image"], str(ROOT / "deploy/docker/scenarios.Dockerfile")
    wanted = ["--file", recipe, "--build-arg", f"GATEWAY={gateway}", "--build-arg", "FILE=own.yaml"]
    run(["docker", "build", *wanted, "--iidfile", str(tmp_path / "id"), str(tmp_path)], timeout_s=120)
    image = (tmp_path / "id").read_text()
    told = "from shelfwise_gateway.scenarios import Scenarios; from shelfwise_gateway.settings import GatewaySettings\n"
    told += "print(sorted(Scenarios.load(GatewaySettings().scenarios).named))"
    try:
        found = run(["docker", "run", "--rm", "--network", "none", "--entrypoint", "python", image, "-c", told], timeout_s=60)
    finally:
        run(["docker", "image", "rm", image], timeout_s=60)
    assert found.strip() == "['ours', 'search', 'similar']"
