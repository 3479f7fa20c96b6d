"""All settings, one file. What differs between machines is read from the environment."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def _flag(name: str, default: bool) -> bool:
    text = os.environ.get(name)
    if text is None or text == "":
        return default
    if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")
    return text.lower() in {"1", "true", "yes"}


def _number(name: str, default: int) -> int:
    text = os.environ.get(name)
    if text is None or text == "":
        return default
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from None


def _words(name: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def _database(url: str) -> dict[str, object]:
    """A Django database from `postgresql://user:password@host:port/name?host=/socket/folder`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
        "TEST": {"TEMPLATE": "template0"},
    }


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def _mail(url: str) -> tuple[SplitResult, int]:
    """The parts and the port of `smtp+tls://user:password@host:port`; port 0 for no mail server.

    smtp: no encryption; smtp+tls: STARTTLS; smtps: TLS from the first byte.
    """
    parts = urlsplit(url)
    if not url:
        return parts, 0
    if parts.scheme not in _MAIL_PORTS or not parts.hostname:
        schemes = ", ".join(f"{scheme}://" for scheme in _MAIL_PORTS)
        raise ImproperlyConfigured(f"EMAIL_URL must begin with one of {schemes} and name a host.")
    try:
        port = parts.port or _MAIL_PORTS[parts.scheme]
    except ValueError:
        raise ImproperlyConfigured("The port in EMAIL_URL is not a number.") from None
    return parts, port


def _broker(redis_url: str) -> str:
    """The URL of the same server for kombu, which has another scheme for sockets."""
    scheme, _, rest = redis_url.partition("://")
    return f"redis+socket://{rest}" if scheme == "unix" else redis_url


SEGMENTER_DATA = Path(_text("SEGMENTER_DATA", str(BASE_DIR / ".data")))
SEGMENTER_MIRROR = Path(_text("SEGMENTER_MIRROR", str(SEGMENTER_DATA / "mirror")))
"""Folder of the mirrors. It may be deleted: mirrors are rebuilt."""
SEGMENTER_MIRROR_FROM = _number("SEGMENTER_MIRROR_FROM", 1_000)
"""Accounts with this number of people have a mirror; for fewer, rows are as fast."""
DEBUG = _flag("SEGMENTER_DEBUG", False)
INSECURE_LOCAL = _flag("SEGMENTER_LOCAL", True)
"""True if the pages are served over plain http on the machine itself."""

SECRET_KEY = _text("SEGMENTER_SECRET_KEY")
if not SECRET_KEY:
    if not INSECURE_LOCAL:
        raise ImproperlyConfigured("SEGMENTER_SECRET_KEY must be set when SEGMENTER_LOCAL is 0.")
    SECRET_KEY = "local-only-" + "0" * 50
SEGMENTER_ENCRYPTION_KEYS = _words("SEGMENTER_ENCRYPTION_KEYS")
"""What tokens of other services are encrypted with, the present one first; none: SECRET_KEY."""
if any(len(key) < 32 for key in SEGMENTER_ENCRYPTION_KEYS):
    raise ImproperlyConfigured("Each of SEGMENTER_ENCRYPTION_KEYS must have 32 characters or more.")
ALLOWED_HOSTS = _words("SEGMENTER_HOSTS") or ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = _words("SEGMENTER_ORIGINS")
SEGMENTER_PROXIES = _number("SEGMENTER_PROXIES", 0 if INSECURE_LOCAL else 1)
"""Number of trusted proxies: so many entries of X-Forwarded-For, from its end, are trusted."""
SEGMENTER_COUNTRY_HEADER = _text("SEGMENTER_COUNTRY_HEADER")
"""Header in which the proxy tells the visitor's country, such as CF-IPCountry; empty: unknown."""

DATABASES = {"default": _database(_text("DATABASE_URL", "postgresql:///segmenter"))}
REDIS_URL = _text("REDIS_URL")

INSTALLED_APPS = [
    "segmenter.accounts",  # before Django's own: our createsuperuser stands for that one
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "rest_framework",
    "profiles",
    "predictions",
    "segments",
    "forms_targeting",
]

MIDDLEWARE = [
    "segmenter.kernel.jsonapi.AnswersInJson",
    "django.middleware.security.SecurityMiddleware",
    "segmenter.kernel.compression.CompressedTexts",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "segmenter.kernel.wellformed.WellFormed",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "segmenter.accounts.middleware.CurrentAccount",
]

