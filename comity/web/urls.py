"""Addresses of the pages."""

from django.urls import path
from django.views.i18n import set_language

from comity.web import answers, buying, conversations, desk, files, home, inbox, listings, orders, rules, selling, why

urlpatterns = [
    path("", home.home, name="home"),
    path("notices/", home.notices, name="notices"),
    path("language/", set_language, name="set_language"),
    path("help/rules/", rules.rules, name="rules"),
    path("help/rules.<str:form>", rules.source, name="rules_source"),
    path("sell/", selling.today, name="today"),
    path("sell/inbox/", inbox.inbox, name="inbox"),
    path("sell/inbox/several/", inbox.several, name="inbox_several"),
    path("sell/answers/", answers.listed, name="answers"),
    path("sell/answers/<uuid:uuid>/", answers.one, name="answer"),
    path("sell/answers/<uuid:uuid>/remove/", answers.remove, name="answer_remove"),
    path("sell/orders/", selling.orders, name="sell_orders"),
    path("sell/health/", selling.health, name="health"),
    path("buy/", buying.orders, name="buy"),
    path("buy/conversations/", buying.conversations, name="buy_conversations"),
    path("orders/<uuid:uuid>/", orders.order, name="order"),
    path("orders/<uuid:uuid>/dispatch/", orders.dispatch, name="dispatch"),
    path("orders/<uuid:uuid>/ask/", orders.ask, name="ask"),
    path("conversations/<uuid:uuid>/", conversations.conversation, name="conversation"),
    path("conversations/<uuid:uuid>/no-reply-needed/", conversations.no_reply_needed, name="no_reply_needed"),
    path("conversations/<uuid:uuid>/end/", conversations.end, name="end_conversation"),
    path("conversations/<uuid:uuid>/ask-agent/", conversations.ask_agent, name="ask_agent"),
    path("conversations/<uuid:uuid>/join/", conversations.join, name="join_conversation"),
    path("conversations/<uuid:uuid>/note/", conversations.note, name="note"),
    path("conversations/<uuid:uuid>/helped/<uuid:message>/", conversations.verdict, name="verdict"),
    path("conversations/<uuid:uuid>/messages/<uuid:message>/", conversations.edit, name="edit_message"),
    path("files/<uuid:uuid>/", files.file, name="file"),
    path("listings/<uuid:uuid>/", listings.listing, name="listing"),
    path("why/duty/<str:key>/", why.duty, name="why_duty"),
    path("why/charge/<str:key>/", why.charge, name="why_charge"),
    path("why/sanction/<str:key>/", why.sanction, name="why_sanction"),
    path("desk/", desk.parties, name="desk"),
    path("desk/parties/<uuid:uuid>/", desk.party, name="desk_party"),
    path("desk/parties/<uuid:uuid>/journal/", desk.journal, name="desk_journal"),
    path("desk/journal/", desk.journals, name="desk_journals"),
    path("desk/sanctions/<str:key>/", desk.decide, name="decide"),
]
