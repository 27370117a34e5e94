"""Settings of a Jornada hub. What a hub's keeper sets is in the environment; see docs/guides/run-a-hub.md."""

from __future__ import annotations

import os
from pathlib import Path

from jornada.gateways import database, secrets

PROJECT = Path(__file__).resolve().parents[2]
STATE = database.state_directory()

DEBUG = False
SECRET_KEY = secrets.derived("django").hex()
JORNADA_HUB_KEY = secrets.derived("hub key for P2")
JORNADA_SESSION_KEY = secrets.derived("worker sessions")
JORNADA_CODE_SALT = secrets.derived("worker codes")
JORNADA_ADDRESS_KEY = secrets.derived("client addresses")

# "loopback": plain HTTP on this machine only (trial, tests). "proxy": TLS ends at a proxy that sets
# X-Forwarded-Proto. There is no third way: worker pages never travel in clear.
JORNADA_TLS = os.environ.get("JORNADA_TLS", "loopback")
JORNADA_HOSTS = os.environ.get("JORNADA_HOSTS", "localhost 127.0.0.1").split()
JORNADA_PUBLIC_URL = os.environ.get("JORNADA_PUBLIC_URL", "http://localhost:8000")
JORNADA_SERVING_ROLE = database.SERVING_ROLE

ALLOWED_HOSTS = JORNADA_HOSTS
ROOT_URLCONF = "jornada.web.urls"
WSGI_APPLICATION = "jornada.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "coalition.User"
USE_TZ = True
TIME_ZONE = "America/New_York"  # the legal day and what screens show; moments are stored in UTC

DATABASES = {
    "default": database.django_settings(
        os.environ.get("DATABASE_URL", "postgresql:///jornada"), os.environ.get("JORNADA_DAY", "")
    ),
}
if owner := os.environ.get("DATABASE_OWNER_URL"):
    DATABASES["owner"] = {
        **database.django_settings(owner),
        "CONN_MAX_AGE": 0,
        "TEST": {"MIRROR": None},
    }
DATABASE_ROUTERS = ["jornada.web.routing.OwnerMigrates"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "jornada.vault",
    "jornada.coalition",
    "jornada.disputes",
    "jornada.intake",
    "jornada.triage",
    "jornada.placement",
    "jornada.clinics",
    "jornada.packets",
    "jornada.tracking",
    "jornada.planning",
    "jornada.web",
]

MIDDLEWARE = [
    "jornada.web.headers.SafeHeaders",
    "django.middleware.csrf.CsrfViewMiddleware",
    "jornada.web.sessions.ForStaff",
    "allauth.account.middleware.AccountMiddleware",
]
# What only staff pages and files need: worker pages pass it by, since each of their steps must be cheap.
STAFF_MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "jornada.web.sessions.StaffSession",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "jornada" / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "jornada.web.pages.everywhere",
            ]
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [PROJECT / "jornada" / "web" / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [PROJECT / "jornada" / "web" / "static"]
STATIC_ROOT = STATE / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # empty unless someone collects; WhiteNoise wants it there
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Sign-in: a password of 12 or more and a second factor, always (N1, N2 of the security requirements).
AUTHENTICATION_BACKENDS = ["jornada.coalition.signin.OpensKeys"]
PASSWORD_HASHERS = ["jornada.coalition.signin.ThreePasses"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "jornada.coalition.signin.InvitedOnly"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "jornada.coalition.signin.SealedFactors"
MFA_FORMS = {
    "authenticate": "jornada.coalition.forms.SecondFactor",
    "reauthenticate": "jornada.coalition.forms.SecondFactorAgain",
}
ACCOUNT_FORMS = {"change_password": "jornada.coalition.forms.ChangePassword"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = JORNADA_TLS == "loopback"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
MFA_TOTP_ISSUER = "Jornada"
MFA_TOTP_TOLERANCE = 1
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/staff/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

CSRF_FAILURE_VIEW = "jornada.web.pages.form_refused"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

_TLS = JORNADA_TLS == "proxy"
SESSION_COOKIE_NAME = "__Host-staff" if _TLS else "staff"
CSRF_COOKIE_NAME = "__Host-form" if _TLS else "form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
if _TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own request log names addresses that hold record ids; errors are enough.
    "loggers": {"django.request": {"level": "ERROR"}},
}
