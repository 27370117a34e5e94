"""Signing in: two factors, keys for the session, ends, and a fresh proof for grave acts."""

from __future__ import annotations

import time
from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from jornada.coalition import doors, selectors, services, signin
from jornada.vault import keys, tenancy
from jornada.web.sessions import StaffSession
from tests.stages.staff import PASSWORD, SECRET, Enlist, Person

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.stages.coalition_cast"]


def keys_in(person: Person) -> keys.MemberKeys | None:
    """The keys that a request with this browser's cookies would have."""
    request = HttpRequest()
    request.session = person.client.session
    request.COOKIES = {name: morsel.value for name, morsel in person.client.cookies.items()}
    membership = selectors.membership_of(person.member.user_id)
    return signin.resumed_keys(request, membership) if membership else None


# ── Two factors ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_password_alone_shows_no_staff_page(dana: Person) -> None:
    answer = dana.gives_password()

    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert dana.client.get("/staff/team/")["Location"].startswith("/accounts/login/")


def test_password_and_code_lead_to_the_queue_and_the_team_page_opens(dana: Person) -> None:
    answer = dana.signs_in()

    assert answer["Location"] == "/staff/"
    assert "Dana" in dana.client.get("/staff/team/").content.decode()


def test_a_code_does_not_serve_twice_not_even_in_another_process(dana: Person) -> None:
    dana.gives_password()
    code = dana.code()
    dana.client.post("/accounts/2fa/authenticate/", {"code": code})
    cache.clear()  # another process has a memory of its own
    elsewhere = Person(dana.member, Client(), dana.email)

    elsewhere.gives_password()
    answer = elsewhere.client.post("/accounts/2fa/authenticate/", {"code": code})

    assert answer.status_code == 200
    assert elsewhere.client.get("/staff/team/").status_code == 302


def test_a_member_without_a_second_factor_is_led_to_set_one_up_before_anything_else(
    enlist: Enlist,
) -> None:
    bashir = enlist("Bashir", "paralegal", factor=False)
    bashir.gives_password()

    for page in ("/staff/", "/staff/team/", "/staff/team/account/"):
        assert bashir.client.get(page)["Location"] == "/accounts/2fa/totp/activate/"
    assert bashir.client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_setting_up_the_app_with_its_first_code_opens_the_staff_pages(enlist: Enlist) -> None:
    bashir = enlist("Bashir", "paralegal", factor=False)
    bashir.gives_password()
    bashir.client.get("/staff/")
    bashir.client.get("/accounts/2fa/totp/activate/")
    secret = bashir.client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))

    bashir.client.post("/accounts/2fa/totp/activate/", {"code": code})

    assert bashir.client.get("/staff/team/").status_code == 200


def test_the_secret_of_the_app_rests_sealed(dana: Person) -> None:
    stored = dana.member.user.authenticator_set.get(type="totp").data["secret"]

    assert SECRET not in stored
    assert signin.SealedFactors().decrypt(stored) == SECRET


def test_the_last_factor_cannot_be_taken_away(dana: Person) -> None:
    factor = dana.member.user.authenticator_set.get(type="totp")

    assert not signin.SealedFactors().can_delete_authenticator(factor)


