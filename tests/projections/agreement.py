"""What must hold between the read models and the states of the business, whatever happened."""

from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.structs import asdict

from consign.domain.books.posting import post
from consign.domain.books.state import EMPTY
from consign.domain.ledger import state as ledger_state
from consign.domain.ledger.offline_state import open_conflicts
from consign.domain.participation.state import Ended, Registered
from consign.domain.recorded import identity_of
from consign.domain.sale import Planned
from consign.domain.session.events import BasketAbandoned, BasketPaid, BasketRecalled, LineAdded, SessionClosed
from consign.domain.session.report import TillFigures
from consign.domain.session.state import Basket, Closed, Open
from consign.domain.session.totals import due
from consign.domain.settlement.state import EMPTY as NOT_SETTLED
from consign.domain.settlement.state import Settlement
from consign.domain.settlement.statements import Statement, Terms, sold_items, statement
from consign.domain.turns.basket import lines_as_paid
from consign.domain.values import BasketId, SessionId
from consign.projections.books.rows import BalanceRow, trial_balance
from consign.projections.item_rows import ItemRow
from consign.projections.receipts import ReceiptRow
from consign.projections.reports.facts import FactRow
from consign.projections.settlement import preview
from consign.projections.settlements import SettlementRow
from tests.projections.scenario import Scenario


def check(scenario: Scenario, *, tills_went_away: bool = False) -> None:
    """Compare every read model with what the states say; tills that sell by themselves may skip or repeat a number."""
    items_are_where_the_ledger_says(scenario)
    drafts_are_those_of_the_ledger(scenario)
    baskets_are_those_of_the_sessions(scenario)
    payments_are_those_of_the_ledger(scenario)
    drawers_hold_what_the_sessions_expect(scenario)
    if not tills_went_away:
        receipts_are_gapless(scenario)
    receipts_were_paid_for_once(scenario)
    takings_are_what_the_tills_report(scenario)
    books_balance(scenario)
    totals_are_what_settlement_computes(scenario)
    lines_without_a_tag_are_whose_the_ledger_says(scenario)
    statements_and_payouts_are_those_of_the_settlement(scenario)
    shifts_are_those_of_the_roster(scenario)
    slots_are_those_of_the_sale(scenario)
    conflicts_are_those_of_the_ledger(scenario)
    public_positions_are_gapless(scenario)


def takings_are_what_the_tills_report(scenario: Scenario) -> None:
    """By session, tender and what for: those of the X report now, and of the Z report when the till was closed."""
    facts = [fact for fact in scenario.rows("reports", "facts") if fact.kind in _TAKEN]
    closed = {
        identity_of(stored.stream): stored.position
        for stored, event in zip(scenario.recorder.stored, scenario.recorder.events, strict=True)
        if isinstance(event, SessionClosed)
    }
    for row in scenario.rows("sessions"):
        mine = [fact for fact in facts if fact.session == row.session]
        assert _taken(mine) == _reported(row.figures), row.till
        if row.z_figures is not None:
            counted = [fact for fact in mine if fact.position < closed[row.session]]
            assert _taken(counted) == _reported(row.z_figures), row.till


_TAKEN = ("tender", "voucher_sale", "voucher_payout", "fee_taken")


def _taken(facts: list[FactRow]) -> dict[tuple[str, str], int]:
    taken: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        taken[fact.kind, fact.tender] += fact.amount_minor
    return {key: minor for key, minor in taken.items() if minor}


def _reported(figures: TillFigures) -> dict[tuple[str, str], int]:
    reported = {
        ("tender", "cash"): figures.cash_minor,
        ("tender", "card"): figures.card_minor,
        ("tender", "voucher"): figures.voucher_minor,
        ("tender", "provider"): figures.provider_minor,
        ("voucher_sale", "cash"): figures.vouchers_cash_minor,
        ("voucher_sale", "card"): figures.vouchers_card_minor,
        ("voucher_payout", "cash"): -figures.vouchers_out_minor,
        ("fee_taken", "cash"): figures.fees_cash_minor,
        ("fee_taken", "card"): figures.fees_card_minor,
    }
    return {key: minor for key, minor in reported.items() if minor}


