"""Every setting, read from the environment here and nowhere else; docs/guides/operator-settings.md explains each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from environs import Env

from abonde.config.logs import configure as configure_logs
from abonde.config.logs import logging_for
from abonde.config.map_tiles import origin_of
from abonde.core import embedded_postgres
from abonde.language import LOCALE
from abonde.matching.refusal import Refusal

env: Final = Env()

# --- Where and how ------------------------------------------------------------------------------------------------
MODES: Final = ("production", "demo", "tests")
MODE: Final[str] = env.str("ABONDE_MODE", "production")
if MODE not in MODES:
    raise Refusal("ABONDE_MODE is {mode}; choose production, demo or tests.", mode=MODE)
PRODUCTION: Final = MODE == "production"
DATA_DIR: Final = Path(env.str("ABONDE_DATA_DIR", ".abonde")).resolve()
EMBEDDED_DATABASE: Final = DATA_DIR / "postgres"
DEBUG: Final = False

# --- Secrets ------------------------------------------------------------------------------------------------------
SHORTEST_SECRET: Final = 50
SECRET_KEY: Final[str] = env.str("SECRET_KEY", "" if PRODUCTION else "abonde " * 8)
if len(SECRET_KEY) < SHORTEST_SECRET:
    raise Refusal(
        "SECRET_KEY is missing or short: set it to at least {characters} characters that nobody can guess "
        "(openssl rand -base64 48), and keep it; or set ABONDE_MODE=demo to look around.",
        characters=SHORTEST_SECRET,
    )
SECRET_KEY_FALLBACKS: Final[list[str]] = env.list("SECRET_KEY_FALLBACKS", [])
METRICS_TOKEN: Final[str] = env.str("METRICS_TOKEN", "")

# --- Addresses ----------------------------------------------------------------------------------------------------
ALLOWED_HOSTS: Final = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: Final[list[str]] = env.list("CSRF_TRUSTED_ORIGINS", [])
BEHIND_PROXY: Final[bool] = env.bool("ABONDE_BEHIND_PROXY", False)
LISTEN: Final[str] = env.str("ABONDE_LISTEN", "127.0.0.1:8000")
FOR_MACHINES: Final = [r"^health/", r"^metrics$"]
MAINTENANCE: Final[bool] = env.bool("ABONDE_MAINTENANCE", False)
WEB_WORKERS: Final[int] = env.int("ABONDE_WEB_WORKERS", 2)
WEB_THREADS: Final[int] = env.int("ABONDE_WEB_THREADS", 4)
JOB_WORKERS: Final[int] = env.int("ABONDE_JOB_WORKERS", 2)

# --- Database -----------------------------------------------------------------------------------------------------
DATABASE_URL: Final[str] = env.str("DATABASE_URL", "")
DATABASES: dict[str, Any] = {
    "default": env.dj_db_url(
        "DATABASE_URL",
        embedded_postgres.address(EMBEDDED_DATABASE),
        conn_max_age=env.int("DATABASE_KEEP_SECONDS", 600),
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise Refusal("DATABASE_URL must begin with postgresql://: Abonde keeps its accounts in PostgreSQL only.")
DATABASES["default"]["ENGINE"] = (
    "abonde.core.postgresql"  # looks at a kept connection without asking anything
)
# PostgreSQL plans what is asked over and over once for each connection: four tenths less work for it.
DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=1)
DEFAULT_AUTO_FIELD: Final = "django.db.models.BigAutoField"

# --- What is installed --------------------------------------------------------------------------------------------
INSTALLED_APPS: Final = [
    "abonde.web",  # before allauth, whose pages it words and lays out anew
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",  # the templates of its widgets, which a form draws among the house's own
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",  # brings htmx along as a static file
    "django_prometheus",
    "abonde.core",  # before procrastinate, whose command it runs with connections of its own
    "procrastinate.contrib.django",
    "abonde.ledger",
    "abonde.people",
    "abonde.organisations",
    "abonde.notifications",
    "abonde.identities",
    "abonde.register",
    "abonde.rounds",
    "abonde.funds",
    "abonde.projects",
    "abonde.giving",
    "abonde.payments",
    "abonde.sandbox",
    "abonde.settlement",
]
if not PRODUCTION:
    INSTALLED_APPS.append("abonde.demonstration")
if MODE == "tests":
    INSTALLED_APPS.append("django_linear_migrations")  # a developer's tool, not in the server's requirements
MIDDLEWARE: Final = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "abonde.web.middleware.content_security_policy",
    "abonde.web.middleware.request_log",
    "abonde.web.middleware.public_address",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "abonde.web.middleware.maintenance",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "abonde.web.accounts.visitors.Visitors",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF: Final = "abonde.config.urls"
WSGI_APPLICATION: Final = "abonde.config.wsgi.application"
TEMPLATES: Final = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER: Final = "abonde.web.form_renderer.HouseForms"
STATIC_URL: Final = "static/"
STATIC_ROOT: Final = DATA_DIR / "static"
MEDIA_URL: Final = "media/"
MEDIA_ROOT: Final = DATA_DIR / "media"
STORAGES: Final = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names that change with what the files hold, so that browsers may keep them for ever; tests collect no files.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "tests"
        else "abonde.web.static_files.KeptAddresses"
    },
}
FILE_UPLOAD_HANDLERS: Final = [
    "abonde.web.uploads.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Accounts -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL: Final = "people.Person"
AUTHENTICATION_BACKENDS: Final = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL: Final = "account_login"
LOGIN_REDIRECT_URL: Final = "/"
SESSION_ENGINE: Final = "abonde.people.sessions"
SESSION_COOKIE_AGE: Final = 14 * 24 * 3600
ACCOUNT_ADAPTER: Final = "abonde.web.accounts.adapter.Accounts"
ACCOUNT_FORMS: Final = {
    "request_login_code": "abonde.web.accounts.forms.AddressForm",
    "confirm_login_code": "abonde.web.accounts.forms.LoginCodeForm",
    "confirm_email_verification_code": "abonde.web.accounts.forms.AddressCodeForm",
    "add_email": "abonde.web.accounts.forms.FurtherAddressForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD: Final = None
ACCOUNT_LOGIN_METHODS: Final = {"email"}
ACCOUNT_SIGNUP_FIELDS: Final = ["email*"]
ACCOUNT_MAX_EMAIL_ADDRESSES: Final = 5
ACCOUNT_LOGIN_BY_CODE_ENABLED: Final = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT: Final = 15 * 60  # some mail servers make strangers wait
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS: Final = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND: Final = True
ACCOUNT_EMAIL_VERIFICATION: Final = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: Final = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT: Final = 15 * 60
ACCOUNT_SESSION_REMEMBER: Final = True
ACCOUNT_RATE_LIMITS: Final = {"request_login_code": "60/m/ip,3/m/key,20/h/key", "login": "60/m/ip"}
ALLAUTH_USER_CODE_FORMAT: Final = {"numeric": True, "dashed": True, "length": 8}
ALLAUTH_TRUSTED_PROXY_COUNT: Final = 1 if BEHIND_PROXY else 0
MFA_ADAPTER: Final = "abonde.web.accounts.adapter.SecondFactors"
MFA_FORMS: Final = {
    "authenticate": "abonde.web.accounts.forms.SecondFactorForm",
    "reauthenticate": "abonde.web.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "abonde.web.accounts.forms.ActivateCodesForm",
    "add_webauthn": "abonde.web.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "abonde.web.accounts.forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES: Final = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED: Final = True
MFA_TOTP_ISSUER: Final = "Abonde"
MFA_TOTP_TOLERANCE: Final = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN: Final = not PRODUCTION  # localhost, in demonstrations and tests
CACHES: Final = {
    # In the database, so that limits on attempts hold over all web processes.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}
}

# --- Keys that seal what the database must not give away --------------------------------------------------------------
SEALING_KEYS: Final[list[str]] = env.list("ABONDE_SEALING_KEYS", [] if PRODUCTION else ["abonde " * 8])
if not SEALING_KEYS or min(map(len, SEALING_KEYS)) < SHORTEST_SECRET:
    raise Refusal(
        "ABONDE_SEALING_KEYS is missing or short: set it to at least {characters} characters that nobody can guess "
        "(openssl rand -base64 48), and keep it apart from the database; without it no signature can be made.",
        characters=SHORTEST_SECRET,
    )

# --- Mail and addresses -------------------------------------------------------------------------------------------------
_public_url: Final[str] = env.str("ABONDE_PUBLIC_URL", "")
PUBLIC_URL: Final = (_public_url or f"http://{LISTEN}").rstrip("/")
# Without a public address nobody knows under which name people come, but in a demonstration at home.
LEADS_TO_PUBLIC_URL: Final = MODE != "tests" and (
    bool(_public_url) or (MODE == "demo" and LISTEN.startswith("127."))
)
EMAIL_CONFIG: Final = env.dj_email_url(
    "ABONDE_MAIL_URL", "smtp://localhost:25" if PRODUCTION else f"file:///{DATA_DIR / 'mail'}"
)
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL: Final[str] = env.str("ABONDE_MAIL_FROM", "Abonde <ne-pas-repondre@localhost>")

# --- Who is behind the site, for the legal notice -------------------------------------------------------------------------
PUBLISHER: Final[str] = env.str("ABONDE_PUBLISHER", "")
PUBLISHER_NUMBER: Final[str] = env.str("ABONDE_PUBLISHER_NUMBER", "")
PUBLISHER_ADDRESS: Final[str] = env.str("ABONDE_PUBLISHER_ADDRESS", "")
PUBLISHER_PHONE: Final[str] = env.str("ABONDE_PUBLISHER_PHONE", "")
PUBLICATION_DIRECTOR: Final[str] = env.str("ABONDE_PUBLICATION_DIRECTOR", "")
HOSTING: Final[str] = env.str("ABONDE_HOSTING", "")
CONTACT: Final[str] = env.str("ABONDE_CONTACT", "")
DATA_PROTECTION_CONTACT: Final[str] = env.str("ABONDE_DATA_PROTECTION_CONTACT", "")

# --- Registers ------------------------------------------------------------------------------------------------------
# Euros; 0 sets no limit. One person can have several addresses, so that real money asks for a better proof.
OPEN_REGISTER_LARGEST_FUND: Final[int] = env.int(
    "ABONDE_OPEN_REGISTER_LARGEST_FUND", 5_000 if PRODUCTION else 0
)

# --- Map ----------------------------------------------------------------------------------------------------------------
MAP_TILES: Final[str] = env.str("ABONDE_MAP_TILES", "")
MAP_TILES_ORIGIN: Final = origin_of(MAP_TILES)
MAP_ATTRIBUTION: Final[str] = env.str("ABONDE_MAP_ATTRIBUTION", "© OpenStreetMap" if MAP_TILES else "")

# --- Payments -----------------------------------------------------------------------------------------------------------
PAYMENT_PROVIDER: Final[str] = env.str("ABONDE_PAYMENT_PROVIDER", "" if PRODUCTION else "sandbox")
# The origins of hosted payment pages, to which forms may lead.
PAYMENT_PAGES: Final = [PUBLIC_URL] if PAYMENT_PROVIDER == "sandbox" else []
SANDBOX_SECRET: Final[str] = env.str("ABONDE_SANDBOX_SECRET", "" if PRODUCTION else "abonde " * 8)

# --- Language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE: Final = "fr"
LANGUAGES: Final = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS: Final = [LOCALE]
FORMAT_MODULE_PATH: Final = ["abonde.core.formats"]
USE_TZ: Final = True
TIME_ZONE: Final[str] = env.str("ABONDE_TIME_ZONE", "Europe/Paris")

# --- Safety of pages ----------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT: Final = PRODUCTION
SECURE_REDIRECT_EXEMPT: Final = FOR_MACHINES
SECURE_PROXY_SSL_HEADER: Final = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS: Final = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS: Final = PRODUCTION
SECURE_REFERRER_POLICY: Final = "same-origin"
SESSION_COOKIE_SECURE: Final = PRODUCTION
CSRF_COOKIE_SECURE: Final = PRODUCTION
CSRF_COOKIE_HTTPONLY: Final = True
CSRF_FAILURE_VIEW: Final = "abonde.web.errors.form_expired"
LANGUAGE_COOKIE_SECURE: Final = PRODUCTION
X_FRAME_OPTIONS: Final = "DENY"

# --- Logs and metrics ---------------------------------------------------------------------------------------------
LOG_LEVEL: Final[str] = env.str("ABONDE_LOG_LEVEL", "INFO")
LOGGING: Final = logging_for(LOG_LEVEL)
PROMETHEUS_EXPORT_MIGRATIONS: Final = False
configure_logs()
