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

mod gateway;
mod reply;
mod sent;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use wicketgate_abi::{Buf, Format};
use wicketgate_spec::{Action as Spec, Asked, read::Target};

pub use reply::Reply;
pub use sent::File;

use crate::{
    Action, Host, Request, User, encoding,
    files::Files,
    gateway::Gateway,
    panics,
    runtime::Shared,
    start::{Call, Started},
};
use gateway::{TestGateway, locked};
use sent::{Sent, raw, soft};

/// A configured action, ready to be called.
pub struct Tester<A: Action> {
    action: Arc<A>,
    spec: Spec,
    runtime: Arc<Shared>,
    user: User,
    gateway: Arc<TestGateway>,
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
        runtime.block_on(reply::told(reply))
    }
}

impl<A: Action> std::fmt::Debug for Tester<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the action {}", A::NAME)
    }
}
