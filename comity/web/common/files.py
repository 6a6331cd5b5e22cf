"""Files that came with messages, handed out so that nothing in them can act on a page."""

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.urls import path
from django.views.decorators.http import require_GET

from comity.identity.files import handed_out
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs


@needs()
@require_GET
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """A picture to look at, anything else to save."""
    return handed_out(actor_of(request), uuid)


urlpatterns = [
    path("files/<uuid:uuid>/", file, name="file"),
]
