"""Files of evidence, handed out so that nothing in them can act on a page; to nobody else than the case's people."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.views.decorators.http import require_GET

from comity.actions.disputes import evidence
from comity.actions.guard import Forbidden
from comity.identity.files import answered
from comity.records.files import Lost
from comity.records.models import Evidence
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs


@needs()
@require_GET
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """A picture to look at, anything else to save. One that is not the reader's is answered like one that never was."""
    try:
        piece, content = evidence.opened(actor_of(request), uuid)
    except (Evidence.DoesNotExist, Lost, Forbidden) as error:
        raise Http404 from error
    return answered(content, kind=piece.media, name=piece.name, is_picture=piece.is_picture)


urlpatterns = [
    path("evidence/<uuid:uuid>/", file, name="evidence"),
]
