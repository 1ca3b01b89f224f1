//! Reload: what starts one, that it is all or nothing, and that no request notices.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt, symlink},
        net::{UnixListener, UnixStream},
    },
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rcgen::{CertificateParams, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use rustls::{ClientConfig, ClientConnection, RootCertStore, pki_types::CertificateDer};
use serde_json::{Value, json};
use wicketgate_tests::{Gateway, Setup, build_dir, request, wicketgate};

const TOML: &str = "[[sites]]\nhost = \"*\"\nroot = \"www\"\n[[actions]]\ntype = \"example\"\nhelloString = \"one\"\n\
                    [[actions]]\ntype = \"probe\"\n";

const NOT_RELOADED: &str = "the configuration was not reloaded; the old one keeps serving";

fn setup() -> Setup {
    Setup::new().file("index.html", b"home").sites_and_actions(TOML)
}

/// What the example's greeting starts with, or the error, for a project or (with an empty name) none.
fn greeting_in(gateway: &Gateway, project: &str) -> String {
    let reply = gateway.json("exampleHello", &json!({"color": "x", "projectUid": project}));
    if reply.status == 200 { greeting_of(&reply.value()) } else { reply.status.to_string() }
}

fn greeting_of(value: &Value) -> String {
    let message = value["message"].as_str().unwrap();
    message.split(['>', ',']).nth(1).unwrap().to_owned()
}

fn greeting(gateway: &Gateway) -> String {
    greeting_in(gateway, "")
}

/// Waits until it is so; fails after a while.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Reloads by command, which must succeed.
fn reload(gateway: &Gateway) {
    let (code, out, said) = gateway.run(&["reload"]);
    assert_eq!((code, out.trim(), said.as_str()), (0, "reloaded", ""));
}

/// Reloads by command, which must fail; returns the mistakes.
fn refused(gateway: &Gateway) -> String {
    let (code, out, said) = gateway.run(&["reload"]);
    assert_eq!((code, out.as_str()), (1, ""), "{said}");
    assert!(!said.is_empty());
    said
}

/// Puts a file in another's place, as careful programs do.
fn replace(file: &Path, content: &[u8]) {
    let new = file.with_extension("new");
    fs::write(&new, content).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644)).unwrap();
    fs::rename(new, file).unwrap();
}

#[test]
fn however_the_file_is_changed_it_is_noticed() {
    let gateway = setup().start();
    let config = gateway.config();
    let with = |word: &str| {
        let (text, old) = (fs::read_to_string(gateway.config()).unwrap(), greeting(&gateway));
        text.replace(&format!("\"{old}\""), &format!("\"{word}\""))
    };
    let noticed = |word: &str| eventually(word, || greeting(&gateway) == word);
    gateway.change_config("\"one\"", "\"two\"");
    noticed("two");
    replace(&config, with("three").as_bytes());
    noticed("three");
    // It is another file by now, in which the next change must be seen as well.
    gateway.change_config("\"three\"", "\"four\"");
    noticed("four");
    // Some editors move the old file away first.
    let text = with("five");
    fs::rename(&config, gateway.dir().join("wicketgate.toml~")).unwrap();
    fs::write(&config, text).unwrap();
    noticed("five");
    let text = with("six");
    fs::remove_file(&config).unwrap();
    assert_eq!(greeting(&gateway), "five");
    fs::write(&config, text).unwrap();
    noticed("six");
}

#[test]
fn included_files_come_change_and_go() {
    let gateway = setup().start();
    let project = |uid: &str, word: &str| {
        format!("[[projects]]\nuid = \"{uid}\"\nactions = [{{ type = \"example\", helloString = \"{word}\" }}]\n")
    };
    let noticed = |uid: &str, word: &str| eventually(word, || greeting_in(&gateway, uid) == word);
    gateway.put("more/extra.toml", project("extra", "plain").as_bytes());
    fs::create_dir(gateway.dir().join("parts")).unwrap();
    let main = fs::read_to_string(gateway.config()).unwrap();
    gateway.put("wicketgate.toml", format!("include = [\"more/extra.toml\", \"parts/*.toml\"]\n{main}").as_bytes());
    noticed("extra", "plain");
    // A file that nobody knew of, in a folder where it counts.
    gateway.put("parts/a.toml", project("a", "new").as_bytes());
    noticed("a", "new");
    gateway.put("parts/a.toml", project("a", "changed").as_bytes());
    noticed("a", "changed");
    replace(&gateway.dir().join("parts/a.toml"), project("a", "renamed").as_bytes());
    noticed("a", "renamed");
    fs::remove_file(gateway.dir().join("parts/a.toml")).unwrap();
    noticed("a", "404");
    // A plain name must be there. While it is not, all stays as it was; and its return is noticed.
    fs::remove_file(gateway.dir().join("more/extra.toml")).unwrap();
    assert!(refused(&gateway).contains("extra.toml"));
    assert_eq!(greeting_in(&gateway, "extra"), "plain");
    gateway.put("more/extra.toml", project("extra", "back").as_bytes());
    noticed("extra", "back");
}

