"""Commands about proceeds that go to charity."""

from consign.domain.charity_commands import CharityAnswer, PayCharity, PledgeAnswer, PledgeProceeds
from consign.http.commands.route import CommandRoute, actor_of

ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "pledge-proceeds",
        "/participations/{participation}/pledge-proceeds",
        PledgeProceeds,
        PledgeAnswer,
        "Leave a share of the proceeds to the sale's charity: of everything, or of flagged things alone.",
        {"share_ppm": 500_000, "of": "flagged"},
        "participations",
        {"actor": actor_of},
    ),
    CommandRoute(
        "pay-charity",
        "/sales/{sale}/settlement/pay-charity",
        PayCharity,
        CharityAnswer,
        "Record that what was left to charity was transferred to it, all of it or an amount.",
        {"reference": "transfer 2026-119"},
        "settlements",
    ),
)
