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
    // A date tells versions apart if it is not the present one (RFC 9110 §13.1.5).
    let fresh = gateway.get("/a.txt").header("last-modified").unwrap().to_owned();
    let headers = ["Range: bytes=1-2", &format!("If-Range: {fresh}")];
    assert_eq!(gateway.raw(&request("GET", "/a.txt", &headers, b"")).status, 200);
    let file = std::fs::File::open(gateway.www().join("a.txt")).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(100)).unwrap();
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