def conflicts_are_those_of_the_ledger(scenario: Scenario) -> None:
    """The desk and whoever follows the public events know the same conflicts, and the same of them as resolved."""
    ledger = scenario.ledger
    still_open = set(open_conflicts(ledger.conflicts, ledger.manual_lines))
    rows = {row.conflict: row.status for row in scenario.rows("conflicts")}
    assert {conflict: status == "open" for conflict, status in rows.items()} == {
        conflict: conflict in still_open for conflict in ledger.conflicts
    }
    told: dict[str, str] = {}
    for row in scenario.rows("public_events", "events"):
        if row.type == "ConflictRecorded":
            told[msgspec.json.decode(row.data)["conflict"]] = "open"
        elif row.type == "ConflictResolved":
            data = msgspec.json.decode(row.data)
            assert told[data["conflict"]] == "open", "a conflict is resolved twice"
            told[data["conflict"]] = data["outcome"]
    assert {conflict for conflict, outcome in told.items() if outcome == "open"} == still_open
    assert told.keys() == rows.keys()


def items_are_where_the_ledger_says(scenario: Scenario) -> None:
    rows: dict[str, ItemRow] = {row.tag: row for row in scenario.rows("items")}
    contested = _contested(scenario)
    assert rows.keys() == set(scenario.ledger.items)
    for tag, item in scenario.ledger.items.items():
        row = rows[tag]
        assert row.status == item.status.__struct_config__.tag
        assert {field: getattr(row, field) for field in item.listed.__struct_fields__} == asdict(item.listed)
        assert row.printed_count == scenario.ledger.printed.get(tag, 0)
        match item.status:
            case ledger_state.Held(basket=basket, since=since):
                assert (row.held_basket, row.held_since, row.receipt) == (basket, since, None)
                if (holds := scenario.ledger.baskets.get(basket)) is not None and basket not in contested:
                    assert row.held_till == holds.till
            case ledger_state.Sold(receipt=receipt, price_minor=price_minor):
                assert (row.receipt, row.sold_for_minor, row.held_basket) == (receipt, price_minor, None)
            case ledger_state.Voided(replaced_by=replaced_by):
                assert (row.replaced_by, rows[replaced_by].replaces) == (replaced_by, tag)
            case ledger_state.Refused(reason=reason):
                assert row.refused_because == reason
            case _:
                assert (row.held_basket, row.receipt, row.sold_for_minor, row.sold_at) == (None, None, None, None)


def drafts_are_those_of_the_ledger(scenario: Scenario) -> None:
    rows = {row.draft: row for row in scenario.rows("items", "drafts")}
    assert rows.keys() == set(scenario.ledger.drafts)
    for draft, saved in scenario.ledger.drafts.items():
        assert {field: getattr(rows[draft], field) for field in saved.__struct_fields__} == asdict(saved)


def baskets_are_those_of_the_sessions(scenario: Scenario) -> None:
    contested = _contested(scenario)
    expected: dict[tuple[SessionId, BasketId], Any] = {}
    for session in _sessions(scenario, Open):
        for basket, content in session.baskets.items():
            status = "paying" if content.paying else "suspended" if content.suspended else "open"
            if basket not in contested:
                sale = scenario.states[f"sale-{scenario.sale}"]
                owed = due(content.paying.lines if content.paying else lines_as_paid(content, sale))
                expected[session.session, basket] = (session.till, status, content.lines, owed.total_minor)
    sale = scenario.states[f"sale-{scenario.sale}"]
    for basket, carried in sale.carried.items():
        if basket not in contested:
            owed = due(lines_as_paid(Basket(carried.lines, discount=carried.discount), sale))
            till = scenario.states[f"session-{carried.session}"].till
            expected[carried.session, basket] = (till, "carried_over", carried.lines, owed.total_minor)
    rows = [row for row in scenario.rows("baskets") if row.basket not in contested]
    assert {(row.session, row.basket): (row.till, row.status, row.lines, row.total_minor) for row in rows} == expected
    for row in rows:
        holds = scenario.ledger.baskets.get(row.basket)
        if holds is not None and holds.session == row.session:
            assert row.expires_at == holds.expires_at


