//! A configured plugin, ready to be called.

use std::{
    ffi::c_void,
    future::{Future, poll_fn},
    pin::Pin,
    ptr,
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc},
    task::{Context, Poll, ready},
    thread,
    time::{Duration, Instant},
};

use wicketgate_abi::{Buf, Format, Kind, RawFuture, RawStream, Reply, Request, Status};

use super::{Library, PluginError, Services, host::HOST, pace::Pace, running::Calls};

/// How long `configure` may take.
const CONFIGURE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the threads of an instance may take to end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// A configured plugin.
pub struct Instance {
    library: Library,
    state: State,
    /// By the commands' places in the spec.
    paces: Vec<Pace>,
    calls: Arc<Calls>,
    /// Given to the thread that shuts it down.
    living: Option<Living>,
}

/// The plugin's own pointer.
struct State(*mut c_void);

// SAFETY: the ABI lets an instance be called from any thread, and from several at a time.
unsafe impl Send for State {}
// SAFETY: as above.
unsafe impl Sync for State {}

/// What a call needs.
pub struct Call<'c> {
    /// Index of the command in the spec.
    pub command: u32,
    /// Its name, for the log.
    pub name: &'c str,
    /// The request's id.
    pub id: u64,
    /// How long the caller waits.
    pub time_limit: Duration,
    /// How to write the answer.
    pub format: Format,
    /// The checked parameters.
    pub params: Vec<u8>,
    /// The files of a form, if the command takes any.
    pub files: Option<RawStream>,
    /// Who calls, encoded: a MsgPack map.
    pub context: &'c Arc<Vec<u8>>,
    /// Never used for another context.
    pub context_id: u64,
    /// What the call may ask for.
    pub services: Arc<dyn Services>,
}

/// What came of a call.
pub enum Called {
    /// It is answered.
    Ready(Answered),
    /// It goes on. Dropping this cancels it.
    Running(Running),
    /// As many calls as may be are running already.
    Busy,
}

/// An answer.
pub struct Answered {
    /// What the handler returned; of a stream, all but the stream.
    pub reply: Reply,
    /// The stream, if it is one.
    pub streaming: Option<Streaming>,
}

/// A call that goes on, on the plugin's threads.
pub struct Running {
    /// Dropped first.
    future: RawFuture,
    /// None once it is done.
    hold: Option<Arc<Hold>>,
}

/// A body that is being made.
pub struct Streaming {
    stream: RawStream,
    /// As above.
    _hold: Arc<Hold>,
}

/// What a call holds until it has ended: its instance, and its place among those that run. The plugin has it as the owner of
/// the caller's context, so that a plain `fn` that nobody waits for any more still counts.
pub(super) struct Hold {
    context: Arc<Vec<u8>>,
    instance: Arc<Instance>,
    pub(super) services: Arc<dyn Services>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.instance.calls.leave();
    }
}

impl AsRef<[u8]> for Hold {
    fn as_ref(&self) -> &[u8] {
        &self.context
    }
}

impl Instance {
    /// Configures `library`, which has so many commands, with a checked configuration.
    ///
    /// # Errors
    /// What the plugin's `configure` failed with, or that it took too long.
    pub fn configure(
        library: Library,
        commands: usize,
        config: Vec<u8>,
        calls: Arc<Calls>,
    ) -> Result<Arc<Self>, PluginError> {
        let (sender, receiver) = mpsc::sync_channel(0);
        let descriptor = library.descriptor();
        // On a thread of its own, which a plugin that never returns may keep.
        thread::spawn(move || {
            let (mut state, mut error) = (State(ptr::null_mut()), Buf::EMPTY);
            // SAFETY: the ABI's promise; both out parameters are valid for writing.
            let status = unsafe { (descriptor.init)(&HOST, Buf::from_vec(config), &raw mut state.0, &raw mut error) };
            let made = if status == Status::READY { Ok(state) } else { Err(error) };
            // A channel without room: what is not taken comes back.
            if let Err(mpsc::SendError(Ok(late))) = sender.send(made) {
                // SAFETY: the state is this library's, and nobody else has it: the one who waited has given up.
                unsafe { (descriptor.shutdown)(late.0, SHUTDOWN_TIMEOUT.as_millis() as u32) }
            }
        });
        match receiver.recv_timeout(CONFIGURE_TIMEOUT) {
            Ok(Ok(state)) => {
                let paces = (0..commands).map(|_| Pace::default()).collect();
                Ok(Arc::new(Self { library, state, paces, calls, living: Some(Living::begin()) }))
            }
            Ok(Err(error)) => Err(PluginError::Configure(String::from_utf8_lossy(error.as_ref()).into_owned())),
            Err(_) => Err(PluginError::Slow(CONFIGURE_TIMEOUT.as_secs())),
        }
    }

