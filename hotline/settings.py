"""Every setting of Hotline. The environment is read here and nowhere else, and fails loudly.

What a city decides (deadlines, thresholds, reasons, texts) is never a setting: those are rows, edited in
/manage/."""

from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from hotline.lib.env import env_bool, env_int, env_list, env_text

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Secrets and place -----------------------------------------------------------------------------
DEBUG = env_bool("DEBUG", False)
SECRET_KEY = env_text("SECRET_KEY")
FIELD_KEY = env_text("FIELD_KEY")
"""Key of personal data at rest: base64 of 32 bytes. Several, comma-separated: the first encrypts, all
decrypt."""
DATA_DIR = Path(env_text("DATA_DIR", str(BASE_DIR / "var")))
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
HTTPS = env_bool("HTTPS", False)
"""Behind a TLS proxy: secure cookies, HSTS and redirect."""
TRUSTED_PROXIES = env_int("TRUSTED_PROXIES", 0)
"""How many proxies of ours stand before the web server; the client address is the N-th from the right."""
CITY_PREFIX = env_text("CITY_PREFIX", "JN")
SITE_URL = env_text("SITE_URL", "").rstrip("/")
"""How people reach this site, such as https://hotline.example.gov.cn: for links in messages that leave it."""
METRICS_TOKEN = env_text("METRICS_TOKEN", "")
"""Who may read /metrics from elsewhere than this machine: a bearer token. Empty: nobody."""
HOTLINE_UNIT = env_text("HOTLINE_UNIT", "370100-HOTLINE")
"""Code of the unit that is the hotline itself."""

# --- Apps --------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "hotline.accounts",
    "workorders",
    "dispatch",
    "analytics",
]
MIDDLEWARE = [
    "hotline.lib.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hotline.accounts.languages.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "hotline.accounts.sessions.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "hotline.urls"
WSGI_APPLICATION = "hotline.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["hotline.lib.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hotline.accounts.navigation.navigation",
            ],
        },
    }
]

# --- Database: PostgreSQL is the only truth ------------------------------------------------------------
DATABASE_URL = env_text("DATABASE_URL")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured(
        "DATABASE_URL must name a PostgreSQL database (postgres://…); Hotline has no other mode."
    )
if password := env_text("DATABASE_PASSWORD", ""):
    DATABASES["default"]["PASSWORD"] = password
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    f"-c statement_timeout={env_int('STATEMENT_TIMEOUT_MS', 30_000)}"
    f" -c lock_timeout={env_int('LOCK_TIMEOUT_MS', 3_000)}"
    " -c idle_in_transaction_session_timeout=60000"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis and Celery ----------------------------------------------------------------------------------
REDIS_URL = env_text("REDIS_URL")


def broker_url(url: str) -> str:
    """A socket is redis+socket:///… for Celery, unix:///… for redis-py and the cache."""
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 240, 300
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "unacked_restore_interval": env_int("UNACKED_RESTORE_INTERVAL", 10, least=1),
    "unacked_restore_throttle": env_int("UNACKED_RESTORE_THROTTLE", 10, least=1),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {
    "sweep-clocks": {"task": "dispatch.tasks.sweep_clocks", "schedule": 2.0, "options": {"expires": 10}},
    "send-notices": {
        "task": "workorders.tasks.send_due_notices",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "draft-daily-review": {
        "task": "analytics.tasks.draft_daily_review",
        "schedule": crontab(hour=22, minute=0),
    },
    "recount-daily-review": {
        "task": "analytics.tasks.recount_daily_review",
        "schedule": crontab(hour=0, minute=10),
    },
    "forget-old-keys": {"task": "dispatch.tasks.forget_old_keys", "schedule": crontab(hour=3, minute=10)},
    "retrain-classifier": {
        "task": "workorders.tasks.retrain_classifier",
        "schedule": crontab(hour=3, minute=30),
    },
}

# --- People --------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "home", "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "hotline.accounts.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "hotline.accounts.passwords.UnlikeThePersonValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "hotline.accounts.passwords.UncommonValidator"},
    {"NAME": "hotline.accounts.passwords.ThreeClassesValidator"},
    {"NAME": "hotline.accounts.passwords.NotAmongLastFiveValidator"},
]
PASSWORD_MAX_AGE_DAYS = 90
SESSION_IDLE_MINUTES, SESSION_ABSOLUTE_HOURS = 30, 12
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_HOURS * 3600
SESSION_COOKIE_HTTPONLY, SESSION_COOKIE_SAMESITE = True, "Lax"
SINGLE_SESSION_ROLES = frozenset(env_list("SINGLE_SESSION_ROLES"))
"""Roles whose new login ends their earlier one."""
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # the auditor reads them, also after a success
AXES_CLIENT_IP_CALLABLE = "hotline.lib.requests.client_ip"
AXES_LOCKOUT_CALLABLE = "hotline.accounts.views.locked_out"
OTP_TOTP_ISSUER = "Hotline 12345"
OTP_TOTP_THROTTLE_FACTOR = 1

# --- Languages and time ----------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "hotline" / "locale"]
TIME_ZONE, USE_TZ, USE_I18N = "Asia/Shanghai", True, True

# --- Pages -----------------------------------------------------------------------------------------------
STATIC_URL, STATIC_ROOT = "static/", DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
if (assets := DATA_DIR / "assets").is_dir():
    STATICFILES_DIRS.append(assets)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "attachments"},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env_bool("STATIC_MANIFEST", True)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF, SECURE_REFERRER_POLICY = True, "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None

# --- API -------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "hotline.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "hotline.lib.http.api_error",
    "DEFAULT_THROTTLE_RATES": {},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
API_RATE_PER_MINUTE = env_int("API_RATE_PER_MINUTE", 30_000)
"""Requests of one person in a minute before the API answers 429; 0: no limit.
A fuse against programs that run wild."""
SPECTACULAR_SETTINGS = {
    "TITLE": "Hotline API",
    "DESCRIPTION": "Work orders of a 12345 government hotline, from intake to close.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "Channel": "workorders.lifecycle.Channel.choices",
        "ContactChannel": "dispatch.assigning.CONTACT_CHANNELS",
        "HandOverMode": "workorders.closing.MODES",
        "Mode": "workorders.lifecycle.Mode.choices",
        "Satisfaction": "workorders.models.callback.Satisfaction.choices",
        "State": "workorders.lifecycle.State.choices",
        "Urgency": "workorders.lifecycle.Urgency.choices",
    },
}

# --- Logging: request id, no personal data -----------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "hotline.lib.requests.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": env_text("LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "django.db.backends": {"level": "WARNING"}},
}