#[test]
fn sighup_reloads() {
    // A folder is no file of the configuration: that another one has its name is seen by reloading only.
    let setup = Setup::new().sites_and_actions("[[sites]]\nroot = \"deep/www\"\n");
    setup.put("deep/www/index.html", b"old");
    let gateway = setup.start();
    assert_eq!(gateway.get("/").text(), "old");
    fs::rename(gateway.dir().join("deep/www"), gateway.dir().join("deep/old")).unwrap();
    gateway.put("deep/www/index.html", b"new");
    gateway.hang_up();
    eventually("the new folder", || gateway.get("/").text() == "new");
    // It is no way to end it, however often it comes.
    for _ in 0..10 {
        gateway.hang_up();
    }
    assert_eq!(gateway.get("/").text(), "new");
    let log = gateway.into_log();
    assert!(log.lines().any(|line| line.contains("reloaded")) && !log.contains(NOT_RELOADED), "{log}");
}

/// What is changed in the configuration, and what the refusal must say.
const BROKEN: &[(&str, &str, &str)] = &[
    ("host = \"*\"", "hots = \"*\"", ": sites[0].hots: unknown property; did you mean `host`?"),
    ("[[sites]]", "[[sites", ": this is no TOML: "),
    ("root = \"www\"", "root = \"nowhere\"", ": sites[0].root: "),
    ("type = \"probe\"", "type = \"prob\"", ": actions[1].type: "),
    ("type = \"probe\"", "type = \"probe\"\nfail = \"the tank is empty\"", "the tank is empty"),
    ("access = \"allow all\"", "access = \"hm\"", ": access: "),
    // All that a gateway listens on is opened once.
    ("[\"127.0.0.1:0\"]", "[\"127.0.0.1:0\", \"127.0.0.1:0\"]", ": server.listen"),
];

#[test]
fn a_broken_configuration_keeps_the_old_one_serving_until_it_is_mended() {
    let gateway = setup().start();
    let sound = fs::read_to_string(gateway.config()).unwrap();
    for (from, to, expected) in BROKEN {
        assert!(sound.contains(from), "{from}");
        // What is right in it must not come through either.
        fs::write(gateway.config(), sound.replacen(from, to, 1).replace("\"one\"", "\"two\"")).unwrap();
        let said = refused(&gateway);
        assert!(said.contains(expected) && said.contains("wicketgate.toml:"), "{to}: {said}");
        assert_eq!((greeting(&gateway).as_str(), gateway.get("/").text()), ("one", "home"), "{to}");
        fs::write(gateway.config(), &sound).unwrap();
        reload(&gateway);
    }
    // Without being asked, too.
    fs::write(gateway.config(), "[[sites").unwrap();
    refused(&gateway);
    fs::write(gateway.config(), sound.replace("\"one\"", "\"mended\"")).unwrap();
    eventually("mended", || greeting(&gateway) == "mended");
    let log = gateway.into_log();
    for text in [NOT_RELOADED, "did you mean `host`?", "the tank is empty"] {
        assert!(log.contains(text), "{text} is not in {log}");
    }
    assert!(log.lines().any(|line| line.contains("reloaded") && !line.contains("not reloaded")), "{log}");
}

#[test]
fn the_data_folder_stays() {
    let gateway = setup().start();
    gateway.change_config("dataDir = \"data\"", "dataDir = \"data2\"");
    // The command looks for it where it is not.
    assert!(refused(&gateway).contains("no gateway can be reached"));
    let mut stream = UnixStream::connect(gateway.dir().join("data/control.sock")).unwrap();
    writeln!(stream, "{}", json!({"reload": gateway.config().canonicalize().unwrap()})).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("server.dataDir") && said.contains("\"done\":false"), "{said}");
    assert_eq!(greeting(&gateway), "one");
}

