"""What fails is tried again ever more rarely, but is tried again."""

from consign.actors.runner_retries import Retries


def test_pauses_grow_to_their_limit_and_begin_anew_once_it_went_well() -> None:
    retries = Retries(1.0, 3.0)
    assert retries.is_due("counters", 0.0)
    for now_s, pause_s in ((0.0, 1.0), (10.0, 2.0), (20.0, 3.0), (30.0, 3.0)):
        retries.postpone("counters", now_s)
        assert not retries.is_due("counters", now_s + pause_s - 0.1)
        assert retries.is_due("counters", now_s + pause_s)
    retries.forget("counters")
    retries.postpone("counters", 40.0)
    assert retries.is_due("counters", 41.0)
