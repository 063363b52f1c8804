"""The one settings module. Every value comes from the environment (see `.env.example`) or has a safe default.

Production is where PUBLIC_URL is an https address: there the secrets and the services must be named, or nothing starts.
"""

import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import logs
from config.kinds import (  # noqa: F401  settings
    AGED_PRIORITY,
    JOB_KINDS,
    LANES,
    NOTIFICATION_WORK,
    RESUMED,
    SCHEDULE,
    WORK_KINDS,
)
from mercadolibre import sites

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"
env = environ.Env()
env.smart_cast = False
environ.Env.read_env(BASE_DIR / ".env")


def kept_secret(name: str, make: str) -> str:
    """A secret made once and kept under `.data/`, for development only."""
    path = DATA_DIR / name
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.write_text(make)
        path.chmod(0o600)
    return path.read_text().strip()


def required(name: str) -> str:
    value: str = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: PUBLIC_URL is an https address, so this is production.")
    return value


HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://localhost:{PORT}").rstrip("/")
PRODUCTION = PUBLIC_URL.startswith("https://")
DEBUG = env.bool("DEBUG", False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production (PUBLIC_URL is an https address).")

# --- secrets and services -------------------------------------------------------------------------------------------
if PRODUCTION:
    SECRET_KEY = required("SECRET_KEY")
    FIELD_ENCRYPTION_KEYS = required("FIELD_ENCRYPTION_KEYS").split(",")
    DATABASE = required("DATABASE_URL")
    REDIS_URL = required("REDIS_URL")
    MELI_CLIENT_ID = required("MELI_CLIENT_ID")
    MELI_CLIENT_SECRET = required("MELI_CLIENT_SECRET")
else:
    from config import embedded

    SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret("secret_key", secrets.token_urlsafe(50))
    FIELD_ENCRYPTION_KEYS = (
        env.str("FIELD_ENCRYPTION_KEYS", "") or kept_secret("field_encryption_keys", secrets.token_hex(32))
    ).split(",")
    DATABASE = env.str("DATABASE_URL", "") or embedded.database_url(DATA_DIR / "postgres", "enlace")
    REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(DATA_DIR / "valkey")
    MELI_CLIENT_ID = env.str("MELI_CLIENT_ID", "") or "4815162342108015"
    MELI_CLIENT_SECRET = env.str("MELI_CLIENT_SECRET", "") or "sandbox-client-secret"

SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[PUBLIC_URL.split("://")[1].split(":")[0], "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

DATABASES = {"default": env.db_url_config(DATABASE)}
DATABASES["default"].update(
    CONN_MAX_AGE=60,
    CONN_HEALTH_CHECKS=True,
    OPTIONS=DATABASES["default"].get("OPTIONS", {})
    | {
        "connect_timeout": 3,
        "options": "-c statement_timeout=15000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000",
    },
)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Mercado Libre --------------------------------------------------------------------------------------------------
SANDBOX_PORT = env.int("SANDBOX_PORT", PORT + 1)
SANDBOX_URL = f"http://localhost:{SANDBOX_PORT}"
# The sandbox stands in wherever no real application is configured; production always talks to Mercado Libre.
USE_SANDBOX = not (PRODUCTION or env.str("MELI_API_URL", "") or env.str("MELI_CLIENT_ID", ""))
MELI_API_URL = (env.str("MELI_API_URL", "") or (SANDBOX_URL if USE_SANDBOX else "https://api.mercadolibre.com")).rstrip(
    "/"
)
MELI_AUTH_URL = env.str("MELI_AUTH_URL", "") or (SANDBOX_URL if USE_SANDBOX else None)
MELI_RATE_PER_MINUTE = env.int("MELI_RATE_PER_MINUTE", 1500)
# So many listings of a seller set to zero within ten minutes, other than by sales, wait for somebody to look.
MASS_ZERO_LISTINGS = env.int("MASS_ZERO_LISTINGS", 50)
MELI_APP_RATE_PER_HOUR = env.int("MELI_APP_RATE_PER_HOUR", 0) or None
MELI_NOTIFICATION_SECRET = env.str("MELI_NOTIFICATION_SECRET", "")
# Dotted path of a callable that makes a requests.Session; tests put the sandbox behind it.
MELI_SESSION_FACTORY = env.str("MELI_SESSION_FACTORY", "requests.Session")
# How many days of orders are read when a seller is connected for the first time.
ORDERS_FIRST_PASS_DAYS = env.int("ORDERS_FIRST_PASS_DAYS", 14)
SITES = sites.SITES
# Bearer for /metrics from other machines; empty: only this machine may ask.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
SHOW_ML_THUMBNAILS = env.bool("SHOW_ML_THUMBNAILS", False)

# --- Django ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "dashboard",
    "orders",
    "inventory",
    "catalog",
    "sellers",
    "ui",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "pgtrigger",
    "pghistory",
]
MIDDLEWARE = [
    "ui.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ui.middleware.LoginRedirectMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ui.context.shell",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = TRUSTED_PROXIES or None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard:today"
LOGOUT_REDIRECT_URL = "login"
DJANGO_TABLES2_TEMPLATE = "tables/table.html"
UI_BADGES = "dashboard.badges.counts"
UI_STOPS = "sellers.brakes.stops.shown"
FILTERS_EMPTY_CHOICE_LABEL = _("All")

LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
LANGUAGES = [("es", "Español"), ("pt-br", "Português"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns where it is missing
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- security -------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"] + (["https://http2.mlstatic.com"] if SHOW_ML_THUMBNAILS else []),
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would lose the session on the way back from Mercado Libre's consent page
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sid", "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Celery: wake-ups without arguments; nothing is lost with a message ---------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "enlace:",
}
CELERY_TASK_ROUTES = {f"sellers.tasks.drain_{lane}": {"queue": lane} for lane in LANES} | {
    "sellers.tasks.tick": {"queue": "orders"}
}
CELERY_BEAT_SCHEDULE = {"tick": {"task": "sellers.tasks.tick", "schedule": 10}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"

# --- logging --------------------------------------------------------------------------------------------------------
LOGGING = logs.configured(env.str("LOG_FORMAT", "text"))