def payments_are_those_of_the_ledger(scenario: Scenario) -> None:
    rows = {row.payment: row for row in scenario.rows("payments")}
    assert rows.keys() == set(scenario.ledger.payments)
    for payment, known in scenario.ledger.payments.items():
        row = rows[payment]
        assert (row.status, row.receipt or "", row.owed_minor) == (known.status, known.receipt, known.owed_minor)
        assert (row.given_back_minor, row.owes) == (known.given_back_minor, known.owed_minor > 0)
    taken = {
        (session.session, basket): content.paying.taken
        for session in _sessions(scenario, Open)
        for basket, content in session.baskets.items()
        if content.paying is not None
    }
    contested = _contested(scenario)
    for basket in scenario.rows("baskets"):
        if basket.basket not in contested:
            assert basket.taken == taken.get((basket.session, basket.basket), ())
            assert all(rows[each.payment].status == each.status for each in basket.payments)


def drawers_hold_what_the_sessions_expect(scenario: Scenario) -> None:
    rows = {row.session: row for row in scenario.rows("sessions")}
    for session in _sessions(scenario, Open):
        row = rows.pop(session.session)
        assert (row.status, row.expected_minor, row.till) == ("open", session.cash_minor, session.till)
    for closed in _sessions(scenario, Closed):
        row = rows.pop(closed.session)
        assert row.status == "closed"
        assert row.counted_minor == row.expected_minor + row.difference_minor
        assert row.expected_minor == row.z_figures.expected_minor
        late = row.supplement
        assert (late.uploads if late else 0) == closed.supplements
        if late is not None:
            assert late.counted_minor == row.counted_minor == late.expected_minor + late.difference_minor
            assert late.expected_minor == row.figures.expected_minor
    assert not rows


def receipts_are_gapless(scenario: Scenario) -> None:
    receipts: list[ReceiptRow] = scenario.rows("receipts")
    assert sorted(row.sale_sequence for row in receipts) == list(range(1, len(receipts) + 1))
    for rows in (receipts, scenario.rows("receipts", "refunds")):
        by_till: dict[str, list[int]] = {}
        for row in rows:
            by_till.setdefault(row.till, []).append(row.counter)
        assert all(sorted(counters) == list(range(1, len(counters) + 1)) for counters in by_till.values())


def receipts_were_paid_for_once(scenario: Scenario) -> None:
    receipts: list[ReceiptRow] = scenario.rows("receipts")
    for row in receipts:
        tendered_minor = sum(tender.amount_minor for tender in row.tenders)
        assert tendered_minor == row.total_minor + row.rounding_minor + row.change_minor
    standing = Counter(line.tag for row in receipts if not row.voided for line in row.lines)
    returned = Counter(
        line.tag for row in scenario.rows("receipts", "refunds") for line in row.lines if line.returned_to is not None
    )
    assert all(count - returned[tag] <= 1 for tag, count in standing.items())


def books_balance(scenario: Scenario) -> None:
    folded = EMPTY
    postings = []
    for stored, event in zip(scenario.recorder.stored, scenario.recorder.events, strict=True):
        folded, posted = post(folded, event)
        assert sum(posting.amount_minor for posting in posted) == 0
        postings += [(stored.position, line, *_sides(posting)) for line, posting in enumerate(posted)]
    rows = scenario.rows("books", "postings")
    assert [(row.position, row.line, *_sides(row)) for row in rows] == postings
    balances: list[BalanceRow] = scenario.rows("books", "balances")
    assert all(balance == 0 for balance in trial_balance(balances).values())
    shown = {(row.sale, row.account): row.balance_minor for row in balances if row.balance_minor}
    assert shown == {key: balance for key, balance in folded.balances.items() if balance}