def test_known_and_unknown_addresses_get_the_same_answer(dana: Person) -> None:
    known = dana.gives_password("wrong horse battery").content.decode()
    unknown = Client().post(
        "/accounts/login/", {"login": "nobody@riverbend.example", "password": "wrong horse"}
    )

    strip = lambda page, email: page.replace(email, "")
    without_token = lambda page: [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
    assert without_token(strip(known, dana.email)) == without_token(
        strip(unknown.content.decode(), "nobody@riverbend.example")
    )


def test_nobody_signs_up_by_themself_and_no_mailed_reset_exists() -> None:
    for page in ("/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"):
        assert Client().get(page).status_code == 404


# ── Keys for the session ──────────────────────────────────────────────────────────────────────────────────


def test_the_keys_survive_the_second_factor_and_open_only_with_both_halves(dana: Person) -> None:
    dana.signs_in()
    opened = keys_in(dana)
    assert opened is not None
    with tenancy.as_provider(dana.member.provider_id, dana.member.pk):
        assert keys.team_privates(opened)

    value = dana.client.cookies["key"].value
    dana.client.cookies["key"] = value[:-2] + ("AA" if not value.endswith("AA") else "BB")
    assert keys_in(dana) is None
    del dana.client.cookies["key"]
    assert keys_in(dana) is None


def test_the_cookie_of_the_keys_cannot_be_read_by_scripts(dana: Person) -> None:
    dana.signs_in()
    cookie = dana.client.cookies["key"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["expires"] == ""


def test_the_session_store_holds_no_private_key(dana: Person) -> None:
    dana.signs_in()
    opened = keys_in(dana)
    assert opened is not None

    stored = str(dict(dana.client.session))
    assert opened.private.hex() not in stored
    assert PASSWORD not in stored


def test_without_the_cookie_an_act_with_keys_asks_for_the_password_and_that_opens_them_again(
    dana: Person,
) -> None:
    dana.signs_in()
    del dana.client.cookies["key"]

    asked = dana.client.post(f"/staff/team/{dana.member.pk}/admit/")
    assert asked["Location"] == "/accounts/reauthenticate/?next=/staff/"
    dana.client.post(asked["Location"], {"password": PASSWORD, "next": "/staff/"})

    assert keys_in(dana) is not None
    assert dana.client.post(f"/staff/team/{dana.member.pk}/admit/")["Location"] != asked["Location"]


def test_signing_out_closes_the_keys_and_clears_the_browser(dana: Person) -> None:
    dana.signs_in()

    answer = dana.client.post("/accounts/logout/")

    assert answer.cookies["key"].value == ""
    assert "cache" in answer["Clear-Site-Data"]
    assert keys_in(dana) is None


def test_a_changed_password_opens_the_same_keys_and_the_old_one_opens_nothing(dana: Person) -> None:
    dana.signs_in()
    before = keys_in(dana)
    new = "seven quiet herons at noon"
    dana.client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    with tenancy.as_provider(dana.member.provider_id, dana.member.pk):
        assert before and keys.open_member(dana.member.pk, new).private == before.private
        with pytest.raises(keys.WrongPassword):
            keys.open_member(dana.member.pk, PASSWORD)
    assert dana.client.get("/staff/").status_code == 200


def test_a_changed_password_ends_the_other_sessions(dana: Person) -> None:
    dana.signs_in()
    elsewhere = Person(dana.member, Client(), dana.email, steps=1)
    elsewhere.signs_in()
    new = "seven quiet herons at noon"

    dana.client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert elsewhere.client.get("/staff/team/")["Location"].startswith("/accounts/login/")


def test_a_wrong_old_password_changes_nothing(dana: Person) -> None:
    dana.signs_in()
    new = "seven quiet herons at noon"
    dana.client.post("/accounts/password/change/", {"oldpassword": "no", "password1": new, "password2": new})

    with tenancy.as_provider(dana.member.provider_id, dana.member.pk):
        assert keys.open_member(dana.member.pk, PASSWORD)


# ── When a session ends ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("note", "seconds"), [("seen", 31 * 60), ("since", 12 * 3600 + 60)])
def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(
    dana: Person, note: str, seconds: int
) -> None:
    dana.signs_in()
    dana.client.get("/staff/team/")
    session = dana.client.session
    session[note] = time.time() - seconds
    session.save()

    answer = dana.client.get("/staff/team/")

    assert answer["Location"] == "/accounts/login/?why=ended&next=%2Fstaff%2Fteam%2F"
    assert answer.cookies["key"].value == ""
    assert keys_in(dana) is None


def test_a_session_in_use_goes_on(dana: Person) -> None:
    dana.signs_in()
    dana.client.get("/staff/team/")
    session = dana.client.session
    session["seen"] = time.time() - 29 * 60
    session.save()

    assert dana.client.get("/staff/team/").status_code == 200
    assert time.time() - dana.client.session["seen"] < 60


def test_a_page_that_breaks_leaves_nothing_half_written_and_one_that_refuses_keeps_its_record(
    dana: Person,
) -> None:
    dana.signs_in()

    def after(status: int) -> int:
        def page(request: HttpRequest) -> HttpResponse:
            services.set_capacity(
                by=request.member,
                member=request.member,
                starts_on=date(2026, 1, 1),
                files_at_once=status,
                full_scope=False,
            )
            return HttpResponse(status=status)

        request = RequestFactory().get("/staff/")
        request.user, request.session = dana.member.user, dana.client.session
        StaffSession(page)(request)
        with tenancy.as_provider(dana.member.provider_id):
            return dana.member.capacities.filter(files_at_once=status).count()

    assert after(500) == 0
    assert after(404) == 1


# ── Doors and step-up ─────────────────────────────────────────────────────────────────────────────────────


def test_a_page_of_the_legal_team_is_absent_for_an_organiser_and_open_for_an_attorney(
    dana: Person,
    enlist: Enlist,
) -> None:
    olga = enlist("Olga", "organiser")
    page = doors.staff(roles=doors.LEGAL_TEAM)(lambda request: HttpResponse("the file"))

    def visit(person: Person | None) -> HttpResponse:
        request = RequestFactory().get("/staff/files/")
        request.user = person.member.user if person else AnonymousUser()
        request.member = person.member if person else None
        return page(request)

    assert visit(dana).content == b"the file"
    assert visit(None)["Location"] == "/accounts/login/?next=/staff/files/"
    with pytest.raises(Http404):
        visit(olga)


def test_a_page_behind_step_up_asks_for_the_factor_again_and_then_opens(dana: Person) -> None:
    dana.signs_in()
    behind = doors.staff(roles=doors.LEGAL_TEAM)(
        signin.requires_step_up(lambda request: HttpResponse("signed"))
    )

    def visit() -> HttpResponse:
        request = RequestFactory().get("/staff/sign-off/")
        request.user, request.session, request.member = dana.member.user, dana.client.session, dana.member
        return behind(request)

    asked = visit()
    assert asked["Location"] == "/accounts/2fa/reauthenticate/?next=/staff/sign-off/"
    dana.client.post(asked["Location"], {"code": dana.code()})
    assert visit().content == b"signed"

    session = dana.client.session
    session["account_authentication_methods"][-1]["at"] -= 601
    session.save()
    assert visit().status_code == 302


def test_the_password_alone_is_no_step_up(dana: Person) -> None:
    dana.signs_in()
    dana.client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    request = RequestFactory().get("/")
    request.user, request.session = dana.member.user, dana.client.session

    assert not signin.stepped_up(request)
