//! Work that may have to wait for a disk, or that takes its time.

use std::io;

use tokio::task::spawn_blocking;

/// Does it on a thread that may block.
///
/// # Errors
/// Its own, or that it did not come to its end.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other).flatten()
}