def totals_are_what_settlement_computes(scenario: Scenario) -> None:
    shown = preview(scenario.row("books", scenario.sale, table="totals"), scenario.rows("books", "consignors"))
    settled = statements(scenario)
    for consignor, expected in zip(shown.consignors, settled, strict=True):
        assert (consignor.participation, consignor.number) == (expected.participation, expected.number)
        assert consignor.items_sold == expected.count
        assert consignor.gross_minor == expected.gross_minor
        assert consignor.commission_minor == expected.commission_minor
        assert consignor.commission_tax_minor == expected.commission_tax_minor
        assert consignor.fees_minor == expected.fees_minor
        assert consignor.fees_paid_minor == expected.fees_paid_minor
        assert consignor.net_minor == expected.net_minor
        assert sum(part.commission_minor for part in consignor.commission_parts) == expected.commission_minor
    by_category: Counter[str] = Counter()
    for each in settled:
        by_category.update(Counter(item.category for item in each.items))
    categories = scenario.rows("books", "categories")
    assert {row.category: row.items_sold for row in categories if row.items_sold} == dict(by_category)
    assert sum(row.gross_minor for row in categories) == shown.gross_minor


def statements_and_payouts_are_those_of_the_settlement(scenario: Scenario) -> None:
    settlement = _settlement(scenario)
    shown: SettlementRow = scenario.row("settlements", scenario.sale)
    assert (shown.status, shown.round, shown.seal) == (settlement.stage.value, settlement.round, settlement.seal)
    standing = [row for row in scenario.rows("settlements", "statements") if row.status == "issued"]
    assert shown.statements + shown.supplements == len(standing)
    by_consignor: dict[str, set[str]] = {}
    for row in standing:
        by_consignor.setdefault(row.participation, set()).add(row.statement)
    assert by_consignor == {
        each: set(theirs.statements) for each, theirs in settlement.standings.items() if theirs.statements
    }
    assert sum(row.net_minor for row in standing) == shown.net_minor
    payouts = {row.payout: (row.status, row.amount_minor, row.batch) for row in scenario.rows("payouts")}
    assert payouts == {
        number: (payout.status.value, payout.amount_minor, payout.batch)
        for number, payout in settlement.payouts.items()
    }
    batches = {row.batch: (row.total_minor, row.status == "prepared") for row in scenario.rows("payouts", "batches")}
    assert batches == {number: (batch.total_minor, batch.open) for number, batch in settlement.batches.items()}
    stated = {tag for theirs in settlement.standings.values() for tag in theirs.lines}
    assert {row.tag for row in scenario.rows("items") if row.stated_on} == stated & set(scenario.ledger.items)
    for row in scenario.rows("books", "consignors"):
        theirs = settlement.standing(row.participation)
        assert row.stated_minor == theirs.stated.net_minor


def _settlement(scenario: Scenario) -> Settlement:
    found: Settlement = scenario.states.get(f"settlement-{scenario.sale}", NOT_SETTLED)
    return found


def statements(scenario: Scenario) -> list[Statement]:
    """What the domain computes for each consignor from the ledger alone, by number."""
    sale: Planned = scenario.states[f"sale-{scenario.sale}"]
    schedule = sale.settings.commission
    sold = sold_items(scenario.ledger)
    found = []
    for number in sorted(sale.consignors):
        known: Registered | Ended = scenario.states[f"participation-{sale.consignors[number]}"]
        theirs = known.was if isinstance(known, Ended) else known
        assert theirs is not None
        standing = _settlement(scenario).standing(theirs.participation)
        terms = Terms(
            theirs.participation,
            number,
            theirs.charged_minor,
            theirs.tier,
            theirs.own_rule,
            theirs.paid_minor,
            theirs.points_off_ppm,
            standing.adjustments_minor,
            standing.brought_minor,
            standing.stated.borne_minor,
            standing.stated.donated_minor,
        )
        found.append(statement(schedule, terms, sold.get(theirs.participation, [])))
    return found