#[test]
fn a_gateway_of_another_configuration_is_not_reloaded() {
    let gateway = setup().start();
    // With the same folder, and so the same socket.
    let other = gateway.dir().join("other.toml");
    fs::copy(gateway.config(), &other).unwrap();
    let output = wicketgate(&["reload", "--config", other.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("it runs with") && said.contains("other.toml"), "{said}");
    reload(&gateway);
}

#[test]
fn a_plugin_is_replaced() {
    let gateway = setup().start();
    let file = gateway.plugins_dir().join("example.so");
    let sound = fs::read(&file).unwrap();
    // The same spec, other code.
    let (old, new) = (b"<font color=", b"<FONT color=");
    let mut changed = sound.clone();
    let places: Vec<usize> = (0..sound.len() - old.len()).filter(|at| sound[*at..].starts_with(old)).collect();
    assert!(!places.is_empty());
    for at in places {
        changed[at..at + new.len()].copy_from_slice(new);
    }
    let text = || gateway.json("exampleHello", &json!({"color": "x"})).text().to_owned();
    assert!(text().contains("<font"), "{}", text());
    replace(&file, &changed);
    eventually("the new code", || text().contains("<FONT"));
    for broken in [&sound[..sound.len() / 2], b"no library"] {
        replace(&file, broken);
        assert!(refused(&gateway).contains("example.so"));
        assert!(text().contains("<FONT"), "{}", text());
    }
    replace(&file, &sound);
    eventually("the old code again", || text().contains("<font"));
}

#[test]
fn an_error_page_is_read_when_it_changes() {
    let toml = "[[sites]]\nroot = \"www\"\n[sites.errorPages]\n404 = \"errors/404.html\"\n";
    let setup = Setup::new().sites_and_actions(toml);
    let page = setup.put("errors/404.html", b"<p>one</p>");
    let gateway = setup.start();
    let bytes = request("GET", "/nothing", &["Accept: text/html"], b"");
    let shown = || gateway.raw(&bytes).text().to_owned();
    assert_eq!(shown(), "<p>one</p>");
    fs::write(&page, "<p>two</p>").unwrap();
    eventually("the second page", || shown() == "<p>two</p>");
    replace(&page, b"<p>three</p>");
    eventually("the third page", || shown() == "<p>three</p>");
    fs::remove_file(&page).unwrap();
    assert!(refused(&gateway).contains(": sites[0].errorPages.404: "));
    assert_eq!(shown(), "<p>three</p>");
    fs::write(&page, "<p>four</p>").unwrap();
    eventually("the fourth page", || shown() == "<p>four</p>");
}

/// A gateway that speaks TLS, which the fixture's does not.
struct Secure {
    process: Child,
    address: SocketAddr,
}

impl Secure {
    fn start(config: &Path) -> Self {
        let program = build_dir().join("wicketgate");
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "60"]).arg(program).args(["serve", "--config"]).arg(config);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("//").next().and_then(|address| address.parse().ok());
        Self { process, address: address.unwrap_or_else(|| panic!("no address in {line:?}")) }
    }

    /// Whether a client that trusts this certificate and no other gets to speak to it.
    fn presents(&self, certificate: &CertificateDer<'static>) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
        let mut connection = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        connection.complete_io(&mut stream).is_ok()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let _ = self.process.wait();
    }
}

#[test]
fn a_renewed_certificate_is_presented() {
    let toml =
        "[[sites]]\nhost = \"localhost\"\ncertificates = [{ cert = \"live/cert.pem\", key = \"live/key.pem\" }]\n";
    let setup = Setup::new().sites_and_actions(toml);
    // As certbot keeps them: names that stay, and lead to files that don't.
    let [old, new, other] = ["old", "new", "other"].map(|name| {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        setup.put(&format!("archive/{name}.cert.pem"), certificate.pem().as_bytes());
        setup.put(&format!("archive/{name}.key.pem"), key.serialize_pem().as_bytes());
        certificate.der().clone()
    });
    fs::create_dir(setup.dir().join("live")).unwrap();
    let renew = |name: &str| {
        for kind in ["cert.pem", "key.pem"] {
            let link = setup.dir().join("live").join(kind);
            symlink(format!("../archive/{name}.{kind}"), link.with_extension("new")).unwrap();
            fs::rename(link.with_extension("new"), link).unwrap();
        }
    };
    renew("old");
    let config = setup.write_config();
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"127.0.0.1:0\"", "{ address = \"127.0.0.1:0\", tls = true }")).unwrap();
    let gateway = Secure::start(&config);
    assert!(gateway.presents(&old) && !gateway.presents(&new));
    renew("new");
    eventually("the new certificate", || gateway.presents(&new));
    assert!(!gateway.presents(&old));
    // One that fits no key changes nothing.
    fs::write(setup.dir().join("archive/new.cert.pem"), b"no certificate").unwrap();
    assert_eq!(setup.run(&["reload"]).0, 1);
    assert!(gateway.presents(&new));
    renew("other");
    eventually("the third certificate", || gateway.presents(&other));
}

