"""The team: invitations, leaving, credentials verified by two, capacity, and the legal team's key."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import signing
from django.test import Client

from jornada.coalition import selectors, services, signin
from jornada.coalition.models import Member, Provider
from jornada.vault import keys, tenancy
from tests.stages.staff import Enlist, Person

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.stages.coalition_cast"]

CHOSEN = "seven quiet herons at noon"


def invites(by: Person, name: str = "Bashir", role: str = "paralegal") -> str:
    """The path of the link that the admin's page shows for a new member."""
    email = f"{name.lower()}@riverbend.example"
    page = by.client.post(
        "/staff/team/invite/", {"display_name": name, "email": email, "role": role, "languages": ["es"]}
    )
    return link_on(page.content.decode())


def link_on(page: str) -> str:
    start = page.index("/staff/team/invited/")
    return page[start : page.index("</p>", start)]


def accepts(path: str, password: str = CHOSEN) -> int:
    return Client().post(path, {"password": password, "again": password}).status_code


def members_named(name: str, at: Provider) -> Member:
    with tenancy.as_provider(at.pk):
        return selectors.team().get(display_name=name)


def holds_key(member: Member) -> bool:
    with tenancy.as_provider(member.provider_id):
        return member.pk in keys.team_members(member.provider_id)


# ── Invitations ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_invited_member_sets_a_password_and_is_led_to_a_second_factor(adriana: Person) -> None:
    adriana.signs_in()
    path = invites(adriana)
    bashir = Client()

    assert "Welcome, Bashir" in bashir.get(path).content.decode()
    assert accepts(path) == 302
    bashir.post("/accounts/login/", {"login": "bashir@riverbend.example", "password": CHOSEN})
    assert bashir.get("/staff/team/")["Location"] == "/accounts/2fa/totp/activate/"


def test_someone_signed_in_signs_out_before_using_an_invitation(adriana: Person) -> None:
    adriana.signs_in()
    path = invites(adriana)

    first = adriana.client.get(path)["Location"]
    assert first.startswith("/accounts/logout/?next=")
    assert adriana.client.get("/staff/team/").status_code == 200
    back = adriana.client.post("/accounts/logout/", {"next": path})["Location"]

    assert back == path
    assert "Welcome, Bashir" in adriana.reads(path)


def test_an_invitation_serves_once(adriana: Person) -> None:
    adriana.signs_in()
    path = invites(adriana)
    accepts(path)

    assert accepts(path, "another long password") == 404
    assert Client().get(path).status_code == 404


