//! Tests of an action without a gateway (feature `testing`): its configuration and the parameters of its commands are read
//! by its own spec, as the gateway does, and its handlers run on its own runtime.
//!
//! ```
//! use wicketgate_action::{prelude::*, serde_json::json, testing::Tester};
//!
//! # #[config] pub struct Config { greeting: String }
//! # #[params] pub struct GreetParams { name: String }
//! # #[response] pub struct Greeting { message: String }
//! # pub struct Greeter { greeting: String }
//! # #[action(name = "greeter")]
//! # impl Greeter {
//! #     fn configure(config: Config, _host: &Host) -> Result<Self> { Ok(Self { greeting: config.greeting }) }
//! #     async fn api_greet(&self, _req: &Request, p: GreetParams) -> Result<Greeting> {
//! #         Ok(Greeting { message: format!("{}, {}!", self.greeting, p.name) })
//! #     }
//! # }
//! let greeter = Tester::<Greeter>::new(json!({"greeting": "Hello"})).unwrap();
//! let reply = greeter.call("greeterGreet", json!({"name": "Ada"}));
//! assert_eq!((reply.status, reply.value()), (200, json!({"message": "Hello, Ada!"})));
//! assert_eq!(greeter.call("greeterGreet", json!({"nam": "Ada"})).info, "params.nam: unknown property; did you mean `name`?; params.name: required property is missing");
//! ```

use std::{
    borrow::Cow,
    collections::BTreeMap,
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json};
use wicketgate_abi::{Buf, Chunks, Format, Kind, RawStream, Reply as RawReply};
use wicketgate_spec::{
    Action as Spec, Asked, Command,
    read::{Body, Checked, Inputs, Origin, Rejected, SoftValue, Target},
};

use crate::{
    Action, Bytes, Error, Host, Request, User, encoding,
    gateway::{Gateway, Services},
    panics,
    runtime::Shared,
    start::{Call, Started},
    upload::Files,
};

/// A configured action, ready to be called.
pub struct Tester<A: Action> {
    action: Arc<A>,
    spec: Spec,
    runtime: Arc<Shared>,
    user: User,
    gateway: Arc<TestGateway>,
}

/// What a handler finds in place of a gateway: a session in memory, and what the test has permitted.
#[derive(Default)]
struct TestGateway {
    session: Mutex<BTreeMap<String, Vec<u8>>>,
    permitted: Mutex<Vec<String>>,
    guest: AtomicBool,
}

/// What a command answered.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The text for the caller, if it is an error.
    pub info: String,
    /// What the gateway's log would say of it, if it is an error.
    pub cause: String,
    /// The media type, unless it is a value.
    pub content_type: String,
    /// Response headers that the handler has set.
    pub headers: Vec<(String, String)>,
    /// A value in JSON; content as it is, a stream to its end; the path of a file.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value that was returned; null for nothing.
    ///
    /// # Panics
    /// If it is no value.
    #[must_use]
    #[allow(clippy::panic)]
    pub fn value(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(_) if self.body.is_empty() => Value::Null,
            Err(_) => panic!("this is no value: {self:?}"),
        }
    }
}

impl<A: Action> Tester<A> {
    /// Configures the action. The keys are those of TOML, without `type` and `access`.
    ///
    /// # Errors
    /// What `make spec` would say of the action's types, or `check` of the configuration, or `configure` itself.
    pub fn new(config: Value) -> Result<Self, String> {
        panics::install_in_test();
        let spec = Spec::compile(&crate::spec::document::<A>())
            .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        let checked = Target::new(&spec.graph, spec.config, "").value(config).map_err(|e| e.to_string())?;
        let config = encoding::read(&checked.value).map_err(|e| e.to_string())?;
        let runtime = Shared::obtain(A::NAME).map_err(|e| e.to_string())?;
        let configured = {
            let _entered = runtime.handle().enter();
            A::configure(config, &Host::new(runtime.handle().clone()))
        };
        let action = configured.map_err(|e| format!("{}{}", e.info(), e.cause()))?;
        Ok(Self {
            action: Arc::new(action),
            spec,
            runtime,
            user: User::guest(),
            gateway: Arc::new(TestGateway { guest: true.into(), ..TestGateway::default() }),
        })
    }

    /// The same, called by somebody else than a guest. A user has a session; logging in takes a real gateway.
    #[must_use]
    pub fn with_user(mut self, user: User) -> Self {
        self.gateway.guest.store(user.is_guest(), Ordering::Relaxed);
        self.user = user;
        self
    }

    /// The same, for whom [`Host::permit`] permits these commands.
    #[must_use]
    pub fn with_permitted(self, commands: &[&str]) -> Self {
        *locked(&self.gateway.permitted) = commands.iter().map(ToString::to_string).collect();
        self
    }

