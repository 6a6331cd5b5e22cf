"""What mail programs and people write around an answer, by language: a table of words, no rules.

A word that is missing here leaves a line too much in a message; it takes none away. Quotes of our own mails are known
without these words (`quotes`), so a language that is not here is served, too.
"""

#: How programs end the line that introduces a quote: "On Monday, Ana wrote:".
WROTE = (
    "wrote", "writes", "schrieb", "escribió", "escreveu", "a écrit", "ha scritto", "schreef", "geschreven", "napisał",
    "napisała", "napisał(a)", "пишет", "писал", "писал(а)", "написал", "написала", "написал(а)", "пише", "написав",
    "написал(-а)", "skrev", "skrifaði", "kirjoitti", "napsal", "napsal(a)", "napísal", "napísal(a)", "írta",
    "a scris", "έγραψε", "yazdı", "đã viết", "menulis", "เขียนว่า", "написа", "je napisao", "napisao je",
    "je napisao/la", "je napisal", "rašė", "rakstīja", "kirjutas", "כתב", "כתב/ה", "كتب", "写道", "寫道", "님이 작성",
    "작성", "のメッセージ", "が書きました", "書きました", "ने लिखा",
)  # fmt: skip

#: How programs for telephones, and filters for viruses, end a mail.
SENT_FROM = (
    "sent from", "发自", "来自", "αποστολή από", "मेरे iphone", "enviat des", "išsiųsta iš", "saadetud minu",
    "nosūtīts no", "envoyé via", "gesendet über", "sent from my", "sent from mail", "sent from outlook",
    "sent from yahoo", "sent from proton", "sent via", "sent with proton", "get outlook for", "get bluemail",
    "von meinem", "gesendet von", "gesendet mit", "outlook für", "holen sie sich outlook", "enviado desde mi",
    "enviado desde", "obtener outlook", "obtén outlook", "enviado do meu", "enviado a partir", "enviado via",
    "obter o outlook", "obtenha o outlook", "envoyé de mon", "envoyé depuis", "envoyé à partir",
    "télécharger outlook", "obtenir outlook", "inviato da", "inviato dal", "scarica outlook", "ottieni outlook",
    "verstuurd vanaf", "verzonden vanaf", "verzonden met", "outlook voor", "wysłane z", "wysłano z",
    "pobierz program outlook", "pobierz outlook", "отправлено с", "отправлено из", "отправлено от", "скачать outlook",
    "получить outlook", "надіслано з", "отримати outlook", "завантажити outlook", "skickat från", "skaffa outlook",
    "hämta outlook", "sendt fra min", "sendt fra", "få outlook", "hent outlook", "lähetetty", "hanki outlook",
    "odesláno z", "odoslané z", "získat outlook", "az iphone-omról küldve", "elküldve", "letöltés outlook",
    "trimis de pe", "trimis din", "obțineți outlook", "στάλθηκε από", "λήψη του outlook", "iphone'umdan gönderildi",
    "iphone’umdan gönderildi", "android için outlook", "ios için outlook", "được gửi từ", "đã gửi từ", "gửi từ",
    "tải outlook", "dikirim dari", "dihantar daripada", "dapatkan outlook", "ส่งจาก", "изпратено от",
    "изтегляне на outlook", "poslano s", "poslano iz", "发自我的", "从我的", "发自我", "發自我的", "從我的", "傳送自",
    "获取 outlook", "取得 outlook", "下载 outlook", "来自我的", "发送自", "iphoneから送信", "ipadから送信",
    "iphone から送信", "androidから送信", "outlook を", "나의 iphone에서", "내 iphone에서", "iphone에서 보냄",
    "나의 android에서", "outlook 다운로드", "android용 outlook", "ios용 outlook", "أرسلت من", "تم الإرسال من",
    "מאת ה-iphone", "נשלח מה", "נשלח מ", "virus-free", "this email has been checked for viruses", "virenfrei",
    "diese e-mail wurde von avast", "libre de virus", "livre de vírus", "garanti sans virus", "sans virus",
    "privo di virus", "virusvrij", "без вирусов", "无病毒",
)  # fmt: skip

#: Programs and things that name themselves there.
PROGRAMS = (
    "iphon", "邮箱", "郵箱", "orange", "iphone", "ipad", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi",
    "oppo", "vivo", "honor", "oneplus", "pixel", "blackberry", "outlook", "gmail", "yahoo", "proton", "bluemail",
    "mail for", "mail für", "mail pour", "mail para", "mail per", "windows", "smartphone", "my phone", "my mobile",
    "handy", "my cell", "meu celular", "telemóvel", "mi móvil", "mi celular", "mon mobile", "cellulare", "telefoon",
    "telefonu", "telefonas", "мобильн", "смартфон", "телефона", "手机", "手機", "スマートフォン", "휴대폰", "mail.ru",
    "яндекс", "yandex", "gmx", "web.de", "aol", "mail.com", "k-9", "thunderbird", "avast", "avg", "virus",
    "virenfrei", "virusvrij", "вирус", "病毒",
)  # fmt: skip

