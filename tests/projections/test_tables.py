from uuid import UUID

from consign.actors.runner_lane import Lane
from consign.actors.runner_organization import first_checkpoint
from consign.actors.runner_window import Batch, Entry, whole_commands
from consign.domain.business import CONSIGN
from consign.domain.commission import RoundingBasis
from consign.projections.registry import PROJECTIONS
from tests.projections.recorder import ORGANIZATION
from tests.projections.test_agreement import crowded_sale
from tests.support.cluster import Database
from tests.support.read_models import read_models

LOG_ID = UUID(int=1)
STEP_EVENTS = 40


async def test_the_tables_in_postgres_hold_exactly_the_rows_of_the_fold(database: Database) -> None:
    scenario = crowded_sale(5, RoundingBasis.LIST)
    entries = [Entry(stored, CONSIGN.decode_event) for stored in scenario.recorder.stored]

    async with read_models(database, *PROJECTIONS) as models:
        for projection in PROJECTIONS:
            checkpoint = await models.store.begin(first_checkpoint(ORGANIZATION, projection, LOG_ID))
            lane = Lane(projection, checkpoint, models.store, cached_rows_max=20)
            left = entries
            while left:
                step = whole_commands(left, STEP_EVENTS)
                plan = await lane.plan(Batch(LOG_ID, b"", step))
                assert plan.poison is None
                assert plan.step is not None
                await models.store.step(ORGANIZATION, [plan.step])
                lane.stepped(plan.step)
                left = left[len(step) :]

        for projection in PROJECTIONS:
            stored = await models.tables(projection, organization=ORGANIZATION)
            assert stored == scenario.model(projection.name).tables
