//! Conditions: entity tags that are none, and dates that never were.

use super::{World, ranges::check_parts};

/// Header lines, and the statuses that may come for `a.txt`. `{etag}`, `{opaque}` and `{date}` are those of the file, whose
/// tag is that text in quotes.
type Conditional<T> = (T, &'static [u16]);

const TAGS: &[Conditional<&str>] = &[
    ("If-Match: {etag}", &[200]),
    ("If-Match: *", &[200]),
    ("If-Match: \"x\"", &[412]),
    ("If-Match: \"*\"", &[412]),
    ("If-Match: *, \"x\"", &[200, 412]),
    ("If-Match: **", &[412]),
    ("If-Match: W/", &[412]),
    ("If-Match: W/{etag}", &[412]),
    ("If-Match: {opaque}", &[412]),
    ("If-Match: \"{opaque}", &[412]),
    ("If-Match: {opaque}\"", &[412]),
    ("If-Match: '{opaque}'", &[412]),
    ("If-Match: \"", &[412]),
    ("If-Match: \"\"", &[412]),
    ("If-Match: \"\u{ff}\u{e4}\"", &[412]),
    ("If-Match: ", &[200, 412]),
    ("If-Match: ,", &[200, 412]),
    ("If-Match: ,, {etag} ,,", &[200]),
    ("If-Match: \"x\"\r\nIf-Match: {etag}", &[200]),
    ("If-Match: \"x\"\r\nIf-Match: \"y\"", &[412]),
    ("If-Match: \"x\"\r\nRange: bytes=0-0", &[412]),
    ("If-Match: \"x\"\r\nRange: bytes=99-", &[412]),
    ("If-Match: \"x\"\r\nIf-None-Match: {etag}", &[412]),
    ("If-None-Match: {etag}", &[304]),
    ("If-None-Match: W/{etag}", &[304]),
    ("If-None-Match: *", &[304]),
    ("If-None-Match: \"*\"", &[200]),
    ("If-None-Match: *, \"x\"", &[200, 304]),
    ("If-None-Match: w/{etag}", &[200]),
    ("If-None-Match: W/", &[200]),
    ("If-None-Match: W/*", &[200]),
    ("If-None-Match: W/W/{etag}", &[200]),
    ("If-None-Match: {opaque}", &[200]),
    ("If-None-Match: \"{opaque}", &[200]),
    ("If-None-Match: {etag}\"", &[200]),
    ("If-None-Match: \"{etag}\"", &[200]),
    ("If-None-Match: {etag}{etag}", &[200]),
    ("If-None-Match: {etag};q=1", &[200]),
    ("If-None-Match: \"\"", &[200]),
    ("If-None-Match: \"\u{ff}\"", &[200]),
    ("If-None-Match: \"a,{opaque}\"", &[200]),
    ("If-None-Match: \u{ff}, {etag}", &[200, 304]),
    ("If-None-Match: ", &[200]),
    ("If-None-Match: ,{etag},", &[304]),
    ("If-None-Match: \"x\" ,\t{etag}", &[304]),
    ("If-None-Match: \"x\"\r\nIf-None-Match: {etag}", &[304]),
    ("If-None-Match: \"x\"\r\nIf-Modified-Since: {date}", &[200]),
    ("If-None-Match: {etag}\r\nRange: bytes=0-0", &[304]),
    ("If-None-Match: {etag}\r\nRange: bytes=99-", &[304]),
    ("If-Range: {etag}\r\nRange: bytes=0-0", &[206]),
    ("If-Range: {date}\r\nRange: bytes=0-0", &[206]),
    ("If-Range: W/{etag}\r\nRange: bytes=0-0", &[200]),
    ("If-Range: *\r\nRange: bytes=0-0", &[200]),
    ("If-Range: \r\nRange: bytes=0-0", &[200]),
    ("If-Range: {opaque}\r\nRange: bytes=0-0", &[200]),
    ("If-Range: \"{opaque}\r\nRange: bytes=0-0", &[200]),
    ("If-Range: \"x\", {etag}\r\nRange: bytes=0-0", &[200]),
    ("If-Range: \"x\"\r\nRange: bytes=99-", &[200]),
    ("If-Range: \"x\"\r\nRange: bytes=0-0,2-3", &[200]),
    ("If-Range: \u{ff}\r\nRange: bytes=0-0", &[200]),
    ("If-Range: Fri, 31 Dec 9999 23:59:59 GMT\r\nRange: bytes=0-0", &[200]),
    ("If-Range: Sun, 09 Sep 2001 01:46:39 GMT\r\nRange: bytes=0-0", &[200]),
    ("If-Range: Sunday, 09-Sep-01 01:46:40 GMT\r\nRange: bytes=0-0", &[200, 206]),
    ("If-Range: {etag}\r\nIf-Range: \"x\"\r\nRange: bytes=0-0", &[200, 206]),
    ("If-Range: {etag}", &[200]),
    ("If-Range: \"x\"", &[200]),
];

/// A date, and what may come of it in `If-Modified-Since` and in `If-Unmodified-Since`. What is no date is ignored. The file
/// is of `Sun, 09 Sep 2001 01:46:40 GMT`.
const DATES: &[(&str, &[u16], &[u16])] = &[
    ("Sun, 09 Sep 2001 01:46:40 GMT", &[304], &[200]),
    ("Sun, 09 Sep 2001 01:46:39 GMT", &[200], &[412]),
    ("Sunday, 09-Sep-01 01:46:40 GMT", &[304], &[200]),
    ("Sun Sep  9 01:46:40 2001", &[304], &[200]),
    ("Fri, 31 Dec 9999 23:59:59 GMT", &[304], &[200]),
    ("Thu, 01 Jan 1970 00:00:00 GMT", &[200], &[412]),
    ("Wed, 31 Dec 1969 23:59:59 GMT", &[200], &[200, 412]),
    ("Sat, 01 Jan 0000 00:00:00 GMT", &[200], &[200, 412]),
    ("Mon, 01 Jan 1601 00:00:00 GMT", &[200], &[200, 412]),
    ("Sat, 01 Jan 10000 00:00:00 GMT", &[200], &[200]),
    ("Sat, 01 Jan -001 00:00:00 GMT", &[200], &[200]),
    ("Tuesday, 01-Jan-69 00:00:00 GMT", &[304], &[200]),
    ("Friday, 01-Jan-99 00:00:00 GMT", &[200], &[412]),
    ("Sun, 09-Sep-01 01:46:40 GMT", &[200, 304], &[200]),
    ("Sat, 31 Dec 2016 23:59:60 GMT", &[200, 304], &[200]),
    ("Sat, 31 Dec 2016 23:59:61 GMT", &[200], &[200]),
    ("Sat, 31 Dec 2016 24:00:00 GMT", &[200], &[200]),
    ("Sat, 31 Dec 2016 23:60:00 GMT", &[200], &[200]),
    ("Thu, 29 Feb 2024 00:00:00 GMT", &[304], &[200]),
    ("Wed, 29 Feb 2023 00:00:00 GMT", &[200], &[200]),
    ("Fri, 30 Feb 2024 00:00:00 GMT", &[200], &[200]),
    ("Sun, 00 Sep 2024 00:00:00 GMT", &[200], &[200]),
    ("Sun, 32 Dec 2023 00:00:00 GMT", &[200], &[200]),
    ("Sun, 09 Foo 2024 00:00:00 GMT", &[200], &[200]),
    ("Mon, 09 Sep 2001 01:46:40 GMT", &[200, 304], &[200]),
    ("sun, 09 sep 2001 01:46:40 gmt", &[200, 304], &[200]),
    ("Sun, 9 Sep 2001 01:46:40 GMT", &[200, 304], &[200]),
    ("Sun, 09 Sep 2001 01:46:40 UTC", &[200, 304], &[200]),
    ("Sun, 09 Sep 2001 01:46:40 +0000", &[200, 304], &[200]),
    ("Sun, 09 Sep 2001 01:46:40 GMT; length=10", &[200, 304], &[200]),
    ("Sun,  09  Sep  2001  01:46:40  GMT", &[200, 304], &[200]),
    ("2001-09-09T01:46:40Z", &[200], &[200]),
    ("1000000000", &[200], &[200]),
    ("9999999999999999999999", &[200], &[200]),
    ("", &[200], &[200]),
    ("*", &[200], &[200]),
    ("GMT", &[200], &[200]),
    ("Wednesday, ", &[200], &[200]),
    ("Sun, 09 Sep 2001 01:46:4\u{b2} GMT", &[200], &[200]),
    ("\u{ff}un, 09 Sep 2001 01:46:40 GMT", &[200], &[200]),
    ("\u{d9}\u{a0}un, 09 Sep 2001 01:46:4 GMT", &[200], &[200]),
];

fn conditions() -> Vec<Conditional<String>> {
    let dated = |(date, modified, unmodified): &(&str, &'static [u16], &'static [u16])| {
        [(format!("If-Modified-Since: {date}"), *modified), (format!("If-Unmodified-Since: {date}"), *unmodified)]
    };
    let tags = |count: usize| (0..count).map(|n| format!("\"{n}\", ")).collect::<String>();
    let (lines, date) = ("If-None-Match: \"x\"\r\n".repeat(100), "Sun, 09 Sep 2001 01:46:40 GMT ".repeat(350));
    let long: [Conditional<String>; 13] = [
        (format!("If-Match: {}{{etag}}", tags(5000)), &[200]),
        (format!("If-Match: {}\"x\"", tags(5000)), &[412]),
        (format!("If-None-Match: {}{{etag}}", tags(5000)), &[304]),
        (format!("If-None-Match: {}\"x\"", tags(5000)), &[200]),
        (format!("If-None-Match: {}", "\"".repeat(10_001)), &[200]),
        (format!("If-None-Match: \"{}\"", "x".repeat(10_000)), &[200]),
        (format!("If-None-Match: {}{{etag}}", "W/".repeat(5000)), &[200]),
        (format!("{lines}If-None-Match: {{etag}}"), &[304]),
        (format!("If-Modified-Since: {date}"), &[200]),
        (format!("If-Unmodified-Since: {date}"), &[200]),
        (format!("If-Unmodified-Since: {}", "9".repeat(10_000)), &[200]),
        (format!("If-Range: {date}\r\nRange: bytes=0-0"), &[200]),
        (format!("If-Range: {}{{etag}}\r\nRange: bytes=0-0", tags(1000)), &[200]),
    ];
    let written = TAGS.iter().map(|&(lines, statuses)| (lines.to_owned(), statuses));
    written.chain(DATES.iter().flat_map(dated)).chain(long).collect()
}

#[test]
fn hostile_conditions_are_evaluated_or_ignored() {
    let world = World::start();
    let file = world.gateway.get("/a.txt");
    let (etag, date) = (file.header("etag").unwrap(), file.header("last-modified").unwrap());
    let check = |(lines, statuses): Conditional<String>| {
        let filled = lines.replace("{etag}", etag).replace("{opaque}", etag.trim_matches('"')).replace("{date}", date);
        let result = match world.get("/a.txt", &format!("{filled}\r\n"), statuses, "a.txt") {
            Ok(reply) if reply.status == 206 => check_parts(&reply, &world.files["a.txt"], "0-0"),
            result => result.map(drop),
        };
        (lines, result)
    };
    let results = conditions().into_iter().map(check).collect();
    world.conclude(results);
}
