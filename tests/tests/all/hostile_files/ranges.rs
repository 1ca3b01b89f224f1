//! `Range`: malformed, out of the file, and far too many.

use wicketgate_tests::Reply;

use super::World;

/// What an answer to a range costs at most beside twice the file.
const HEAD: usize = 1024;

/// File, `Range`, the statuses that may come, and the parts that 206 must consist of; none is whatever it says.
type Ranged<T> = (&'static str, T, &'static [u16], T);

const RANGES: &[Ranged<&str>] = &[
    ("a.txt", "bytes=0-0", &[206], "0-0"),
    ("a.txt", "BYTES=1-2", &[206], "1-2"),
    ("a.txt", "bytes=0-18446744073709551615", &[206], "0-9"),
    ("a.txt", "bytes=0-18446744073709551616", &[206], "0-9"),
    ("a.txt", "bytes=-18446744073709551616", &[206], "0-9"),
    ("a.txt", "bytes=00000000000000000000009-9", &[206], "9-9"),
    ("a.txt", "bytes=18446744073709551615-", &[416], ""),
    ("a.txt", "bytes=18446744073709551616-", &[416], ""),
    ("a.txt", "bytes=18446744073709551615-18446744073709551615", &[416], ""),
    ("a.txt", "bytes=10-", &[416], ""),
    ("a.txt", "bytes=-0", &[416], ""),
    ("a.txt", "bytes=-0,10-,99-100", &[416], ""),
    ("a.txt", "bytes=-0,0-1", &[206], "0-1"),
    ("a.txt", "bytes=0-1,100-200", &[206], "0-1"),
    ("a.txt", "bytes=18446744073709551615-,-1", &[206], "9-9"),
    ("a.txt", "bytes=0-1,2-3", &[206], "0-3"),
    ("a.txt", "bytes=2-3,0-1", &[206], "0-3"),
    ("a.txt", "bytes=0-5,3-7", &[206], "0-7"),
    ("a.txt", "bytes=0-3,0-3,0-3", &[206], "0-3"),
    ("a.txt", "bytes=0-0,9-9", &[200, 206], ""),
    ("a.txt", "bytes=0-4,5-9", &[200, 206], "0-9"),
    ("a.txt", "bytes=0-,0-,0-,0-", &[200, 206], "0-9"),
    ("a.txt", "bytes=0-0,", &[200, 206], "0-0"),
    ("a.txt", "bytes=,,0-0,,", &[200, 206], "0-0"),
    ("a.txt", "bytes= 0-1", &[200, 206], "0-1"),
    ("a.txt", "bytes=\t0-1", &[200, 206], "0-1"),
    ("a.txt", "bytes =0-1", &[200, 206], "0-1"),
    ("a.txt", " \t bytes=0-1 \t ", &[206], "0-1"),
    ("a.txt", "bytes=0 -1", &[200], ""),
    ("a.txt", "bytes=0- 1", &[200], ""),
    ("a.txt", "bytes=0\t-\t1", &[200], ""),
    ("a.txt", "", &[200], ""),
    ("a.txt", "=", &[200], ""),
    ("a.txt", "-", &[200], ""),
    ("a.txt", "bytes", &[200], ""),
    ("a.txt", "bytes=", &[200], ""),
    ("a.txt", "bytes=,", &[200], ""),
    ("a.txt", "bytes=-", &[200], ""),
    ("a.txt", "bytes=--", &[200], ""),
    ("a.txt", "bytes=--1", &[200], ""),
    ("a.txt", "bytes=-1-2", &[200], ""),
    ("a.txt", "bytes=-1--2", &[200], ""),
    ("a.txt", "bytes=0-1-2", &[200], ""),
    ("a.txt", "bytes=5-2", &[200], ""),
    ("a.txt", "bytes=18446744073709551616-0", &[200], ""),
    ("a.txt", "bytes=0-1,5-2", &[200], ""),
    ("a.txt", "bytes=0-1,-", &[200], ""),
    ("a.txt", "bytes=0-1,x", &[200], ""),
    ("a.txt", "bytes=0-1;2-3", &[200], ""),
    ("a.txt", "bytes=0-1 2-3", &[200], ""),
    ("a.txt", "bytes=0-1/10", &[200], ""),
    ("a.txt", "bytes=*", &[200], ""),
    ("a.txt", "bytes=*-1", &[200], ""),
    ("a.txt", "bytes=+0-1", &[200], ""),
    ("a.txt", "bytes=0-+1", &[200], ""),
    ("a.txt", "bytes=0x0-0x1", &[200], ""),
    ("a.txt", "bytes=1e0-2", &[200], ""),
    ("a.txt", "bytes=0.0-1.0", &[200], ""),
    ("a.txt", "bytes=%30-1", &[200], ""),
    ("a.txt", "bytes=\"0-1\"", &[200], ""),
    ("a.txt", "bytes==0-1", &[200], ""),
    ("a.txt", "bytes:0-1", &[200], ""),
    ("a.txt", "bytes 0-1/10", &[200], ""),
    ("a.txt", "bytes=0\u{e2}\u{80}\u{93}1", &[200], ""),
    ("a.txt", "bytes=\u{d9}\u{a0}-\u{d9}\u{a1}", &[200], ""),
    ("a.txt", "bytes=0-1\u{ff}", &[200], ""),
    ("a.txt", "\u{a0}bytes=0-1", &[200], ""),
    ("a.txt", "byte=0-1", &[200], ""),
    ("a.txt", "seconds=0-1", &[200], ""),
    ("a.txt", "none", &[200], ""),
    ("a.txt", "none=0-1", &[200], ""),
    ("a.txt", "bytes=0-0\r\nRange: bytes=2-2", &[200, 206], ""),
    ("a.txt", "bytes=0-0\r\nRange: x", &[200, 206], ""),
    ("a.txt", "x\r\nRange: bytes=0-0", &[200, 206], ""),
    ("a.txt", "bytes=0-0, bytes=2-2", &[200], ""),
    ("empty.txt", "bytes=0-", &[416], ""),
    ("empty.txt", "bytes=0-0", &[416], ""),
    ("empty.txt", "bytes=-1", &[416], ""),
    ("empty.txt", "bytes=-0", &[416], ""),
    ("empty.txt", "bytes=0-0,1-1,-5", &[416], ""),
    ("empty.txt", "bytes=", &[200], ""),
    ("empty.txt", "bytes=1-0", &[200], ""),
    ("long.txt", "bytes=0-9,50000-50009", &[206], "0-9,50000-50009"),
    ("long.txt", "bytes=50000-50009,0-9", &[206], "0-9,50000-50009"),
    ("long.txt", "bytes=0-9 , \t 50000-50009", &[206], "0-9,50000-50009"),
    ("long.txt", "bytes=0-9,-10", &[206], "0-9,99990-99999"),
    ("long.txt", "bytes=0-9,100000-", &[206], "0-9"),
    ("long.txt", "bytes=0-999,10-20,500-1999,30000-", &[206], "0-1999,30000-99999"),
    ("long.txt", "bytes=-10,99990-99999", &[206], "99990-99999"),
    ("long.txt", "bytes=0-49998,50000-", &[200, 206], "0-99999"),
    ("long.txt", "bytes=0-,0-,-100000,1-,2-", &[200, 206], ""),
    ("dir", "bytes=0-0", &[308], ""),
    ("nothing", "bytes=0-0", &[404], ""),
    (".env", "bytes=0-0", &[404], ""),
    ("out.txt", "bytes=0-0,2-3", &[404], ""),
    ("fifo", "bytes=0-0", &[404], ""),
];

