"""What is sold, asked and answered in the sample marketplace."""

# fmt: off
WARES = (("Brass desk lamp", 3990), ("Cotton bed sheets", 5490), ("Leather wallet", 2890), ("Ceramic teapot", 3450),
          ("Wireless headphones", 7900), ("Running shoes", 8900), ("Walnut chopping board", 4200), ("Wool scarf", 2590),
          ("Phone case", 1290), ("Enamel mug", 1490), ("Bicycle light", 1990), ("Children's raincoat", 3190))
# fmt: on
QUESTIONS = (
    "Where is my parcel?",
    "Has it been sent already?",
    "Can you change the delivery address?",
    "Is this still under warranty?",
    "The colour looks different from the picture.",
    "¿Cuándo llega mi pedido?",
    "我的包裹到哪里了？",
    "Olá, o pedido já foi enviado?",
)  # fmt: skip
ANSWERS = ("It left our warehouse this morning.", "The carrier has it; the tracking page is up to date.",
            "We have changed the address for you.", "Yes, for two years from delivery.",
            "Sorry about that! A photo would help us.", "已经寄出，请稍等。")  # fmt: skip
SAVED = (
    (
        "Where is my parcel?",
        "Your order {order} is promised by {promised_date}; its page shows where the parcel is.",
        (
            "Where is my parcel?",
            "where is my order",
            "Where's my package?",
            "Has it been sent already?",
            "did you send my parcel",
            "has my order been shipped",
            "When will my order arrive?",
            "when do I get my parcel",
            "when does the package arrive",
            "Is it on its way?",
            "any news about my delivery",
            "I am still waiting for my parcel",
            "my parcel has not arrived yet",
            "tracking says nothing, where is it",
            "how long until my order is here",
        ),
    ),
    (
        "Warranty",
        "Yes, {product} has two years of warranty from delivery, {buyer}.",
        (
            "Is this still under warranty?",
            "How long is the warranty?",
            "does it have a guarantee",
            "what about the warranty",
            "is there a guarantee on this",
            "how many years of warranty do I have",
            "is my order covered by warranty",
            "guarantee period please",
            "do you give a warranty",
            "until when is it under warranty",
            "warranty terms",
            "is the guarantee valid here",
        ),
    ),
)
REVIEWS = {
    5: ("Exactly as shown, and quick.", "Lovely. Well packed, too.", "非常好，推荐！", "Ótimo produto, obrigado!"),
    4: ("Good quality; it took a little long.", "Nice, a bit smaller than I thought.", "不错。"),
    3: ("It is all right.", "The colour is not quite that of the picture."),
    2: ("Too late, and the box was torn.", "Not worth the price."),
    1: ("It broke on the second day.", "Nobody answered my questions.", "Chegou muito tarde."),
}
REPLIES = (
    "We are sorry. Please write to us; we will find a way.",
    "Thank you for telling us. We have spoken with the carrier.",
    "很抱歉，请联系我们。",
)
THANKS = ("Thank you!", "Great, thanks.", "谢谢！", "Obrigado!")