ROOT_URLCONF = "segmenter.urls"
WSGI_APPLICATION = "segmenter.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "segmenter.accounts.context.account",
                "segments.health.context.alarm",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 86_400
"""Seconds for which the link of `manage.py reset_password` works."""
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska"), ("pl", "Polski")]
LOCALE_PATHS = [BASE_DIR / "segmenter" / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = INSECURE_LOCAL
WHITENOISE_AUTOREFRESH = DEBUG
warnings.filterwarnings("ignore", "No directory at", UserWarning, "whitenoise.base")
if not INSECURE_LOCAL:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Cookies belong to a host, not a port: two copies on one machine need different names.
SESSION_COOKIE_NAME = _text("SEGMENTER_COOKIE_PREFIX") + "sessionid"
CSRF_COOKIE_NAME = _text("SEGMENTER_COOKIE_PREFIX") + "csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if not INSECURE_LOCAL:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = _flag("SEGMENTER_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = _number("SEGMENTER_HSTS_SECONDS", 31_536_000)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

SEGMENTER_METRICS_TOKEN = _text("SEGMENTER_METRICS_TOKEN")
"""Requests with it may read /metrics; empty: only direct requests from this machine."""

API_BODY_LIMIT = 5_000_000
"""Bytes; the largest JSON body."""
IMPORT_BODY_LIMIT = _number("SEGMENTER_IMPORT_BYTES", 2_000_000_000)
"""Bytes; the largest file that can be imported in the browser."""
DATA_UPLOAD_MAX_MEMORY_SIZE = API_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

SEGMENTER_WEBHOOK_ALLOW = _words("SEGMENTER_WEBHOOK_ALLOW")
"""As host:port: where webhooks may go over plain http and inside a private network."""

SEGMENTER_EXPORT_DAYS = _number("SEGMENTER_EXPORT_DAYS", 7)
"""How long the files of exports can be downloaded."""

SEGMENTER_DESTINATION_FOLDER = _text("SEGMENTER_DESTINATION_FOLDER")
"""Below which files of destinations may be put on this machine; empty: nowhere."""

SEGMENTER_META_API = _text("SEGMENTER_META_API", "https://graph.facebook.com")
SEGMENTER_GOOGLE_API = _text("SEGMENTER_GOOGLE_API", "https://datamanager.googleapis.com")
SEGMENTER_GOOGLE_TOKENS = _text("SEGMENTER_GOOGLE_TOKENS", "https://oauth2.googleapis.com/token")
"""Where the APIs of ad networks are."""

SEGMENTER_KLAVIYO_API = _text("SEGMENTER_KLAVIYO_API", "https://a.klaviyo.com")
SEGMENTER_MAILCHIMP_API = _text("SEGMENTER_MAILCHIMP_API", "https://{dc}.api.mailchimp.com")
SEGMENTER_BREVO_API = _text("SEGMENTER_BREVO_API", "https://api.brevo.com")
"""Where the APIs of e-mail services are; `{dc}` is the data center that a key names."""

SEGMENTER_ASSISTANT_URL = _text("SEGMENTER_ASSISTANT_URL").rstrip("/")
"""Base of an API like OpenAI's, as https://host/v1: drafts conditions from free text; or empty."""
SEGMENTER_ASSISTANT_KEY = _text("SEGMENTER_ASSISTANT_KEY")
SEGMENTER_ASSISTANT_MODEL = _text("SEGMENTER_ASSISTANT_MODEL", "default")

_MAIL, EMAIL_PORT = _mail(_text("EMAIL_URL"))
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_PORT
    else "segmenter.accounts.local_mail.LocalMail"
)
EMAIL_HOST = _MAIL.hostname or ""
EMAIL_HOST_USER = unquote(_MAIL.username or "")
EMAIL_HOST_PASSWORD = unquote(_MAIL.password or "")
EMAIL_USE_TLS = _MAIL.scheme == "smtp+tls"
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = _text("SEGMENTER_MAIL_FROM", "Segmenter <segmenter@localhost>")
"""From whom mails come, unless the shop's site has a sender of its own."""
SEGMENTER_MAIL_FOLDER = SEGMENTER_DATA / "mail"
"""Where mails are kept as files if EMAIL_URL is not set."""
SEGMENTER_PUBLIC_URL = _text("SEGMENTER_PUBLIC_URL").rstrip("/")
"""Where people outside reach this server, for links in mails and files; empty: as the page did."""
SEGMENTER_CONFIRM_DAYS = _number("SEGMENTER_CONFIRM_DAYS", 7)
"""How long the link of a double opt-in works."""
SEGMENTER_CONFIRM_MAILS = _number("SEGMENTER_CONFIRM_MAILS", 3)
"""Most mails a day to one address that ask for a confirmation."""
SEGMENTER_FORM_LEAST_MS = _number("SEGMENTER_FORM_LEAST_MS", 600)
"""Whoever fills in a form in fewer milliseconds is taken for a program."""
SEGMENTER_FORM_LIMIT = _number("SEGMENTER_FORM_LIMIT", 60)
"""Most submissions from one IP address in ten minutes; 0: no limit."""
SEGMENTER_FORM_EMAIL_LIMIT = _number("SEGMENTER_FORM_EMAIL_LIMIT", 20)
"""Most submissions for one e-mail address in an hour; 0: no limit."""
SEGMENTER_CLIENT_LIMIT = _number("SEGMENTER_CLIENT_LIMIT", 1_200)
"""Most requests a minute from one IP address to the other addresses below /client/; 0: none."""

REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}

CELERY_BROKER_URL = _text("SEGMENTER_BROKER_URL", _broker(REDIS_URL)) or "memory://"
CELERY_TASK_ALWAYS_EAGER = CELERY_BROKER_URL == "memory://"
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "visibility_timeout": 3600,
    # A broker that does not answer must not delay requests that are committed already.
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "socket_keepalive": True,
}
# One retry, for a connection that was lost while idle: sweeps find messages that are not sent.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
CELERY_BEAT_SCHEDULER = "segmenter.beat:SteadyScheduler"
_SOON: dict[str, object] = {"expires": 20}
"""Of what comes again in seconds: what waited while no worker ran is not made up for."""
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "segments-sweep": {"task": "segments.sweep", "schedule": 5.0, "options": _SOON},
    "profiles-imports-sweep": {"task": "profiles.sweep_imports", "schedule": 30.0},
    "profiles-mirrors-sweep": {
        "task": "profiles.sweep_mirrors",
        "schedule": 10.0,
        "options": _SOON,
    },
    "segments-sweep-webhooks": {
        "task": "segments.sweep_webhooks",
        "schedule": 5.0,
        "options": _SOON,
    },
    "segments-sweep-audiences": {"task": "segments.sweep_audiences", "schedule": 30.0},
    "segments-sweep-destinations": {
        "task": "segments.sweep_destinations",
        "schedule": 10.0,
        "options": _SOON,
    },
    "forms-count-views": {"task": "forms.count_views", "schedule": 60.0},
    "segments-tidy-webhooks": {"task": "segments.tidy_webhooks", "schedule": 60.0},
    "segments-sweep-exports": {"task": "segments.sweep_exports", "schedule": 30.0},
    "segments-sweep-audits": {"task": "segments.sweep_audits", "schedule": 600.0},
    "segments-sweep-samples": {
        "task": "segments.sweep_samples",
        "schedule": 10.0,
        "options": _SOON,
    },
    "segments-sweep-forecasts": {
        "task": "segments.sweep_forecasts",
        "schedule": 10.0,
        "options": _SOON,
    },
    "segments-sweep-reports": {
        "task": "segments.sweep_reports",
        "schedule": 10.0,
        "options": _SOON,
    },
    "segments-follow-forecasts": {"task": "segments.follow_forecasts", "schedule": 1800.0},
    "segments-tend": {"task": "segments.tend_all", "schedule": 3600.0},
    "segments-forget-drafts": {"task": "segments.forget_drafts", "schedule": 3600.0},
    "accounts-sweep-mails": {"task": "accounts.sweep_mails", "schedule": 10.0, "options": _SOON},
    "accounts-tidy": {"task": "accounts.tidy", "schedule": 3600.0},
    "predictions-sweep": {"task": "predictions.sweep", "schedule": 20.0},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "segmenter.kernel.log_lines.OneLine"},
        "whole": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "whole" if DEBUG else "line"}
    },
    "loggers": {"kombu.connection": {"level": "ERROR"}, "django.request": {"level": "ERROR"}},
    "root": {"handlers": ["stderr"], "level": _text("SEGMENTER_LOG_LEVEL", "WARNING")},
}
