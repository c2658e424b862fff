"""Who owns what, decided without any I/O."""

from uuid import UUID

from consign.actors.ownership import SLICES, Identity, OwnershipView, SliceRow, plan_moves, rendezvous, slice_of

A, B, C = (Identity.new(UUID(int=number)) for number in (1, 2, 3))
MOVES_MAX = 32


def view(owner: Identity | None, *nodes: Identity, alive: bool = True, epoch: int = 1) -> OwnershipView:
    rows = [SliceRow(number, epoch, owner, alive and owner is not None) for number in range(SLICES)]
    return OwnershipView(rows, frozenset(node.node_id for node in nodes))


def held(epoch: int = 1) -> dict[int, int]:
    return dict.fromkeys(range(SLICES), epoch)


def test_an_organizations_slice_never_changes() -> None:
    assert [slice_of(name) for name in ("platform", "acme", "bourse")] == [210, 130, 217]


def test_a_node_alone_claims_everything_at_once() -> None:
    plan = plan_moves(view(None, A), A, {}, MOVES_MAX)
    assert len(plan.claim) == SLICES
    assert not plan.drain


def test_nodes_share_the_slices_about_evenly() -> None:
    wanted = rendezvous(frozenset([A.node_id, B.node_id, C.node_id]))
    assert all(SLICES / 3 * 0.6 < wanted.count(node.node_id) < SLICES / 3 * 1.4 for node in (A, B, C))


def test_when_a_node_comes_only_its_own_share_moves() -> None:
    before = rendezvous(frozenset([A.node_id, B.node_id]))
    after = rendezvous(frozenset([A.node_id, B.node_id, C.node_id]))
    assert all(new in (old, C.node_id) for old, new in zip(before, after, strict=True))


def test_an_owner_hands_a_newcomer_its_share_a_bounded_number_at_a_time() -> None:
    plan = plan_moves(view(A, A, B), A, held(), MOVES_MAX)
    assert len(plan.drain) == MOVES_MAX
    assert not plan.claim


def test_it_hands_over_no_more_while_what_it_released_is_not_taken() -> None:
    before = view(A, A, B)
    released = plan_moves(before, A, held(), MOVES_MAX).drain[5:]
    rows = [
        row._replace(owner=None, owner_lives=False) if row.slice_number in released else row for row in before.slices
    ]
    kept = {number: 1 for number in range(SLICES) if number not in released}
    assert len(plan_moves(before._replace(slices=rows), A, kept, MOVES_MAX).drain) == 5


def test_a_newcomer_awaits_its_share_and_takes_nothing_from_a_live_owner() -> None:
    plan = plan_moves(view(A, A, B), B, {}, MOVES_MAX)
    assert plan.awaiting
    assert not plan.claim


def test_a_dead_nodes_slices_are_claimed_by_those_they_now_belong_to() -> None:
    dead = view(A, B, C, alive=False)
    claims = [{row.slice_number for row in plan_moves(dead, node, {}, MOVES_MAX).claim} for node in (B, C)]
    assert claims[0] | claims[1] == set(range(SLICES))
    assert not claims[0] & claims[1]


def test_a_slice_that_another_took_is_lost() -> None:
    assert len(plan_moves(view(B, A, B, epoch=2), A, held(), MOVES_MAX).lost) == SLICES


def test_a_slice_that_was_lost_and_won_again_is_begun_afresh() -> None:
    plan = plan_moves(view(A, A, epoch=3), A, held(), MOVES_MAX)
    assert plan.lost == list(range(SLICES))
    assert plan.recover == held(3)


def test_a_claim_whose_answer_was_lost_counts() -> None:
    assert plan_moves(view(A, A), A, {}, MOVES_MAX).recover == held()


def test_another_incarnations_slices_are_not_ones_own() -> None:
    earlier = Identity.new(A.node_id)
    plan = plan_moves(view(earlier, A, alive=False), A, {}, MOVES_MAX)
    assert len(plan.claim) == SLICES
    assert not plan.recover


def test_a_node_that_the_database_holds_for_dead_takes_nothing() -> None:
    plan = plan_moves(view(None, B), A, {}, MOVES_MAX)
    assert not plan.claim
    assert not plan.drain
