"""Figures of reports told again from the raw events of their traces, by other means than the read model's."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY
from consign.domain.recorded import StoredEvent
from tests.projections.scenario import Scenario

type Raw = tuple[StoredEvent, dict[str, Any]]
type Key = Mapping[str, Any]

_RETURNED = {"floor": "on_floor", "consignor": "returned"}
_PAYOUT_STATUS = {
    "payout-withdrawn": "withdrawn",
    "payout-paid-at-till": "paid",
    "payout-returned": "returned",
    "payout-uncollected": "uncollected",
    "payout-forfeited": "forfeited",
    "payout-carried": "carried",
    "payout-reissued": "reissued",
    "payout-batch-prepared": "prepared",
    "payout-batch-dropped": "due",
    "payout-batch-sent": "sent",
    "payouts-paid": "paid",
}


class Refolding:
    """Knows the whole log only to look up what a traced event names: what a tag said then, what a position posted."""

    def __init__(self, scenario: Scenario) -> None:
        self.log: list[Raw] = [(stored, json.loads(stored.data)) for stored in scenario.recorder.stored]
        self._postings = _postings(scenario)

    def traced(self, positions: Iterable[int]) -> Sequence[Raw]:
        return [self.log[position - 1] for position in sorted(set(positions))]

    def figure(self, report: str, name: str, key: Key, events: Sequence[Raw]) -> int:
        """Tell the figure of a row again; raises KeyError where nobody has said how."""
        return _REFOLDS[report](self, name, key, events)

    def takings(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        return sum(_taken(name, key, stored.type, event) for stored, event in events)

    def things(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        if name == "sell_through_ppm":
            sold, offered = (self.things(part, key, events) for part in ("sold", "offered"))
            return sold * 1_000_000 // offered if offered else 0
        status = _last_status(events)
        counted = []
        for tag, (where, position) in status.items():
            said = self._said(tag, position)
            if where in _STATUSES.get(name, (name,)) and all(said[field] == value for field, value in key.items()):
                counted.append(said)
        return sum(said["price_minor"] for said in counted) if name.endswith("_minor") else len(counted)

    def donations(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        """What is to be given away is told by wishes too, which say nothing of where a thing is: that is looked up."""
        wish = {"donate": True} if name == "to_donate" else {}
        named = {tag for stored, event in events for tag, _ in _moves(stored.type, event)}
        moved = _last_status([(stored, event) for stored, event in self.log if stored.type in _MOVING])
        there = "on_floor" if name == "to_donate" else "donated"
        said = [self._said(tag, moved[tag][1]) for tag in named if moved[tag][0] == there]
        mine = [each for each in said if all(each[field] == value for field, value in {**key, **wish}.items())]
        return sum(int(each["price_minor"]) for each in mine) if name == "donated_minor" else len(mine)

    def counts(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        seen: set[str] = set()
        missed: list[str] = []
        surplus = 0
        for stored, event in events:
            if event["count"] != key["shelf_count"]:
                continue
            if stored.type == "shelf-counted":
                seen.update(event["tags"])
                surplus += 0 if key["category"] else len(event["surplus"])
            else:
                missed += [item["tag"] for item in event["items"]]
        of = {tag: self._said(tag, len(self.log)) for tag in (*seen, *missed)}
        seen = {tag for tag in seen if of[tag]["category"] == key["category"]}
        missed = [tag for tag in missed if of[tag]["category"] == key["category"]]
        counts: dict[str, int] = {
            "seen": len(seen),
            "missed": len(missed),
            "expected": len(seen) + len(missed),
            "missed_minor": sum(of[tag]["price_minor"] for tag in missed),
            "surplus": surplus,
        }
        return counts[name]

    def work(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        last: dict[tuple[str, str], tuple[str, int, int]] = {}
        for stored, event in events:
            who = (event["shift"], event["participation"])
            if stored.type == "shift-given-up":
                last.pop(who, None)
                continue
            outcome, promised = event.get("outcome", "promised"), event.get("credit_minutes", 0)
            last[who] = (outcome, event.get("minutes", 0), promised)
            if stored.type == "work-recorded" and (outcome, promised) == ("promised", 0):
                del last[who]
        mine = [each for each in last.values() if each[0] == key["status"]]
        return {
            "shifts": len(mine),
            "promised_minutes": sum(each[2] for each in mine),
            "worked_minutes": sum(each[1] for each in mine),
        }[name]

    def fees(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        charged = paid = 0
        for stored, event in events:
            if event["participation"] != key["participation"]:
                continue
            charged -= event.get("uncharged_minor", 0)
            match stored.type:
                case "consignor-registered":
                    charged += event["fee_minor"]
                case "participation-reopened" | "lists-charged" | "late-drop-off-charged":
                    charged += event["charged_minor"]
                case "fee-paid":
                    paid += event["amount_minor"]
                case "fee-refunded":
                    paid -= event["amount_minor"]
                case _:
                    pass
        return {"charged_minor": charged, "paid_minor": paid, "owed_minor": charged - paid}[name]

    def lines(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        left: dict[tuple[str, str], dict[str, Any]] = {}
        over = 0
        for stored, event in events:
            match stored.type:
                case "basket-paid":
                    left |= {(event["receipt"], line["tag"]): _line(line) for line in event["lines"]}
                case "receipt-voided":
                    for line in event["lines"]:
                        left.pop((event["receipt"], line["tag"]), None)
                case "refund-paid":
                    for back in event["lines"]:
                        known = left.get((event["receipt"], back["tag"]), _NOTHING)
                        rest = _rest(known, back)
                        if back.get("returned_to"):
                            left.pop((event["receipt"], back["tag"]), None)
                            over += _of(name, rest, key)
                        else:
                            left[event["receipt"], back["tag"]] = rest
                case "manual-line-matched":
                    line = left.pop((event["receipt"], event["line"]), _NOTHING)
                    said = self._said(event["item"]["tag"], stored.position)
                    left[event["receipt"], event["item"]["tag"]] = {**line, "asked_minor": said["price_minor"]}
                case _:
                    pass
        return over + sum(_of(name, line, key) for line in left.values())

    def prices(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        if name == "sold_of_asked_ppm":
            sold, asked = (self.lines(part, key, events) for part in ("sold_minor", "asked_minor"))
            return sold * 1_000_000 // asked if asked else 0
        return self.lines(name, key, events)

    def payouts(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        status: dict[str, tuple[str, int]] = {}
        for stored, event in events:
            if stored.type == "payout-due":
                status[event["payout"]] = ("due", event["amount_minor"])
                continue
            if stored.type == "payout-reissued":
                status[event["reissue"]] = ("due", event["amount_minor"])
            for payout, amount in _payouts(stored.type, event):
                status[payout] = (_PAYOUT_STATUS.get(stored.type, "withdrawn"), amount)
        amounts = [self._amount(payout) for payout, (where, _) in status.items() if where == key["status"]]
        return len(amounts) if name == "payouts" else sum(amounts)

    def vouchers(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        """Each voucher is worth what its last event says; what came before says what became of the rest."""
        sums = dict.fromkeys((*_BY_ORIGIN.values(), "redeemed", "given_back", "taken_back", "expired", "cashed_out"), 0)
        worth = 0
        for stored, event in events:
            for code, amount, left in _vouched(stored.type, event):
                if code == key["voucher"]:
                    worth = left
                    sums[_BY_ORIGIN.get(event.get("origin", ""), _VOUCHED.get(stored.type, ""))] += amount
        whole = {"balance_minor": worth, "outstanding": int(worth > 0)}
        return whole[name] if name in whole else sums[name.removesuffix("_minor")]

    def charity(self, name: str, key: Key, events: Sequence[Raw]) -> int:
        who, told = key["participation"], {"left_minor": 0, "given_up_minor": 0, "paid_minor": 0}
        for stored, event in events:
            match stored.type:
                case "statement-issued" if event["participation"] == who:
                    told["left_minor"] += event["figures"].get("donated_minor", 0)
                case "statements-cancelled":
                    for each in event["cancelled"]:
                        if each["participation"] == who:
                            told["left_minor"] -= each["figures"].get("donated_minor", 0)
                            kept = (one["amount_minor"] for one in each["payouts"] if one["kept_in"] == "charity")
                            told["given_up_minor"] -= sum(kept)
                case "payout-forfeited" if event["participation"] == who:
                    told["given_up_minor"] += event["amount_minor"] if event["to"] == "charity" else 0
                case "charity-paid" if not who:
                    told["paid_minor"] += event["amount_minor"]
                case _:
                    pass
        return {**told, "owed_minor": told["left_minor"] + told["given_up_minor"] - told["paid_minor"]}[name]

    def balances(self, _: str, key: Key, events: Sequence[Raw]) -> int:
        return sum(self._postings[stored.position].get(key["account"], 0) for stored, _ in events)

    def _said(self, tag: str, position: int) -> dict[str, Any]:
        """What was known of a thing once this event had happened."""
        said: dict[str, Any] = {}
        for stored, event in self.log[:position]:
            listed = event if stored.type == "item-listed" else event.get("item")
            if isinstance(listed, dict) and listed.get("tag") == tag and "price_minor" in listed:
                if stored.type != "manual-line-matched":
                    said = {"donate": False, **listed}
            elif stored.type == "wishes-changed":
                for item in event["items"]:
                    said |= {"donate": item["donate"]} if item["tag"] == tag else {}
        return said

    def _amount(self, payout: str) -> int:
        for stored, event in self.log:
            if stored.type == "payout-due" and event["payout"] == payout:
                return int(event["amount_minor"])
            if stored.type == "payout-reissued" and event["reissue"] == payout:
                return int(event["amount_minor"])
        raise KeyError(payout)


_OFFERED = ("on_floor", "sold", "returned", "collected", "donated", "missing", "lost")
_STATUSES = {
    "offered": _OFFERED,
    "offered_minor": _OFFERED,
    "sold_asked_minor": ("sold",),
    "on_floor_minor": ("on_floor",),
}
_NOTHING = {"count": 0} | dict.fromkeys(("asked_minor", "price", "paid", "consignor", "organizer", "tax", "base"), 0)

_BY_ORIGIN = {"sold": "sold", "refund": "refunded", "goodwill": "goodwill"}
_VOUCHED = {
    "vouchers-redeemed": "redeemed",
    "vouchers-credited": "given_back",
    "voucher-taken-back": "taken_back",
    "voucher-expired": "expired",
    "voucher-cashed-out": "cashed_out",
}

_REFOLDS: Mapping[str, Callable[[Refolding, str, Key, Sequence[Raw]], int]] = {
    "takings": Refolding.takings,
    "sell-through": Refolding.things,
    "stock": Refolding.things,
    "donations": Refolding.donations,
    "reconciliation": Refolding.counts,
    "work": Refolding.work,
    "fees": Refolding.fees,
    "prices": Refolding.prices,
    "discounts": Refolding.lines,
    "taxes": Refolding.lines,
    "payouts": Refolding.payouts,
    "vouchers": Refolding.vouchers,
    "charity": Refolding.charity,
    "trial-balance": Refolding.balances,
}


def _postings(scenario: Scenario) -> dict[int, dict[str, int]]:
    """What the business posts for each event, by position and account."""
    books, found = EMPTY, {}
    for stored, event in zip(scenario.recorder.stored, scenario.recorder.events, strict=True):
        books, posted = post(books, event)
        accounts: dict[str, int] = {}
        for posting in posted:
            accounts[posting.account] = accounts.get(posting.account, 0) + posting.amount_minor
        found[stored.position] = accounts
    return found


def _taken(name: str, key: Key, kind: str, event: dict[str, Any]) -> int:
    if kind not in ("basket-paid", "receipt-voided", "refund-paid"):
        return _taken_beside(name, key, kind, event)
    sign = -1 if kind == "receipt-voided" else 1
    wanted = key.get("tender")
    if kind == "refund-paid":
        back: int = event["amount_minor"] + event["rounding_minor"]
        gone: dict[str, int] = {
            "taken_minor": -back if wanted in (None, event["tender"]) and event["tender"] in _MONEY else 0,
            "goods_minor": -back if wanted in (None, event["tender"]) else 0,
            "refunds": 1,
            "refunded_minor": event["amount_minor"],
            "rounding_minor": -event["rounding_minor"],
        }
        return gone.get(name, 0)
    kept = _kept(event)
    came: dict[str, int] = {
        "taken_minor": sum(kept[kind] for kind in _MONEY if wanted in (None, kind)),
        "goods_minor": sum(minor for kind, minor in kept.items() if wanted in (None, kind)),
        "receipts": 1,
        "sold_minor": event["total_minor"],
        "rounding_minor": event["rounding_minor"],
    }
    return sign * came.get(name, 0)


_MONEY = ("cash", "card")


def _kept(event: dict[str, Any]) -> Counter[str]:
    kept: Counter[str] = Counter()
    for tender in event["tenders"]:
        kept[tender["kind"]] += tender["amount_minor"]
    kept["cash"] -= event["change_minor"]
    return kept


def _taken_beside(name: str, key: Key, kind: str, event: dict[str, Any]) -> int:
    """What came in for vouchers and fees, or went out again."""
    moved: Mapping[str, int]
    match kind:
        case "voucher-sold" | "voucher-sale-undone":
            figure, moved = "vouchers_sold_minor", _kept(event)
        case "voucher-paid-out":
            figure, moved = "cashed_out_minor", {"cash": event["amount_minor"] + event["rounding_minor"]}
        case _:
            figure = "fees_minor" if event.get("fee", "participation") == "participation" else "late_fees_minor"
            moved = {event["means"]: event["taken_minor" if kind == "fee-received" else "given_minor"]}
    went_out = kind in ("voucher-sale-undone", "fee-returned")
    told = sum(minor for tender, minor in moved.items() if key.get("tender") in (None, tender))
    told = -told if went_out else told
    if name == "taken_minor":
        return -told if kind == "voucher-paid-out" else told
    return told if name == figure else 0


def _last_status(events: Sequence[Raw]) -> dict[str, tuple[str, int]]:
    """Where each thing was put last, and the position at which that was said."""
    status: dict[str, tuple[str, int]] = {}
    for stored, event in events:
        for tag, where in _moves(stored.type, event):
            known = status.get(tag, ("", 0))[0]  # what changes and was put nowhere before is elsewhere
            status[tag] = (where or known, stored.position)
    return status


def _moves(kind: str, event: dict[str, Any]) -> Iterable[tuple[str, str | None]]:
    return _MOVING[kind](event)


def _returned(event: dict[str, Any]) -> Iterable[tuple[str, str | None]]:
    lines = [line for line in event["lines"] if line.get("returned_to")]
    return [(line["tag"], _RETURNED[line["returned_to"]]) for line in lines]


_MOVING: Mapping[str, Callable[[dict[str, Any]], Iterable[tuple[str, str | None]]]] = {
    "item-listed": lambda event: [(event["tag"], "listed")],
    "item-changed": lambda event: [(event["item"]["tag"], None)],
    "item-retagged": lambda event: [(event["tag"], "voided"), (event["item"]["tag"], event["was"])],
    "wishes-changed": lambda event: [(item["tag"], None) for item in event["items"]],
    "items-checked-in": lambda event: [(item["tag"], "on_floor") for item in event["items"]],
    "refused-item-admitted": lambda event: [(event["tag"], "on_floor")],
    "item-refused": lambda event: [(event["tag"], "refused")],
    "items-withdrawn": lambda event: [(item["tag"], "withdrawn") for item in event["items"]],
    "items-sold": lambda event: [(line["tag"], "sold") for line in event["lines"]],
    "manual-line-matched": lambda event: [(event["item"]["tag"], "sold")],
    "items-released-by-void": lambda event: [
        (line["tag"], "listed" if line.get("unchecked") else "on_floor") for line in event["lines"]
    ],
    "items-refunded": _returned,
    "check-ins-undone": lambda event: [(item["tag"], "listed") for item in event["items"]],
    "items-not-brought": lambda event: [(item["tag"], "not_brought") for item in event["items"]],
    "items-awaited": lambda event: [(item["tag"], "listed") for item in event["items"]],
    "items-collected": lambda event: [(item["tag"], "collected") for item in event["items"]],
    "items-donated": lambda event: [(item["tag"], "donated") for item in event["items"]],
    "items-missed": lambda event: [(item["tag"], "missing") for item in event["items"]],
    "items-lost": lambda event: [(item["tag"], "lost") for item in event["items"]],
    "items-found": lambda event: [(item["tag"], "on_floor") for item in event["items"]],
}


def _line(line: dict[str, Any]) -> dict[str, Any]:
    price, discount, tax = line["price_minor"], line.get("discount_minor", 0), line.get("tax_minor", 0)
    included, rate = line.get("tax_included", False), line.get("tax_rate_ppm", 0)
    asked = line.get("asked_minor")
    return {
        "count": 1,
        "asked_minor": price if asked is None else asked,
        "price": price,
        "paid": price - discount + (0 if included else tax) + line.get("surcharge_minor", 0),
        "consignor": max((asked or price) - price, 0),
        "organizer": discount,
        "tax": tax,
        "base": price - discount - (tax if included else 0) if rate else 0,
        "rate": rate,
    }


def _rest(known: dict[str, Any], back: dict[str, Any]) -> dict[str, Any]:
    given = _line({**back, "price_minor": back["refund_minor"], "asked_minor": None})
    returned = bool(back.get("returned_to"))
    rest = {name: known[name] - given[name] for name in ("price", "paid", "organizer", "tax", "base")}
    kept = {name: 0 if returned else known[name] for name in ("count", "asked_minor", "consignor")}
    return {**rest, **kept, "rate": given["rate"]}


def _of(name: str, line: dict[str, Any], key: Key) -> int:
    if "rate_ppm" in key and line.get("rate") != key["rate_ppm"]:
        return 0
    column = {
        "items": "count",
        "asked_minor": "asked_minor",
        "sold_minor": "price",
        "paid_minor": "paid",
        "discount_minor": key.get("bearer"),
        "tax_minor": "tax",
        "base_minor": "base",
    }[name]
    assert column is not None
    return int(line[column])


def _vouched(kind: str, event: dict[str, Any]) -> Iterable[tuple[str, int, int]]:
    """By voucher: the amount in question, and what it is worth afterwards."""
    if "shares" in event:
        return [(each["voucher"], each["amount_minor"], each["left_minor"]) for each in event["shares"]]
    amount: int = event["amount_minor"]
    return [(event["voucher"], amount, amount if kind == "voucher-issued" else 0)]


def _payouts(kind: str, event: dict[str, Any]) -> Iterable[tuple[str, int]]:
    match kind:
        case "payout-batch-prepared":
            return [(each["payout"], 0) for each in event["entries"]]
        case "payout-batch-dropped" | "payout-batch-sent":
            return [(each, 0) for each in event["payouts"]]
        case "payouts-paid":
            return [(each["payout"], 0) for each in event["payouts"]]
        case "statements-cancelled":
            return [(each["payout"], 0) for one in event["cancelled"] for each in one["payouts"]]
        case _:
            return [(event["payout"], 0)]
