//! Who calls, and what is told to those who are not let in.

use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};

use super::{WebError, WebHead};
use crate::auth::{Auth, Caller, Refusal};

/// Finds out who calls.
///
/// # Errors
/// 401 for what is not valid in `Authorization`; what else [`Refusal`] knows.
pub(super) async fn identify(auth: &Auth, head: &WebHead) -> Result<Caller, WebError> {
    let safe = matches!(head.method, Method::GET | Method::HEAD);
    auth.identify(&head.presented, safe).await.map_err(|refusal| {
        tell(&refusal, head);
        error(&refusal)
    })
}

/// Tells the log whom the gateway does not let in.
pub(super) fn tell(refusal: &Refusal, head: &WebHead) {
    let address = head.presented.address.map(tracing::field::display);
    tracing::info!(request = %head.id, address, "refused: {refusal}");
}

/// The status of a refusal.
pub(super) fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Credentials(_) => StatusCode::UNAUTHORIZED,
        Refusal::Login | Refusal::Code | Refusal::CrossSite | Refusal::Tls => StatusCode::FORBIDDEN,
        Refusal::Throttled(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy | Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::NoWeb => StatusCode::NOT_IMPLEMENTED,
    }
}

/// When it is worth trying again.
pub(super) fn retry_after(refusal: &Refusal) -> Option<Duration> {
    match refusal {
        Refusal::Throttled(wait) => Some(*wait),
        Refusal::Busy | Refusal::Unavailable => Some(Duration::from_secs(1)),
        _ => None,
    }
}

/// `Retry-After`, in whole seconds.
pub(super) fn seconds(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

fn error(refusal: &Refusal) -> WebError {
    let mut error = WebError::new(status(refusal), refusal.to_string());
    if let Refusal::Credentials(challenges) = refusal {
        for challenge in challenges {
            error = error.with_header(header::WWW_AUTHENTICATE, challenge.clone());
        }
    }
    match retry_after(refusal) {
        Some(wait) => error.with_header(header::RETRY_AFTER, seconds(wait)),
        None => error,
    }
}
