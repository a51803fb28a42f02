"""Why an answer holds fewer candidates than were asked for."""

from collections.abc import Callable, Collection

from shelfwise_retriever.allowed import Allowed, FilterMask

_SHOWN = 5


def why_fewer(found: int, limit: int, passing: FilterMask | None, allowed: Allowed | None, alike: int = 0) -> str | None:
    """A sentence if the filter or the exclusions are the reason, else None.

    `alike`: the number of allowed products left out because their text equals that of a found product, which they match as
    well.
    """
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
    matching = found + alike
    left_out = f"; {alike} of them {'has' if alike == 1 else 'have'} the same text as others that were found" if alike else ""
    if matching >= allowed.count:
        return f"only {allowed.count} product{'' if one else 's'} {what}{left_out}"
    if passing is None:
        return None
    if one:
        return f"the one product that {what} does not match the question"
    some = f"only {matching}" if matching else "none"
    return (
        f"{some} of the {allowed.count} products that {what} {'matches' if matching == 1 else 'match'} the question{left_out}"
    )


def unknown_listed(only: Collection[str], find: Callable[[str], int | None]) -> str | None:
    """A sentence if products of a caller's list are not in the catalog."""
    unknown = [product_id for product_id in only if find(product_id) is None]
    if not unknown:
        return None
    shown = ", ".join(map(repr, unknown[:_SHOWN])) + (", …" if len(unknown) > _SHOWN else "")
    return (
        f"{len(unknown)} of the {len(only)} listed products {'is' if len(unknown) == 1 else 'are'} not in the catalog: {shown}"
    )
