"""The consumers of integrators, made by the service: a durable one each, over the own organization's events only."""

from collections.abc import Sequence

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from consign.adapters.nats.accounts import Credential
from consign.adapters.nats.public_stream import STREAM

ACK_WAIT_S = 60.0
ACK_PENDING_MAX = 1000


async def ensure_consumers(stream: JetStreamContext, credentials: Sequence[Credential]) -> None:
    """Have a consumer for each credential; raises an error of `nats.js.errors` where the stream is not there."""
    for credential in credentials:
        await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                name=credential.user,
                durable_name=credential.user,
                filter_subject=credential.subjects,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_S,
                max_ack_pending=ACK_PENDING_MAX,
            ),
        )


async def remove_consumer(stream: JetStreamContext, organization_id: str, integrator: str) -> None:
    """Remove an integrator's consumer, if there is one."""
    try:
        await stream.delete_consumer(STREAM, Credential(organization_id, integrator, 0).user)
    except NotFoundError:
        return
