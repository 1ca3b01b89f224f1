//! A gateway that listens twice, plain and with TLS, and the command line clients that speak to it.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::gateway::{Setup, address, begin};

impl Setup {
    /// Writes the configuration with a second listener, which speaks TLS.
    pub fn write_tls_config(&self) -> PathBuf {
        let file = self.write_config();
        let text = fs::read_to_string(&file).unwrap();
        let (plain, both) = ("[\"127.0.0.1:0\"]", "[\"127.0.0.1:0\", { address = \"127.0.0.1:0\", tls = true }]");
        assert!(text.contains(plain), "{text}");
        fs::write(&file, text.replacen(plain, both, 1)).unwrap();
        file
    }

    /// Makes a certificate for these names, of which the first is its subject: `FILE.crt` and `FILE.key` beside the
    /// configuration. curl trusts all that were made.
    pub fn certificate(&self, file: &str, names: &[&str]) {
        let path = |extension: &str| self.dir().join(format!("{file}.{extension}"));
        let alternatives: Vec<_> = names.iter().map(|name| format!("DNS:{name}")).collect();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
            .args(["-subj", &format!("/CN={}", names[0])])
            .args(["-addext", &format!("subjectAltName={}", alternatives.join(","))])
            .arg("-keyout")
            .arg(path("key"))
            .arg("-out")
            .arg(path("crt"))
            .output()
            .expect("openssl, from the Debian package of that name");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let trusted = self.dir().join("trusted.pem");
        let before = fs::read_to_string(&trusted).unwrap_or_default();
        fs::write(trusted, before + &fs::read_to_string(path("crt")).unwrap()).unwrap();
    }

    /// Starts a gateway with both listeners, which must come up.
    pub fn start_tls(self) -> TlsGateway {
        let (process, log, mut announced) = begin(&self.write_tls_config(), None, false, false);
        match (address(&mut announced, "http"), address(&mut announced, "https")) {
            (Some(http), Some(https)) => TlsGateway { process, http, https, setup: self },
            addresses => {
                let _ = kill_process(Pid::from_child(&process), Signal::TERM);
                panic!("the gateway did not start: {addresses:?} {}", log.join().unwrap());
            }
        }
    }
}

/// A gateway with a plain listener and one that speaks TLS. Dropping it ends it.
pub struct TlsGateway {
    process: Child,
    http: SocketAddr,
    https: SocketAddr,
    setup: Setup,
}

impl TlsGateway {
    /// Where it listens without TLS.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where it listens with TLS.
    pub fn https(&self) -> SocketAddr {
        self.https
    }

    /// What it was started with.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Runs curl for `https://HOST/PATH`, which verifies the certificate against that host name. Status and version of
    /// HTTP, such as `200 2`, are on stderr.
    pub fn curl(&self, host: &str, path: &str, arguments: &[&str]) -> Output {
        Command::new("curl")
            // Whatever the environment says of proxies and defaults.
            .args(["-q", "--noproxy", "*", "--silent", "--show-error", "--max-time", "20"])
            .args(["--write-out", "%{stderr}%{http_code} %{http_version}"])
            .args(["--connect-to", &format!("{host}:443:{}", self.https)])
            .arg("--cacert")
            .arg(self.setup.dir().join("trusted.pem"))
            .args(arguments)
            .arg(format!("https://{host}{path}"))
            .output()
            .expect("curl, from the Debian package of that name")
    }

    /// Shakes hands by `openssl s_client`; returns whether that succeeded, and all that it said.
    pub fn handshake(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new("timeout")
            .args(["--kill-after=5", "20", "openssl", "s_client", "-connect", &self.https.to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), said)
    }
}

impl Drop for TlsGateway {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
            let _ = self.process.wait();
        }
    }
}
