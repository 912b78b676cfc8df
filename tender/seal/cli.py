"""`flask seal`: bidders pack, seal and check bids on their own machine; officers make keys and open their shares."""

import json
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from hashlib import sha256
from http.cookiejar import CookieJar, LoadError, MozillaCookieJar
from pathlib import Path
from typing import Any

import click

from core.cli import Commands, answer, as_json
from core.errors import Invalid, N_, Refused
from core.money import MoneyError, rmb_upper, round_fen, yuan
from tender import seal
from tender.rules.price_order import BESIDE, Declared, correct
from tender.rules.prices import words_of
from tender.rules.proofs import TITLES, Proof, missing
from tender.rules.words import EnvelopeKind, PriceObject
from tender.seal import submitting
from tender.seal.container import as_json as canonical_json

cli = Commands("seal", help="Sealed bids (seal/v1): pack, seal, check, and verify receipts offline.")
_files = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@cli.command("pack")
@_files
@click.option("--tender", required=True, help="Number of the tender, as in the notice.")
@click.option("--lot", type=int, required=True)
@click.option("--envelope", type=click.Choice([kind.value for kind in EnvelopeKind]), required=True)
@click.option("--price", help="Price envelope: the price in the unit of the lot (yuan, or a fraction for rates).")
@click.option("--price-object", type=click.Choice([kind.value for kind in PriceObject]), default="premium_per_head")
@click.option("--quantity", help="Person-years of a price per head or a total premium; the lot's budget for a rate.")
@click.option("--total", help="The total in yuan beside a price per head or a rate; left out, --quantity gives it.")
@click.option("--unit-price", help="The unit price in yuan beside a total premium.")
@click.option("--proof", "proofs", multiple=True, metavar="KIND=FILE",
              help="Which proof a file is, for example actuarial_report=report.pdf; repeatable. Kinds: "
              + ", ".join(Proof))
