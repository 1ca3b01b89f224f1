//! Certificates by the name that the client asks for (SNI). They belong to the sites, so that a reload changes them for the
//! next handshake.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use pingora::{
    Result,
    listeners::{TlsAccept, tls::TlsSettings},
};
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{Front, Sites};
use crate::config::Certificate;

/// What a TLS listener needs: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN.
pub(super) fn settings(front: Arc<ArcSwap<Front>>) -> Result<TlsSettings> {
    let mut settings = TlsSettings::with_callbacks(Box::new(NoCallbacks))?;
    settings.set_cert_resolver(Arc::new(Resolver(front)));
    settings.enable_h2();
    Ok(settings)
}

struct NoCallbacks;

#[async_trait]
impl TlsAccept for NoCallbacks {}

struct Resolver(Arc<ArcSwap<Front>>);

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

impl ResolvesServerCert for Resolver {
    /// Without a certificate the handshake fails.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let front = self.0.load();
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let offered = certificates(&front.sites, name.as_deref())?;
        let usable = |certificate: &&Certificate| certificate.0.key.choose_scheme(hello.signature_schemes()).is_some();
        // One that the client can't check is better than none: its error says why.
        offered.iter().find(usable).or(offered.first()).map(|certificate| certificate.0.clone())
    }
}

/// The certificates of the site that fits the name best and has any. A client that names none gets those of `*`, or else
/// those of any site.
fn certificates<'s>(sites: &'s Sites, name: Option<&str>) -> Option<&'s [Certificate]> {
    let of = |site: &'s Arc<super::Site>| Some(site.config.certificates.as_slice()).filter(|all| !all.is_empty());
    let fitting = sites.candidates(name).find_map(of);
    if name.is_some() { fitting } else { fitting.or_else(|| sites.iter().find_map(of)) }
}
