//! `Accept-Encoding`: weights that are none, codings that nobody knows, and forms of a file that are no files.

use super::World;

const PLAIN: &[&str] = &[""];
const GZIP: &[&str] = &["", "gzip", "x-gzip"];
const ANY: &[&str] = &["", "gzip", "br", "zstd"];

/// File, `Accept-Encoding`, the statuses that may come, and the codings that 200 may come with.
type Coded<T> = (&'static str, T, &'static [u16], &'static [&'static str]);

const CODINGS: &[Coded<&str>] = &[
    ("long.txt", "", &[200], PLAIN),
    ("long.txt", ",", &[200], PLAIN),
    ("long.txt", ";", &[200], PLAIN),
    ("long.txt", ";;", &[200], PLAIN),
    ("long.txt", ";q=1", &[200], PLAIN),
    ("long.txt", "q=1", &[200], PLAIN),
    ("long.txt", "lzma, compress, exi, deflate", &[200], PLAIN),
    ("long.txt", "gzipx", &[200], PLAIN),
    ("long.txt", "gzip\u{ff}", &[200], PLAIN),
    ("long.txt", "\u{ff}, gzip", &[200], GZIP),
    ("long.txt", "gzip;q=0", &[200], PLAIN),
    ("long.txt", "gzip; q=0", &[200], PLAIN),
    ("long.txt", "gzip ; Q=0.000", &[200], PLAIN),
    ("long.txt", "*, gzip;q=0, br;q=0, zstd;q=0", &[200], PLAIN),
    ("long.txt", "gzip;q=9", &[200], PLAIN),
    ("long.txt", "gzip;q=-1", &[200], PLAIN),
    ("long.txt", "gzip;q=1.001", &[200], PLAIN),
    ("long.txt", "gzip;q=1.0000", &[200], PLAIN),
    ("long.txt", "gzip;q=0.0001", &[200], PLAIN),
    ("long.txt", "gzip;q=nan", &[200], PLAIN),
    ("long.txt", "gzip;q=inf", &[200], PLAIN),
    ("long.txt", "gzip;q=1e0", &[200], PLAIN),
    ("long.txt", "gzip;q=", &[200], PLAIN),
    ("long.txt", "gzip;q=\"1\"", &[200], PLAIN),
    ("long.txt", "gzip;q=0.5.5", &[200], PLAIN),
    ("long.txt", "gzip;q=\u{b9}", &[200], PLAIN),
    ("long.txt", "gzip;q=9, br", &[200], &["", "br"]),
    ("long.txt", "gzip;q=0.001", &[200], GZIP),
    ("long.txt", "gzip;q=0.5;q=0", &[200], GZIP),
    ("long.txt", "gzip;q=1.", &[200], GZIP),
    ("long.txt", "GZIP", &[200], GZIP),
    ("long.txt", "x-gzip", &[200], GZIP),
    ("long.txt", "gzip, identity;q=0", &[200], &["gzip", "x-gzip"]),
    ("long.txt", "identity;q=0, gzip;q=0.001", &[200], &["gzip", "x-gzip"]),
    ("long.txt", "*;q=0, gzip", &[200], &["gzip", "x-gzip"]),
    ("long.txt", "deflate\r\nAccept-Encoding: gzip", &[200], GZIP),
    ("long.txt", "*", &[200], ANY),
    ("long.txt", "*, *;q=0.5, identity, identity;q=0.5", &[200], ANY),
    ("a.txt", "gzip, identity;q=0", &[200, 406], &["gzip", "x-gzip"]),
    ("a.txt", "gzip, br, zstd", &[200], ANY),
    ("empty.txt", "gzip, br, zstd", &[200], ANY),
    ("pixel.png", "gzip, br, zstd", &[200], PLAIN),
    ("pixel.png", "identity;q=0", &[406], &[]),
    ("pixel.png", "identity;q=0.000", &[406], &[]),
    ("pixel.png", "IDENTITY; Q=0", &[406], &[]),
    ("pixel.png", "gzip, identity;q=0", &[406], &[]),
    ("pixel.png", "gzip\r\nAccept-Encoding: identity;q=0", &[406], &[]),
    ("pixel.png", "*;q=0", &[406], &[]),
    ("pixel.png", "*;q=0, deflate", &[406], &[]),
    ("pixel.png", "*;q=0, identity", &[200], PLAIN),
    ("pixel.png", "*;q=0, identity;q=0.001", &[200], PLAIN),
    ("pixel.png", "identity;q=0.001", &[200], PLAIN),
    ("pixel.png", "identity;q=0.0000", &[200], PLAIN),
    ("pixel.png", "identity;q=-0", &[200], PLAIN),
    ("pixel.png", "identity;q=nan", &[200], PLAIN),
    ("pixel.png", "*;q=x", &[200], PLAIN),
    ("siblings/linked.txt", "gzip", &[200], GZIP),
    ("siblings/fifo.txt", "br", &[200], &["", "br"]),
    ("siblings/folder.txt", "zstd", &[200], &["", "zstd"]),
    ("dir", "identity;q=0", &[308], &[]),
    ("nothing", "identity;q=0", &[404], &[]),
    (".env", "gzip", &[404], &[]),
    ("out.txt", "gzip, br, zstd", &[404], &[]),
];

fn long_codings() -> [Coded<String>; 8] {
    let many = (0..5000).map(|n| format!("x{n};q=0.5, ")).collect::<String>();
    [
        ("long.txt", many.clone(), &[200], PLAIN),
        ("long.txt", format!("{many}gzip"), &[200], GZIP),
        ("pixel.png", format!("{many}identity;q=0"), &[406], &[]),
        ("long.txt", "gzip;q=0, ".repeat(5000), &[200], PLAIN),
        ("long.txt", format!("gzip;q=0.{}", "9".repeat(10_000)), &[200], PLAIN),
        ("long.txt", format!("gzip{};q=1", " ".repeat(10_000)), &[200], GZIP),
        ("long.txt", format!("gzip{}", ";".repeat(10_000)), &[200], GZIP),
        ("long.txt", "x".repeat(50_000), &[200], PLAIN),
    ]
}

#[test]
fn hostile_accept_encoding_is_read_item_by_item() {
    let world = World::start();
    let written = CODINGS.iter();
    let written = written.map(|&(file, accepted, statuses, codings)| (file, accepted.to_owned(), statuses, codings));
    let check = |(file, accepted, statuses, codings): Coded<String>| {
        let reply = world.get(&format!("/{file}"), &format!("Accept-Encoding: {accepted}\r\n"), statuses, file);
        let result = reply.and_then(|reply| {
            let coding = reply.header("content-encoding").unwrap_or_default();
            let is_allowed = reply.status != 200 || codings.contains(&coding);
            if is_allowed { Ok(()) } else { Err(format!("200 in {coding:?}")) }
        });
        (format!("{file} {accepted}"), result)
    };
    let results = written.chain(long_codings()).map(check).collect();
    world.conclude(results);
}