    /// Calls a command by its name, such as `exampleHello`, with the parameters of a JSON body. Whoever may call it is not
    /// looked at. Not to be called within a runtime, such as that of `#[tokio::test]`: it waits for the answer.
    #[must_use]
    pub fn call(&self, command: &str, params: Value) -> Reply {
        self.run(command, Asked::Api, &Sent { body: params.to_string(), ..Sent::default() })
    }

    /// The same with headers and cookies, by their names: what else `#[param(…)]` knows is among the parameters.
    #[must_use]
    pub fn call_with(&self, command: &str, params: Value, headers: &[(&str, &str)], cookies: &[(&str, &str)]) -> Reply {
        let owned =
            |texts: &[(&str, &str)]| texts.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        let sent =
            Sent { body: params.to_string(), headers: owned(headers), cookies: owned(cookies), ..Sent::default() };
        self.run(command, Asked::Api, &sent)
    }

    /// Posts a form: names and texts of its fields, then its files.
    #[must_use]
    pub fn post(&self, command: &str, form: &[(&str, &str)], files: &[File<'_>]) -> Reply {
        self.run(
            command,
            Asked::Form,
            &Sent { texts: soft(form), uploads: files.iter().map(raw).collect(), ..Sent::default() },
        )
    }

    /// Calls a GET command with the names and texts of a path or a query.
    #[must_use]
    pub fn get(&self, command: &str, query: &[(&str, &str)]) -> Reply {
        self.run(command, Asked::Get, &Sent { texts: soft(query), ..Sent::default() })
    }

    fn run(&self, name: &str, asked: Asked, sent: &Sent) -> Reply {
        let mut commands = self.spec.commands.iter().enumerate();
        let found = commands.find(|(_, command)| command.name == name && command.verb.answers(asked));
        let Some((index, command)) = found else {
            return Reply { status: 404, info: format!("there is no command `{name}`"), ..Reply::default() };
        };
        match sent.read(&self.spec, command, asked) {
            Ok(checked) => self.start(index, checked.value, sent.files()),
            Err(rejected) => Reply { status: 400, info: rejected.to_string(), ..Reply::default() },
        }
    }

    fn start(&self, index: usize, params: Vec<u8>, files: Option<Arc<Files>>) -> Reply {
        static CALLS: AtomicU64 = AtomicU64::new(1);
        let id = CALLS.fetch_add(1, Ordering::Relaxed);
        let User { uid, display_name, roles, attributes } = &self.user;
        let user = json!({"uid": uid, "displayName": display_name, "roles": roles, "attributes": attributes});
        let caller = json!({ "user": user });
        let gateway = Gateway::Test(self.gateway.clone());
        let context = encoding::msgpack(&caller).unwrap_or_default();
        let call = Call {
            request: Request::new(id, Duration::from_secs(30), id, Buf::from_vec(context), gateway),
            params: Buf::from_vec(params),
            files,
            format: Format::Json,
            runtime: self.runtime.handle().clone(),
            hand_over: false,
        };
        let runtime = self.runtime.handle();
        let reply = match (A::COMMANDS[index].run)(self.action.clone(), call) {
            Started::Ready(reply) => reply,
            Started::Pending(running) => runtime.block_on(running),
        };
        runtime.block_on(told(reply))
    }
}

/// A file of a form that a test posts.
pub struct File<'f> {
    /// The form's field.
    pub field: &'f str,
    /// The name that the client gives it.
    pub name: &'f str,
    /// What it holds.
    pub content: &'f [u8],
}

/// What a test sends.
#[derive(Default)]
struct Sent {
    body: String,
    texts: Vec<SoftValue<'static>>,
    headers: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    /// Field, name and content of each file.
    uploads: Vec<(String, String, Vec<u8>)>,
}

impl Sent {
    /// Reads the parameters, as the gateway does.
    fn read(&self, spec: &Spec, command: &Command, asked: Asked) -> Result<Checked, Rejected> {
        let target =
            Target { common: &["projectUid", "localeUid"], ..Target::new(&spec.graph, command.params, "params") };
        let Some(lookups) = spec.lookups(command, asked) else {
            return if asked == Asked::Api { target.json(self.body.as_bytes()) } else { target.soft(&self.texts) };
        };
        let texts = |origin: &Origin| {
            let (all, wanted) = match origin {
                Origin::Header(name) => (&self.headers, name),
                Origin::Cookie(name) => (&self.cookies, name),
                _ => return Ok(Vec::new()),
            };
            let of_name = all.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            Ok(of_name.map(|(_, text)| Cow::Borrowed(text.as_str())).collect())
        };
        let (query, form) =
            if asked == Asked::Get { (self.texts.clone(), Vec::new()) } else { (Vec::new(), self.texts.clone()) };
        let body = if asked == Asked::Api { Body::Json(&self.body) } else { Body::None };
        let has_files = !self.uploads.is_empty();
        target.sourced(&lookups, &Inputs { path: Vec::new(), query, form, has_files, body }, &texts)
    }

