"""Who a signed-in person is."""

from django.http import HttpRequest

from comity.records.models import Party


def party_of(request: HttpRequest) -> Party | None:
    """Return the party as which the person of this request is signed in, or None."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Party.objects.filter(user_id=user.pk).first()
