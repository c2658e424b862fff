"""The file for the bank, held against the schema of ISO 20022 as it is published, and against the EPC's guidelines."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from consign.domain.iban import bic_fault, iban_fault
from consign.domain.settlement.policy import PainVersion
from consign.http.sepa import NAMESPACE, Account, Payment, PaymentInvalid, Transfer, pain_001, written

CREATED = datetime(2026, 11, 23, 18, 30, 12, 345678, tzinfo=UTC)
ALPE = Account("ALPE e.V. & Söhne", "DE89370400440532013000", "COBADEFFXXX")
ADA = Account("Ada <Example>", "FR1420041010050500013M02606")
ADAS = Transfer("0123456789abcdef0123-P1", ADA, 1234, "consignor 17")
TEXT = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]+")


def payment(
    *transfers: Transfer, debtor: Account = ALPE, message: PainVersion = "pain.001.001.09", batch: str = "B1"
) -> Payment:
    identity = f"0123456789abcdef0123-{batch}"
    return Payment(identity, CREATED, date(2026, 11, 30), debtor, transfers or (ADAS,), message)


@cache
def schema(message: PainVersion) -> xmlschema.XMLSchema:
    """The schema as ISO publishes it; the package holds a copy."""
    return xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{message}.xsd"))


def read(document: bytes, message: PainVersion = "pain.001.001.09") -> ET.Element:
    """Read the document and hold it against its schema and what the EPC's guidelines ask for beside it."""
    schema(message).validate(document.decode())
    root = without_namespace(ET.fromstring(document), message)
    assert root.tag == "Document"
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
    identities = [each.text for each in every(root, "EndToEndId")]
    assert len(set(identities)) == len(identities)
    assert all(bic_fault(each.text or "") is None for name in ("BICFI", "BIC") for each in every(root, name))
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", text(header, "CreDtTm"))
    assert (text(root, "PmtMtd"), text(root, "ChrgBr"), text(payment_of, "Cd")) == ("TRF", "SLEV", "SEPA")
    return root


def without_namespace(root: ET.Element, message: PainVersion) -> ET.Element:
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}{message}}}")
    return root


def every(element: ET.Element, name: str) -> list[ET.Element]:
    return element.findall(f".//{name}")


def one(element: ET.Element, name: str) -> ET.Element:
    return every(element, name)[0]


def text(element: ET.Element, name: str) -> str:
    return one(element, name).text or ""


def test_a_payment_says_who_pays_whom_how_much_and_when() -> None:
    root = read(pain_001(payment()))
    assert (text(root, "CtrlSum"), text(root, "Dt")) == ("12.34", "2026-11-30")
    assert text(one(root, "DbtrAcct"), "IBAN") == ALPE.iban
    assert text(one(root, "DbtrAgt"), "BICFI") == ALPE.bic
    assert text(one(root, "CdtrAcct"), "IBAN") == ADA.iban
    assert text(root, "Ustrd") == ADAS.remittance


def test_a_bank_that_has_not_changed_gets_the_message_before() -> None:
    to = Account("Ben", "DE75512108001245126199", "SOGEDEFF")
    old = payment(ADAS, Transfer("b-P2", to, 5, "x"), message="pain.001.001.03")
    root = read(pain_001(old), "pain.001.001.03")
    assert text(root, "ReqdExctnDt") == "2026-11-30"
    assert [each.text for each in every(root, "BIC")] == [ALPE.bic, "SOGEDEFF"]
    assert (every(root, "BICFI"), every(root, "Dt")) == ([], [])


@pytest.mark.parametrize("message", ["pain.001.001.09", "pain.001.001.03"])
def test_a_bank_that_is_not_named_finds_itself(message: PainVersion) -> None:
    unnamed = payment(debtor=Account("ALPE", ALPE.iban), message=message)
    root = read(pain_001(unnamed), message)
    assert text(one(root, "DbtrAgt"), "Id") == "NOTPROVIDED"
    assert every(root, "CdtrAgt") == []


def test_the_largest_batch_follows_the_schema() -> None:
    sums = [10**11 - 1] * 500
    transfers = [Transfer(f"{'a' * 20}-P{999_999_499 + each}", ADA, amount, "x") for each, amount in enumerate(sums)]
    root = read(pain_001(payment(*transfers, batch="B999999999")))
    assert Decimal(text(root, "CtrlSum")) * 100 == sum(sums)


def test_the_schema_notices_what_is_not_in_its_order() -> None:
    document = pain_001(payment()).decode()
    wrong = document.replace("<PmtMtd>TRF</PmtMtd>\n<BtchBookg>true</BtchBookg>", "<PmtMtd>TRF</PmtMtd>")
    wrong = wrong.replace("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SLEV</ChrgBr>\n<BtchBookg>true</BtchBookg>")
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema("pain.001.001.09").validate(wrong)


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


@given(
    st.text(min_size=1, max_size=100),
    st.integers(1, 10**9),
    st.text(max_size=200),
    st.sampled_from(["pain.001.001.09", "pain.001.001.03"]),
)
def test_whatever_people_are_called_the_file_follows_the_rules(
    name: str, amount_minor: int, remittance: str, message: PainVersion
) -> None:
    transfers = (ADAS, Transfer("b-P2", Account(name, ADA.iban, "AGRIFRPP"), amount_minor, remittance))
    root = read(pain_001(payment(*transfers, message=message)), message)
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
