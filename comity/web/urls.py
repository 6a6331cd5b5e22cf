"""Addresses of the pages."""

from django.urls import path
from django.views.i18n import set_language

from comity.web.agent import carriers, components, desk, tracking
from comity.web.buyer import buying
from comity.web.common import files, home, wishes
from comity.web.public import rules
from comity.web.seller import advice, answers, inbox, numbers, selling, shipping
from comity.web.trade import conversations, listings, orders, why, writing

urlpatterns = [
    path("", home.home, name="home"),
    path("notices/", home.notices, name="notices"),
    path("settings/", wishes.wishes, name="wishes"),
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
    path("sell/ship/", shipping.to_ship, name="to_ship"),
    path("sell/ship/scans/", shipping.scans, name="ship_scans"),
    path("sell/ship/promises/", advice.advice, name="promises"),
    path("sell/ship.csv", shipping.listed, name="to_ship_csv"),
    path("sell/numbers/", numbers.numbers, name="numbers"),
    path("sell/health/", selling.health, name="health"),
    path("buy/", buying.orders, name="buy"),
    path("buy/conversations/", buying.conversations, name="buy_conversations"),
    path("orders/<uuid:uuid>/", orders.order, name="order"),
    path("orders/<uuid:uuid>/number/", orders.number, name="check_number"),
    path("orders/<uuid:uuid>/ask/", orders.ask, name="ask"),
    path("orders/<uuid:uuid>/<slug:slug>/", orders.act, name="order_act"),
    path("conversations/<uuid:uuid>/", conversations.conversation, name="conversation"),
    path("conversations/<uuid:uuid>/note/", conversations.note, name="note"),
    path("conversations/<uuid:uuid>/helped/<uuid:message>/", conversations.verdict, name="verdict"),
    path("conversations/<uuid:uuid>/messages/<uuid:message>/", conversations.edit, name="edit_message"),
    path("conversations/<uuid:uuid>/check/", writing.check, name="check"),
    path("conversations/<uuid:uuid>/draft/", writing.draft, name="draft"),
    path("conversations/<uuid:uuid>/<slug:slug>/", conversations.act, name="conversation_act"),
    path("files/<uuid:uuid>/", files.file, name="file"),
    path("listings/<uuid:uuid>/", listings.listing, name="listing"),
    path("why/duty/<uuid:party>/<str:key>/", why.duty, name="why_duty"),
    path("why/charge/<uuid:party>/<str:key>/", why.charge, name="why_charge"),
    path("why/sanction/<uuid:party>/<str:key>/", why.sanction, name="why_sanction"),
    path("desk/", desk.parties, name="desk"),
    path("desk/parties/<uuid:uuid>/", desk.party, name="desk_party"),
    path("desk/parties/<uuid:uuid>/journal/", desk.journal, name="desk_journal"),
    path("desk/journal/", desk.journals, name="desk_journals"),
    path("desk/components/", components.components, name="components"),
    path("desk/mail/", desk.mails, name="desk_mails"),
    path("desk/carriers/", carriers.carriers, name="desk_carriers"),
    path("desk/tracking/", tracking.tracking, name="desk_tracking"),
    path("desk/parties/<uuid:party>/sanctions/<str:key>/", desk.decide, name="decide"),
]
