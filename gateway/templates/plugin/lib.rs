//! The action `@action@`.

use wicketgate_action::prelude::*;

/// What an operator may set in TOML
#[config]
pub struct Config {
    /// how to greet
    #[serde(default = "hello")]
    greeting: String,
}
fn hello() -> String {
    "Hello".into()
}

/// Parameters of `greet`
#[params]
pub struct GreetParams {
    /// whom to greet
    #[schemars(length(min = 1, max = 100))]
    name: String,
}

/// A greeting
#[response]
pub struct Greeting {
    /// what to say
    message: String,
}

/// The configured action.
pub struct @Type@ {
    greeting: String,
}

/// Greets people.
#[action(name = "@action@")]
impl @Type@ {
    fn configure(config: Config, _host: &Host) -> Result<Self> {
        Ok(Self { greeting: config.greeting })
    }

    /// Greet somebody.
    async fn api_greet(&self, _req: &Request, p: GreetParams) -> Result<Greeting> {
        Ok(Greeting { message: format!("{}, {}!", self.greeting, p.name) })
    }
}

#[cfg(test)]
mod tests {
    use wicketgate_action::{serde_json::json, testing::Tester};

    use super::@Type@;

    #[test]
    fn people_are_greeted_by_name() {
        let action = Tester::<@Type@>::new(json!({"greeting": "Ahoy"})).unwrap();
        let reply = action.call("@action@Greet", json!({"name": "Ada"}));
        assert_eq!((reply.status, reply.value()), (200, json!({"message": "Ahoy, Ada!"})));
        // The parameters are checked as the gateway does.
        assert_eq!(action.call("@action@Greet", json!({"nam": "Ada"})).status, 400);
    }
}
