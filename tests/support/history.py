"""Builds a shopper's history by hand."""

from shelfwise.contracts.history import History

DAY_S = 86_400.0


def history(*entries: tuple[str, float, int, int, int]) -> History:
    """The history of entries (product, days since its last event, purchases, carts, views), given in any order."""
    ordered = sorted(entries, key=lambda entry: entry[1])
    days = [entry[1] for entry in ordered]
    purchases = [entry[2] for entry in ordered]
    last = [day * DAY_S if bought else None for day, bought in zip(days, purchases, strict=True)]
    return History(
        products=[entry[0] for entry in ordered],
        purchases=purchases,
        carts=[entry[3] for entry in ordered],
        views=[entry[4] for entry in ordered],
        decayed=[count * 0.5 ** (day / 60) for count, day in zip(purchases, days, strict=True)],
        first_purchase_s=last,
        last_purchase_s=last,
        last_look_s=[day * DAY_S if carts or views else None for _, day, _, carts, views in ordered],
        last_s=[day * DAY_S for day in days],
        purchases_this_hour=[float(count) for count in purchases],
        purchases_this_weekday=purchases,
        orders=sum(purchases),
        orders_this_hour=float(sum(purchases)),
        orders_this_weekday=sum(purchases),
    )