@click.option("--branch", is_flag=True, help="The bidder is a branch: the head office's authorisation is asked for.")
@click.option("--recipient", required=True, help="Public key of the envelope, from the tender notice (age1…).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Writes OUT.age and OUT.recovery.json.")
@as_json
def pack(
    files: tuple[Path, ...], tender: str, lot: int, envelope: str, price: str | None, price_object: str,
    quantity: str | None, total: str | None, unit_price: str | None, proofs: tuple[str, ...], branch: bool,
    recipient: str, out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Pack FILES into a container, compute the commitment and seal it to the tender's key."""
    said = _said(proofs, files)
    contents = [seal.File(path.name, path.read_bytes(), said.get(path.name, "")) for path in files]
    if price is not None:
        sheet = _sheet(price, PriceObject(price_object), quantity, total, unit_price)
        contents.append(seal.File("price-sheet.json", canonical_json(sheet)))
    if not contents:
        raise Invalid(N_("Name at least one file to seal"))
    container = seal.build(tender, lot, envelope, contents)
    try:
        ciphertext = seal.seal_envelope(container, recipient)
    except seal.EnvelopeFault as fault:
        raise Invalid(N_("This is not an age recipient (age1…)")) from fault
    sealed, recovery = out.with_name(out.name + ".age"), out.with_name(out.name + ".recovery.json")
    sealed.write_bytes(ciphertext)
    data: dict[str, Any] = {
        "tender": tender,
        "lot": lot,
        "envelope": envelope,
        "commitment": seal.commitment_of(container),
        "ciphertext_sha256": sha256(ciphertext).hexdigest(),
        "recipient_fingerprint": seal.fingerprint(recipient),
    }
    recovery.write_text(json.dumps({**data, "container": container.hex()}), "utf-8")
    left = missing(list(said.values()), branch=branch) if envelope == EnvelopeKind.TECHNICAL.value else ()
    for proof in left:
        click.echo(f"warning: no file is said to be {proof.value} ({TITLES[proof]})", err=True)
    data["missing_proofs"] = [proof.value for proof in left]
    answer({**data, "sealed": str(sealed), "recovery": str(recovery)}, as_json,
           f"{sealed}\ncommitment {data['commitment']}\nkeep {recovery} secret until the opening")  # fmt: skip


def _said(proofs: tuple[str, ...], files: tuple[Path, ...]) -> dict[str, str]:
    """The proof each named file is said to be, by file name. Raises Invalid for an unknown kind or file."""
    said = {}
    for text in proofs:
        kind, _equals, name = text.partition("=")
        if kind not in set(Proof) or Path(name).name not in {path.name for path in files}:
            raise Invalid(N_("This names no proof and file: %(text)s"), text=text)
        said[Path(name).name] = kind
    return said


def _sheet(
    price: str, kind: PriceObject, quantity: str | None, total: str | None, unit_price: str | None
) -> dict[str, str]:
    """The price sheet; what the order of 87 art. 59 would correct in it is said, and nothing is refused for it."""
    try:
        amount = Decimal(price)
        sheet = {"price": price, "price_in_words": words_of(amount, kind)}
        name = BESIDE.get(kind, "")
        given = {"total": total, "unit_price": unit_price}
        if any(value is not None for key, value in given.items() if key != name) or (quantity and not name):
            raise Invalid(N_("A price of this kind has no such amount beside it: %(kind)s"), kind=kind.value)
        counted = Decimal(quantity) if quantity else None
        if name == "total" and total is None and counted is not None:
            given[name] = format(round_fen(Fraction(amount) * Fraction(counted)), "f")
        beside = yuan(Decimal(given[name] or "")) if given.get(name) else None
    except (InvalidOperation, MoneyError) as fault:
        raise Invalid(N_("This is not a price: %(price)s"), price=price) from fault
    if quantity:
        sheet["quantity"] = quantity
    if beside is not None:
        sheet |= {name: format(beside, "f"), f"{name}_in_words": rmb_upper(beside)}
    declared = Declared(amount, sheet["price_in_words"], beside)
    for step in correct(declared, kind, counted, "ORDER87").steps:
        click.echo(f"warning: the price would be corrected: {step.text} ({step.clause})", err=True)
    return sheet


@cli.command("check")
@_file
@as_json
def check(file: Path, as_json: bool) -> None:
    """Whether FILE would be taken as a sealed envelope, and its hash."""
    content = file.read_bytes()
    try:
        seal.check_sealed(content)
    except seal.EnvelopeFault as fault:
        raise Refused(N_("The file is refused because it is not sealed: %(reason)s"), reason=str(fault)) from fault
    digest = sha256(content).hexdigest()
    answer({"sealed": True, "ciphertext_sha256": digest, "size": len(content)}, as_json, f"sealed, sha256 {digest}")


@cli.command("open")
@_file
@click.option("--identity", type=click.Path(exists=True, path_type=Path), required=True, help="File with the age key.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@as_json
def open_sealed(file: Path, identity: Path, out: Path, as_json: bool) -> None:
    """Decrypt an envelope with a private key one holds, check it and write its files."""
    key = next((line for line in identity.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        container = seal.open_envelope(file.read_bytes(), key.strip())
        held = seal.read(container)
    except (seal.EnvelopeFault, seal.ContainerFault) as fault:
        raise Refused(N_("The envelope does not open: %(reason)s"), reason=str(fault)) from fault
    out.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(held.files, 1):
        # A name inside a container is the bidder's word: it never becomes a path here.
        safe = Path(content.name).name or f"file-{number}"
        (out / safe).write_bytes(content.content)
    data = {
        "tender": held.tender,
        "lot": held.lot,
        "envelope": held.envelope,
        "commitment": seal.commitment_of(container),
        "files": [content.name for content in held.files],
    }
    answer(data, as_json, "\n".join(f"{key}: {value}" for key, value in data.items()))


@cli.command("submit")
@click.argument("technical", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("price", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--page", required=True, help="Address of the bid page: https://…/tenders/opportunities/7/bid")
@click.option("--lot", type=int, required=True)
@click.option("--cookies", type=click.Path(exists=True, path_type=Path), help="Cookie file, as curl writes it.")
@click.option("--login", help="Sign in with this name instead; the password is asked for.")
@click.option("--code", default="", help="The second factor's code, where the house asks for one.")
@click.option("--key", help="Public key of the house's receipts, as the tender notice prints it.")
@click.option("--receipt", "kept", type=click.Path(path_type=Path), required=True, help="File for the receipt.")
@as_json
def submit(
    technical: Path, price: Path, page: str, lot: int, cookies: Path | None, login: str | None, code: str,
    key: str | None, kept: Path, as_json: bool,
) -> None:  # fmt: skip
    """Upload the sealed files TECHNICAL and PRICE and submit the bid; the same command again goes on where it broke."""
    visitor = submitting.Visitor(page.rstrip("/"), _cookies(cookies))
    if login:
        submitting.sign_in(visitor, login, click.prompt("Password", hide_input=True, err=True), code)
    sealed = {kind.value: path.read_bytes() for kind, path in zip(EnvelopeKind, (technical, price), strict=True)}
    for kind, path in zip(EnvelopeKind, (technical, price), strict=True):
        submitting.upload(visitor, lot, kind.value, sealed[kind.value], submitting.commitment_beside(path))
        click.echo(f"{kind.value}: uploaded, NOT submitted yet", err=True)
    submitting.submit(visitor, lot)
    found = submitting.receipt(visitor, sealed, key)
    kept.write_bytes(found.file)
    data = {"receipt": found.number, "received_at": found.statement["received_at"], "file": str(kept)}
    genuine = "" if key else " (checked by the key in the file; compare it with the notice)"
    answer(data, as_json, f"submitted: receipt {found.number} at {data['received_at']}, kept in {kept}{genuine}")


def _cookies(path: Path | None) -> CookieJar:
    if path is None:
        return CookieJar()
    jar = MozillaCookieJar(str(path))
    try:
        jar.load(ignore_discard=True, ignore_expires=True)
    except LoadError as fault:
        raise Invalid(N_("%(file)s is no cookie file"), file=str(path)) from fault
    return jar


@cli.command("verify-receipt")
@_file
@click.option("--key", help="Public key of the house's receipts, as the tender notice prints it.")
@as_json
def verify_receipt(file: Path, key: str | None, as_json: bool) -> None:
    """Whether a receipt (or refusal certificate) is genuine; works without network and database."""
    try:
        claims = seal.verify_receipt(file.read_bytes(), key)
    except ValueError as fault:
        raise Refused(N_("The receipt does not hold: %(reason)s"), reason=str(fault)) from fault
    words = [f"genuine{'' if key else ' (by the key in the file; compare it with the notice)'}"]
    words += [f"{name}: {value}" for name, value in claims.items() if not isinstance(value, dict)]
    answer(claims, as_json, "\n".join(words))


@cli.command("new-key")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File for the private key.")
@as_json
def new_key(out: Path, as_json: bool) -> None:
    """Make an opening officer's age key: the private half goes to a file, the recipient is printed for enrolment."""
    identity = seal.new_identity()
    out.touch(mode=0o600, exist_ok=False)
    out.write_text(identity + "\n", "utf-8")
    recipient = seal.recipient_of(identity)
    answer({"recipient": recipient, "identity": str(out)}, as_json, recipient)
