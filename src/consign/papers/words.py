"""The words on papers, in the languages there are; papers of other places are in English."""

from collections.abc import Mapping

from msgspec import Struct, field

from consign.papers.report_words import GERMAN as GERMAN_REPORTS
from consign.papers.report_words import ReportWords

_ROUNDED_OVER = {"item": "each item", "list": "each list", "consignor": "all that you sold"}
_ROUNDED_HOW = {
    "half_up": "to the nearest, halves up",
    "half_even": "to the nearest, halves to even",
    "half_down": "to the nearest, halves down",
    "up": "up",
    "down": "down",
}

_PAYOUT_METHODS = {"cash": "cash", "cheque": "cheque", "sepa": "transfer", "list": "transfer"}
_PAYOUT_STATUSES = {
    status: status
    for status in (
        "due",
        "prepared",
        "sent",
        "returned",
        "uncollected",
        "paid",
        "reissued",
        "forfeited",
        "carried",
        "withdrawn",
    )
}


class Words(Struct, frozen=True):
    """Every word that a paper may say. The defaults are the English ones."""

    language: str = "en"
    page: str = "Page {page} of {pages}"
    printed: str = "Printed {moment}"
    carried: str = "Carried forward"
    brought: str = "Brought forward"
    total: str = "Total"
    signature: str = "Signature"
    date: str = "Date"
    name: str = "Name"
    number: str = "No."
    consignor: str = "Consignor"
    items: str = "{count} items"
    one_item: str = "1 item"
    tag: str = "Tag"
    description: str = "Description"
    category: str = "Category"
    price: str = "Price"
    list_number: str = "List"
    size: str = "Size"

    reduce: str = "REDUCE"
    donate: str = "DONATE"

    receipt: str = "Receipt"
    refund: str = "Refund"
    void: str = "Voided"
    of_receipt: str = "of receipt"
    till: str = "Till"
    cashier: str = "Cashier"
    was: str = "was {amount}"
    discount: str = "Discount"
    subtotal: str = "Subtotal"
    surcharge: str = "Surcharge"
    tax: str = "Tax"
    tax_included: str = "of which tax {rate}"
    tax_added: str = "plus tax {rate}"
    net: str = "net"
    rounding: str = "Cash rounding"
    paid_out: str = "Paid out"
    change: str = "Change"
    reason: str = "Reason"
    cash: str = "Cash"
    card: str = "Card"
    provider: str = "Card via provider"
    voucher: str = "Voucher"
    receipt_mail: str = "With this mail comes receipt {number} of your purchase at {sale}, as a PDF."
    refund_mail: str = "With this mail comes refund {number} of what you brought back to {sale}, as a PDF."
    mail_footer: str = (
        "Your address was given at the till, and used for this mail alone.\n"
        "If you bought nothing there, somebody mistyped theirs: please delete this mail."
    )
    keep_receipt: str = "Keep it as a PDF"
    link_lasts: str = "This page can be seen until {day}. Whoever has its address sees it."
    link_at_till: str = "To bring something back, show this at the till."
    link_ended: str = "This receipt could be seen until {day}. Ask the organizer for it."
    link_unknown: str = "There is no receipt here. Perhaps the address was not copied whole."
    link_later: str = "The receipt cannot be shown at the moment. Please try again shortly."

    statement: str = "Statement"
    preview: str = "Preview, not final"
    supplement: str = "Supplement"
    cancelled: str = "Cancelled"
    sold_items: str = "Sold"
    gross: str = "Sold for"
    commission: str = "Commission"
    commission_tax: str = "Tax on the commission"
    commission_of: str = "Commission {rate} of {gross}"
    commission_fixed: str = "{fixed} an item"
    fees: str = "Fees"
    fees_paid: str = "Fees paid separately"
    adjustments: str = "Adjustments"
    brought_forward: str = "Brought forward from an earlier sale"
    borne: str = "Borne by the organizer"
    to_charity: str = "Left to charity"
    beside_lines: str = "Tax in the prices, sales without a tag"
    rounded: str = "The commission is rounded {how}, once for {over}."
    rounded_over: Mapping[str, str] = field(default_factory=lambda: _ROUNDED_OVER)
    rounded_how: Mapping[str, str] = field(default_factory=lambda: _ROUNDED_HOW)
    to_pay_out: str = "To be paid to you"
    to_pay_in: str = "Owed by you"

    payouts: str = "Payouts"
    method: str = "How"
    payout_methods: Mapping[str, str] = field(default_factory=lambda: _PAYOUT_METHODS)
    payout_statuses: Mapping[str, str] = field(default_factory=lambda: _PAYOUT_STATUSES)
    amount: str = "Amount"
    seal: str = "Seal"

    x_report: str = "X report"
    z_report: str = "Z report"
    opened: str = "Opened"
    closed: str = "Closed"
    sales: str = "Sales"
    sold_total: str = "Sold less voids and refunds"
    receipts: str = "Receipts"
    voided: str = "of which voided"
    refunds: str = "Refunds"
    tenders: str = "Taken and kept"
    drawer: str = "Drawer"
    float: str = "Float"
    movements: str = "Cash in and out"
    offline: str = "Sold without the server"
    z_supplement: str = "Supplement to the Z report"
    came_late: str = "Sold without the server, uploaded after closing."
    unsynced: str = "Not uploaded yet"
    taken_unpaid: str = "Taken, not paid up yet"
    vouchers_sold: str = "Vouchers sold"
    vouchers_out: str = "Vouchers paid out"
    discount_by_organizer: str = "of which the organizer bears"
    grand_total: str = "Grand total"
    from_tills: str = "From other tills"
    to_tills: str = "To other tills"
    hand_overs: str = "Counted at hand-overs"
    expected: str = "Expected"
    counted: str = "Counted"
    over: str = "Over"
    short: str = "Short"

    listed: str = "Listed"
    refused: str = "Refused"
    not_brought: str = "Not brought"
    to_fetch: str = "To be fetched"
    to_give_away: str = "To be given away"
    owed: str = "Owed"
    fee: str = "Fee"
    late_fee: str = "Fee for bringing things late"
    more_lists: str = "Further lists"
    off_the_proceeds: str = "What is not paid by itself comes off the proceeds."
    times: str = "Times"
    bring_at: str = "Bring"
    fetch_at: str = "Fetch"
    came: str = "done"

    drop_off: str = "Drop-off list"
    pick_up: str = "Pick-up list"
    donations: str = "Donations list"
    brought_in: str = "Brought"
    collected: str = "Collected"
    donated: str = "Donated"
    missing: str = "missing"
    returned: str = "returned"
    late: str = "late"

    report: ReportWords = field(default_factory=ReportWords)

    calibration: str = "Calibration of {sheet}"
    calibration_steps: tuple[str, ...] = (
        "1. Print this page on plain paper at 100 %, without fitting it to the page.",
        "2. Hold it against a sheet of labels. The outlines should lie on the labels.",
        "3. How far must the print move right and down, in mm? Give that as right and down (left and up: below 0).",
        "4. Measure the ruler. If it is not 100 mm long, give 100 divided by its length as scale.",
    )
    in_force: str = "In force: right {right} mm, down {down} mm, scale {scale}"


