"""A bare Django view that writes one row, behind the same front: what a message by HTTP is compared with."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import re_path  # noqa: E402
from django.utils import timezone  # noqa: E402

from comity.config.front import Front  # noqa: E402
from comity.config.rsgi import THREADS  # noqa: E402
from comity.records.models import ErrandLane  # noqa: E402


def write(request: HttpRequest) -> JsonResponse:
    """Write a row, and say so."""
    row = ErrandLane.objects.create(name=os.urandom(9).hex(), at=timezone.now(), failed_why=request.body.decode()[:300])
    return JsonResponse({"name": row.name}, status=201)


urlpatterns = [re_path("", write)]
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], "benchmarks.bare"
application = Front(WSGIHandler(), threads=THREADS, largest=1_000_000)
