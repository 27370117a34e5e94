"""People of the coalition with browsers of their own, for tests of staff pages.

Riverbend is a legal provider, Sun Coast a worker center. Everyone has the same
password and authenticator secret. Passwords are made cheap here; that they are
dear in earnest is tested with the vault. The fixtures are in coalition_cast.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from jornada.coalition.models import Member

PASSWORD = "four llamas under a bridge"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

Enlist = Callable[..., "Person"]


@dataclass
class Person:
    member: Member
    client: Client
    email: str
    steps: int = 0

    def code(self) -> str:
        """A code of the authenticator app, another each time: none serves twice."""
        counter = int(time.time()) // 30 - 1 + self.steps
        self.steps += 1
        return format_hotp_value(hotp_value(SECRET, counter))

    def gives_password(self, password: str = PASSWORD) -> HttpResponse:
        return self.client.post("/accounts/login/", {"login": self.email, "password": password})

    def signs_in(self) -> HttpResponse:
        self.gives_password()
        return self.client.post("/accounts/2fa/authenticate/", {"code": self.code()})

    def reads(self, page: str) -> str:
        answer = self.client.get(page)
        assert answer.status_code == 200, (page, answer.status_code, answer.headers.get("Location"))
        return str(answer.content.decode())
