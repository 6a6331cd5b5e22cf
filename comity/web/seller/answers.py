"""The seller's saved answers: kept, tried, and what became of those that were sent."""

from datetime import UTC, datetime
from uuid import UUID

from babel.core import Locale
from django.conf import settings
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.actions import answers, evidence
from comity.actions.enact import Refused
from comity.records import placeholders
from comity.records.models import Answer, AnswerModel
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs


@needs("seller")
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """All answers with how often each was sent, helped and was rejected; a POST adds one."""
    actor = actor_of(request)
    if request.method == "POST" and _saved(request, None):
        return redirect("answers")
    rows = answers.kept(actor.party)
    # Without its weights, the bulk of the row: the page shows figures alone.
    model = AnswerModel.objects.filter(seller=actor.party, current=True).defer("weights").first()
    context = {"rows": rows, "model": model, "proofs": _proofs(model), **_form(request, None)}
    return render(request, "seller/answers.html", context, status=422 if request.method == "POST" else 200)


@needs("seller")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One answer; a POST changes it."""
    answer = _own(request, uuid)
    if request.method == "POST" and _saved(request, answer):
        return redirect("answers")
    context = {"answer": answer, **_form(request, answer)}
    return render(request, "seller/answer.html", context, status=422 if request.method == "POST" else 200)


@needs("seller")
@require_POST
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Stop using an answer."""
    answers.remove(actor_of(request), _own(request, uuid), at=datetime.now(UTC))
    flash.success(request, _("Removed. What was sent with it stays as it is."))
    return redirect("answers")


def _proofs(model: AnswerModel | None) -> list[str]:
    """Return for each language whether answers are sent in it at once, and on what proof; else what is missing."""
    return [_proof(standing) for standing in evidence.standings(model)] if model is not None else []


def _proof(standing: evidence.Standing) -> str:
    shown = standing.shown
    values: dict[str, object] = {
        "language": Locale.parse(to_locale(get_language() or "en")).languages.get(standing.language, standing.language),
        "asked": shown.asked,
        "wrong": shown.wrong,
        "needed": shown.asked + standing.missing,
        "more": standing.missing,
    }
    if standing.sure_from is not None:
        said = _(
            "%(language)s: sent at once from %(sure)s%% certainty on. Of %(asked)s questions of buyers, %(wrong)s "
            "would have been answered wrongly: with 95%% confidence, at most 2%% are."
        )
        return said % (values | {"sure": f"{100 * standing.sure_from:g}"})
    said = _(
        "%(language)s: only suggested. %(asked)s of %(needed)s questions of buyers so far, of which %(wrong)s would "
        "have been answered wrongly; needed: %(more)s more, none of them answered wrongly."
    )
    return said % values


def _own(request: HttpRequest, uuid: UUID) -> Answer:
    return get_object_or_404(Answer, uuid=uuid, seller=actor_of(request).party, removed_at=None)


def _saved(request: HttpRequest, answer: Answer | None) -> bool:
    """Save what the form says; where something is wrong, say so and return False: nothing typed is lost."""
    wording = answers.Wording(
        title=request.POST.get("title", ""),
        texts=_texts(request),
        examples=request.POST.get("examples", "").replace("\x00", "").splitlines(),
        automatic="automatic" in request.POST,
    )
    try:
        answers.save(actor_of(request), wording, answer=answer, at=datetime.now(UTC))
    except Refused as error:
        for problem in error.problems:
            flash.error(request, problem)
        return False
    flash.success(request, _("Saved. It will be learnt within the next minute."))
    return True


def _texts(request: HttpRequest) -> dict[str, str]:
    return {code: request.POST.get(f"text-{code}", "").replace("\x00", "") for code, _name in settings.LANGUAGES}


def _form(request: HttpRequest, answer: Answer | None) -> dict[str, object]:
    """Return what the form shows: what was just typed, else the answer as it is."""
    posted = request.method == "POST"
    texts = _texts(request) if posted else answer.texts if answer else {}
    return {
        "languages": [(code, name, texts.get(code, "")) for code, name in settings.LANGUAGES],
        "title_typed": request.POST.get("title", "") if posted else answer.title if answer else "",
        "examples_typed": request.POST.get("examples", "") if posted else "\n".join(answer.examples) if answer else "",
        "automatic_typed": "automatic" in request.POST if posted else answer.automatic if answer else True,
        "placeholders": placeholders.NAMES,
    }


urlpatterns = [
    path("sell/answers/", listed, name="answers"),
    path("sell/answers/<uuid:uuid>/", one, name="answer"),
    path("sell/answers/<uuid:uuid>/remove/", remove, name="answer_remove"),
]
