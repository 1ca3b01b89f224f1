//! Forms in parts, and files that handlers read while they arrive.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread::{self, sleep},
    time::Duration,
};

use serde_json::json;
use wicketgate_tests::{Connection, Gateway, Reply, Setup, request};

const BOUNDARY: &str = "----boundary";

/// A part: name, file name, bytes.
type Part<'p> = (&'p str, Option<&'p str>, &'p [u8]);

fn part((name, file, content): &Part<'_>) -> Vec<u8> {
    let (file, content_type) = match file {
        Some(file) => (format!("; filename=\"{file}\""), "Content-Type: image/png\r\n"),
        None => (String::new(), ""),
    };
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n{content_type}\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(part).collect();
    [&parts[..], format!("--{BOUNDARY}--\r\n").as_bytes()].concat()
}

fn content_type() -> String {
    format!("Content-Type: multipart/form-data; boundary=\"{BOUNDARY}\"")
}

fn post_raw(gateway: &Gateway, command: &str, body: &[u8]) -> Reply {
    gateway.raw(&request("POST", &format!("/_/cmd/{command}"), &[&content_type()], body))
}

fn post(gateway: &Gateway, command: &str, parts: &[Part<'_>]) -> Reply {
    post_raw(gateway, command, &body(parts))
}

fn saw(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.value()["saw"].as_str().unwrap().to_owned()
}

fn refused(reply: &Reply) -> (u16, String) {
    let error = reply.error();
    let details = error["details"].as_array().cloned().unwrap_or_default();
    let told = |detail: &serde_json::Value| {
        format!("{}: {}", detail["path"].as_str().unwrap(), detail["problem"].as_str().unwrap())
    };
    let told: Vec<_> = details.iter().map(told).collect();
    (reply.status, if told.is_empty() { reply.info() } else { told.join("; ") })
}

#[test]
fn a_file_arrives_with_what_is_said_of_it() {
    let gateway = Setup::shapes().start();
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let sum: u64 = content.iter().map(|byte| u64::from(*byte)).sum();
    let reply = post(
        &gateway,
        "shapeHttpPostUpload",
        &[("title", None, "größer".as_bytes()), ("picture", Some("a.png"), &content)],
    );
    let arrived = reply.value();
    assert_eq!(
        (&arrived["title"], &arrived["fileName"], &arrived["contentType"]),
        (&json!("größer"), &json!("a.png"), &json!("image/png"))
    );
    assert_eq!((&arrived["bytes"], &arrived["sum"]), (&json!(100_000), &json!(sum)));
    // An empty one is one.
    let reply = post(&gateway, "shapeHttpPostUpload", &[("title", None, b""), ("picture", Some("a.png"), b"")]);
    assert_eq!(reply.value()["bytes"], 0);
    // What only looks like the end is none.
    let tricky = format!("\r\n-{BOUNDARY}\r\n--{}\r\n-- {BOUNDARY}--\n--{BOUNDARY}--", &BOUNDARY[..8]);
    let reply =
        post(&gateway, "shapeHttpPostUpload", &[("title", None, b"x"), ("picture", Some("a"), tricky.as_bytes())]);
    assert_eq!(reply.value()["bytes"], tricky.len());
    gateway.assert_well();
}

#[test]
fn a_form_in_parts_is_a_form() {
    let gateway = Setup::shapes().start();
    let parts: [Part<'_>; 5] = [
        ("title", None, b"a b"),
        ("num", None, b"7"),
        ("numbers", None, b"1,2"),
        ("numbers", None, b"3"),
        ("unknown", Some("x"), b"passed over"),
    ];
    assert_eq!(
        saw(&post(&gateway, "shapeHttpPostForm", &parts)),
        "title=\"a b\" num=Some(7) numbers=[1, 2, 3] lang=None"
    );
    // The fields after a file that nobody takes count as well.
    let late: [Part<'_>; 2] = [("unknown", Some("x"), b"passed over"), ("title", None, b"late")];
    assert_eq!(saw(&post(&gateway, "shapeHttpPostForm", &late)), "title=\"late\" num=None numbers=[] lang=None");
    let named: [Part<'_>; 2] = [("cmd", None, b"shapeHttpPostForm"), ("title", None, b"x")];
    let reply = gateway.raw(&request("POST", "/_", &[&content_type()], &body(&named)));
    assert_eq!(saw(&reply), "title=\"x\" num=None numbers=[] lang=None");
    let wrong: [Part<'_>; 2] = [("title", None, b"\xff"), ("num", None, b"x")];
    assert_eq!(
        refused(&post(&gateway, "shapeHttpPostForm", &wrong)),
        (400, "form.title: the text is not UTF-8".into())
    );
    assert_eq!(
        refused(&post(&gateway, "shapeHttpPostForm", &wrong[1..])),
        (400, "form.num: expected int, got \"x\"; form.title: required parameter is missing".into())
    );
}

#[test]
fn the_name_of_a_file_is_no_path() {
    let gateway = Setup::shapes().start();
    for (sent, told) in [
        ("a.png", json!("a.png")),
        ("../../etc/passwd", json!("passwd")),
        ("/etc/passwd", json!("passwd")),
        ("C:\\\\temp\\\\a.png", json!("a.png")),
        ("..", json!(null)),
        (".", json!(null)),
        ("a/", json!(null)),
        ("größe.png", json!("größe.png")),
        ("a;b.png", json!("a;b.png")),
        ("a%00b%0d%0a.png", json!("ab.png")),
    ] {
        let reply = post(&gateway, "shapeHttpPostUpload", &[("title", None, b"x"), ("picture", Some(sent), b"1")]);
        assert_eq!((reply.status, &reply.value()["fileName"]), (200, &told), "{sent}");
    }
}

#[test]
fn what_is_missing_or_out_of_order_is_named() {
    let gateway = Setup::shapes().start();
    let (title, picture): (Part<'_>, Part<'_>) = (("title", None, b"x"), ("picture", Some("a.png"), b"12345"));
    for (command, parts, expected) in [
        ("shapeHttpPostUpload", &[title][..], "form.picture: required file is missing"),
        ("shapeHttpPostUpload", &[picture], "form.title: required parameter is missing"),
        // What browsers send where no file was chosen.
        ("shapeHttpPostUpload", &[title, ("picture", Some(""), b"")], "form.picture: required file is missing"),
        (
            "shapeHttpPostUpload",
            &[],
            "form.title: required parameter is missing; form.picture: required file is missing",
        ),
        (
            "shapeHttpPostUpload",
            &[title, ("picture", None, b"no file")],
            "form.picture: expected file, got \"no file\"",
        ),
        ("shapeHttpPostUpload", &[picture, title], "form.title: required parameter is missing"),
        (
            "shapeHttpPostUpload",
            &[title, picture, picture],
            "form.picture: expected at most 1 of these files, got more",
        ),
        ("shapeHttpPostUpload", &[title, picture, title], "form.title: the fields of a form come before its files"),
        (
            "shapeHttpPostSmall",
            &[("more", Some("a"), b"1")],
            "form.picture: the file is missing, or was sent before one that is read first",
        ),
    ] {
        assert_eq!(refused(&post(&gateway, command, parts)), (400, expected.into()), "{command} {parts:?}");
    }
    let (first, second): (Part<'_>, Part<'_>) = (("first", Some("1"), b"one"), ("second", Some("2"), b"two"));
    assert_eq!(saw(&post(&gateway, "shapeHttpPostTwo", &[first, second])), "one two");
    let reversed: Part<'_> = ("reversed", None, b"yes");
    assert_eq!(saw(&post(&gateway, "shapeHttpPostTwo", &[reversed, second, first])), "two one");
    let expected = "form.second: the file is missing, or was sent before one that is read first";
    assert_eq!(refused(&post(&gateway, "shapeHttpPostTwo", &[second, first])), (400, expected.into()));
    // A handler that reads no file has its answer all the same.
    assert_eq!(saw(&post(&gateway, "shapeHttpPostIgnore", &[title, picture])), "title=\"x\"");
    gateway.assert_well();
}

#[test]
fn what_is_too_large_is_413_with_its_limit() {
    let server = "limits.body = \"2KB\"\nlimits.upload = \"100KB\"\n";
    let gateway = Setup::shapes().server(server).start();
    let small = |size: usize| post(&gateway, "shapeHttpPostSmall", &[("picture", Some("a"), &vec![b'x'; size])]);
    assert_eq!(saw(&small(1000)), "picture=1000 more=[]");
    let told = "form.picture: the file is larger than the 1000 bytes that are allowed";
    assert_eq!(refused(&small(1001)), (413, told.into()));
    assert_eq!(refused(&small(90_000)), (413, told.into()));
    let more = |count: usize, size: usize| {
        let content = vec![b'x'; size];
        let mut parts: Vec<Part<'_>> = vec![("picture", Some("a"), b"1")];
        parts.extend((0..count).map(|_| -> Part<'_> { ("more", Some("b"), &content) }));
        post(&gateway, "shapeHttpPostSmall", &parts)
    };
    assert_eq!(saw(&more(3, 10)), "picture=1 more=[10, 10, 10]");
    assert_eq!(refused(&more(4, 10)), (400, "form.more: expected at most 3 of these files, got more".into()));
    assert_eq!(refused(&more(1, 11)), (413, "form.more: the file is larger than the 10 bytes that are allowed".into()));
    let fields = post(&gateway, "shapeHttpPostForm", &[("title", None, &[b'x'; 1500]), ("lang", None, &[b'x'; 600])]);
    assert_eq!(
        refused(&fields),
        (413, "the fields of the form are larger than the 2000 bytes that are allowed".into())
    );
    // Of a length that is declared, before anything of it is read; else when it has come.
    let large = vec![b'x'; 200_000];
    let whole = body(&[("title", None, b"x"), ("picture", Some("a"), &large)]);
    let told = (413, "the body is larger than the 100000 bytes that are allowed".to_owned());
    assert_eq!(refused(&post_raw(&gateway, "shapeHttpPostUpload", &whole)), told);
    let chunk = [format!("{:x}\r\n", whole.len()).as_bytes(), &whole, b"\r\n0\r\n\r\n"].concat();
    let head = format!(
        "POST /_/cmd/shapeHttpPostUpload HTTP/1.1\r\nHost: x\r\n{}\r\nTransfer-Encoding: chunked\r\n\r\n",
        content_type()
    );
    assert_eq!(refused(&gateway.raw(&[head.as_bytes(), &chunk].concat())), told);
    gateway.assert_well();
}

#[test]
fn the_fields_of_a_form_may_be_as_large_as_any_body() {
    let gateway = Setup::shapes().start();
    let text = vec![b'x'; 3_000_000];
    let title = |reply: &Reply| saw(reply).split('"').nth(1).unwrap().len();
    assert_eq!(title(&post(&gateway, "shapeHttpPostForm", &[("title", None, &text)])), text.len());
    let headers = ["Content-Type: application/x-www-form-urlencoded"];
    let urlencoded = [b"title=", &text[..]].concat();
    let reply = gateway.raw(&request("POST", "/_/cmd/shapeHttpPostForm", &headers, &urlencoded));
    assert_eq!(title(&reply), text.len());
}

#[test]
fn what_a_handler_leaves_unread_is_no_next_request() {
    let gateway = Setup::shapes().start();
    // What looks like a request is the content of a file, in one that is read, left alone, and refused.
    let smuggled = [&vec![b'x'; 300_000][..], b"\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
    for (command, status) in [("shapeHttpPostUpload", 200), ("shapeHttpPostIgnore", 200), ("shapeHttpPostSmall", 413)] {
        let parts: [Part<'_>; 2] = [("title", None, b"x"), ("picture", Some("a"), &smuggled)];
        let whole = request("POST", &format!("/_/cmd/{command}"), &[&content_type()], &body(&parts));
        let mut connection = gateway.connect();
        connection.try_send(&whole);
        let reply = connection.reply().unwrap();
        assert_eq!(reply.status, status, "{command}");
        let next = request("GET", "/_/cmd/shapeHttpGetQuery/num/7", &[], b"");
        if connection.try_send(&next)
            && let Some(reply) = connection.reply()
        {
            assert!(reply.status == 200 && saw(&reply).contains("num=7"), "{command} {reply:?}");
        }
        assert_eq!(
            post(&gateway, "shapeHttpPostUpload", &[("title", None, b"y"), ("picture", Some("a"), b"1")]).status,
            200
        );
    }
    gateway.assert_well();
}

#[test]
fn a_mount_that_takes_no_body_looks_at_none() {
    let gateway = Setup::shapes()
        .append("[[mounts]]\npath = \"/query\"\nGET = \"shapeQuery\"\nDELETE = \"shapeQuery\"\n")
        .start();
    let whole = body(&[("num", None, b"8"), ("picture", Some("a"), &[b'x'; 100_000])]);
    for method in ["GET", "DELETE"] {
        let reply = gateway.raw(&request(method, "/query?num=7", &[&content_type()], &whole));
        assert!(saw(&reply).contains("num=7"), "{method} {reply:?}");
    }
}

#[test]
fn a_malformed_form_is_400() {
    let gateway = Setup::shapes().start();
    let whole = body(&[("title", None, b"x"), ("picture", Some("a"), b"12345")]);
    let at = |content_type: &str, body: &[u8]| {
        gateway.raw(&request("POST", "/_/cmd/shapeHttpPostUpload", &[&format!("Content-Type: {content_type}")], body))
    };
    let no_boundary = "the form can't be read: its Content-Type names no usable `boundary`";
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; other=x",
    ] {
        assert_eq!(refused(&at(content_type, &whole)), (400, no_boundary.into()), "{content_type}");
    }
    for content_type in [
        format!("multipart/form-data; boundary={}", "x".repeat(300)),
        "multipart/form-data; boundary=other".into(),
        "multipart/form-data; boundary=a\\b\"".into(),
    ] {
        let reply = at(&content_type, &whole);
        assert_eq!(reply.status, 400, "{content_type}");
        assert!(reply.info().starts_with("the form can't be read: "), "{}", reply.info());
    }
    // Cut off anywhere, while the message itself is complete.
    for length in (0..whole.len()).step_by(7).skip(1) {
        let reply = post_raw(&gateway, "shapeHttpPostUpload", &whole[..length]);
        // Without the last hyphens the end can be guessed; nothing else is taken for a whole.
        assert!(reply.status == 400 || length + 4 >= whole.len(), "{length}: {}", reply.status);
    }
    for middle in [
        &b"\r\nno header at all\r\n\r\nx"[..],
        b"\r\nContent-Disposition: form-data\r\n\r\nno name",
        b"\r\n: x\r\n\r\nx",
        b"\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx",
        b"\r\nContent-Disposition: form-data; name=\"title\r\n\r\nx",
    ] {
        let body = [b"--", BOUNDARY.as_bytes(), middle, b"\r\n--", BOUNDARY.as_bytes(), b"--\r\n"].concat();
        let reply = post_raw(&gateway, "shapeHttpPostForm", &body);
        assert_eq!(
            reply.status,
            400,
            "{:?}: {}",
            String::from_utf8_lossy(middle),
            String::from_utf8_lossy(&reply.body)
        );
    }
    let long = [b"--", BOUNDARY.as_bytes(), b"\r\nX-Long: ", &vec![b'x'; 200_000][..], b"\r\n\r\nx\r\n"].concat();
    assert_eq!(post_raw(&gateway, "shapeHttpPostForm", &long).status, 400);
    let compressed = ["Content-Encoding: gzip", &content_type()];
    let reply = gateway.raw(&request("POST", "/_/cmd/shapeHttpPostUpload", &compressed, &whole));
    assert_eq!(refused(&reply), (415, "a form in parts can't be compressed: send it without Content-Encoding".into()));
    gateway.assert_well();
}

#[test]
fn a_form_of_ten_thousand_parts_is_refused() {
    let gateway = Setup::shapes().start();
    let told = "the form has more than 1000 parameters; send fewer";
    let fields: Vec<Part<'_>> = (0..10_000).map(|_| -> Part<'_> { ("numbers", None, b"1") }).collect();
    assert_eq!(refused(&post(&gateway, "shapeHttpPostForm", &fields)), (400, told.into()));
    let unknown: Vec<Part<'_>> = (0..10_000).map(|_| -> Part<'_> { ("unknown", Some("x"), b"1") }).collect();
    assert_eq!(refused(&post(&gateway, "shapeHttpPostForm", &unknown)), (400, told.into()));
    // Those after the file as well, which are met while the handler reads.
    let after: Vec<Part<'_>> =
        [("title", None, &b"x"[..]), ("picture", Some("a"), b"1")].into_iter().chain(unknown).collect();
    assert_eq!(refused(&post(&gateway, "shapeHttpPostUpload", &after)), (400, told.into()));
    gateway.assert_well();
}

/// The head of an upload of so many bytes, and what comes before the file's.
fn begin(gateway: &Gateway, command: &str, size: usize) -> TcpStream {
    let before = part(&("title", None, b"x"));
    let head = part(&("picture", Some("a"), b""));
    let head = &head[..head.len() - 2];
    let length = before.len() + head.len() + size + format!("\r\n--{BOUNDARY}--\r\n").len();
    let mut stream = TcpStream::connect(gateway.address()).unwrap();
    let request = format!(
        "POST /_/cmd/{command} HTTP/1.1\r\nHost: x\r\n{}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
        content_type()
    );
    stream.write_all(&[request.as_bytes(), &before, head].concat()).unwrap();
    stream
}

fn finish(mut stream: TcpStream) -> String {
    stream.write_all(format!("\r\n--{BOUNDARY}--\r\n").as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn a_large_file_takes_no_memory() {
    let size = 256 << 20;
    let gateway = Setup::shapes().server("limits.upload = \"300MiB\"\n").start();
    assert_eq!(
        post(&gateway, "shapeHttpPostUpload", &[("title", None, b"x"), ("picture", Some("a"), b"1")]).status,
        200
    );
    let before = gateway.resident_kilobytes();
    let mut stream = begin(&gateway, "shapeHttpPostUpload", size);
    let chunk = vec![1; 1 << 20];
    let mut most = 0;
    for _ in 0..size / chunk.len() {
        stream.write_all(&chunk).unwrap();
        most = most.max(gateway.resident_kilobytes());
    }
    let reply = finish(stream);
    assert!(reply.contains(&format!("\"bytes\":{size},")) && reply.contains(&format!("\"sum\":{size}}}")), "{reply}");
    assert!(most < before + 16_000, "{most} kB after {before}");
}

#[test]
fn a_file_is_read_while_it_arrives_and_has_the_time_it_takes() {
    let gateway = Setup::shapes().server("timeouts.action = \"400ms\"\n").start();
    let mut stream = begin(&gateway, "shapeHttpPostSlow", 30);
    // Longer than any command may take, as long as it goes on; and a silence is the client's, not the handler's.
    for _ in 0..3 {
        sleep(Duration::from_millis(600));
        stream.write_all(b"0123456789").unwrap();
    }
    assert!(finish(stream).contains("\"saw\":\"chunks=1\""));
    // Who reads no more has no more time than others, whatever there is to be read.
    let parts: [Part<'_>; 2] = [("title", None, b"x"), ("picture", Some("a"), &[b'x'; 100_000])];
    let told = "the command did not finish within 400ms";
    assert_eq!(refused(&post(&gateway, "shapeHttpPostHang", &parts)), (504, told.into()));
    gateway.assert_well();
}

#[test]
fn whoever_goes_away_while_sending_leaves_nothing_behind() {
    let gateway = Setup::shapes().server("limits.calls = 2\n").start();
    let kept = gateway.dir().join("kept.png");
    for _ in 0..6 {
        let before = part(&("title", None, kept.to_str().unwrap().as_bytes()));
        let head = part(&("picture", Some("a"), b"only the beginning"));
        let mut connection = gateway.connect();
        let request = format!(
            "POST /_/cmd/shapeHttpPostSave HTTP/1.1\r\nHost: x\r\n{}\r\nContent-Length: 100000\r\n\r\n",
            content_type()
        );
        connection.send(&[request.as_bytes(), &before, &head].concat());
        let mut tries = 0;
        while !kept.exists() {
            tries += 1;
            assert!(tries < 500, "the handler does not begin before the whole has arrived");
            sleep(Duration::from_millis(10));
        }
        drop(connection);
        while kept.exists() {
            tries += 1;
            assert!(tries < 1000, "what has arrived in part stays");
            sleep(Duration::from_millis(10));
        }
    }
    let whole: [Part<'_>; 2] =
        [("title", None, kept.to_str().unwrap().as_bytes()), ("picture", Some("a"), b"all of it")];
    assert_eq!(saw(&post(&gateway, "shapeHttpPostSave", &whole)), "9");
    assert_eq!(fs::read(&kept).unwrap(), b"all of it");
    gateway.assert_well();
}

#[test]
fn who_may_not_is_told_before_the_file_is_sent() {
    let gateway = Setup::shapes().access("allow user, deny all").start();
    let mut stream = begin(&gateway, "shapeHttpPostUpload", 50_000_000);
    let mut reply = [0; 12];
    stream.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b"HTTP/1.1 403");
    let mut connection: Connection = gateway.connect();
    let head = format!(
        "POST /_/cmd/shapeHttpPostUpload HTTP/1.1\r\nHost: x\r\n{}\r\nContent-Length: 50000000\r\nExpect: 100-continue\r\n\r\n",
        content_type()
    );
    assert_eq!(connection.send(head.as_bytes()).reply().unwrap().status, 403);
}

#[test]
fn a_client_that_waits_is_told_to_go_on() {
    let gateway = Setup::shapes().start();
    let whole = body(&[("title", None, b"x"), ("picture", Some("a"), b"12345")]);
    let head = format!(
        "POST /_/cmd/shapeHttpPostUpload HTTP/1.1\r\nHost: x\r\n{}\r\nContent-Length: {}\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
        content_type(),
        whole.len()
    );
    let mut stream = TcpStream::connect(gateway.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&whole).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.contains("\"bytes\":5"), "{reply}");
}

#[test]
fn curl_s_forms_are_read_over_each_version_of_http() {
    let setup = Setup::shapes().append("[[mounts]]\npath = \"/upload\"\nPOST = \"shapeHttpPostUpload\"\n");
    setup.certificate("site", &["a.example"]);
    let site = "[[sites]]\nhost = \"*\"\n[[sites.certificates]]\ncert = \"site.crt\"\nkey = \"site.key\"\n[[actions]]\ntype = \"shape\"\n\
                [[mounts]]\npath = \"/upload\"\nPOST = \"shapeHttpPostUpload\"\n";
    let setup = setup.sites_and_actions(site);
    let content: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let file = setup.put("a picture;1.png", &content);
    let gateway = setup.start_tls();
    let picture = format!("picture=@\"{}\";type=image/webp", file.to_str().unwrap());
    for version in ["--http1.1", "--http2"] {
        for path in ["/_/cmd/shapeHttpPostUpload", "/upload"] {
            let output = gateway.curl("a.example", path, &[version, "-F", "title=größer", "-F", &picture]);
            let (told, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let arrived: serde_json::Value = serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}{said}"));
            let expected = json!(["größer", "a picture;1.png", "image/webp", 3_000_000]);
            assert_eq!(
                json!([arrived["title"], arrived["fileName"], arrived["contentType"], arrived["bytes"]]),
                expected
            );
        }
    }
    // A handler that refuses does not wait for the rest.
    let small = format!("picture=@\"{}\"", file.to_str().unwrap());
    let output = gateway.curl("a.example", "/_/cmd/shapeHttpPostSmall", &["--http2", "-F", &small]);
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("413 2"), "{output:?}");
}

#[test]
fn no_form_breaks_the_gateway() {
    let gateway = Setup::shapes().start();
    let whole = body(&[("title", None, b"x"), ("picture", Some("a.png"), b"12345"), ("unknown", Some("b"), b"67")]);
    // A generator of numbers that always makes the same ones (xorshift).
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let mut statuses = std::collections::BTreeMap::<u16, u32>::new();
    for _ in 0..1500 {
        let mut changed = whole.clone();
        for _ in 0..=random(3) {
            let at = random(changed.len());
            match random(4) {
                0 => changed[at] = random(256) as u8,
                1 => drop(changed.remove(at)),
                2 => changed.insert(at, b"\r\n-\";=:\0\xff"[random(9)]),
                _ => {
                    let end = (at + random(40)).min(changed.len());
                    let part = changed[at..end].to_vec();
                    changed.splice(at..at, part);
                }
            }
        }
        let reply = post_raw(&gateway, "shapeHttpPostUpload", &changed);
        assert!(matches!(reply.status, 200 | 400), "{}: {:?}", reply.status, String::from_utf8_lossy(&changed));
        *statuses.entry(reply.status).or_default() += 1;
    }
    assert!(statuses.len() == 2, "{statuses:?}");
    gateway.assert_well();
}

#[test]
fn several_files_arrive_side_by_side() {
    let gateway = Setup::shapes().start();
    let address = gateway.address();
    let threads = (0..8u8).map(|number| {
        thread::spawn(move || {
            let content = vec![number; 300_000];
            let whole = body(&[("title", None, b"x"), ("picture", Some("a"), &content)]);
            let mut connection = Connection::open(address);
            for _ in 0..5 {
                let message = request("POST", "/_/cmd/shapeHttpPostUpload", &[&content_type()], &whole);
                let reply = connection.send(&message).reply().unwrap();
                assert_eq!(reply.value()["sum"], 300_000 * u64::from(number));
            }
        })
    });
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
}