_GERMAN = Words(
    language="de",
    page="Seite {page} von {pages}",
    printed="Gedruckt {moment}",
    carried="Übertrag",
    brought="Übertrag",
    total="Summe",
    signature="Unterschrift",
    date="Datum",
    name="Name",
    number="Nr.",
    consignor="Verkäufer",
    items="{count} Artikel",
    one_item="1 Artikel",
    tag="Etikett",
    description="Bezeichnung",
    category="Kategorie",
    price="Preis",
    list_number="Liste",
    size="Größe",
    reduce="RABATT",
    donate="SPENDE",
    receipt="Beleg",
    refund="Erstattung",
    void="Storniert",
    of_receipt="zu Beleg",
    till="Kasse",
    cashier="Kassiert von",
    was="statt {amount}",
    discount="Nachlass",
    subtotal="Zwischensumme",
    surcharge="Aufschlag",
    tax="Steuer",
    tax_included="darin Steuer {rate}",
    tax_added="zzgl. Steuer {rate}",
    net="netto",
    rounding="Rundung",
    paid_out="Ausgezahlt",
    change="Rückgeld",
    reason="Grund",
    cash="Bar",
    card="Karte",
    provider="Karte über Anbieter",
    voucher="Gutschein",
    receipt_mail="Mit dieser Mail kommt Beleg {number} über Ihren Einkauf bei {sale}, als PDF.",
    refund_mail="Mit dieser Mail kommt Erstattung {number} über das, was Sie zu {sale} zurückgebracht haben, als PDF.",
    mail_footer=(
        "Ihre Adresse wurde an der Kasse genannt und nur für diese Mail benutzt.\n"
        "Wenn Sie dort nichts gekauft haben, hat sich jemand vertippt: Bitte löschen Sie diese Mail."
    ),
    keep_receipt="Als PDF aufheben",
    link_lasts="Diese Seite ist bis {day} zu sehen. Wer ihre Adresse hat, sieht sie.",
    link_at_till="Wer etwas zurückbringt, zeigt das an der Kasse.",
    link_ended="Dieser Beleg war bis {day} zu sehen. Fragen Sie den Veranstalter danach.",
    link_unknown="Hier ist kein Beleg. Vielleicht ist die Adresse nicht ganz.",
    link_later="Der Beleg kann gerade nicht gezeigt werden. Bitte versuchen Sie es gleich noch einmal.",
    statement="Abrechnung",
    preview="Vorschau, nicht endgültig",
    supplement="Nachtrag",
    cancelled="Aufgehoben",
    sold_items="Verkauft",
    gross="Verkaufserlös",
    commission="Provision",
    commission_tax="Steuer auf die Provision",
    commission_of="Provision {rate} von {gross}",
    commission_fixed="{fixed} je Artikel",
    fees="Gebühren",
    fees_paid="Getrennt bezahlte Gebühren",
    adjustments="Berichtigungen",
    brought_forward="Übertrag aus einem früheren Verkauf",
    borne="Vom Veranstalter getragen",
    to_charity="Für den guten Zweck",
    beside_lines="Steuer in den Preisen, Verkäufe ohne Etikett",
    rounded="Die Provision wird {how} gerundet, einmal für {over}.",
    rounded_over={"item": "jeden Artikel", "list": "jede Liste", "consignor": "alles Verkaufte"},
    rounded_how={
        "half_up": "kaufmännisch",
        "half_even": "zur nächsten geraden Stelle",
        "half_down": "zur nächsten Stelle, Hälften ab",
        "up": "auf",
        "down": "ab",
    },
    to_pay_out="Auszahlung an Sie",
    to_pay_in="Von Ihnen zu zahlen",
    payouts="Auszahlungen",
    method="Art",
    payout_methods={"cash": "bar", "cheque": "Scheck", "sepa": "Überweisung", "list": "Überweisung"},
    payout_statuses={
        "due": "offen",
        "prepared": "vorbereitet",
        "sent": "angewiesen",
        "returned": "zurückgekommen",
        "uncollected": "nicht abgeholt",
        "paid": "bezahlt",
        "reissued": "neu ausgestellt",
        "forfeited": "verfallen",
        "carried": "vorgetragen",
        "withdrawn": "zurückgezogen",
    },
    amount="Betrag",
    seal="Siegel",
    x_report="X-Bericht",
    z_report="Z-Bericht",
    opened="Geöffnet",
    closed="Geschlossen",
    sales="Verkäufe",
    sold_total="Verkauft abzgl. Storno und Erstattung",
    receipts="Belege",
    voided="davon storniert",
    refunds="Erstattungen",
    tenders="Eingenommen und behalten",
    drawer="Kassenlade",
    float="Wechselgeld",
    movements="Ein- und Auszahlungen",
    offline="Ohne Server verkauft",
    z_supplement="Nachtrag zum Z-Bericht",
    came_late="Ohne Server verkauft, nach dem Abschluss hochgeladen.",
    unsynced="Noch nicht hochgeladen",
    taken_unpaid="Angezahlt",
    vouchers_sold="Verkaufte Gutscheine",
    vouchers_out="Ausgezahlte Gutscheine",
    discount_by_organizer="davon trägt der Veranstalter",
    grand_total="Gesamtumsatz",
    from_tills="Von anderen Kassen",
    to_tills="An andere Kassen",
    hand_overs="Bei Übergaben gezählt",
    expected="Soll",
    counted="Gezählt",
    over="Überschuss",
    short="Fehlbetrag",
    listed="Gemeldet",
    refused="Abgelehnt",
    not_brought="Nicht gebracht",
    to_fetch="Abzuholen",
    to_give_away="Zu spenden",
    owed="Offen",
    fee="Gebühr",
    late_fee="Gebühr für spätes Bringen",
    more_lists="Weitere Listen",
    off_the_proceeds="Was nicht getrennt bezahlt wird, wird vom Erlös abgezogen.",
    times="Zeiten",
    bring_at="Bringen",
    fetch_at="Abholen",
    came="erledigt",
    drop_off="Abgabeliste",
    pick_up="Abholliste",
    donations="Spendenliste",
    brought_in="Gebracht",
    collected="Abgeholt",
    donated="Gespendet",
    missing="vermisst",
    returned="zurückgegeben",
    late="verspätet",
    report=GERMAN_REPORTS,
    calibration="Einrichten von {sheet}",
    calibration_steps=(
        "1. Diese Seite in 100 % auf normales Papier drucken, ohne sie an die Seite anzupassen.",
        "2. Gegen einen Bogen Etiketten halten. Die Umrisse sollen auf den Etiketten liegen.",
        "3. Wie weit muss der Druck nach rechts und unten, in mm? Das sind right und down (links, oben: unter 0).",
        "4. Das Lineal messen. Ist es nicht 100 mm lang, ist 100 geteilt durch seine Länge scale.",
    ),
    in_force="Eingestellt: rechts {right} mm, unten {down} mm, Maßstab {scale}",
)

_LANGUAGES: Mapping[str, Words] = {"en": Words(), "de": _GERMAN}


LANGUAGES = tuple(_LANGUAGES.values())
"""The words of each language there is."""


def words_of(language: str) -> Words:
    """Return the words of a language, such as `de`."""
    return _LANGUAGES.get(language, _LANGUAGES["en"])
