"""A service's state as metrics: computed when `/metrics` is requested, so that nothing has to be kept up to date."""

from collections.abc import Callable, Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shelfwise.app.health import Readiness, problem_of
from shelfwise.app.serving import Serving
from shelfwise.tasks import Background


class ReadinessMetrics(Collector):
    """What `/readyz` reports."""

    def __init__(self, readiness: Callable[[], Readiness], background: Background) -> None:
        self._readiness = readiness
        self._background = background

    def collect(self) -> Iterable[Metric]:
        state = self._readiness()
        yield GaugeMetricFamily("shelfwise_ready", "1 if the service can answer.", value=state.ready)
        problem = "1 if something is wrong, even if the service answers; `/readyz` says what."
        yield GaugeMetricFamily("shelfwise_problem", problem, value=problem_of(state, self._background) is not None)
        bundle = GaugeMetricFamily("shelfwise_bundle_info", "The bundle that is served.", labels=["bundle"])
        if state.version is not None:
            bundle.add_metric([state.version], 1)
        yield bundle


class ServingMetrics(Collector):
    """Whether the published bundle is served, and how far the database is followed."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def collect(self) -> Iterable[Metric]:
        refused = "1 if the published bundle cannot be used; an earlier one may be served."
        yield GaugeMetricFamily("shelfwise_bundle_refused", refused, value=self._serving.bundle_problem is not None)
        if (built_at := self._serving.built_at) is not None:
            built = "When the served bundle was built, in seconds since 1970."
            yield GaugeMetricFamily("shelfwise_bundle_built_timestamp_seconds", built, value=built_at.timestamp())
        following = self._serving.following
        if following is None:
            return
        yield GaugeMetricFamily(
            "shelfwise_database_up", "1 if PostgreSQL answered when last asked.", value=following.database_up
        )
        followed = "0 if the catalog's changes are not applied as they should be."
        yield GaugeMetricFamily("shelfwise_changes_followed", followed, value=following.problem is None)
        lag = "Seconds since the service last had every change of the catalog's log."
        yield GaugeMetricFamily("shelfwise_changes_lag_seconds", lag, value=following.lag_s)
        if following.applied is not None:
            applied = "Number of the last change of the catalog's log that answers reflect."
            yield GaugeMetricFamily("shelfwise_changes_applied", applied, value=following.applied)
