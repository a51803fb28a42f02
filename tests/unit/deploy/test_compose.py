"""compose.yaml says what the services understand, and gives them no more than they need."""

import re

import pytest
import yaml

from shelfwise.settings import ServiceSettings
from tests.unit.deploy.reading import ROOT, SERVICES, compose, settings_of, variables_of

OF_LIBPQ = {"PGPASSWORD"}


@pytest.mark.parametrize("program", ["builder", *SERVICES])
def test_every_variable_is_a_setting(program: str) -> None:
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


def test_whatever_decides_how_a_bundle_is_made_can_be_set() -> None:
    # The others: where things lie, and what is kept of them, which an image or its volume decides.
    elsewhere = {"SHELFWISE_BUNDLES", "SHELFWISE_KEEP_BUNDLES", "SHELFWISE_PRUNE_VECTORS_AFTER_DAYS"}
    assert variables_of("builder") - {"database_url"} - set(compose()["services"]["builder"]["environment"]) <= elsewhere


@pytest.mark.parametrize("service", SERVICES)
def test_the_database_is_given_to_whoever_reads_it(service: str) -> None:
    given = "DATABASE_URL" in compose()["services"][service].get("environment", {})
    assert given == ("DATABASE_URL" in variables_of(service))


@pytest.mark.parametrize("program", ["builder", "retriever", "ranker"])
def test_any_password_reaches_the_database(program: str) -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    given = services[program]["environment"]
    assert "PASSWORD" not in given["DATABASE_URL"], "`@`, `/` or `%` in a password would make another address of it"
    assert given["PGPASSWORD"] == services["postgres"]["environment"]["POSTGRES_PASSWORD"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_listens_where_the_settings_say(service: str) -> None:
    port = int(compose()["services"][service]["build"]["args"]["PORT"])
    assert port == settings_of(service).model_fields["port"].default


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker"])
def test_the_gateway_finds_the_others(service: str) -> None:
    services = compose()["services"]
    url = services["gateway"]["environment"][f"SHELFWISE_{service.upper()}_URL"]
    assert url == f"http://{service}:{services[service]['build']['args']['PORT']}"


def test_the_retriever_finds_the_embedder_where_the_gateway_does() -> None:
    services = compose()["services"]
    name = "SHELFWISE_EMBEDDER_URL"
    assert services["retriever"]["environment"][name] == services["gateway"]["environment"][name]


@pytest.mark.parametrize("program", ["builder", *SERVICES])
def test_a_container_can_do_little(program: str) -> None:
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
def test_open_requests_may_end_before_the_kill(service: str) -> None:
    patience_s = int(compose()["services"][service]["stop_grace_period"].removesuffix("s"))
    assert patience_s > ServiceSettings.model_fields["drain_s"].default


@pytest.mark.parametrize("service", ["embedder", "retriever", "ranker"])
def test_a_service_cannot_write_bundles(service: str) -> None:
    assert compose()["services"][service]["volumes"] == ["bundles:/bundles:ro"]
