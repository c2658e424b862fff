"""Which process decides for an organization at this moment, by the database's word."""

from consign.actors.ownership import slice_of
from tests.e2e.service_process import ServiceProcess, Site
from tests.e2e.stored import administer
from tests.support.eventually import eventually

_LIVE_OWNER = """
SELECT s.owner FROM consign.slices s JOIN consign.nodes n ON n.node_id = s.owner AND n.incarnation = s.incarnation
WHERE s.slice = $1 AND n.expires_at > clock_timestamp()
"""


async def owner_of(site: Site, organization: str) -> ServiceProcess | None:
    """Return the live owner of the organization's slice; None while there is none."""
    rows = await administer(site.database, _LIVE_OWNER, slice_of(organization))
    for process in site.processes:
        if rows and process.node_id == rows[0]["owner"]:
            return process
    return None


async def moved_from(site: Site, stopped: ServiceProcess, organization: str) -> ServiceProcess:
    """Wait until another process owns the organization."""

    async def heir() -> ServiceProcess | None:
        owner = await owner_of(site, organization)
        return owner if owner is not stopped else None

    found = await eventually(heir, within_s=20)
    assert found is not None
    return found