#: How people close a letter, before their name.
CLOSINGS = (
    "best", "cheers", "warmly", "greetings", "grüße", "grüsse", "gruß", "viele liebe grüße", "lg", "vg",
    "thanks and regards", "thanks and best regards", "many thanks and best regards", "thank you and best regards",
    "abraço", "bien à toi", "με φιλικούς χαιρετισμούς", "best regards", "kind regards", "warm regards",
    "warmest regards", "with best regards", "with kind regards", "regards", "best wishes", "sincerely",
    "yours sincerely", "sincerely yours", "yours faithfully", "yours truly", "respectfully", "cordially",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "freundliche grüße", "freundliche grüsse", "viele grüße",
    "liebe grüße", "beste grüße", "herzliche grüße", "schöne grüße", "mit besten grüßen", "hochachtungsvoll", "mfg",
    "saludos", "un saludo", "saludos cordiales", "un cordial saludo", "atentamente", "cordialmente",
    "muy atentamente", "cordialement", "bien cordialement", "salutations", "bien à vous", "sincères salutations",
    "meilleures salutations", "atenciosamente", "att", "cumprimentos", "melhores cumprimentos",
    "com os melhores cumprimentos", "abraços", "cordiali saluti", "distinti saluti", "saluti", "un saluto",
    "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groeten", "groeten", "mvg", "pozdrawiam",
    "z poważaniem", "serdecznie pozdrawiam", "с уважением", "с наилучшими пожеланиями", "з повагою",
    "з найкращими побажаннями", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "mvh",
    "med venlig hilsen", "venlig hilsen", "med vennlig hilsen", "vennlig hilsen", "ystävällisin terveisin",
    "terveisin", "s pozdravem", "s pozdravom", "üdvözlettel", "tisztelettel", "cu stimă", "cu respect", "με εκτίμηση",
    "saygılarımla", "saygılarımızla", "iyi çalışmalar", "trân trọng", "hormat kami", "salam", "salam hormat",
    "с уважение", "lp", "lijep pozdrav", "s poštovanjem", "lep pozdrav", "此致", "此致敬礼", "敬礼", "祝好",
    "顺祝商祺", "顺颂商祺", "敬上", "敬具", "以上", "مع تحياتي", "تحياتي", "בברכה", "ขอแสดงความนับถือ",
)  # fmt: skip

#: How the subject of an automatic answer begins, where no header says that it is one.
AWAY = (
    "ooo:", "abwesend:", "absence:", "absent:", "assenza:", "assente", "afwezig:", "nicht im büro", "休假自动回复",
    "外出自动回复", "外出时的自动答复", "休暇の自動返信", "automatic reply", "automatic response", "auto reply",
    "autoreply", "auto-reply", "auto response", "autoresponse", "auto-response", "out of office", "out-of-office",
    "out of the office", "vacation reply", "away from the office", "automatische antwort", "abwesenheitsnotiz",
    "abwesenheit:", "automatische abwesenheit", "réponse automatique", "absence du bureau", "message d'absence",
    "respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "ausencia:",
    "resposta automática", "resposta automatica", "fora do escritório", "ausência do escritório",
    "risposta automatica", "fuori sede", "fuori ufficio", "automatisch antwoord", "afwezigheidsbericht",
    "automatyczna odpowiedź", "odpowiedź automatyczna", "poza biurem", "автоматический ответ", "автоответ",
    "автоматична відповідь", "автовідповідь", "autosvar", "automatiskt svar", "automatisk svar", "frånvaro:",
    "automaattinen vastaus", "poissa toimistosta", "automatická odpověď", "automatická odpoveď", "automatikus válasz",
    "házon kívül", "răspuns automat", "αυτόματη απάντηση", "otomatik yanıt", "otomatik cevap", "ofis dışında",
    "trả lời tự động", "phản hồi tự động", "balasan otomatis", "balasan automatik", "ตอบกลับอัตโนมัติ",
    "автоматичен отговор", "automatski odgovor", "samodejni odgovor", "automatinis atsakymas", "automātiska atbilde",
    "automaatne vastus", "自动答复", "自动回复", "自動回覆", "自動答覆", "自動回復", "自動返信", "自動応答",
    "不在通知", "자동 회신", "자동 응답", "부재중 자동", "رد تلقائي", "رد آلي", "מענה אוטומטי", "תשובה אוטומטית",
    "स्वचालित उत्तर",
)  # fmt: skip

#: How the subject of a mail that tells of a late delivery begins; it is still on its way, and did not come back.
DELAYED = (
    "warning:", "delayed mail", "delivery status notification (delay)", "delivery delayed", "message delayed",
    "mail delayed",
)  # fmt: skip
