"""Every route says who may call it, is found by a person, and has an address that reads well."""

import re

from flask import Flask

from core.web.access import access_of
from core.web.navigation import DESK, PORTAL
from tests.support.sources import ROOMS, listed, modules, templates

KEBAB = re.compile(r"^/(?:(?:[a-z0-9]+(?:-[a-z0-9]+)*|<[^>]+>|[a-z0-9.-]+\.(?:atom|json|csv|txt|xml))(?:/|$))*$")

#: Pages without arguments that are no entry of the navigation, and where a person finds them instead.
FOUND_OTHERWISE = {
    "static": "part of every page",
    "bootstrap.static": "part of every page",
    "status.healthz": "asked by machines",
    "status.time": "asked by machines",
    "policy.clause": "linked wherever a clause is named",
    "security.login": "the button 'log in' of every page",
    "security.logout": "the person's menu",
    "security.verify": "asked before an act that binds",
    "security.two_factor_setup": "the person's account page",
    "security.two_factor_token_validation": "asked at login",
    "security.two_factor_rescue": "linked where a code is asked",
    "security.tf_select": "leads on to the code, because there is one kind of second factor",
    "security.mf_recovery": "linked where a code is asked",
    "security.mf_recovery_codes": "the person's account page",
    "security.default_verify": "asked before an act that binds",
}


def test_every_route_names_its_permission_or_is_public(app: Flask) -> None:
    silent = {rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None}
    assert not silent, listed(silent)


def test_every_page_is_in_the_navigation_or_found_in_a_named_place(app: Flask) -> None:
    known = {item.endpoint for item in (*DESK, *PORTAL)} | set(FOUND_OTHERWISE)
    lost = {
        f"{rule.endpoint} ({rule.rule})"
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in known
    }
    unlinked = {page for page in lost if not _linked(page.split(" ")[0])}
    assert not unlinked, listed(unlinked)


def _linked(endpoint: str) -> bool:
    """Whether some template or view of ours links to the page by its name."""
    blueprint, _, name = endpoint.rpartition(".")
    quoted = [f'"{endpoint}"', f"'{endpoint}'"]
    local = [f'".{name}"', f"'.{name}'"]
    for path in templates():
        text = path.read_text("utf-8")
        words = [*quoted, *local] if path.parent.name == blueprint else quoted
        if any(word in text for word in words):
            return True
    return any(
        any(word in module.text for word in (*quoted, *local))
        for module in modules()
        if module.name.startswith(ROOMS)
    )


def test_every_entry_of_the_navigation_is_served(app: Flask) -> None:
    missing = {item.endpoint for item in (*DESK, *PORTAL)} - set(app.view_functions)
    assert not missing, listed(missing)


def test_addresses_are_words_with_hyphens(app: Flask) -> None:
    odd = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.endswith("static") and not KEBAB.match(rule.rule)
    ]
    assert not odd, listed(odd)


def test_a_page_that_changes_something_is_never_reached_by_get(app: Flask) -> None:
    """Links and crawlers GET; an act is a POST of its own or a form's POST."""
    acts = re.compile(r"\.(publish|approve|reject|open|award|sign|issue|submit|withdraw|delete|remove|close|confirm)$")
    reached = [
        f"{rule.endpoint} ({rule.rule})"
        for rule in app.url_map.iter_rules()
        if acts.search(rule.endpoint) and "GET" in (rule.methods or ()) and "POST" not in (rule.methods or ())
    ]
    assert not reached, listed(reached)
