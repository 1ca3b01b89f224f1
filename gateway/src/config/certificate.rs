//! Certificates for TLS, read and checked against their keys.

use std::{fmt, path::Path, sync::Arc};

use rustls::{
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};

use super::source::At;

/// A certificate with its chain and its key.
#[derive(Clone)]
pub struct Certificate(pub Arc<CertifiedKey>);

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

fn told(file: &Path, error: &pem::Error) -> String {
    match error {
        pem::Error::Io(e) => format!("{} can't be read: {e}", file.display()),
        e => format!("{} can't be read as PEM: {e}", file.display()),
    }
}

/// The certificate at a place of the list; `None` if something is wrong with it.
pub(super) fn resolve(at: &At<'_, '_>) -> Option<Certificate> {
    let (cert, key) = (at.key("cert"), at.key("key"));
    let (cert_file, key_file) = (cert.file(), key.file());
    let chain = cert_file.and_then(|file| {
        let read = CertificateDer::pem_file_iter(&file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match read {
            Ok(chain) if !chain.is_empty() => return Some(chain),
            Ok(_) => cert.wrong(format!("{} holds no certificate as PEM", file.display())),
            Err(e) => cert.wrong(told(&file, &e)),
        }
        None
    });
    let private = key_file.and_then(|file| {
        let read = PrivateKeyDer::from_pem_file(&file);
        read.map_err(|e| key.wrong(told(&file, &e))).ok()
    });
    let (chain, private) = (chain?, private?);
    let signing = ring::sign::any_supported_type(&private)
        .map_err(|e| key.wrong(format!("this kind of key can't be used: {e}")))
        .ok()?;
    let certified = CertifiedKey::new(chain, signing);
    match certified.keys_match() {
        Ok(()) => Some(Certificate(Arc::new(certified))),
        Err(e) => {
            cert.wrong(format!("the certificate does not belong to the key, or is malformed: {e}"));
            None
        }
    }
}
