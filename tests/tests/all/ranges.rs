//! A single range of a file, and when it counts (RFC 9110 §14).

use wicketgate_tests::{Gateway, Reply, Setup, request};

const CONTENT: &[u8] = b"0123456789";

fn start() -> Gateway {
    Setup::new().file("a.txt", CONTENT).file("empty.txt", b"").file("large.bin", &large()).start()
}

fn large() -> Vec<u8> {
    (0..300_000_u32).flat_map(u32::to_be_bytes).collect()
}

fn range(gateway: &Gateway, target: &str, range: &str) -> Reply {
    gateway.raw(&request("GET", target, &[&format!("Range: {range}")], b""))
}

#[test]
fn one_range_is_sent_alone() {
    let gateway = start();
    for (asked, sent, text) in [
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=2-5", "bytes 2-5/10", "2345"),
        ("bytes=5-", "bytes 5-9/10", "56789"),
        ("bytes=9-9", "bytes 9-9/10", "9"),
        ("bytes=0-9", "bytes 0-9/10", "0123456789"),
        ("bytes=8-100", "bytes 8-9/10", "89"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-10", "bytes 0-9/10", "0123456789"),
        ("bytes=-999", "bytes 0-9/10", "0123456789"),
        ("BYTES=1-2", "bytes 1-2/10", "12"),
        ("bytes=1-18446744073709551615", "bytes 1-9/10", "123456789"),
        ("bytes=1-99999999999999999999999999", "bytes 1-9/10", "123456789"),
        ("bytes=-99999999999999999999999999", "bytes 0-9/10", "0123456789"),
    ] {
        let reply = range(&gateway, "/a.txt", asked);
        assert_eq!((reply.status, reply.header("content-range"), reply.text()), (206, Some(sent), text), "{asked}");
        assert_eq!(reply.header("content-length"), Some(text.len().to_string().as_str()), "{asked}");
        assert!(reply.header("etag").is_some() && reply.header("accept-ranges") == Some("bytes"), "{asked}");
    }
}

#[test]
fn what_is_outside_of_the_file_is_416() {
    let gateway = start();
    for asked in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=18446744073709551615-", "bytes=99999999999999999999-"]
    {
        let reply = range(&gateway, "/a.txt", asked);
        assert_eq!((reply.status, reply.header("content-range")), (416, Some("bytes */10")), "{asked}");
        reply.error();
    }
    for asked in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        let reply = range(&gateway, "/empty.txt", asked);
        assert_eq!((reply.status, reply.header("content-range")), (416, Some("bytes */0")), "{asked}");
    }
}

#[test]
fn what_is_no_single_range_is_the_whole() {
    let gateway = start();
    for asked in [
        "bytes=0-1,3-4",
        "bytes=0-0,-1",
        "bytes=5-2",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1 - 2",
        "bytes",
        "items=0-1",
        "bytes 0-1",
        "",
    ] {
        let reply = range(&gateway, "/a.txt", asked);
        assert_eq!(
            (reply.status, reply.header("content-range"), reply.body.as_slice()),
            (200, None, CONTENT),
            "{asked}"
        );
    }
    // Many ranges are no way to get more than the file.
    let many = format!("bytes={}", (0..1000).map(|_| "0-9").collect::<Vec<_>>().join(","));
    assert_eq!(range(&gateway, "/a.txt", &many).body, CONTENT);
}

#[test]
fn only_get_knows_ranges() {
    let gateway = start();
    let mut connection = gateway.connect();
    let head = connection.send(&request("HEAD", "/a.txt", &["Range: bytes=1-2"], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, head.header("content-length"), head.header("content-range")), (200, Some("10"), None));
    // What is no file has no ranges either.
    assert_eq!(range(&gateway, "/_/cmd/exampleHttpGetHello/color/x", "bytes=0-1").status, 200);
    assert_eq!(range(&gateway, "/nothing", "bytes=0-1").status, 404);
}

#[test]
fn a_range_counts_if_the_file_is_still_the_one() {
    let gateway = start();
    // A date tells versions apart if the second that it names is over (RFC 9110 §13.1.5).
    let file = std::fs::File::open(gateway.www().join("a.txt")).unwrap();
    let (now, minute) = (std::time::SystemTime::now(), std::time::Duration::from_secs(60));
    file.set_modified(now + minute).unwrap();
    let fresh = gateway.get("/a.txt").header("last-modified").unwrap().to_owned();
    let headers = ["Range: bytes=1-2", &format!("If-Range: {fresh}")];
    assert_eq!(gateway.raw(&request("GET", "/a.txt", &headers, b"")).status, 200);
    file.set_modified(now - minute).unwrap();
    let whole = gateway.get("/a.txt");
    let (etag, date) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
    let weak = format!("W/{etag}");
    for (condition, status) in [
        (etag, 206),
        (date, 206),
        (weak.as_str(), 200),
        ("\"other\"", 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 200),
        ("nonsense", 200),
    ] {
        let headers = ["Range: bytes=1-2", &format!("If-Range: {condition}")];
        let reply = gateway.raw(&request("GET", "/a.txt", &headers, b""));
        assert_eq!(reply.status, status, "{condition}");
    }
    // Without a range it says nothing.
    assert_eq!(gateway.raw(&request("GET", "/a.txt", &["If-Range: \"other\""], b"")).status, 200);
    // A failed condition comes before any range.
    let headers = ["Range: bytes=1-2", "If-Match: \"other\""];
    assert_eq!(gateway.raw(&request("GET", "/a.txt", &headers, b"")).status, 412);
    let headers = ["Range: bytes=1-2", &format!("If-None-Match: {etag}")];
    assert_eq!(gateway.raw(&request("GET", "/a.txt", &headers, b"")).status, 304);
}

