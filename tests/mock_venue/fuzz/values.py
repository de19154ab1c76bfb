"""What is put where something sensible belongs."""

from random import Random
from typing import Any

TEXTS = (
    "",
    " ",
    "0",
    "-0",
    "-1",
    "+1",
    "00",
    "1.",
    ".5",
    "-.",
    "1,000",
    "1e5",
    "1E400",
    "0x10",
    "1_000",
    "9" * 20,
    "9" * 5_000,
    "-" + "9" * 400,
    "0." + "0" * 60 + "1",
    "1" + "0" * 30 + ".5",
    str(2**63),
    str(2**64),
    "NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "null",
    "None",
    "undefined",
    "true",
    "TRUE",
    "[]",
    "{}",
    '""',
    "[" * 2_000,
    '{"a":' * 500,
    "\x00",
    "a\x00b",
    "\r\nX-Injected: 1",
    "\t\x0b\x0c\x1f",
    "\x7f\x80\x9f",
    "é",
    "ß" * 40,
    "\u0663\u0664",
    "\uff11\uff12",
    "²",
    "\u202eTDSUCTB",
    "\ufeffBTCUSDT",
    "💣" * 20,
    "\U0010ffff",
    "%",
    "%%",
    "%zz",
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "..%2f..%2f",
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>",
    "${jndi:ldap://x}",
    "%s%n%d",
    "{0}",
    "btcusdt",
    "BTCUSDT ",
    "BTCUSDT\x00",
    "A" * 37,
    "A" * 1_000,
    "\x00" * 10_000,
)

NUMBERS = ("9" * 5_000, "-" + "9" * 400, "0." + "0" * 60 + "1", str(2**63), str(2**64), "-1", "0")
"""Texts that are numbers, and hardly ever one that is wanted."""

JSON = (
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e400",
    b"-1e-400",
    b"1.5",
    b"NaN",
    b"-Infinity",
    b"123456789012345678901234567890",
    b"9" * 5_000,
    b"[]",
    b"{}",
    b"[[]]",
    b'[null, 1, "a", {}]',
    b"[" * 5_000 + b"]" * 5_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"[" * 30_000,
    b'""',
    b'" "',
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\\uZZZZ"',
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
    b'"unfinished',
    b'"' + b"A" * 20_000 + b'"',
    b'{"a":1,"a":2}',
    b"01",
    b"+1",
    b".5",
    b"0x10",
    b"'a'",
    b"True",
    b"",
    b" ",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf{}",
    b"//",
    b"{}{}",
    b"[1,]",
    b'{"a"}',
    b'{"a":}',
    b"{,}",
)


def text(random: Random) -> str:
    """A text that is hardly ever a good value."""
    if random.random() < 0.2:
        return "".join(chr(random.randrange(1, 0x500)) for _ in range(random.randrange(1, 50)))
    return random.choice(TEXTS)


def number(random: Random) -> str:
    """A text where a number belongs."""
    return random.choice(NUMBERS) if random.random() < 0.5 else text(random)


def json(random: Random) -> bytes:
    """JSON, or something like it."""
    if random.random() < 0.2:
        return random.randbytes(random.randrange(1, 60))
    return random.choice(JSON)


def damaged(random: Random, data: bytes) -> bytes:
    """The bytes with a few of them changed, gone, doubled or exchanged."""
    made = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(made)) if made else 0
        match random.randrange(5):
            case 0 if made:
                made[at] = random.randrange(256)
            case 1 if made:
                del made[at : at + random.randrange(1, 9)]
            case 2:
                made[at:at] = random.randbytes(random.randrange(1, 5))
            case 3:
                made[at:at] = made[at : at + 16]
            case _:
                del made[at:]
    return bytes(made)


def pick(random: Random, several: dict[str, Any], count: int) -> dict[str, Any]:
    """So many of them, or all, in another order."""
    names = random.sample(sorted(several), min(count, len(several)))
    return {name: several[name] for name in names}
