"""Files of evidence, handed out so that nothing in them can act on a page; to nobody else than the case's people."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.urls import path
from django.views.decorators.http import require_GET

from comity.actions.guard import Forbidden
from comity.identity.files import evidence_handed_out
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs


@needs()
@require_GET
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """A picture to look at, anything else to save. One that is not the reader's is answered like one that never was."""
    try:
        return evidence_handed_out(actor_of(request), uuid)
    except Forbidden as error:
        raise Http404 from error


urlpatterns = [
    path("evidence/<uuid:uuid>/", file, name="evidence"),
]
