"""An experiment: a fixed share of a scenario's shoppers is answered by another scenario."""

from hashlib import blake2b

from pydantic import BaseModel, ConfigDict, Field

from shelfwise.contracts.recommend import ScenarioName

_WHOLE = 2.0**64


class Experiment(BaseModel):
    """`share` of the shoppers get what `scenario` answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: ScenarioName
    share: float = Field(gt=0, lt=1)

    def takes(self, asked: str, shopper: str) -> bool:
        """Whether this shopper, who asked for the scenario `asked`, is answered by `scenario`.

        A hash decides, so that all gateways agree without stored state. The scenario names are hashed too, so that shoppers in
        one experiment are as likely as any others to be in the next.
        """
        drawn = blake2b("\0".join((asked, self.scenario, shopper)).encode(), digest_size=8).digest()
        return int.from_bytes(drawn) < self.share * _WHOLE
