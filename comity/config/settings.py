"""Django's settings. What an operator may change comes from `options`; everything else is decided here."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from comity.lib import options
from comity.records import engines

PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = options.secret_key()
DEBUG = options.flag("COMITY_DEBUG")
ALLOWED_HOSTS = [host.strip() for host in options.value("COMITY_HOSTS").split(",")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "comity.records",
    "comity.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "comity.web.common.doors.Doors",
]

ROOT_URLCONF = "comity.config.urls"
WSGI_APPLICATION = "comity.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates", PACKAGE / "integrations" / "mail" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comity.web.common.doors.who",
            ],
        },
    }
]

DATABASES = {"default": engines.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in. Accounts are made by the shop or the operator, not by strangers.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "comity.web.common.doors.NoStrangers"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# The shop, or the operator, vouches for the addresses that it gives.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# For how many seconds a link to set a password is good; the mail says three days.
PASSWORD_RESET_TIMEOUT = 259_200
# By COMITY_SMTP_URL, or not at all: never into a log.
EMAIL_BACKEND = "comity.integrations.mail.connection.Connection"
DEFAULT_FROM_EMAIL = f"Comity <{options.value('COMITY_MAIL_ADDRESS')}>"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Walls. The policy itself is written by `web.common.doors`: nothing inline, nothing from elsewhere.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Forms carry the token; no script needs to read the cookie.
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "comity.web.common.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = options.flag("COMITY_HTTPS")
if SESSION_COOKIE_SECURE:
    # The proxy that ends HTTPS must set this header itself, and drop what a client sends under that name.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

# Facts in bulk come as one body: as much as `identity.limits.LARGEST_BULK`.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32_000_000
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = options.value("COMITY_LANGUAGE")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese (simplified)"))]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
# Served from where they lie: nothing to collect before a start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"no_links": {"()": "comity.lib.logs.NoLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_links"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "comity": {"level": "INFO"},
        # Whoever calls us by another name is answered 400; a traceback for each would fill the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
