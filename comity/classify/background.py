"""What buyers write that no saved answer is for. Every seller's model learns these as "nothing of mine"."""

_TEXTS = """
I love it, thank you so much
Thanks, have a nice day
ok
Great, that is what I wanted to know
Your last message did not make any sense to me
I am very disappointed with this purchase
This is the third time I write to you about the same problem
The glass was broken when I opened the box
One of the screws is missing and I cannot put it together
It smells strange and I think it is not safe
My child was hurt by a sharp edge
The colour is nothing like in the picture
I was charged twice for the same thing
Somebody else opened my parcel before it came to me
You promised to call me yesterday and nobody did
I will go to a lawyer if this is not solved
Please talk to your colleague who knows my case
Can we agree on a part of the price back instead
It worked for two days and then it made a noise and died
I sent you the photos last week, what do you think of them
The neighbour says he never got anything
Could you make it two centimetres shorter for me
I need twenty of them for a wedding, what can you do
Is it possible to engrave a name on it
Would this fit the older version from 2015
How does it compare to the one your rival sells
What is the best way to clean it if the oil went into the wood
My grandmother has the same one and hers is heavier
Are you hiring at the moment
I would like to sell your goods in my own shop
Who made the drawing on the front, it is beautiful
Is the shop owner the same person as last year
I wrote a review but it is not shown
The instructions are in a language that I cannot read
There was a letter for another person in the box
It is too late now, the birthday was on Saturday
Why did you not answer me for a week
Please do not use so much plastic
The weather here is terrible
Can I have your personal number
I do not understand what you mean
That is not what I asked
No
Yes please
Hello, are you there
I have one more thing to tell you
Let me think about it and come back to you
My friend ordered the same and got a different one
Something rattles inside, is that normal
The lamp flickers when the heating is on
谢谢，很喜欢
收到的时候已经坏了
颜色和图片完全不一样
我被收了两次钱
你们昨天说会打电话给我
能不能便宜一点
少了一个零件，装不起来
你好，在吗
我再想想
这不是我问的
Muchas gracias, todo bien
Llegó roto y faltan piezas
No es lo que pedí
¿Me pueden hacer un descuento por el daño?
Nadie me contestó en una semana
Obrigada, adorei
Chegou quebrado e com cheiro estranho
Não foi isso que eu perguntei
Quero falar com outra pessoa
Danke, alles bestens
Das Glas war kaputt, als ich das Paket aufgemacht habe
Das habe ich nicht gefragt
"""


def texts() -> list[str]:
    """Return the texts, each once."""
    return [line for line in _TEXTS.strip().splitlines() if line]