/// `Range` with so many items.
fn items(count: usize, item: impl Fn(usize) -> String) -> String {
    format!("bytes={}", (0..count).map(item).collect::<Vec<_>>().join(","))
}

fn long_ranges() -> [Ranged<String>; 18] {
    let apart = |n: usize| format!("{}-{}", n * 900, n * 900 + 9);
    let hundred = items(100, apart);
    let parts = hundred.replace("bytes=", "");
    [
        ("long.txt", hundred, &[206], parts),
        ("long.txt", items(101, apart), &[200], String::new()),
        ("long.txt", items(1000, apart), &[200], String::new()),
        ("long.txt", items(1000, |_| "0-".into()), &[200, 206], "0-99999".into()),
        ("long.txt", items(100, |n| format!("{n}-")), &[200, 206], "0-99999".into()),
        ("long.txt", items(100, |n| format!("{}-{}", n * 2, n * 2)), &[200, 206], String::new()),
        // With what stands between its parts, this is more than the file.
        ("long.txt", items(100, |n| format!("{}-{}", n * 1000, n * 1000 + 914)), &[200, 206], String::new()),
        ("a.txt", items(1000, |n| format!("{0}-{0}", n % 10)), &[200, 206], "0-9".into()),
        ("a.txt", items(1000, |n| format!("-{n}")), &[200, 206], "0-9".into()),
        ("a.txt", items(10_000, |_| String::new()), &[200], String::new()),
        ("a.txt", format!("bytes=0-{}", "9".repeat(50_000)), &[206], "0-9".into()),
        ("a.txt", format!("bytes={}0-1", "0".repeat(50_000)), &[206], "0-1".into()),
        ("a.txt", format!("bytes={}-", "9".repeat(50_000)), &[416], String::new()),
        ("a.txt", format!("bytes={}", "-".repeat(50_000)), &[200], String::new()),
        ("a.txt", format!("bytes=0-{}1", " ".repeat(50_000)), &[200], String::new()),
        ("a.txt", format!("{}=0-1", "x".repeat(50_000)), &[200], String::new()),
        ("empty.txt", items(100, |n| format!("{n}-{n}")), &[416], String::new()),
        ("empty.txt", items(1000, |n| format!("{n}-{n}")), &[200, 416], String::new()),
    ]
}

