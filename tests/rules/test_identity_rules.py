"""How failures slow down, when a login ends, which passwords are refused: tables to read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import beijing
from core.errors import Invalid
from core.identity import passwords
from core.identity.actor import permissions, roles_of_kind
from core.identity.models import OrganisationKind
from core.identity.rules import LONGEST_PAUSE, LoginFacts, clashing_roles, is_fresh, login_is_live, pause_after

NINE = beijing(2016, 8, 1, 9)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (5, 0), (6, 1), (7, 2), (8, 4), (12, 64), (15, 512), (16, 900), (10**6, 900)]
)
def test_the_pause_doubles_up_to_a_quarter_of_an_hour(failures, seconds):
    assert pause_after(failures) == timedelta(seconds=seconds)


@given(st.integers(0, 10_000))
def test_a_pause_never_shrinks_with_more_failures_and_never_locks_for_ever(failures):
    assert pause_after(failures) <= pause_after(failures + 1) <= LONGEST_PAUSE


@pytest.mark.parametrize(
    ("since_login", "since_use", "ended", "live"),
    [
        (timedelta(minutes=1), timedelta(0), False, True),
        (timedelta(minutes=29, seconds=59), timedelta(minutes=29, seconds=59), False, True),
        (timedelta(minutes=30), timedelta(minutes=30), False, False),
        (timedelta(hours=11, minutes=59), timedelta(minutes=1), False, True),
        (timedelta(hours=12), timedelta(seconds=1), False, False),
        (timedelta(minutes=1), timedelta(0), True, False),
    ],
)
def test_a_login_ends_after_30_idle_minutes_12_hours_or_a_logout(since_login, since_use, ended, live):
    facts = LoginFacts(NINE - since_login, NINE - since_use, NINE if ended else None)
    assert login_is_live(facts, NINE) is live


def test_a_proof_is_fresh_for_ten_minutes():
    assert is_fresh(NINE, NINE + timedelta(minutes=9, seconds=59))
    assert not is_fresh(NINE, NINE + timedelta(minutes=10))


def test_administration_roles_exclude_each_other():
    assert clashing_roles(frozenset({"system_admin"}), "audit_admin") == {"system_admin"}
    assert clashing_roles(frozenset({"handler", "finance"}), "audit_admin") == frozenset()
    assert clashing_roles(frozenset({"system_admin"}), "handler") == frozenset()


def test_every_kind_of_organisation_says_which_roles_its_people_can_hold():
    known = set().union(*permissions().values()) - {"system", "public"}
    held = set().union(*(roles_of_kind(kind.value) for kind in OrganisationKind))
    assert held == known


@pytest.mark.parametrize(
    "weak",
    [
        "short-one-1",
        "password123456",
        "Passw0rd!Passw0rd!",
        "qwertyuiop123",
        "1qaz2wsx3edc4rfv",
        "woaini5201314",
        "zhangwei19850312",
        "13812345678ab",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "chengban2016!!",
        "yibaoju@2026#",
        "liming123456",
        "x" * 129,
    ],
)
def test_patterns_that_everybody_tries_first_are_refused(weak):
    with pytest.raises(Invalid):
        passwords.check_strength(weak, "liming", "李明", "演示医保局")


@pytest.mark.parametrize(
    "strong", ["tulip-orbit-velvet-19", "correct horse battery staple", "紫砂壶里泡着三月的普洱茶叶", "k7#Vq2mZr9!t"]
)
def test_unrelated_words_and_random_signs_are_accepted(strong):
    passwords.check_strength(strong, "liming", "李明", "演示医保局")


def test_a_password_matches_its_hash_however_the_keyboard_writes_it():
    stored = passwords.hash_password("tulip-orbit-velvet-19")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "ｔulip-orbit-velvet-１９")
    assert not passwords.verify(stored, "tulip-orbit-velvet-18")
    assert not passwords.verify(None, "nobody has this password")
    assert passwords.is_outdated(passwords.hash_password("x", demonstration=True))
    assert not passwords.is_outdated(stored)
