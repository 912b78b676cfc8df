"""The composition root: the only module that knows every room. `flask --app wsgi`, `gunicorn 'wsgi:create_app()'`."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask import Blueprint, Flask

from core import cli, config, house
from core.clock import Clock, SystemClock
from core.config import ROOT, Settings
from core.home import gather
from core.identity import flask as identity
from core.messages.views import unread_messages
from core.web import shell
from demonstration.story import STORY, StoryClock

#: The rooms, along the life of a contract. Each has the same nouns; a noun that a room does not need is left out.
ROOMS = ("tender", "contracts", "settlement", "disclosure")
#: Modules of the ground that declare tables.
MODELS = (
    "core.audit",
    "core.identity.models",
    "core.documents.models",
    "core.messages.models",
    "core.tasks.models",
    "core.web.models",
)
#: Modules of the ground that export blueprints; a room exports its own from `<room>.views`.
VIEWS = (
    "core.home.views",
    "core.web.policy",
    "core.web.audit_views",
    "core.web.task_views",
    "core.messages.views",
    "core.identity.views",
    "core.identity.approval_views",
)
#: Modules of the ground that register long work and sweeps.
JOBS = ("core.web.jobs", "core.identity.jobs", "core.messages.jobs")
#: Modules that export a command group as `cli`.
COMMANDS = (
    "core.policy.cli",
    "core.calendar_cli",
    "core.identity.cli",
    "settlement.claims.cli",
    "tender.seal.cli",
    "demonstration.cli",
)
#: Command groups of core.cli, by name.
GROUND_COMMANDS = ("audit", "backup", "restore", "jobs")


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The whole application on these settings (default: the environment) and clock (default: see `_clock`)."""
    settings = settings or config.read()
    app = Flask("chengban", root_path=str(ROOT), instance_path=str(settings.data))
    import_models()
    built = house.build(settings, clock or _clock(settings))
    shell.init_app(app, built, identity.current_actor)
    identity.init_app(app, built)
    app.jinja_env.globals["unread_messages"] = unread_messages
    for module in _modules(VIEWS, "views"):
        for blueprint in [value for value in vars(module).values() if isinstance(value, Blueprint)]:
            app.register_blueprint(blueprint)
    if settings.is_demonstration:
        app.register_blueprint(import_module("demonstration.views").bp)
    for module in _modules(COMMANDS, "cli"):
        app.cli.add_command(module.cli)
    for name in GROUND_COMMANDS:
        app.cli.add_command(getattr(cli, name))
    list(_modules(JOBS, "jobs"))
    gather.install(app, list(_modules(("core.identity.home", "core.web.task_views"), "home")))
    return app


def import_models() -> None:
    """Import every room's tables; the migrations compare them with the database."""
    list(_modules(MODELS, "models"))


def _modules(ground: tuple[str, ...], noun: str) -> Iterator[ModuleType]:
    """Import the ground's modules and then the same noun of every room that has it."""
    yield from map(import_module, ground)
    for room in ROOMS:
        if find_spec(f"{room}.{noun}"):
            yield import_module(f"{room}.{noun}")


def _clock(settings: Settings) -> Clock:
    """The machine's clock; a demonstration runs on the clock its loader left (data/demonstration.json)."""
    story = settings.data / STORY
    if settings.is_demonstration and story.exists():
        return StoryClock(story)
    return SystemClock()
