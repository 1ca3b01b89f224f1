//! Which site a host gets, whatever the order in the file.

use wicketgate_tests::{Gateway, Reply, Setup};

fn ask(gateway: &Gateway, host: &str) -> Reply {
    gateway.raw(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
}

#[test]
fn the_exact_name_comes_before_the_suffix_and_that_before_the_star() {
    let toml = "[[sites]]\nhost = \"*\"\nroot = \"www/any\"\n[[sites]]\nhost = \"*.example.org.\"\nroot = \"www/suffix\"\n\
                [[sites]]\nhost = \"*.org\"\nroot = \"www/org\"\n[[sites]]\nhost = \"A.example.org\"\nroot = \"www/exact\"\n";
    let mut setup = Setup::new();
    for name in ["any", "suffix", "org", "exact"] {
        setup = setup.file(&format!("{name}/index.html"), name.as_bytes());
    }
    let gateway = setup.sites_and_actions(toml).start();
    for (host, site) in [
        ("a.example.org", "exact"),
        ("A.EXAMPLE.org", "exact"),
        ("a.example.org:8080", "exact"),
        ("a.example.org.", "exact"),
        ("b.example.org", "suffix"),
        ("x.a.example.org", "suffix"),
        ("example.org", "org"),
        ("localhost", "any"),
        ("127.0.0.1:80", "any"),
        ("[::1]:80", "any"),
        ("notexample.com", "any"),
    ] {
        let reply = ask(&gateway, host);
        assert_eq!((reply.status, reply.text()), (200, site), "{host}");
    }
    let absolute = gateway.raw(b"GET http://a.example.org/ HTTP/1.1\r\nHost: a.example.org\r\n\r\n");
    assert_eq!(absolute.text(), "exact");
}

#[test]
fn a_host_without_a_site_is_421() {
    let toml = "[[sites]]\nhost = \"example.org\"\nroot = \"www\"\n";
    let gateway = Setup::new().file("index.html", b"home").sites_and_actions(toml).start();
    assert_eq!(ask(&gateway, "example.org").text(), "home");
    for host in ["example.com", "a.example.org", "xexample.org", "127.0.0.1"] {
        let reply = ask(&gateway, host);
        assert_eq!(reply.status, 421, "{host}");
        reply.error();
    }
    assert_eq!(gateway.raw(b"GET / HTTP/1.0\r\n\r\n").status, 421);
    assert_eq!(gateway.raw(b"POST /_ HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n").status, 421);
}

#[test]
fn a_site_without_a_root_has_no_files() {
    let gateway = Setup::new().sites_and_actions("[[sites]]\n[[actions]]\ntype = \"example\"\n").start();
    assert_eq!(gateway.get("/").status, 404);
    assert_eq!(gateway.get("/etc/passwd").status, 404);
    gateway.assert_well();
}
