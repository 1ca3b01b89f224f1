"""Has REDbot look at the responses of a server: check.py [FILE], without FILE the standard input.

The input is a JSON list of cases:

    {"name": "...", "url": "http://127.0.0.1:PORT/x", "status": 200,
     "method": "HEAD", "headers": [["Accept-Encoding", "br"]]}

where `method` (GET) and `headers` (none) may be left out. REDbot sends that, with a User-Agent, and then by what it
got the same again: with `Accept-Encoding: gzip` ("conneg", unless the case has that header), for a range ("range", of
a body with `Accept-Ranges: bytes`), by If-None-Match ("etag_validate") and by If-Modified-Since ("lm_validate").

Each case is printed with the status of every response, then with what REDbot notes, by level: good, info, warn, bad,
or okay, for what is listed in `WRONG`. Notes on one of the further responses have its name in brackets.

Exits with 0 if all is well; with 1 if a case has a bad note, another status than expected, or a response that did not
come, or not to its end: those are on stderr, with REDbot's explanation.
"""

import json
import sys
from configparser import ConfigParser

import thor
from httplint.note import levels
from redbot.resource import HttpResource
from thor.http.client.connection import HttpClientConnection
from thor.http.common import HttpMessageHandler

# The notes that are wrong, and of which responses.
WRONG = {
    # RFC 9110, 15.3.7.2: of several parts, each has a Content-Range, and the response as a whole must not.
    "PARTIAL_WITHOUT_RANGE": lambda response: media_type(response) == "multipart/byteranges",
    # RFC 9110, 14.1.2: a range ends where the body does, so that of a short one REDbot does ask for all.
    "RANGE_CL_FULL": lambda response: response.content_length <= RANGE,
    # RFC 9110, 14.2: ranges are those of the coded form, so that one from its middle can't be decoded by itself.
    "BAD_GZIP": lambda response: response.status_code == 206,
    "BAD_BROTLI": lambda response: response.status_code == 206,
}

RANGE = 97  # bytes that REDbot asks for
LIMIT = 20  # seconds for one case

# Since thor 0.17, REDbot no longer hears of bytes after the end of a response: of a body where none may be.
HttpClientConnection.input_extra_data = HttpMessageHandler.input_extra_data


class Resource(HttpResource):
    """REDbot's own, with two corrections."""

    def __init__(self, config):
        super().__init__(config)
        # Or else whatever compares a response to its request is left out: a 206 without Range, and such.
        for fetcher in [self, *self.subreqs.values()]:
            fetcher.response.request = fetcher.request

    def run_active_checks(self):
        # It asks for bytes from where some read() began, but expects no more than that read() got: let it be those in
        # the middle of the body.
        body = b"".join(data for _, data in self.response_content_sample)
        start = max(0, (len(body) - RANGE) // 2)
        self.response_content_sample = [(start, body[start : start + RANGE])] if body else []
        super().run_active_checks()


def media_type(response):
    return response.headers.parsed.get("content-type", [None])[0]


def all_notes(notes):
    for note in notes:
        yield note
        yield from all_notes(note.subnotes)


def report(case, resource):
    """Prints what was found, and returns what is wrong."""
    further = {f" [{name}]": one for name, one in resource.subreqs.items() if one.fetch_started}
    fetchers = {"": resource, **further}
    print(f"{case['name']}:", ", ".join(f"{one.response.status_code}{where}" for where, one in fetchers.items()))
    failures, seen = [], set()
    if resource.response.status_code != case["status"]:
        failures.append(f"the status is {resource.response.status_code}, not {case['status']}")
    for where, fetcher in fetchers.items():
        error = fetcher.fetch_error
        if error or not fetcher.response.complete:
            reason = f"{error.desc} {error.detail or ''}" if error else "see its notes, or it took too long"
            failures.append(f"no whole response{where}: {reason}")
        for response in [*fetcher.nonfinal_responses, fetcher.response]:
            for note in all_notes(response.notes):
                kind = type(note).__name__
                # Some are noted on both the first and the further response.
                if (kind, note.summary) in seen:
                    continue
                seen.add((kind, note.summary))
                wrong = kind in WRONG and WRONG[kind](response)
                line = f"{kind}{where}: {note.summary}"
                print(" ", "okay" if wrong else note.level.name.lower(), line)
                if note.level is levels.BAD and not wrong:
                    failures.append(f"{line} {note.detail.striptags()}")
    return [f"{case['name']}: {failure}" for failure in failures]


def main():
    with open(sys.argv[1]) if len(sys.argv) > 1 else sys.stdin as file:
        left = iter(json.load(file))
    config = ConfigParser()
    config.read_dict({"redbot": {"enable_local_access": "true"}})
    failures = []

    def check_next():
        case = next(left, None)
        if case is None:
            thor.stop()
            return
        resource = Resource(config["redbot"])
        resource.set_request(case["url"], case.get("method", "GET"), case.get("headers"))
        limit = thor.schedule(LIMIT, resource.stop)

        @thor.events.on(resource)
        def check_done():
            limit.delete()
            failures.extend(report(case, resource))
            check_next()

        resource.check()

    thor.schedule(0, check_next)
    thor.run()
    if failures:
        sys.exit("\n".join(["REDbot found:", *failures]))


if __name__ == "__main__":
    main()
