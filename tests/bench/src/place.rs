//! What all servers serve: the same files, and the same certificate.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::server::{Result, run};

/// How many small files there are, in how many folders.
pub const MANY: usize = 10_000;
const FOLDERS: usize = 100;

/// The files that are measured one at a time, and their sizes.
const FILES: [(&str, usize); 7] = [
    ("1k.html", 1 << 10),
    ("4k.html", 4 << 10),
    ("64k.html", 64 << 10),
    ("1m.html", 1 << 20),
    ("10m.html", 10 << 20),
    ("304.html", 4 << 10),
    ("page.html", 20 << 10),
];

const WORDS: [&str; 16] = [
    "gate", "<b>", "river", "</b>", "wicket", "of the", "<p>", "and", "stone", "with", "a path", "</p>", "where",
    "under", "nothing", "evening",
];

/// The folder of the measurement, and what is in it.
pub struct Place {
    /// For everything that servers and load generators write.
    pub scratch: PathBuf,
    /// What is served.
    pub www: PathBuf,
    /// The certificate, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
    /// The gateway's plugins.
    pub plugins: PathBuf,
}

impl Place {
    /// Writes files and certificate.
    ///
    /// # Errors
    /// If they can't be written, or openssl or the plugins are missing.
    pub fn prepare(scratch: &Path, plugins: &Path) -> Result<Self> {
        let place = Self {
            scratch: scratch.to_owned(),
            www: scratch.join("www"),
            certificate: scratch.join("certificate.pem"),
            key: scratch.join("key.pem"),
            plugins: plugins.canonicalize().map_err(|e| format!("the plugins in {}: {e}", plugins.display()))?,
        };
        fs::create_dir_all(&place.www)?;
        for (name, size) in FILES {
            fs::write(place.www.join(name), text(size))?;
        }
        for number in 0..MANY {
            let file = place.www.join(many(number).trim_start_matches('/'));
            fs::create_dir_all(file.parent().unwrap_or(&place.www))?;
            fs::write(file, text(4 << 10))?;
        }
        place.certify()?;
        Ok(place)
    }

    /// One certificate for the host that the load generators ask for.
    fn certify(&self) -> Result<()> {
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        openssl.args(["-days", "30", "-subj", "/CN=localhost"]);
        openssl.args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
        openssl.arg("-keyout").arg(&self.key).arg("-out").arg(&self.certificate).stderr(Stdio::null());
        run(&mut openssl).map_err(|e| format!("openssl makes no certificate (apt-get install openssl): {e}").into())
    }
}

/// The path of one of the many files.
fn many(number: usize) -> String {
    format!("/many/{:02}/{number:05}.txt", number % FOLDERS)
}

/// A script for wrk that asks for all of the many files in a fixed order that looks random: a linear congruential generator
/// of full period.
pub fn walk() -> String {
    format!(
        "local requests, number = {{}}, 0\n\
         init = function()\n\
         \x20 for n = 0, {MANY} - 1 do\n\
         \x20   requests[n] = wrk.format(nil, string.format(\"/many/%02d/%05d.txt\", n % {FOLDERS}, n))\n\
         \x20 end\n\
         end\n\
         request = function()\n\
         \x20 number = (number * 4821 + 2531) % {MANY}\n\
         \x20 return requests[number]\n\
         end\n"
    )
}

/// Something like HTML, always the same; gzip makes about a quarter of it.
fn text(size: usize) -> Vec<u8> {
    let (mut text, mut seed) = (Vec::with_capacity(size + 32), 1_u32);
    while text.len() < size {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.extend_from_slice(WORDS[(seed >> 28) as usize].as_bytes());
        text.extend_from_slice(if seed & 0xF00_0000 == 0 { b"\n" } else { b" " });
    }
    text.truncate(size);
    text
}
