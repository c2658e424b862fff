"""All papers."""

from litestar.handlers import HTTPRouteHandler

from consign.http.desk import Desk
from consign.http.papers.desk import desk_paper_handlers
from consign.http.papers.issued import issued_paper_handlers
from consign.http.papers.lists import People, list_paper_handlers
from consign.http.papers.payouts import payout_paper_handlers
from consign.http.papers.printing import Printing
from consign.http.papers.receipts import receipt_handlers
from consign.http.papers.shared_receipts import shared_receipt_handlers
from consign.http.papers.statements import statement_paper_handlers
from consign.http.papers.tags import tag_paper_handlers
from consign.http.papers.tills import till_paper_handlers
from consign.http.ports import Vault
from consign.http.reading import Reading
from consign.http.receipt_links import ReceiptLinks
from consign.identity.receipt_mails import ReceiptMails


def paper_handlers(
    reading: Reading, vault: Vault, printing: Printing, desk: Desk, mails: ReceiptMails, links: ReceiptLinks
) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    people = People(reading, vault)
    return [
        *tag_paper_handlers(reading, printing),
        *receipt_handlers(reading, printing, mails, links),
        *shared_receipt_handlers(reading, printing, links),
        *till_paper_handlers(reading, printing),
        *desk_paper_handlers(reading, desk, printing),
        *list_paper_handlers(reading, printing, people),
        *statement_paper_handlers(reading, printing, people),
        *issued_paper_handlers(reading, printing, people),
        *payout_paper_handlers(reading, printing, people),
    ]