#[test]
fn the_control_socket_is_its_owner_s_and_outlives_crashes() {
    let setup = setup();
    setup.write_config();
    // There is no gateway yet; then only what one left behind when it was killed.
    let socket = setup.dir().join("data/control.sock");
    for leave in [false, true] {
        if leave {
            fs::create_dir(setup.dir().join("data")).unwrap();
            drop(UnixListener::bind(&socket).unwrap());
        }
        let (code, out, said) = setup.run(&["reload"]);
        assert!(code == 1 && out.is_empty() && !said.is_empty(), "{code} {out}");
    }
    let gateway = setup.start();
    let metadata = fs::metadata(&socket).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    reload(&gateway);
    // Whoever says nothing, or nonsense, keeps nobody else waiting.
    let silent = UnixStream::connect(&socket).unwrap();
    for nonsense in [&b""[..], b"\n", b"\xff\xfe\n", b"stop\n", &[b'x'; 50_000]] {
        // It may be closed before all is written.
        let _ = UnixStream::connect(&socket).unwrap().write_all(nonsense);
    }
    reload(&gateway);
    drop(silent);
    assert_eq!(greeting(&gateway), "one");
}

#[test]
fn a_request_is_finished_as_it_was_begun() {
    let gateway = setup().start();
    let body = r#"{"cmd": "probeNothing"}"#;
    let head = "POST /_ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    let mut connection = gateway.connect();
    connection.send(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    // By this the request has got its configuration, in which the probe is.
    assert_eq!(connection.reply().unwrap().status, 100);
    gateway.change_config("[[actions]]\ntype = \"probe\"\n", "");
    reload(&gateway);
    assert_eq!(gateway.json("probeNothing", &json!({})).status, 404);
    assert_eq!(connection.send(body.as_bytes()).reply().unwrap().status, 204);
}

#[test]
fn twenty_reloads_under_load_fail_no_request() {
    /// Ends the clients, even if the test fails.
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let gateway = setup().start();
    gateway.change_config("\"one\"", "\"0\"");
    reload(&gateway);
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let body = br#"{"cmd": "exampleHello", "params": {"color": "x"}}"#;
    let call = request("POST", "/_", &["Content-Type: application/json"], body);
    let client = || {
        let (mut connection, mut last) = (gateway.connect(), 0);
        while !stop.load(Ordering::SeqCst) {
            let reply = connection.send(&call).reply().expect("the connection stays open");
            assert_eq!(reply.status, 200, "{}", reply.text());
            let number: u32 = greeting_of(&reply.value()).parse().unwrap();
            assert!(number >= last, "{last} was followed by {number}");
            last = number;
            let file = connection.send(&request("GET", "/", &[], b"")).reply().expect("the connection stays open");
            assert_eq!((file.status, file.text()), (200, "home"));
            answered.fetch_add(2, Ordering::SeqCst);
        }
    };
    thread::scope(|scope| {
        let _stop = Stop(&stop);
        for _ in 0..4 {
            scope.spawn(client);
        }
        for number in 1..=20 {
            let before = answered.load(Ordering::SeqCst);
            gateway.change_config(&format!("\"{}\"", number - 1), &format!("\"{number}\""));
            reload(&gateway);
            // Whoever asks after `reloaded` gets the new configuration, at once.
            assert_eq!(greeting(&gateway), number.to_string());
            eventually("requests are answered", || answered.load(Ordering::SeqCst) > before);
        }
    });
    assert!(!gateway.into_log().contains("panicked"));
}

#[test]
fn a_folder_that_comes_back_or_comes_late_is_noticed() {
    let gateway = setup().start();
    let main = fs::read_to_string(gateway.config()).unwrap();
    gateway.put("wicketgate.toml", format!("include = [\"late/*.toml\"]\n{main}").as_bytes());
    reload(&gateway);
    let project = |word: &str| {
        format!("[[projects]]\nuid = \"p\"\nactions = [{{ type = \"example\", helloString = \"{word}\" }}]\n")
    };
    gateway.put("late/a.toml", project("late").as_bytes());
    eventually("the folder that comes late", || greeting_in(&gateway, "p") == "late");
    fs::remove_dir_all(gateway.dir().join("late")).unwrap();
    gateway.put("late/a.toml", project("back").as_bytes());
    eventually("the folder that comes back", || greeting_in(&gateway, "p") == "back");
    gateway.put("late/a.toml", project("again").as_bytes());
    eventually("a file in it", || greeting_in(&gateway, "p") == "again");
}

#[test]
fn what_changes_during_the_start_is_not_missed() {
    let setup = Setup::new().sites_and_actions(&format!("{TOML}delay = 1500\n"));
    let config = setup.write_config();
    let changed = fs::read_to_string(&config).unwrap().replace("\"one\"", "\"two\"");
    let change = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        fs::write(config, changed).unwrap();
    });
    // Which rewrites the file, but before that.
    let gateway = setup.start();
    change.join().unwrap();
    eventually("the change", || greeting(&gateway) == "two");
}
