"""The composition root: the only module that knows every room. `flask --app wsgi`, `gunicorn 'wsgi:create_app()'`."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from flask import Blueprint, Flask

from core import cli, config, house
from core.clock import Clock, SystemClock
from core.config import ROOT, Settings
from core.home import gather
from core.identity.actor import GUEST
from core.web import shell
from demonstration.story import STORY, StoryClock

ROOMS = ("tender", "contracts", "settlement", "disclosure")
#: Every module that declares tables; importing them makes the metadata whole.
MODELS = ("core.audit", "core.identity.models", "core.documents.models", "core.tasks.models", "core.web.models")
#: Modules that export blueprints; a room exports its own from `<room>.views`.
VIEWS = (
    "core.home.views",
    "core.web.policy",
    "core.web.audit_views",
    "core.web.task_views",
    "core.identity.views",
    "core.identity.approval_views",
)
#: Modules that register long work and sweeps.
JOBS = ("core.web.jobs", "core.identity.jobs")
#: Command groups; a module exports one as `cli`, the ground's own module four by name.
COMMANDS = (
    "core.policy.cli",
    "core.calendar_cli",
    "core.identity.cli",
    "settlement.claims.cli",
    "tender.seal.cli",
    "demonstration.cli",
)
GROUND_COMMANDS = ("audit", "backup", "restore", "jobs")


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The whole application on these settings (default: the environment) and clock (default: see `_clock`)."""
    settings = settings or config.read()
    app = Flask("chengban", root_path=str(ROOT), instance_path=str(settings.data))
    import_models()
    identity = _landed("core.identity.flask")
    built = house.build(settings, clock or _clock(settings))
    shell.init_app(app, built, identity.current_actor if identity else lambda: GUEST)
    if identity:
        identity.init_app(app, built)
    for name in (*VIEWS, *(f"{room}.views" for room in ROOMS)):
        if module := _landed(name):
            for blueprint in [value for value in vars(module).values() if isinstance(value, Blueprint)]:
                app.register_blueprint(blueprint)
    if settings.is_demonstration:
        app.register_blueprint(import_module("demonstration.views").bp)
    for name in (*COMMANDS, *(f"{room}.cli" for room in ROOMS)):
        if module := _landed(name):
            app.cli.add_command(module.cli)
    for name in GROUND_COMMANDS:
        app.cli.add_command(getattr(cli, name))
    for room in ROOMS:
        _landed(f"{room}.jobs")  # registers the room's tasks and sweeps
    for name in JOBS:
        _landed(name)
    homes = ("core.identity.home", *(f"{room}.home" for room in ROOMS))
    gather.install(app, [module for name in homes if (module := _landed(name))])
    return app


def import_models() -> None:
    """Import every room's tables; the migrations compare them with the database."""
    for name in (*MODELS, *(f"{room}.models" for room in ROOMS)):
        _landed(name)


def _clock(settings: Settings) -> Clock:
    """The machine's clock; a demonstration runs on the clock its loader left (data/demonstration.json)."""
    story = settings.data / STORY
    if settings.is_demonstration and story.exists():
        return StoryClock(story)
    return SystemClock()


def _landed(name: str) -> ModuleType | None:
    """The module if its room has it already."""
    try:
        return import_module(name) if find_spec(name) else None
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            return None
        raise
