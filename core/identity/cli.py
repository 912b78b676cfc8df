"""`flask users`: found the house's first accounts and look after them where there is no page yet."""

import click
from sqlalchemy import select
from sqlmodel import Session, col

from core.cli import Commands, answer, as_json, house
from core.db import transaction
from core.identity import services
from core.identity.actor import SYSTEM, Actor, permissions
from core.identity.models import Approval, Organisation, OrganisationKind, User

cli = Commands("users", help="Organisations, accounts and roles.")
_KINDS = click.Choice([kind.value for kind in OrganisationKind])
_ROLES = click.Choice(sorted(set().union(*permissions().values()) - {"system", "public"}))
_asker = click.option("--as", "asker", required=True, metavar="LOGIN", help="The account that asks; another approves.")


@cli.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """Every account with its organisation and roles."""
    query = select(User).join(Organisation, col(Organisation.id) == col(User.organisation_id))
    rows = [
        {
            "login": user.login,
            "name": user.name,
            "organisation": user.organisation.name,
            "roles": sorted(user.role_names),
            "second_factor": bool(user.tf_totp_secret),
            "disabled": not user.active,
        }
        for user in house().db.session.scalars(query.order_by(col(Organisation.name), col(User.id)))
    ]
    lines = [_line(row) for row in rows]
    answer(rows, as_json, "\n".join(lines) or "no accounts")


def _line(row: dict) -> str:
    state = " (disabled)" if row["disabled"] else ""
    return f"{row['login']:<16} {row['name']}  {row['organisation']}  {', '.join(row['roles']) or '—'}{state}"


@cli.command("add-organisation")
@click.argument("name")
@click.option("--kind", type=_KINDS, required=True)
@click.option("--short-name", default="")
@click.option("--credit-code", default="", help="Unified social credit code.")
@click.option("--area", default="")
@as_json
def add_organisation(name: str, kind: str, short_name: str, credit_code: str, area: str, as_json: bool) -> None:
    """Add an organisation."""
    with transaction(house().db.session) as session:
        made = services.create_organisation(
            session,
            SYSTEM,
            house().clock,
            kind=kind,
            name=name,
            short_name=short_name,
            credit_code=credit_code,
            area=area,
        )
        facts = {"id": made.id, "name": made.name, "kind": made.kind.value}
    answer(facts, as_json, f"organisation {facts['id']}: {facts['name']}")


@cli.command("add")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--organisation", "organisation_name", required=True, help="The organisation's name.")
@click.option("--role", "roles", type=_ROLES, multiple=True, help="Only while the house is being founded.")
@click.password_option("--password", help="Asked for when it is not given.")
@as_json
def add(login: str, name: str, organisation_name: str, roles: tuple[str, ...], password: str, as_json: bool) -> None:
    """Add an account.

    A role can be given here only while fewer than two security administrators exist; afterwards `grant` asks for it.
    """
    with transaction(house().db.session) as session:
        named = select(Organisation).where(col(Organisation.name) == organisation_name)
        organisation = session.scalars(named).one_or_none()
        made = services.create_user(
            session,
            SYSTEM,
            house().clock,
            login=login,
            name=name,
            organisation_id=(organisation.id or 0) if organisation else 0,
            password=password,
            roles=roles,
        )
        facts = {"login": made.login, "roles": sorted(roles)}
    answer(facts, as_json, f"account {facts['login']}: {', '.join(facts['roles']) or 'no role yet'}")


@cli.command("disable")
@click.argument("login")
@as_json
def disable(login: str, as_json: bool) -> None:
    """Close an account at once; its sessions end."""
    with transaction(house().db.session) as session:
        user = services.find_user(session, login)
        services.disable_user(session, SYSTEM, house().clock, user.id or 0)
        facts = {"login": user.login, "disabled": True}
    answer(facts, as_json, f"account {facts['login']} is disabled")


@cli.command("grant")
@click.argument("login")
@click.argument("role", type=_ROLES)
@_asker
@as_json
def grant(login: str, role: str, asker: str, as_json: bool) -> None:
    """Ask for a role; it is in force once another security administrator approves."""
    with transaction(house().db.session) as session:
        actor = _acting(session, asker)
        user = services.find_user(session, login)
        approval = services.request_role(session, actor, house().clock, user.id or 0, role)
        session.flush()
        facts = _pending(approval)
    answer(facts, as_json, f"request {facts['approval']} waits for a second security administrator")


@cli.command("reset-second-factor")
@click.argument("login")
@_asker
@as_json
def reset_second_factor(login: str, asker: str, as_json: bool) -> None:
    """Ask to restore a lost access: a second administrator approves and gets the one-time password to hand over."""
    with transaction(house().db.session) as session:
        actor = _acting(session, asker)
        user = services.find_user(session, login)
        approval = services.request_access_reset(session, actor, house().clock, user.id or 0)
        session.flush()
        facts = _pending(approval)
    answer(facts, as_json, f"request {facts['approval']} waits for a second administrator")


def _acting(session: Session, login: str) -> Actor:
    return services.find_user(session, login).as_actor()


def _pending(approval: Approval) -> dict[str, int | str]:
    return {"approval": approval.id or 0, "kind": approval.kind, "state": "waiting"}
