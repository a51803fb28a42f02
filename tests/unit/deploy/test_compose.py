"""compose.yaml sets what the services understand, and gives them no more than they need."""

import re

import pytest
import yaml

from shelfwise.settings import ServiceSettings
from tests.unit.deploy.reading import ROOT, SERVICES, compose, settings_of, variables_of

OF_LIBPQ = {"PGPASSWORD"}


@pytest.mark.parametrize("program", ["builder", *SERVICES])
def test_every_variable_of_a_program_is_one_of_its_settings(program: str) -> None:
    given = set(compose()["services"][program].get("environment", {}))
    assert given <= variables_of(program) | OF_LIBPQ, "compose.yaml sets variables that nothing reads"


def test_the_documented_override_mounts_scenarios_where_the_gateway_looks_for_them() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.DOTALL)
    ((name, added),) = yaml.safe_load(block)["services"].items()
    assert (name, set(added)) == ("gateway", {"environment", "volumes"})
    [(variable, path)] = added["environment"].items()
    assert variable in variables_of("gateway")
    [volume] = added["volumes"]
    assert volume.split(":")[1:] == [path, "ro"]


def test_every_variable_that_can_be_set_is_documented() -> None:
    variables = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text("utf-8")))
    documented = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert {name for name in variables if f"`{name}" not in documented} == set()


def test_every_setting_that_decides_how_a_bundle_is_made_can_be_set() -> None:
    # The others say where things lie and what is kept of them, which an image or its volume decides.
    elsewhere = {"SHELFWISE_BUNDLES", "SHELFWISE_KEEP_BUNDLES", "SHELFWISE_PRUNE_VECTORS_AFTER_DAYS"}
    assert variables_of("builder") - {"database_url"} - set(compose()["services"]["builder"]["environment"]) <= elsewhere


@pytest.mark.parametrize("service", SERVICES)
def test_only_services_that_read_the_database_get_its_url(service: str) -> None:
    given = "DATABASE_URL" in compose()["services"][service].get("environment", {})
    assert given == ("DATABASE_URL" in variables_of(service))


@pytest.mark.parametrize("program", ["builder", "retriever", "ranker"])
def test_the_database_password_is_passed_outside_the_url(program: str) -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    given = services[program]["environment"]
    assert "PASSWORD" not in given["DATABASE_URL"], "`@`, `/` or `%` in a password would make another address of it"
    assert given["PGPASSWORD"] == services["postgres"]["environment"]["POSTGRES_PASSWORD"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_port_of_an_image_is_the_default_of_its_settings(service: str) -> None:
    port = int(compose()["services"][service]["build"]["args"]["PORT"])
    assert port == settings_of(service).model_fields["port"].default


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker"])
def test_the_gateway_has_the_urls_of_the_other_services(service: str) -> None:
    services = compose()["services"]
    url = services["gateway"]["environment"][f"SHELFWISE_{service.upper()}_URL"]
    assert url == f"http://{service}:{services[service]['build']['args']['PORT']}"


def test_retriever_and_gateway_have_the_same_embedder_url() -> None:
    services = compose()["services"]
    name = "SHELFWISE_EMBEDDER_URL"
    assert services["retriever"]["environment"][name] == services["gateway"]["environment"][name]


@pytest.mark.parametrize("program", ["builder", *SERVICES])
def test_containers_are_read_only_without_capabilities_and_limited_in_memory(program: str) -> None:
    described = compose()["services"][program]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert "cap_add" not in described
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert described["mem_limit"]


def test_only_the_gateway_is_published_on_the_loopback_address() -> None:
    services = compose()["services"]
    assert [name for name, described in services.items() if "ports" in described] == ["gateway"]
    [port] = services["gateway"]["ports"]
    assert port.startswith("127.0.0.1:")
    assert [name for name, described in services.items() if "outside" in described["networks"]] == ["gateway"]
    assert compose()["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize("service", SERVICES)
def test_the_stop_grace_period_is_longer_than_the_drain_time(service: str) -> None:
    patience_s = int(compose()["services"][service]["stop_grace_period"].removesuffix("s"))
    assert patience_s > ServiceSettings.model_fields["drain_s"].default


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker"])
def test_services_mount_the_bundles_read_only(service: str) -> None:
    assert compose()["services"][service]["volumes"] == ["bundles:/bundles:ro"]
