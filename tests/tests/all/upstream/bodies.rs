//! Bodies stream through in both directions, within the limit.

use super::*;

#[test]
fn every_method_and_every_size_of_body_arrives() {
    let backend = echo();
    let gateway = start("", &backend, "");
    let mut connection = gateway.connect();
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "BREW"] {
        for body in [&b""[..], b"a body"] {
            let reply = connection.send(&request(method, "/geo", &[], body)).reply().unwrap();
            assert_eq!((reply.status, reply.body.as_slice()), (200, body), "{method}");
            assert_eq!(backend.last().method(), method);
        }
    }
    let head = connection.send(&request("HEAD", "/geo", &[], b"")).reply_to_head().unwrap();
    assert_eq!((head.status, backend.last().method()), (200, "HEAD"));
    for size in [1, 65_535, 65_537, 3_000_000] {
        let body: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
        let reply = gateway.raw(&request("POST", "/geo", &[], &body));
        assert!(reply.status == 200 && reply.body == body, "{size}: {}", reply.status);
        let reply = gateway.raw(&chunked(&body, 100_000));
        assert!(reply.status == 200 && reply.body == body, "{size} in chunks: {}", reply.status);
    }
}

#[test]
fn bodies_stream_through_in_both_directions() {
    for (framing, first, last) in [
        ("Transfer-Encoding: chunked\r\n", "6\r\nanswer\r\n", "3\r\nend\r\n0\r\n\r\n"),
        // Without either, the end of the connection is the end of the body.
        ("", "answer", "end"),
    ] {
        let (told, heard) = mpsc::channel();
        let (allow, allowed) = mpsc::channel();
        let allowed = Mutex::new(allowed);
        let backend = Backend::start(move |exchange| {
            told.send(exchange.part()).unwrap();
            exchange.body();
            exchange.send(format!("HTTP/1.1 200 OK\r\n{framing}\r\n{first}").as_bytes());
            allowed.lock().unwrap().recv_timeout(LONG).unwrap();
            exchange.send(last.as_bytes());
            exchange.close();
        });
        let gateway = start("", &backend, "");
        let head = "POST /geo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
        let mut client = dial(&gateway, head.as_bytes());
        // The client has not sent its end, and the server has not sent its own, when the other has the beginning.
        assert_eq!(heard.recv_timeout(LONG).unwrap(), b"first");
        client.write_all(b"0\r\n\r\n").unwrap();
        assert!(read_to(&mut client, b"answer").starts_with("HTTP/1.1 200 "));
        allow.send(()).unwrap();
        read_to(&mut client, b"end\r\n0\r\n\r\n");
    }
}

#[test]
fn a_time_out_is_for_silence_and_not_for_slow_bodies() {
    let backend = Backend::start(|exchange| {
        let body = exchange.body();
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
        for byte in body {
            sleep(Duration::from_millis(200));
            exchange.send(&[byte]);
        }
    });
    let gateway = start("", &backend, "timeout = \"1s\"\n");
    let mut connection = gateway.connect();
    connection.send(b"POST /geo HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n");
    for byte in b"eightful" {
        sleep(Duration::from_millis(200));
        connection.send(&[*byte]);
    }
    let reply = connection.reply().unwrap();
    assert_eq!((reply.status, reply.text()), (200, "eightful"));
}

#[test]
fn a_client_that_goes_away_frees_the_server() {
    let (told, heard) = mpsc::channel();
    let backend = Backend::start(move |exchange| {
        told.send("asked").unwrap();
        exchange.wait_for_end();
        told.send("free").unwrap();
    });
    let gateway = start("", &backend, "");
    let mut connection = gateway.connect();
    connection.send(&request("GET", "/geo", &[], b""));
    assert_eq!(heard.recv_timeout(LONG).unwrap(), "asked");
    drop(connection);
    assert_eq!(heard.recv_timeout(LONG).unwrap(), "free");
}

#[test]
fn a_body_over_the_limit_is_413() {
    let backend = echo();
    let gateway = start("limits.body = \"1KiB\"\n", &backend, "");
    let fits = [7; 1024];
    assert_eq!(gateway.raw(&request("PUT", "/geo", &[], &fits)).body, fits);
    assert_eq!(gateway.raw(&chunked(&fits, 100)).body, fits);
    let asked = backend.heads().len();
    let reply = gateway.raw(&request("PUT", "/geo", &[], &[7; 1025]));
    assert_eq!((reply.status, reply.info().contains("1024 bytes"), backend.heads().len()), (413, true, asked));
    for size in [1, 100, 2000] {
        let reply = gateway.raw(&chunked(&[7; 1025], size));
        assert_eq!((reply.status, reply.info().contains("1024 bytes")), (413, true), "chunks of {size}");
    }
    let expecting = |length| {
        let mut connection = gateway.connect();
        let head = format!("PUT /geo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
        connection.send(head.as_bytes());
        connection
    };
    assert_eq!(expecting(1025).reply().unwrap().status, 413);
    let mut connection = expecting(1024);
    assert_eq!(connection.reply().unwrap().status, 100);
    assert_eq!(connection.send(&fits).reply().unwrap().body, fits);
    // It is answered already.
    assert_eq!(backend.last().header("expect"), None);
}

#[test]
fn a_client_of_http_1_0_gets_no_chunks() {
    let backend = Backend::start(|exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    });
    let gateway = start("", &backend, "");
    let mut reply = String::new();
    dial(&gateway, b"GET /geo HTTP/1.0\r\nHost: a\r\n\r\n").read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding") && body == "hello", "{reply}");
}
