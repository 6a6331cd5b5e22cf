"""Addresses: pages, sign-in, the API."""

from django.urls import include, path

from comity.api import api
from comity.web import urls as web

handler400 = "comity.web.common.errors.bad_request"
handler403 = "comity.web.common.errors.forbidden"
handler404 = "comity.web.common.errors.not_found"
#: The sign-in library's own.
handler429 = "comity.web.common.errors.too_often"
handler500 = "comity.web.common.errors.server_error"

urlpatterns = [
    path("api/v1/", api.urls),
    path("hooks/", include("comity.integrations.tracking.receiving")),
    path("hooks/", include("comity.integrations.payments.receiving")),
    path("hooks/", include("comity.integrations.igm.receiving")),
    path("journal/", include("comity.integrations.tlog.serving")),
    path("account/", include("comity.web.account")),
    path("", include(web)),
]
