"""A SEPA credit transfer as banks take it: `pain.001.001.09` (ISO 20022) or its forerunner `.03`, one payment of many.

Field lengths and the character set are those of the EPC's implementation guidelines (EPC132-08). The document depends
on nothing but what it is given, so that the same batch gives the same bytes whenever it is asked for.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from msgspec import Struct

from consign.domain.iban import bic_fault, iban_fault
from consign.domain.settlement.policy import PainVersion

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
TRANSFERS_MAX = 500
_AMOUNT_MAX_MINOR = 99_999_999_999
_BIC_ELEMENT: Mapping[PainVersion, str] = {"pain.001.001.09": "BICFI", "pain.001.001.03": "BIC"}
_NAME_LENGTH, _REMITTANCE_LENGTH = 70, 140
_FOREIGN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_ID = re.compile(r"[A-Za-z0-9\-]{1,35}")
_SPELT = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"})


class Account(Struct, frozen=True):
    """Who pays or is paid; the bank finds itself where `bic` is empty."""

    name: str
    iban: str
    bic: str = ""


class Transfer(Struct, frozen=True):
    """`identity` comes back with a returned transfer; `remittance` is what the receiver reads."""

    identity: str
    to: Account
    amount_minor: int
    remittance: str


class Payment(Struct, frozen=True):
    """Amounts are in euro cents. `message` is the version of the document."""

    identity: str
    created_at: datetime
    execute_on: date
    debtor: Account
    transfers: Sequence[Transfer]
    message: PainVersion = "pain.001.001.09"


class PaymentInvalid(Exception):
    """A bank would refuse the file; the message names what for."""


def written(text: str, length: int) -> str:
    """Return the text in the letters that every bank takes, cut to its length; a full stop stands for what has none."""
    spelt = unicodedata.normalize("NFKD", text.translate(_SPELT))
    plain = "".join(character for character in spelt if not unicodedata.combining(character))
    return _FOREIGN.sub(".", plain)[:length].strip() or "."


def pain_001(payment: Payment) -> bytes:
    """Return the document; raises PaymentInvalid."""
    _check(payment)
    count = len(payment.transfers)
    total = _amount(sum(transfer.amount_minor for transfer in payment.transfers))
    created = payment.created_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
    debtor = payment.debtor
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="{NAMESPACE}{payment.message}">',
        "<CstmrCdtTrfInitn>",
        "<GrpHdr>",
        f"<MsgId>{payment.identity}</MsgId>",
        f"<CreDtTm>{created}Z</CreDtTm>",
        f"<NbOfTxs>{count}</NbOfTxs>",
        f"<CtrlSum>{total}</CtrlSum>",
        f"<InitgPty><Nm>{_name(debtor)}</Nm></InitgPty>",
        "</GrpHdr>",
        "<PmtInf>",
        f"<PmtInfId>{payment.identity}</PmtInfId>",
        "<PmtMtd>TRF</PmtMtd>",
        "<BtchBookg>true</BtchBookg>",
        f"<NbOfTxs>{count}</NbOfTxs>",
        f"<CtrlSum>{total}</CtrlSum>",
        "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>",
        f"<ReqdExctnDt>{_day(payment)}</ReqdExctnDt>",
        f"<Dbtr><Nm>{_name(debtor)}</Nm></Dbtr>",
        f"<DbtrAcct><Id><IBAN>{debtor.iban}</IBAN></Id></DbtrAcct>",
        f"<DbtrAgt><FinInstnId>{_bank(debtor, payment) or '<Othr><Id>NOTPROVIDED</Id></Othr>'}</FinInstnId></DbtrAgt>",
        "<ChrgBr>SLEV</ChrgBr>",
        *(line for transfer in payment.transfers for line in _transfer(transfer, payment)),
        "</PmtInf>",
        "</CstmrCdtTrfInitn>",
        "</Document>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _transfer(transfer: Transfer, payment: Payment) -> Iterable[str]:
    bank = _bank(transfer.to, payment)
    yield "<CdtTrfTxInf>"
    yield f"<PmtId><EndToEndId>{transfer.identity}</EndToEndId></PmtId>"
    yield f'<Amt><InstdAmt Ccy="EUR">{_amount(transfer.amount_minor)}</InstdAmt></Amt>'
    if bank:
        yield f"<CdtrAgt><FinInstnId>{bank}</FinInstnId></CdtrAgt>"
    yield f"<Cdtr><Nm>{_name(transfer.to)}</Nm></Cdtr>"
    yield f"<CdtrAcct><Id><IBAN>{transfer.to.iban}</IBAN></Id></CdtrAcct>"
    yield f"<RmtInf><Ustrd>{escape(written(transfer.remittance, _REMITTANCE_LENGTH))}</Ustrd></RmtInf>"
    yield "</CdtTrfTxInf>"


def _name(account: Account) -> str:
    return escape(written(account.name, _NAME_LENGTH))


def _bank(account: Account, payment: Payment) -> str:
    element = _BIC_ELEMENT[payment.message]
    return f"<{element}>{account.bic}</{element}>" if account.bic else ""


def _day(payment: Payment) -> str:
    match payment.message:
        case "pain.001.001.09":
            return f"<Dt>{payment.execute_on.isoformat()}</Dt>"
        case "pain.001.001.03":
            return payment.execute_on.isoformat()


def _amount(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


def _check(payment: Payment) -> None:
    faults = [*_faults(payment.debtor), *(fault for each in payment.transfers for fault in _faults(each.to))]
    identities = [payment.identity, *(transfer.identity for transfer in payment.transfers)]
    faults += [f"{identity} is no identity" for identity in identities if not _ID.fullmatch(identity)]
    if len(set(identities)) != len(identities):
        faults.append("an identity is there twice")
    for transfer in payment.transfers:
        if not 0 < transfer.amount_minor <= _AMOUNT_MAX_MINOR:
            faults.append(f"{transfer.identity} is over {transfer.amount_minor} cents")
    if not 0 < len(payment.transfers) <= TRANSFERS_MAX:
        faults.append(f"{len(payment.transfers)} transfers are in it, not 1 to {TRANSFERS_MAX}")
    if faults:
        raise PaymentInvalid("; ".join(faults))


def _faults(account: Account) -> Iterable[str]:
    wrong_iban = iban_fault(account.iban)
    if wrong_iban is not None:
        yield f"an IBAN {wrong_iban}"
    if account.bic and (wrong_bic := bic_fault(account.bic)) is not None:
        yield f"a BIC {wrong_bic}"
