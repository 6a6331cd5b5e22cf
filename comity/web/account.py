"""Signing in and out, and passwords: all of the sign-in library that can be reached, and what is ours beside it.

Accounts, and the addresses of their people, come from the shop or the operator.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from allauth.account.views import login, logout
from allauth.core import ratelimit
from django.contrib import messages as flash
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView, PasswordResetView
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.lib import options

logger = logging.getLogger(__name__)

#: Mails that wait to be sent; further ones are not.
MOST_WAITING = 100
#: One thread beside those that answer requests: nobody waits for a mail server.
postman = ThreadPoolExecutor(1, thread_name_prefix="postman")
waiting = threading.BoundedSemaphore(MOST_WAITING)


def _post(mail: EmailMessage) -> None:
    if not waiting.acquire(blocking=False):
        logger.warning("a mail to set a password is not sent: %d wait already", MOST_WAITING)
        return
    postman.submit(_send, mail).add_done_callback(lambda done: waiting.release())


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception as error:  # what a server answers may quote the link
        logger.warning("a mail to set a password could not be sent: %s", type(error).__name__)


class ResetForm(PasswordResetForm):
    """Sends a link to whoever has a login with the address that is typed; what it holds is nowhere logged."""

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """Send one mail, later: the page says the same as fast where there is none; nobody learns who has a login."""
        subject = " ".join(render_to_string(subject_template_name, context).split())
        body = render_to_string(email_template_name, context)
        headers = {"Auto-Submitted": "auto-generated"}
        _post(EmailMessage(subject, body, from_email, [to_email], headers=headers))


class Reset(PasswordResetView):
    """Ask for a link by mail, or be told that no mail is sent here and whom to ask."""

    form_class = ResetForm
    template_name = "account/password_reset.html"
    subject_template_name = "account/password_reset_subject.txt"
    email_template_name = "account/password_reset_mail.txt"
    success_url = reverse_lazy("account_reset_password_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether mail can be sent."""
        return super().get_context_data(**kwargs) | {"sends": bool(options.value("COMITY_SMTP_URL"))}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send it where mail is sent, and not too often; else show the page again, which says why nothing comes."""
        if not options.value("COMITY_SMTP_URL"):
            return self.get(request, *args, **kwargs)
        address = request.POST.get("email", "").strip().lower()[:254]
        if (too_often := ratelimit.consume_or_429(request, action="reset_password", key=address)) is not None:
            answer: HttpResponse = too_often
            return answer
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        """Send the link, to the site's own address where the operator has named it."""
        site = urlsplit(options.value("COMITY_SITE"))
        form.save(
            domain_override=site.netloc or None,
            subject_template_name=self.subject_template_name,
            email_template_name=self.email_template_name,
            use_https=site.scheme == "https" if site.netloc else self.request.is_secure(),
            request=self.request,
        )
        return render(self.request, "account/password_reset_done.html")


class NewPassword(PasswordResetConfirmView):
    """Set a password by the link. Its secret goes into the session at once, and out of the address."""

    template_name = "account/password_new.html"
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it, and lead to the sign-in."""
        flash.success(self.request, _("Your password is changed. Sign in with it."))
        return super().form_valid(form)


class OtherPassword(PasswordChangeView):
    """Change the own password, with the one before."""

    template_name = "account/password_change.html"
    success_url = reverse_lazy("wishes")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change it, unless the one before was guessed at too often."""
        if (too_often := ratelimit.consume_or_429(request, action="change_password", user=request.user)) is not None:
            answer: HttpResponse = too_often
            return answer
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and lead back to the settings."""
        flash.success(self.request, _("Your password is changed."))
        return super().form_valid(form)


@require_GET
def reset_done(request: HttpRequest) -> HttpResponse:
    """Say that a link is on its way, whether or not the address has a login."""
    return render(request, "account/password_reset_done.html")


urlpatterns = [
    path("login/", login, name="account_login"),
    path("logout/", logout, name="account_logout"),
    path("password/change/", OtherPassword.as_view(), name="account_change_password"),
    path("password/reset/", Reset.as_view(), name="account_reset_password"),
    path("password/reset/done/", reset_done, name="account_reset_password_done"),
    path("password/reset/<uidb64>/<token>/", NewPassword.as_view(), name="account_new_password"),
]