def test_an_invitation_is_too_old_after_24_hours(adriana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    adriana.signs_in()
    path = invites(adriana)
    day_later = signing.time.time() + services.INVITATION_LASTS.total_seconds() + 1
    monkeypatch.setattr(signing.time, "time", lambda: day_later)

    assert accepts(path) == 404


def test_an_altered_invitation_invites_nobody(adriana: Person) -> None:
    adriana.signs_in()
    path = invites(adriana)

    assert Client().get(path[:-6] + "AAAAA/").status_code == 404


def test_an_invitation_ends_when_the_membership_does(adriana: Person, riverbend: Provider) -> None:
    adriana.signs_in()
    path = invites(adriana)
    bashir = members_named("Bashir", riverbend)
    adriana.client.post(f"/staff/team/{bashir.pk}/end/")

    assert accepts(path) == 404


def test_a_forged_host_changes_no_link(adriana: Person, settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "evil.example"]
    adriana.signs_in()

    page = adriana.client.post(
        "/staff/team/invite/",
        {"display_name": "Bashir", "email": "bashir@riverbend.example", "role": "paralegal"},
        headers={"host": "testserver", "x-forwarded-host": "evil.example"},
    ).content.decode()

    assert "evil.example" not in page
    assert settings.JORNADA_PUBLIC_URL + "/staff/team/invited/" in page


def test_a_short_password_is_refused_at_the_field_and_the_link_still_serves(adriana: Person) -> None:
    adriana.signs_in()
    path = invites(adriana)

    answer = Client().post(path, {"password": "short", "again": "short"})

    assert "too short" in answer.content.decode()
    assert accepts(path) == 302


def test_an_address_in_use_is_refused_at_the_field(adriana: Person, dana: Person) -> None:
    adriana.signs_in()

    page = adriana.client.post(
        "/staff/team/invite/", {"display_name": "Dana Again", "email": dana.email, "role": "student"}
    ).content.decode()

    assert "This address belongs to a member already" in page
    assert 'value="Dana Again"' in page


@pytest.mark.parametrize("role", ["attorney", "organiser", "paralegal", "auditor"])
def test_only_an_admin_keeps_accounts(enlist: Enlist, adriana: Person, role: str) -> None:
    someone = enlist("Someone", role)
    someone.signs_in()

    assert someone.client.get("/staff/team/invite/").status_code == 404
    assert someone.client.post(f"/staff/team/{adriana.member.pk}/end/").status_code == 404
    assert someone.client.post(f"/staff/team/{adriana.member.pk}/invite-again/").status_code == 404


# ── Leaving, and forgotten passwords ──────────────────────────────────────────────────────────────────────


def test_an_ended_membership_counts_from_the_next_request_in_an_open_session(
    adriana: Person, dana: Person, enlist: Enlist
) -> None:
    bashir = enlist("Bashir", "paralegal")
    bashir.signs_in()
    adriana.signs_in()
    assert bashir.client.get("/staff/team/").status_code == 200

    adriana.client.post(f"/staff/team/{bashir.member.pk}/end/")

    assert bashir.client.get("/staff/team/")["Location"] == "/accounts/login/?why=left"
    adriana.reads("/staff/team/")  # says it was done
    assert "Bashir" not in adriana.reads("/staff/team/")


def test_who_leaves_loses_the_legal_teams_key_and_the_team_gets_a_new_one(
    adriana: Person, dana: Person, enlist: Enlist, riverbend: Provider
) -> None:
    bashir = enlist("Bashir", "paralegal")
    dana.signs_in()
    dana.client.post(f"/staff/team/{bashir.member.pk}/admit/")
    with tenancy.as_provider(riverbend.pk):
        before, _ = keys.team_public_key(riverbend.pk)
    adriana.signs_in()

    adriana.client.post(f"/staff/team/{bashir.member.pk}/end/")

    with tenancy.as_provider(riverbend.pk):
        assert keys.team_members(riverbend.pk) == {dana.member.pk}
        assert keys.team_public_key(riverbend.pk)[0] != before


def test_the_only_holder_of_the_key_cannot_be_ended_and_the_page_says_what_to_do(
    adriana: Person, dana: Person
) -> None:
    adriana.signs_in()

    page = adriana.client.post(f"/staff/team/{dana.member.pk}/end/", follow=True).content.decode()

    assert "the only one who holds the legal team&#x27;s key" in page
    assert dana.signs_in()["Location"] == "/staff/"


def test_a_reset_password_opens_nothing_that_was_sealed(
    adriana: Person, dana: Person, enlist: Enlist, riverbend: Provider
) -> None:
    bashir = enlist("Bashir", "paralegal")
    dana.signs_in()
    dana.client.post(f"/staff/team/{bashir.member.pk}/admit/")
    assert holds_key(bashir.member)
    adriana.signs_in()

    page = adriana.client.post(f"/staff/team/{bashir.member.pk}/invite-again/").content.decode()
    accepts(link_on(page))

    assert not holds_key(bashir.member)
    with tenancy.as_provider(riverbend.pk):
        assert not keys.team_privates(keys.open_member(bashir.member.pk, CHOSEN))


def test_a_reset_ends_open_sessions_and_keeps_the_second_factor(adriana: Person, enlist: Enlist) -> None:
    bashir = enlist("Bashir", "interpreter")
    bashir.signs_in()
    adriana.signs_in()

    page = adriana.client.post(f"/staff/team/{bashir.member.pk}/invite-again/").content.decode()
    assert bashir.client.get("/staff/team/")["Location"].startswith("/accounts/login/")
    accepts(link_on(page))

    assert bashir.gives_password(CHOSEN)["Location"] == "/accounts/2fa/authenticate/"


def test_an_admin_neither_resets_nor_ends_their_own_account(adriana: Person) -> None:
    adriana.signs_in()

    for act in ("invite-again", "end"):
        adriana.client.post(f"/staff/team/{adriana.member.pk}/{act}/")

    assert adriana.client.get("/staff/team/").status_code == 200


# ── The legal team's key ──────────────────────────────────────────────────────────────────────────────────


def test_the_first_of_the_legal_team_starts_the_key_and_later_ones_are_admitted(
    dana: Person, enlist: Enlist
) -> None:
    bashir = enlist("Bashir", "paralegal")
    assert holds_key(dana.member)
    assert not holds_key(bashir.member)
    dana.signs_in()

    dana.client.post(f"/staff/team/{bashir.member.pk}/admit/")

    assert holds_key(bashir.member)


def test_a_colleague_without_the_key_admits_nobody(dana: Person, enlist: Enlist) -> None:
    bashir, chen = enlist("Bashir", "paralegal"), enlist("Chen", "student")
    bashir.signs_in()

    page = bashir.client.post(f"/staff/team/{chen.member.pk}/admit/", follow=True).content.decode()

    assert "You do not hold the legal team&#x27;s key yourself" in page
    assert not holds_key(chen.member)


@pytest.mark.parametrize("role", ["admin", "organiser", "auditor", "intake_volunteer", "interpreter"])
def test_outside_the_legal_team_nobody_is_admitted_or_admits(dana: Person, enlist: Enlist, role: str) -> None:
    outside, bashir = enlist("Olga", role), enlist("Bashir", "paralegal")
    outside.signs_in()
    dana.signs_in()

    assert outside.client.post(f"/staff/team/{bashir.member.pk}/admit/").status_code == 404
    dana.client.post(f"/staff/team/{outside.member.pk}/admit/")

    assert not holds_key(outside.member)
    assert not holds_key(bashir.member)


# ── Credentials and capacity ──────────────────────────────────────────────────────────────────────────────

CLAIM = {"kind": "attorney", "number": "A-1", "issued_by": "State bar", "valid_from": "2020-01-01"}
ON = date(2026, 11, 22)


def enters_credential(by: Person, of: Person, **changes: str) -> str:
    by.client.post(f"/staff/team/{of.member.pk}/credentials/", {**CLAIM, **changes})
    with tenancy.as_provider(of.member.provider_id):
        return str(of.member.credentials.latest("recorded_at").pk)


def may_sign(person: Person, on: date = ON) -> bool:
    with tenancy.as_provider(person.member.provider_id):
        return selectors.signing_credential(person.member.pk, on) is not None


def test_a_credential_counts_once_two_other_people_verified_it(
    dana: Person, adriana: Person, enlist: Enlist
) -> None:
    salma = enlist("Salma", "legal_supervisor")
    for person in (dana, adriana, salma):
        person.signs_in()
    credential = enters_credential(adriana, dana)
    assert not may_sign(dana)

    adriana.client.post(f"/staff/team/credentials/{credential}/verify/")
    assert not may_sign(dana)
    salma.client.post(f"/staff/team/credentials/{credential}/verify/")
    assert may_sign(dana)


def test_one_person_twice_or_the_holder_does_not_verify(dana: Person, adriana: Person) -> None:
    dana.signs_in()
    adriana.signs_in()
    credential = enters_credential(adriana, dana)

    adriana.client.post(f"/staff/team/credentials/{credential}/verify/")
    again = adriana.client.post(f"/staff/team/credentials/{credential}/verify/", follow=True)
    own = dana.client.post(f"/staff/team/credentials/{credential}/verify/", follow=True)

    assert "A second person must verify it too" in again.content.decode()
    assert "Two colleagues verify your credential" in own.content.decode()
    assert not may_sign(dana)


def verified(credential: str, by: list[Person]) -> None:
    for person in by:
        person.client.post(f"/staff/team/credentials/{credential}/verify/")


def test_a_credential_ends_with_its_last_day(dana: Person, adriana: Person, enlist: Enlist) -> None:
    salma = enlist("Salma", "legal_supervisor")
    for person in (adriana, salma):
        person.signs_in()
    verified(enters_credential(adriana, dana, expires_on=ON.isoformat()), [adriana, salma])

    assert may_sign(dana, ON)
    assert not may_sign(dana, ON + timedelta(days=1))
    assert not may_sign(dana, date(2019, 12, 31))


def test_a_student_needs_a_supervisor_and_never_signs_off(
    dana: Person, adriana: Person, enlist: Enlist
) -> None:
    chen, salma = enlist("Chen", "student"), enlist("Salma", "legal_supervisor")
    for person in (adriana, salma):
        person.signs_in()

    page = adriana.client.post(f"/staff/team/{chen.member.pk}/credentials/", {**CLAIM, "kind": "student"})
    assert "name them" in page.content.decode()
    verified(
        enters_credential(adriana, chen, kind="student", supervisor=str(dana.member.pk)), [adriana, salma]
    )

    assert not may_sign(chen)


def test_what_an_advocate_can_take_follows_the_newest_word(
    dana: Person, adriana: Person, riverbend: Provider
) -> None:
    adriana.signs_in()
    page = f"/staff/team/{dana.member.pk}/capacity/"
    adriana.client.post(
        page, {"starts_on": "2026-01-01", "files_at_once": "8", "full_scope": "on", "places": ""}
    )
    adriana.client.post(
        page, {"starts_on": "2026-11-01", "files_at_once": "3", "places": "Bayside\nMill County"}
    )

    with tenancy.as_provider(riverbend.pk):
        october = selectors.capacities_on(date(2026, 10, 31)).get()
        november = selectors.capacities_on(date(2026, 11, 1)).get()
    assert (october.files_at_once, october.full_scope) == (8, True)
    assert (november.files_at_once, november.full_scope, november.places) == (
        3,
        False,
        ["Bayside", "Mill County"],
    )


# ── Two organisations ─────────────────────────────────────────────────────────────────────────────────────


def test_another_organisations_member_is_absent(adriana: Person, enlist: Enlist, sun_coast: Provider) -> None:
    theirs = enlist("Marisol", "organiser", at=sun_coast)
    adriana.signs_in()
    nobody = "00000000-0000-4000-8000-000000000000"

    for act in ("", "end/", "invite-again/", "credentials/", "capacity/"):
        send = adriana.client.post if act else adriana.client.get
        hidden, absent = send(f"/staff/team/{theirs.member.pk}/{act}"), send(f"/staff/team/{nobody}/{act}")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.content == absent.content
    assert "Marisol" not in adriana.reads("/staff/team/")
    theirs.signs_in()
    assert theirs.client.get("/staff/team/").status_code == 200


def test_a_member_of_one_organisation_cannot_verify_for_another(
    adriana: Person, dana: Person, enlist: Enlist, sun_coast: Provider
) -> None:
    theirs = enlist("Iris", "admin", at=sun_coast)
    adriana.signs_in()
    theirs.signs_in()
    credential = enters_credential(adriana, dana)

    assert theirs.client.post(f"/staff/team/credentials/{credential}/verify/").status_code == 404


def test_each_change_of_the_team_is_in_the_log(adriana: Person, dana: Person, riverbend: Provider) -> None:
    from jornada.vault.models import AccessEvent

    adriana.signs_in()
    invites(adriana)
    enters_credential(adriana, dana)

    with tenancy.as_provider(riverbend.pk):
        acts = list(AccessEvent.objects.filter(member_id=adriana.member.pk).values_list("act", flat=True))
    assert {"invited", "credential_entered"} <= set(acts)


def test_nothing_is_shown_of_keys_to_a_member_whose_keys_are_of_another_membership(
    adriana: Person, riverbend: Provider
) -> None:
    adriana.signs_in()
    someone_else = selectors.Membership(riverbend.pk, riverbend.pk)

    class Request:
        session = adriana.client.session
        COOKIES = {"key": adriana.client.cookies["key"].value}

    assert signin.resumed_keys(Request(), selectors.Membership(adriana.member.pk, riverbend.pk))  # type: ignore[arg-type]
    assert signin.resumed_keys(Request(), someone_else) is None  # type: ignore[arg-type]
