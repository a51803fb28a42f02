"""Reads compose.yaml, the CloudFormation templates and the services' settings, for tests that hold them against each other."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from shelfwise.settings import EnvironmentSettings, ServiceSettings, variable_of

ROOT = Path(__file__).parents[3]
ECS = ROOT / "deploy" / "ecs"
TEMPLATES = sorted(ECS.glob("*.yaml"))
SERVICES = ("embedder", "retriever", "ranker", "gateway")


class _TemplateLoader(yaml.SafeLoader):
    """CloudFormation's short forms become their long ones: `!Ref X` is {"Ref": "X"}, `!Sub X` is {"Fn::Sub": "X"}."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        return {key: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {key: loader.construct_mapping(node, deep=True)}


_TemplateLoader.add_multi_constructor("!", _function)


def template(name: str) -> dict[str, Any]:
    """One template of deploy/ecs by its file name."""
    content: dict[str, Any] = yaml.load((ECS / name).read_text(), _TemplateLoader)  # a subclass of SafeLoader
    return content


def of_type(content: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The properties of every resource of one type."""
    return [r["Properties"] for r in content["Resources"].values() if isinstance(r, dict) and r.get("Type") == kind]


def container_of(name: str) -> dict[str, Any]:
    """The one container of the one task that a template defines."""
    [task] = of_type(template(name), "AWS::ECS::TaskDefinition")
    [container] = task["ContainerDefinitions"]
    found: dict[str, Any] = container
    return found


def container_for(service: str) -> dict[str, Any]:
    """The container of one service, its conditions decided by the parameters that services.yaml gives it."""
    return _as_nested(service, container_of(_template_of(service)))


def service_of(service: str) -> dict[str, Any]:
    """The ECS service of one service, its conditions decided likewise."""
    [described] = of_type(template(_template_of(service)), "AWS::ECS::Service")
    return _as_nested(service, described)


def _template_of(service: str) -> str:
    return "gateway.yaml" if service == "gateway" else "service.yaml"


def _as_nested(service: str, part: dict[str, Any]) -> dict[str, Any]:
    name = _template_of(service)
    given: dict[str, Any] = {key: value.get("Default") for key, value in template(name)["Parameters"].items()}
    for nested in of_type(template("services.yaml"), "AWS::CloudFormation::Stack"):
        if nested["TemplateURL"] == name and nested["Parameters"].get("Service", "gateway") == service:
            given |= nested["Parameters"]
    decided: dict[str, Any] = _decided(part, template(name).get("Conditions", {}), given)
    return decided


_LEFT_OUT = {"Ref": "AWS::NoValue"}


def _decided(part: Any, conditions: dict[str, Any], given: dict[str, Any]) -> Any:
    """`part` with parameters' values, and each `!If` replaced by the branch that holds; `AWS::NoValue` is left out."""
    if isinstance(part, dict):
        if "Fn::If" in part:
            condition, then, otherwise = part["Fn::If"]
            return _decided(then if _holds(conditions[condition], given) else otherwise, conditions, given)
        if part.keys() == {"Ref"} and part["Ref"] in given:
            return given[part["Ref"]]
        return {key: value for key, old in part.items() if (value := _decided(old, conditions, given)) != _LEFT_OUT}
    if isinstance(part, list):
        return [value for old in part if (value := _decided(old, conditions, given)) != _LEFT_OUT]
    return part


def _holds(condition: dict[str, Any], given: dict[str, Any]) -> bool:
    if "Fn::Not" in condition:
        return not _holds(condition["Fn::Not"][0], given)
    one, other = (given[side["Ref"]] if isinstance(side, dict) else side for side in condition["Fn::Equals"])
    return bool(one == other)


def compose() -> dict[str, Any]:
    """compose.yaml, with the default of each variable in its place."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / "compose.yaml").read_text())
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def settings_of(program: str) -> type[BaseSettings]:
    """The settings class of a service, or of the pipeline (`builder`)."""
    package = "shelfwise_pipeline" if program == "builder" else f"shelfwise_{program}"
    module = import_module(f"{package}.settings")
    [found] = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings) and value not in (EnvironmentSettings, ServiceSettings)
    ]
    return found


def variables_of(program: str) -> set[str]:
    """Every environment variable that the program reads."""
    names: set[str] = set()
    for field, described in settings_of(program).model_fields.items():
        alias = described.validation_alias
        names.update(map(str, alias.choices) if isinstance(alias, AliasChoices) else [variable_of(field, described)])
    return names
