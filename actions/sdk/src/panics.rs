//! Panics of handlers: caught here, because the gateway can't catch another library's, and kept for its log.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook},
    pin::Pin,
    sync::Once,
    task::{Context, Poll},
};

thread_local! {
    /// What the last panic of this thread said, and where.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };

    /// How many times this thread is within [`caught`].
    static CATCHING: Cell<u32> = const { Cell::new(0) };
}

/// Keeps a panic's text and place instead of printing them. A plugin has its own copy of the standard library,
/// so this changes nothing for the gateway or for other plugins.
pub(crate) fn install() {
    // In a thread or a task of the author's own: nobody else will tell.
    keep(|| |_, told| log::error!("a thread {told}"));
}

/// The same in a test, whose own panics are told as ever.
#[cfg(feature = "testing")]
pub(crate) fn install_in_test() {
    keep(|| {
        let usual = std::panic::take_hook();
        move |info, _| usual(info)
    });
}

/// Keeps the panics of handlers, and has `others` tell of all others.
fn keep<F: Fn(&PanicHookInfo<'_>, &str) + Send + Sync + 'static>(others: impl FnOnce() -> F) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = others();
        set_hook(Box::new(move |info| {
            let text = info.payload_as_str().unwrap_or("no message");
            let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
            let told = format!("panicked: {text}{place}");
            if CATCHING.get() == 0 {
                others(info, &told);
            } else {
                // Gone if the thread is ending; then so is the call.
                let _ = LAST.try_with(|last| last.replace(told));
            }
        }));
    });
}

/// Runs `f`; a panic becomes its text and place.
pub(crate) fn caught<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    // What `f` left half-done belongs to this call, or to the author's own synchronisation.
    CATCHING.set(CATCHING.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(f));
    CATCHING.set(CATCHING.get() - 1);
    result.map_err(|payload| {
        // A payload may panic once more when it is dropped.
        std::mem::forget(payload);
        LAST.take()
    })
}

/// A future whose panic is its text and place.
pub(crate) struct Caught<F>(Pin<Box<F>>);

impl<F: Future> Caught<F> {
    pub(crate) fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match caught(|| self.0.as_mut().poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(text) => Poll::Ready(Err(text)),
        }
    }
}