    /// Calls a command. A handler that does not wait is done when this returns.
    pub fn call(self: &Arc<Self>, call: Call<'_>) -> Called {
        if !self.calls.enter() {
            return Called::Busy;
        }
        let hold = Arc::new(Hold { context: call.context.clone(), instance: self.clone(), services: call.services });
        let pace = &self.paces[call.command as usize];
        let started = Instant::now();
        let mut request = Request {
            size: size_of::<Request>() as u32,
            command: call.command,
            call_id: call.id,
            context_id: call.context_id,
            timeout_ms: u32::try_from(call.time_limit.as_millis()).unwrap_or(u32::MAX),
            reply_format: call.format as u8,
            hand_over: pace.is_slow(started).into(),
            has_files: call.files.is_some().into(),
            reserved: 0,
            params: Buf::from_vec(call.params),
            context: Buf::from_shared(hold.clone()),
            caller: Arc::as_ptr(&hold).cast(),
            files: call.files.unwrap_or(RawStream::NONE),
        };
        let (mut reply, mut future) = (Reply::UNWRITTEN, RawFuture::NONE);
        // SAFETY: the ABI's promise; the state is this library's and lives as long as `self`, and all three pointers
        // are valid for reading and writing.
        let status = unsafe {
            (self.library.descriptor().call)(self.state.0, &raw mut request, &raw mut reply, &raw mut future)
        };
        pace.took(started.elapsed(), call.name);
        if status == Status::PENDING {
            Called::Running(Running { future, hold: Some(hold) })
        } else {
            Called::Ready(answered(reply, hold))
        }
    }
}

/// A reply, with the hold on its stream if it has one.
fn answered(mut reply: Reply, hold: Arc<Hold>) -> Answered {
    if reply.kind != Kind::STREAM {
        return Answered { reply, streaming: None };
    }
    let stream = std::mem::replace(&mut reply.stream, RawStream::NONE);
    Answered { reply, streaming: Some(Streaming { stream, _hold: hold }) }
}

impl Streaming {
    /// The next chunk: a reply of kind `CONTENT`, empty at the end; of another kind if there will be no end.
    pub async fn next(&mut self) -> Reply {
        poll_fn(|cx| self.stream.poll_next(cx)).await
    }
}

impl Drop for Instance {
    /// On a thread of its own: whoever drops the last call should not have to wait.
    fn drop(&mut self) {
        let (descriptor, state) = (self.library.descriptor(), State(self.state.0));
        let timeout_ms = SHUTDOWN_TIMEOUT.as_millis() as u32;
        let living = self.living.take();
        let shut_down = move || {
            let (_living, state) = (living, state);
            // SAFETY: the state is this library's; each running call holds the instance, so none is left, and this is
            // once.
            unsafe { (descriptor.shutdown)(state.0, timeout_ms) }
        };
        if let Err(e) = thread::Builder::new().spawn(shut_down) {
            tracing::error!("a plugin could not be shut down: {e}");
        }
    }
}

/// How many instances have not been shut down yet.
static LIVING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// Counts one as long as it lives.
struct Living;

impl Living {
    fn begin() -> Self {
        *LIVING.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        *LIVING.0.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        LIVING.1.notify_all();
    }
}

/// Waits until all instances are shut down, for a bounded while: connections that are being cut off may hold them still.
pub fn await_shutdowns() {
    let left = LIVING.0.lock().unwrap_or_else(PoisonError::into_inner);
    // Whether they have ended or not, there is no more to be done.
    drop(LIVING.1.wait_timeout_while(left, 2 * SHUTDOWN_TIMEOUT, |left| *left > 0));
}

impl Future for Running {
    type Output = Answered;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered> {
        if self.hold.is_none() {
            // It has been ready before.
            return Poll::Pending;
        }
        let reply = ready!(Pin::new(&mut self.future).poll(cx));
        self.future = RawFuture::NONE;
        match self.hold.take() {
            Some(hold) => Poll::Ready(answered(reply, hold)),
            None => Poll::Pending,
        }
    }
}
