"""What schemathesis has to know of the gateway: MsgPack, ints that are written as ints, and every status looked at."""
import base64
import json
import math

import msgpack
import schemathesis


def plain(value):
    """JSON Schema takes 5.0 for an integer; the gateway, by contract, does not."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def packed(value, name=None):
    """Bytes are bytes in MsgPack (the only such property is `picture`), and its ints have 64 bits."""
    if isinstance(value, dict):
        return {key: packed(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [packed(item) for item in value]
    if name == "picture" and isinstance(value, str):
        text = value.rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError:
            return value
    if type(value) is int and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 10**300 else math.copysign(1e300, value)
    return value


def unpacked(value):
    """As the same reply would be in JSON."""
    if isinstance(value, dict):
        return {str(key): unpacked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unpacked(item) for item in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


@schemathesis.serializer("application/json")
def to_json(ctx, value):
    return value if isinstance(value, bytes) else json.dumps(plain(value)).encode()


@schemathesis.serializer("application/msgpack")
def to_msgpack(ctx, value):
    return value if isinstance(value, bytes) else msgpack.packb(packed(plain(value)))


@schemathesis.deserializer("application/msgpack")
def from_msgpack(ctx, response):
    return unpacked(msgpack.unpackb(response.content, strict_map_key=False))


@schemathesis.hook
def before_load_schema(ctx, raw_schema):
    """`default` documents every status; without it, status_code_conformance says something."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("default", None)


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A form in parts is what RFC 7578 makes of it: names that a header can hold, and, by contract, files at its end."""
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        kept = [item for item in case.body.items() if item[0].isprintable()]
        case.body = dict(sorted(kept, key=lambda item: item[0] in ("picture", "more")))