    /// The files, in chunks of a few bytes.
    fn files(&self) -> Option<Arc<Files>> {
        let replies = self.uploads.iter().flat_map(|(field, name, content)| {
            let meta = encoding::msgpack(&json!({"name": field, "fileName": name})).unwrap_or_default();
            let begin =
                RawReply { kind: Kind::FILE_BEGINS, status: 200, meta: Buf::from_vec(meta), ..RawReply::UNWRITTEN };
            [begin].into_iter().chain(content.chunks(5).map(chunk))
        });
        let replies: Vec<_> = replies.chain([chunk(&[])]).collect();
        (!self.uploads.is_empty()).then(|| Files::new(RawStream::new(Given(replies.into_iter()))))
    }
}

/// Chunks that are there already.
struct Given(std::vec::IntoIter<RawReply>);

impl Chunks for Given {
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<RawReply> {
        Poll::Ready(self.0.next().unwrap_or(RawReply::UNWRITTEN))
    }
}

fn chunk(bytes: &[u8]) -> RawReply {
    RawReply { kind: Kind::CONTENT, status: 200, body: Buf::from_vec(bytes.to_vec()), ..RawReply::UNWRITTEN }
}

fn raw(file: &File<'_>) -> (String, String, Vec<u8>) {
    (file.field.to_owned(), file.name.to_owned(), file.content.to_vec())
}

/// Texts by their names.
fn soft(texts: &[(&str, &str)]) -> Vec<SoftValue<'static>> {
    let mut values: Vec<SoftValue<'static>> = Vec::new();
    for (name, text) in texts {
        let text = Cow::Owned((*text).to_owned());
        match values.iter_mut().find(|value| value.name == *name) {
            Some(value) => value.texts.push(text),
            None => values.push(SoftValue { name: Cow::Owned((*name).to_owned()), texts: vec![text] }),
        }
    }
    values
}

impl Services for TestGateway {
    fn serve(&self, name: &str, params: &[u8]) -> Result<Vec<u8>, Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Params {
            name: String,
            value: Bytes,
            command: String,
        }
        const NIL: u8 = 0xc0;
        let Params { name: key, value, command } =
            if matches!(name, "user.logout" | "request.head") { Params::default() } else { encoding::read(params)? };
        match name {
            "session.get" => return Ok(locked(&self.session).get(&key).cloned().unwrap_or_else(|| vec![NIL])),
            "session.set" if self.guest.load(Ordering::Relaxed) => {
                return Err(Error::new(403, "there is no session to keep this in: log in first"));
            }
            "session.set" => drop(locked(&self.session).insert(key, value.to_vec())),
            "session.delete" => drop(locked(&self.session).remove(&key)),
            "request.head" => return Ok(encoding::msgpack(&json!({"method": "POST", "path": "/_"}))?),
            "user.permit" => return Ok(encoding::msgpack(&locked(&self.permitted).contains(&command))?),
            "user.logout" => locked(&self.session).clear(),
            _ => return Err(Error::new(501, format!("a test has no `{name}`"))),
        }
        Ok(vec![NIL])
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A reply as tests look at it.
async fn told(mut raw: RawReply) -> Reply {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Head {
        content_type: String,
        headers: Vec<(String, String)>,
    }
    let text = |bytes: &Buf| String::from_utf8_lossy(bytes.as_ref()).into_owned();
    let mut reply = Reply { status: raw.status, ..Reply::default() };
    match raw.kind {
        Kind::ERROR => (reply.info, reply.cause) = (text(&raw.body), text(&raw.meta)),
        Kind::PANIC => (reply.status, reply.cause) = (500, text(&raw.meta)),
        _ => {
            let head: Head = rmp_serde::from_slice(raw.meta.as_ref()).unwrap_or_default();
            (reply.content_type, reply.headers) = (head.content_type, head.headers);
            reply.body = raw.body.as_ref().to_vec();
        }
    }
    while raw.kind == Kind::STREAM {
        let chunk = poll_fn(|cx| raw.stream.poll_next(cx)).await;
        if chunk.kind != Kind::CONTENT {
            (reply.status, reply.cause) = (500, text(&chunk.meta));
            break;
        }
        if chunk.body.as_ref().is_empty() {
            break;
        }
        reply.body.extend_from_slice(chunk.body.as_ref());
    }
    reply
}

impl<A: Action> std::fmt::Debug for Tester<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the action {}", A::NAME)
    }
}
