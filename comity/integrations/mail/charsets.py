"""Bytes of a mail as text, by the charset it names: as browsers read the name, and by what the bytes are where it lies.

The names are those of the WHATWG Encoding Standard where mails use them: gb2312 is read as gb18030, iso-8859-1 as
windows-1252. Whatever comes, the text holds no NUL and no lone surrogate, which no database takes.
"""

import re

#: Charsets of one byte a letter, by Python's name for them. In them, text that is sound UTF-8 is a label that lies.
_SINGLE = {
    "cp1252": "ascii us-ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 "
              "windows-1252 cp1252 x-cp1252",
    "iso8859-2": "iso-8859-2 iso8859-2 latin2", "iso8859-3": "iso-8859-3", "iso8859-4": "iso-8859-4",
    "iso8859-5": "iso-8859-5", "iso8859-6": "iso-8859-6", "iso8859-7": "iso-8859-7",
    "iso8859-8": "iso-8859-8 iso-8859-8-i", "cp1254": "iso-8859-9 latin5 windows-1254", "iso8859-10": "iso-8859-10",
    "iso8859-13": "iso-8859-13", "iso8859-14": "iso-8859-14", "iso8859-15": "iso-8859-15 latin-9 latin9",
    "iso8859-16": "iso-8859-16", "koi8-r": "koi8-r koi8", "koi8-u": "koi8-u koi8-ru", "cp866": "ibm866 cp866",
    "cp437": "ibm437 cp437", "cp850": "ibm850 cp850", "cp852": "ibm852 cp852", "mac_roman": "macintosh x-mac-roman",
    "mac_cyrillic": "x-mac-cyrillic", "cp874": "windows-874 tis-620 iso-8859-11", "cp1250": "windows-1250 cp1250",
    "cp1251": "windows-1251 cp1251", "cp1253": "windows-1253 cp1253", "cp1255": "windows-1255",
    "cp1256": "windows-1256 cp1256", "cp1257": "windows-1257", "cp1258": "windows-1258",
}  # fmt: skip
_OTHERS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8", "utf-16": "utf-16 unicode", "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be", "utf-32": "utf-32", "utf-7": "utf-7 unicode-1-1-utf-7",
    "gb18030": "gb18030 gbk gb2312 gb_2312-80 chinese csgb2312 iso-ir-58 x-gbk cp936 gb2312-80",
    "hz": "hz-gb-2312 hz", "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5 cp950",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932", "euc_jis_2004": "euc-jp x-euc-jp",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 korean windows-949 cp949 uhc", "iso2022_kr": "iso-2022-kr",
    "jis": "iso-2022-jp iso-2022-jp-ms iso-2022-jp-1 iso-2022-jp-2 cp50220 cp50221",
}  # fmt: skip
_BY_NAME = {name: codec for table in (_SINGLE, _OTHERS) for codec, names in table.items() for name in names.split()}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_JIS = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJI])([^\x1b]*)")


def storable(text: str) -> str:
    """Return a text that every database takes: without NUL, a lone surrogate shown as a sign that is not known."""
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def to_text(data: bytes, charset: str) -> str:
    """Return bytes as text. A charset that is empty, unknown or plainly wrong is guessed: UTF-8, else windows-1252."""
    codec = _BY_NAME.get(charset.strip().strip("\"'").lower().partition("*")[0], "")
    if codec in ("", *_SINGLE) and (text := _strictly(data, "utf-8")) is not None:
        return storable(text)
    if codec == "jis":
        return storable(_from_jis(data))
    if codec and (text := _strictly(data, codec)) is not None:
        return storable(text)
    return storable(_mended(data, codec))


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode("utf-8-sig" if codec == "utf-8" else codec)
    except UnicodeError:
        return None


def _mended(data: bytes, codec: str) -> str:
    """Return the text of bytes that are not what they are said to be, or were cut off."""
    if codec in ("", *_SINGLE):
        return data.decode(codec or "cp1252", "replace")
    if codec != "utf-8" and (text := _strictly(data, "utf-8")) is not None:
        return text
    text = data.decode(codec, "replace")
    foreign, broken = sum(sign > "\x7f" for sign in text), text.count("\ufffd")
    # A few broken signs among many good ones: it is what it says, and was cut. More of them: it is something else.
    return text if broken * 2 <= foreign else data.decode("cp1252", "replace")


def _from_jis(data: bytes) -> str:
    """Return ISO-2022-JP as text, with the signs of Windows in it, which Python's own codec does not know."""
    begin = data.find(b"\x1b")
    if begin < 0:
        return to_text(data, "")
    said = [to_text(data[:begin], "")]
    for kind, signs in _JIS.findall(data, begin):
        high = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in signs)
        if kind in (b"$B", b"$@"):
            said.append(high.decode("euc_jis_2004", "replace"))
        elif kind == b"(I":
            said.append(high.decode("cp932", "replace"))
        else:
            said.append(signs.decode("ascii", "replace"))
    return "".join(said)