#[test]
fn parts_of_a_large_file_make_the_whole() {
    let gateway = start();
    let (whole, mut joined) = (large(), Vec::new());
    let mut connection = gateway.connect();
    // Some are read at once, some in parts.
    for size in [1, 1000, 64 << 10, (64 << 10) + 1, 300_000, 500_000, usize::MAX] {
        let (start, end) = (joined.len(), joined.len().saturating_add(size - 1));
        let asked = format!("Range: bytes={start}-{end}");
        let reply = connection.send(&request("GET", "/large.bin", &[&asked], b"")).reply().unwrap();
        assert_eq!(reply.status, 206, "{asked}");
        joined.extend(reply.body);
    }
    assert!(joined == whole);
}

/// The parts of a multipart reply: media type, `Content-Range` and bytes of each.
fn parts(reply: &Reply) -> Vec<(String, String, Vec<u8>)> {
    let media = reply.header("content-type").unwrap();
    let boundary = media.strip_prefix("multipart/byteranges; boundary=").unwrap_or_else(|| panic!("{media}"));
    assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    // The bytes of the file are looked at as Latin-1 characters, so that none is lost.
    let body: String = reply.body.iter().map(|byte| char::from(*byte)).collect();
    let (body, end) = body.rsplit_once(&format!("\r\n--{boundary}--\r\n")).unwrap();
    assert_eq!(end, "");
    let between = format!("\r\n--{boundary}\r\n");
    let mut parts = body.split(&between);
    assert_eq!(parts.next(), Some(""));
    let read = |part: &str| {
        let (head, content) = part.split_once("\r\n\r\n").unwrap();
        let line = |name: &str| {
            let found = head.split("\r\n").find_map(|line| line.strip_prefix(name));
            found.unwrap_or_else(|| panic!("{name} is not in {head}")).to_owned()
        };
        let content = content.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        (line("Content-Type: "), line("Content-Range: "), content)
    };
    parts.map(read).collect()
}

#[test]
fn several_ranges_are_sent_in_parts() {
    let content: Vec<u8> = large();
    let small = &content[..50_000];
    // One is in memory, the other too large for that.
    let gateway = Setup::new().file("small.bin", small).file("large.bin", &content).start();
    for (target, whole) in [("/small.bin", small), ("/large.bin", &content[..])] {
        let length = whole.len();
        for (asked, expected) in [
            ("bytes=0-0,100-199", vec![(0, 0), (100, 199)]),
            // In the order in which they are asked for.
            ("bytes=1000-1009, 20-29 ,-5", vec![(1000, 1009), (20, 29), (length - 5, length - 1)]),
            // What overlaps or touches is one part.
            ("bytes=0-9,5-19,20-29,100-100", vec![(0, 29), (100, 100)]),
            ("bytes=500-600,0-9,550-700", vec![(500, 700), (0, 9)]),
            // What the file does not have is left out.
            ("bytes=0-9,99999999-,50-59,-0", vec![(0, 9), (50, 59)]),
            ("bytes=,0-9,,50-59,", vec![(0, 9), (50, 59)]),
        ] {
            let reply = range(&gateway, target, asked);
            assert_eq!((reply.status, reply.header("content-range")), (206, None), "{target} {asked}");
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(start, end): (usize, usize)| {
                    let range = format!("bytes {start}-{end}/{length}");
                    ("application/octet-stream".to_owned(), range, whole[start..=end].to_vec())
                })
                .collect();
            assert!(parts(&reply) == expected, "{target} {asked}");
        }
        // What becomes one part is sent as one, and what becomes the whole is the whole.
        let one = range(&gateway, target, "bytes=0-9,10-19,99999999-");
        assert_eq!((one.status, one.header("content-range")), (206, Some(&*format!("bytes 0-19/{length}"))));
        assert_eq!(range(&gateway, target, "bytes=99999999-,-0").status, 416);
        for whole_is_less in ["bytes=0-,-1", "bytes=0-10,5-2", "bytes=0-10,x", "bytes=0-10;20-30"] {
            let reply = range(&gateway, target, whole_is_less);
            assert!(reply.body.len() == length, "{target} {whole_is_less}: {}", reply.status);
        }
    }
}

#[test]
fn many_ranges_are_no_way_to_get_more_than_the_file() {
    let content = large();
    let gateway = Setup::new().file("small.bin", &content[..20_000]).file("large.bin", &content).start();
    let asked = |count: usize, step: usize, size: usize| {
        let ranges: Vec<_> = (0..count).map(|n| format!("{}-{}", n * step, n * step + size - 1)).collect();
        format!("bytes={}", ranges.join(","))
    };
    for target in ["/small.bin", "/large.bin"] {
        let whole = gateway.get(target).body.len();
        for (count, step, size, status) in [
            (100, 200, 1, if whole > 100_000 { 206 } else { 200 }),
            (101, 200, 1, 200),
            (2, 10_000, 9_000, 206),
            (99, 3, 1, 200),
        ] {
            let reply = range(&gateway, target, &asked(count, step, size));
            let expected = if count == 99 && whole > 100_000 { 206 } else { status };
            let expected = if count == 2 && whole < 100_000 { 206 } else { expected };
            assert_eq!(reply.status, expected, "{target}: {count} of {size}");
            assert!(reply.body.len() <= whole, "{target}: {count} of {size} are {} bytes", reply.body.len());
        }
    }
}
