"""An experiment: a share of a scenario's shoppers are answered by another scenario, always the same ones."""

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

        A hash decides, so that all gateways agree and nothing is kept. The names are hashed, too: who gets the new answers of
        one experiment is as likely as anyone to get those of the next.
        """
        drawn = blake2b("\0".join((asked, self.scenario, shopper)).encode(), digest_size=8).digest()
        return int.from_bytes(drawn) < self.share * _WHOLE