/// A part of a file: first and last byte, and what came of it.
type Part<'r> = (usize, usize, &'r [u8]);

/// The parts that a 206 consists of, by their first bytes; `None` if it can't be read.
fn parts(reply: &Reply) -> Option<Vec<Part<'_>>> {
    let mut parts = match reply.header("content-range") {
        Some(range) => {
            let (start, end, _) = content_range(range)?;
            vec![(start, end, reply.body.as_slice())]
        }
        None => {
            let media = reply.header("content-type")?.strip_prefix("multipart/byteranges")?;
            let boundary = media.split_once("boundary=")?.1.trim_matches('"');
            byteranges(&reply.body, format!("--{boundary}").as_bytes())?
        }
    };
    parts.sort();
    Some(parts)
}

/// Reads a multipart body (RFC 2046 §5.1.1). What is in a part is as long as its Content-Range says.
fn byteranges<'r>(body: &'r [u8], delimiter: &[u8]) -> Option<Vec<Part<'r>>> {
    let (mut parts, mut rest) = (Vec::new(), body.strip_prefix(b"\r\n").unwrap_or(body));
    loop {
        rest = rest.strip_prefix(delimiter)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let head = rest.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&rest[..head]).ok()?.to_ascii_lowercase();
        let (start, end, _) = content_range(text.lines().find_map(|line| line.strip_prefix("content-range:"))?)?;
        let size = (end + 1).checked_sub(start)?;
        parts.push((start, end, rest.get(head..head + size)?));
        rest = rest[head + size..].strip_prefix(b"\r\n")?;
    }
}

/// First and last byte, and the length of all, in `bytes 0-1/2`.
fn content_range(text: &str) -> Option<(usize, usize, usize)> {
    let (range, length) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    Some((start.parse().ok()?, end.parse().ok()?, length.parse().ok()?))
}

/// The parts of a 206 must be those of the file, and these ones.
pub(super) fn check_parts(reply: &Reply, content: &[u8], expected: &str) -> Result<(), String> {
    let parts = parts(reply).ok_or_else(|| format!("206, but of no parts: {reply:?}"))?;
    for (start, end, bytes) in &parts {
        if content.get(*start..=*end) != Some(*bytes) {
            return Err(format!("{start}-{end} is not what came: {:.60}", String::from_utf8_lossy(bytes)));
        }
    }
    let told: Vec<_> = parts.iter().map(|(start, end, _)| format!("{start}-{end}")).collect();
    if expected.is_empty() || told.join(",") == expected { Ok(()) } else { Err(format!("206 with {told:?}")) }
}

/// What holds of all answers to a range.
fn check_range(world: &World, (file, range, statuses, expected): &Ranged<String>) -> Result<(), String> {
    let reply = world.get(&format!("/{file}"), &format!("Range: {range}\r\n"), statuses, file)?;
    let content = world.files.get(*file).map(Vec::as_slice).unwrap_or_default();
    let head: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    if head + reply.body.len() > 2 * content.len() + HEAD {
        return Err(format!("{} with {head} and {} bytes", reply.status, reply.body.len()));
    }
    let none = format!("bytes */{}", content.len());
    match (reply.status, reply.header("content-range")) {
        (206, None) if reply.body.len() >= content.len() => Err(format!("{} bytes in parts", reply.body.len())),
        (206, _) => check_parts(&reply, content, expected),
        (416, range) if range != Some(none.as_str()) => Err(format!("416 with {range:?}")),
        (200, Some(range)) => Err(format!("200 with {range:?}")),
        _ => Ok(()),
    }
}

#[test]
fn hostile_ranges_get_no_more_than_the_file() {
    let world = World::start();
    let written =
        RANGES.iter().map(|&(file, range, statuses, parts)| (file, range.to_owned(), statuses, parts.to_owned()));
    let check = |case: Ranged<String>| (format!("{} {}", case.0, case.1), check_range(&world, &case));
    let results = written.chain(long_ranges()).map(check).collect();
    world.conclude(results);
}
