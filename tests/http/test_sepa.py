"""The file for the bank, read again and held against the rules of its schema."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.iban import bic_fault, iban_fault
from consign.http.sepa import NAMESPACE, Account, Payment, PaymentInvalid, Transfer, pain_001, written

CREATED = datetime(2026, 11, 23, 18, 30, 12, 345678, tzinfo=UTC)
ALPE = Account("ALPE e.V. & Söhne", "DE89370400440532013000", "COBADEFFXXX")
ADA = Account("Ada <Example>", "FR1420041010050500013M02606")
ADAS = Transfer("0123456789abcdef0123-P1", ADA, 1234, "consignor 17")
TEXT = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]+")


def payment(*transfers: Transfer, debtor: Account = ALPE) -> Payment:
    return Payment("0123456789abcdef0123-B1", CREATED, date(2026, 11, 30), debtor, transfers or (ADAS,))


def read(document: bytes) -> ET.Element:
    """Read the document and hold it against what pain.001.001.09 and the EPC's guidelines ask for."""
    root = ET.fromstring(document)
    assert root.tag == f"{{{NAMESPACE}}}Document"
    payment_of, header = one(root, "PmtInf"), one(root, "GrpHdr")
    transfers = every(root, "CdtTrfTxInf")
    amounts = [each for transfer in transfers for each in every(transfer, "InstdAmt")]
    assert 1 <= len(transfers) == len(amounts)
    for part in (header, payment_of):
        assert one(part, "NbOfTxs").text == str(len(transfers))
        assert Decimal(text(part, "CtrlSum")) == sum(Decimal(amount.text or "") for amount in amounts)
    for amount in amounts:
        assert amount.attrib == {"Ccy": "EUR"}
        assert re.fullmatch(r"[0-9]{1,9}\.[0-9]{2}", amount.text or "")
        assert Decimal("0.01") <= Decimal(amount.text or "") <= Decimal("999999999.99")
    for name, length in (("Nm", 70), ("Ustrd", 140), ("MsgId", 35), ("PmtInfId", 35), ("EndToEndId", 35)):
        for each in every(root, name):
            assert TEXT.fullmatch(each.text or "")
            assert 1 <= len(each.text or "") <= length
            assert each.text == (each.text or "").strip()
    assert all(iban_fault(each.text or "") is None for each in every(root, "IBAN"))
    assert all(bic_fault(each.text or "") is None for each in every(root, "BICFI"))
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", text(header, "CreDtTm"))
    assert (text(root, "PmtMtd"), text(root, "ChrgBr"), text(payment_of, "Cd")) == ("TRF", "SLEV", "SEPA")
    return root


def every(element: ET.Element, name: str) -> list[ET.Element]:
    return element.findall(f".//{{{NAMESPACE}}}{name}")


def one(element: ET.Element, name: str) -> ET.Element:
    return every(element, name)[0]


def text(element: ET.Element, name: str) -> str:
    return one(element, name).text or ""


def test_a_payment_is_written_in_the_order_of_the_schema() -> None:
    root = read(pain_001(payment()))
    transfer = one(root, "CdtTrfTxInf")
    names = [each.tag.partition("}")[2] for each in transfer]
    assert names == ["PmtId", "Amt", "Cdtr", "CdtrAcct", "RmtInf"]
    names = [each.tag.partition("}")[2] for each in one(root, "PmtInf")][:11]
    assert names == [
        "PmtInfId",
        "PmtMtd",
        "BtchBookg",
        "NbOfTxs",
        "CtrlSum",
        "PmtTpInf",
        "ReqdExctnDt",
        "Dbtr",
        "DbtrAcct",
        "DbtrAgt",
        "ChrgBr",
    ]
    assert text(root, "CtrlSum") == "12.34"
    assert text(root, "Dt") == "2026-11-30"


def test_a_bank_that_is_not_named_finds_itself() -> None:
    root = read(pain_001(payment(debtor=Account("ALPE", ALPE.iban))))
    assert text(one(root, "DbtrAgt"), "Id") == "NOTPROVIDED"
    assert every(root, "CdtrAgt") == []


def test_the_same_payment_is_the_same_bytes() -> None:
    assert pain_001(payment()) == pain_001(payment())


@pytest.mark.parametrize(
    ("name", "on_paper"),
    [
        ("Ødegård & Søn", "Odegard . Son"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Große Straße", "Grosse Strasse"),
        ("Иван", "...."),
        ("  ", "."),
        ("A" * 80, "A" * 70),
    ],
)
def test_names_are_written_in_letters_that_every_bank_takes(name: str, on_paper: str) -> None:
    assert written(name, 70) == on_paper


@given(st.text(min_size=1, max_size=100), st.integers(1, 10**9), st.text(max_size=200))
def test_whatever_people_are_called_the_file_follows_the_rules(name: str, amount_minor: int, remittance: str) -> None:
    transfers = (ADAS, Transfer("b-P2", Account(name, ADA.iban, "AGRIFRPP"), amount_minor, remittance))
    root = read(pain_001(payment(*transfers)))
    assert Decimal(text(root, "CtrlSum")) * 100 == amount_minor + ADAS.amount_minor


@pytest.mark.parametrize(
    "wrong",
    [
        payment(Transfer("b-P1", Account("Ada", "DE89370400440532013001"), 100, "x")),
        payment(Transfer("b-P1", ADA, 0, "x")),
        payment(Transfer("b-P1", ADA, 10**11, "x")),
        payment(Transfer("b P1", ADA, 100, "x")),
        payment(ADAS, ADAS),
        payment(*(Transfer(f"b-P{number}", ADA, 100, "x") for number in range(501))),
        payment(debtor=Account("ALPE", "DE89370400440532013000", "COBA")),
    ],
)
def test_what_a_bank_would_refuse_is_not_written(wrong: Payment) -> None:
    with pytest.raises(PaymentInvalid):
        pain_001(wrong)


@pytest.mark.parametrize(
    ("iban", "words"),
    [
        ("DE89370400440532013000", None),
        ("GB82WEST12345698765432", None),
        ("NO9386011117947", None),
        ("DE89370400440532013008", "check number"),
        ("DE8937040044053201300", "22"),
        ("US64SVBKUS6S3300958879", "no SEPA"),
        ("de89370400440532013000", "not an IBAN"),
        ("", "not an IBAN"),
    ],
)
def test_an_iban_is_checked_by_country_length_and_check_number(iban: str, words: str | None) -> None:
    fault = iban_fault(iban)
    assert fault is None if words is None else words in (fault or "")


@given(st.integers(4, 21), st.integers(0, 9))
def test_one_mistyped_digit_is_always_noticed(place: int, digit: int) -> None:
    iban = "DE89370400440532013000"
    mistyped = f"{iban[:place]}{digit}{iban[place + 1 :]}"
    assert (iban_fault(mistyped) is None) == (mistyped == iban)
