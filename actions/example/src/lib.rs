//! The example action: one command for JSON and MsgPack callers, and its twin for GET.

use wicketgate_action::prelude::*;

/// Configuration for the Example action
#[config]
pub struct Config {
    /// the greeting
    #[serde(default = "hi")]
    hello_string: String,
}
fn hi() -> String {
    "Hi".into()
}

/// Parameters of `hello`
#[params]
pub struct HelloParams {
    /// color for the message
    color: String,
}

/// A greeting
#[response]
pub struct HelloResponse {
    /// the greeting in HTML
    message: String,
}

/// The configured action.
pub struct Example {
    hello: String,
}

/// Example action: provides `hello`, invoked in the client as `exampleHello`.
#[action(name = "example")]
impl Example {
    fn configure(config: Config, _host: &Host) -> Result<Self> {
        Ok(Self { hello: config.hello_string })
    }

    /// Say hello in a colour.
    async fn api_hello(&self, req: &Request, p: HelloParams) -> Result<HelloResponse> {
        if p.color == "red" {
            return Err(Error::not_implemented()); // red is not implemented
        }
        let (color, name) = (escape(&p.color), escape(&req.user().display_name));
        Ok(HelloResponse { message: format!("<font color={color}>{}, {name}</font>", self.hello) })
    }

    /// Say hello in a colour, by GET.
    async fn http_get_hello(&self, req: &Request, p: HelloParams) -> Result<HelloResponse> {
        self.api_hello(req, p).await
    }
}

#[cfg(test)]
mod tests {
    use wicketgate_action::{serde_json::json, testing::Tester};

    use super::Example;

    #[test]
    fn hello_is_said_in_a_colour() {
        let example = Tester::<Example>::new(json!({"helloString": "Ahoy"})).expect("a configuration");
        let reply = example.call("exampleHello", json!({"color": "<blue>"}));
        assert_eq!(reply.value(), json!({"message": "<font color=&lt;blue&gt;>Ahoy, Guest</font>"}));
        assert_eq!(example.get("exampleHttpGetHello", &[("color", "blue")]).status, 200);
    }

    #[test]
    fn red_is_not_implemented() {
        let example = Tester::<Example>::new(json!({})).expect("defaults");
        assert_eq!(example.call("exampleHello", json!({"color": "red"})).status, 501);
    }
}
