"""Settings of the tests: the product's own, on SQLite or on the PostgreSQL that the test session starts."""

import os
import tempfile

os.environ.setdefault("COMITY_DATA", tempfile.mkdtemp(prefix="comity-test-"))
os.environ.setdefault("COMITY_SECRET_KEY", "only-for-tests")
# Read before numpy is: on small machines, threads that wait for each other take most of the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from comity.config.settings import *  # noqa: F403
from comity.config.settings import DATABASES
from tests.server import running_postgresql

if os.environ.get("COMITY_TEST_DATABASE") == "postgresql":
    DATABASES["default"] = running_postgresql()
else:
    # A file, not memory: WAL, locks and other processes behave as they will for a user.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["COMITY_DATA"], "test.sqlite3")}
    # Nobody cuts the power of a test: as with the PostgreSQL of the tests, nothing waits for the disk.
    safe = DATABASES["default"]["OPTIONS"]["init_command"]
    DATABASES["default"]["OPTIONS"]["init_command"] = safe.replace("synchronous=FULL", "synchronous=OFF")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
