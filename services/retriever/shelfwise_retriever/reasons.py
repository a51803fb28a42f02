"""Why an answer holds fewer candidates than were asked for."""

from shelfwise_retriever.allowed import Allowed, FilterMask


def why_fewer(found: int, limit: int, passing: FilterMask | None, allowed: Allowed | None) -> str | None:
    """A sentence when the filter or the exclusions are the reason, else None."""
    if found >= limit or allowed is None:
        return None
    if passing is not None and not passing.count and passing.unknown:
        return f"no product has {' or '.join(passing.unknown)}"
    one = allowed.count == 1
    conditions = [] if passing is None else ["satisfies the filter" if one else "satisfy the filter"]
    if allowed.excluded:
        conditions.append("is not excluded" if one else "are not excluded")
    what = " and ".join(conditions)
    if allowed.count == 0:
        return f"no products {what}"
    if allowed.count < limit:
        return f"only {allowed.count} product{'' if one else 's'} {what}"
    if passing is None:
        return None
    return f"only {found} of the {allowed.count} products that {what} {'matches' if found == 1 else 'match'} the question"