def lines_without_a_tag_are_whose_the_ledger_says(scenario: Scenario) -> None:
    rows = {row.line: row for row in scenario.rows("manual_lines")}
    assert rows.keys() == set(scenario.ledger.manual_lines)
    for line, paid in scenario.ledger.manual_lines.items():
        assert (rows[line].status, rows[line].receipt) == (paid.outcome.__struct_config__.tag, paid.receipt)


def shifts_are_those_of_the_roster(scenario: Scenario) -> None:
    sale: Planned = scenario.states[f"sale-{scenario.sale}"]
    planned = {row.shift: row for row in scenario.rows("shifts")}
    assert planned.keys() == set(sale.roster.shifts)
    for code, shift in sale.roster.shifts.items():
        assert {field: getattr(planned[code], field) for field in shift.__struct_fields__} == asdict(shift)
    shown = {
        (row.number, row.shift, row.outcome, row.credit_minutes, row.minutes) for row in scenario.rows("shifts", "work")
    }
    assert shown == {
        (number, each.shift, each.outcome, each.credit_minutes, each.minutes)
        for number, work in sale.roster.work.items()
        for each in work
    }
    for row in scenario.rows("participations"):
        state = scenario.states[f"participation-{row.participation}"]
        if isinstance(state, Registered):
            assert row.tier == state.tier


def slots_are_those_of_the_sale(scenario: Scenario) -> None:
    sale: Planned = scenario.states[f"sale-{scenario.sale}"]
    shown = {row.slot: row for row in scenario.rows("slots")}
    assert shown.keys() == set(sale.slots.slots)
    for code, slot in sale.slots.slots.items():
        assert {field: getattr(shown[code], field) for field in slot.__struct_fields__} == asdict(slot)
    chosen = {(number, each.kind, each.slot) for number, theirs in sale.slots.chosen.items() for each in theirs}
    assert {(row.number, row.kind, row.slot) for row in scenario.rows("slots", "bookings")} == chosen


def public_positions_are_gapless(scenario: Scenario) -> None:
    rows = scenario.rows("public_events", "events")
    assert [row.public_position for row in rows] == list(range(1, len(rows) + 1))
    assert all(earlier.position <= later.position for earlier, later in pairwise(rows))
    assert len({row.id for row in rows}) == len(rows)
    sold = Counter(row.type for row in rows)
    on_receipts = sum(not line.manual for row in scenario.rows("receipts") for line in row.lines)
    assert sold["ItemSold"] == on_receipts


def _contested(scenario: Scenario) -> set[str]:
    """Baskets whose id a second session took while the first still had one by it: only the last one scanned shows."""
    holders: dict[str, set[str]] = {}
    contested: set[str] = set()
    for stored, event in zip(scenario.recorder.stored, scenario.recorder.events, strict=True):
        session = identity_of(stored.stream)
        match event:
            case LineAdded(basket=basket):
                holders.setdefault(basket, set()).add(session)
                if len(holders[basket]) > 1:
                    contested.add(basket)
            case BasketRecalled(basket=basket, from_session=other):
                holders[basket] = holders[basket] - {other} | {session}
            case BasketPaid(basket=basket) | BasketAbandoned(basket=basket):
                holders.get(basket, set()).discard(session)
            case _:
                pass
    return contested


def _sessions[T](scenario: Scenario, status: type[T]) -> list[T]:
    return [state for name, state in scenario.states.items() if name.startswith("session-") and type(state) is status]


def _sides(posting: Any) -> tuple[str, str, int]:
    return posting.sale, posting.account, posting.amount_minor
