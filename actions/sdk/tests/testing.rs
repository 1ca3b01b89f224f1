//! Actions tested without a gateway.

#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use wicketgate_action::{User, prelude::*, serde_json::json, testing::Tester, tokio};

#[config]
pub struct Config {
    /// at least one
    #[schemars(range(min = 1))]
    times: u32,
}

#[params]
pub struct WordParams {
    word: String,
    #[serde(default)]
    picture: Bytes,
}

#[response]
pub struct Echo {
    words: Vec<String>,
    by: String,
    picture: Bytes,
}

#[response]
pub struct Heard {
    /// what was said before
    before: Option<String>,
    /// whether the caller may shout
    shouts: bool,
}

pub struct Parrot {
    times: u32,
    host: Host,
}

#[action(name = "parrot")]
impl Parrot {
    fn configure(config: Config, host: &Host) -> Result<Self> {
        if config.times > 10 {
            return Err(Error::bad_request("too often"));
        }
        Ok(Self { times: config.times, host: host.clone() })
    }

    async fn api_say(&self, req: &Request, p: WordParams) -> Result<Echo> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let by = req.user().display_name.clone();
        Ok(Echo { words: vec![p.word; self.times as usize], by, picture: p.picture })
    }

    fn http_get_say(&self, _req: &Request, p: WordParams) -> Result<Content> {
        Ok(Content::new("text/plain", p.word).header("X-Times", self.times.to_string()))
    }

    async fn api_stream(&self, _req: &Request, p: WordParams) -> Result<Stream> {
        let times = self.times;
        Ok(Stream::new("text/plain", move |sender| async move {
            for _ in 0..times {
                sender.send(p.word.clone()).await?;
            }
            Ok(())
        }))
    }

    async fn api_listen(&self, req: &Request, p: WordParams) -> Result<Heard> {
        let before = req.session().get("parrot.word")?;
        if p.word.is_empty() {
            req.session().delete("parrot.word")?;
        } else {
            req.session().set("parrot.word", &p.word)?;
        }
        Ok(Heard { before, shouts: self.host.permit(req, "parrotShout", Some("p1"))? })
    }

    async fn api_log_in(&self, req: &Request, p: WordParams) -> Result<()> {
        req.log_in(&p.word, "secret").await.map(drop)
    }

    async fn api_panic(&self, _req: &Request, _p: Empty) -> Result<()> {
        panic!("the reason");
    }

    async fn api_nothing(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }
}

fn parrot() -> Tester<Parrot> {
    Tester::new(json!({"times": 2})).unwrap()
}

#[test]
fn commands_are_called_by_name_with_checked_parameters() {
    let parrot = parrot();
    let reply = parrot.call("parrotSay", json!({"word": "hi", "picture": "AP8=", "projectUid": "p1"}));
    assert_eq!((reply.status, reply.value()), (200, json!({"words": ["hi", "hi"], "by": "Guest", "picture": "AP8="})));
    let reply = parrot.call("parrotSay", json!({"wrod": "hi"}));
    assert_eq!(reply.status, 400);
    assert!(reply.info.starts_with("params.wrod: unknown property; did you mean `word`?"), "{}", reply.info);
    assert_eq!(parrot.call("parrotShout", json!({})).status, 404);
    let editor = User { uid: "e".into(), display_name: "Ed".into(), roles: vec!["editor".into()], ..User::default() };
    assert_eq!(parrot.with_user(editor).call("parrotSay", json!({"word": ""})).value()["by"], "Ed");
}

#[test]
fn all_kinds_of_replies_can_be_looked_at() {
    let parrot = parrot();
    let content = parrot.get("parrotHttpGetSay", &[("WORD", "hi"), ("other", "x")]);
    assert_eq!(
        (content.status, content.content_type.as_str(), content.body.as_slice()),
        (200, "text/plain", &b"hi"[..])
    );
    assert_eq!(content.headers, [("X-Times".to_owned(), "2".to_owned())]);
    assert_eq!(parrot.call("parrotStream", json!({"word": "ab"})).body, b"abab");
    let panicked = parrot.call("parrotPanic", json!({}));
    assert_eq!(panicked.status, 500);
    assert!(panicked.cause.contains("the reason"), "{}", panicked.cause);
    let nothing = parrot.call("parrotNothing", json!({}));
    assert_eq!((nothing.status, nothing.value()), (204, json!(null)));
}

#[test]
fn a_configuration_is_checked_as_toml_is() {
    let refused = |config| Tester::<Parrot>::new(config).unwrap_err();
    assert_eq!(refused(json!({"times": 0})), "times: expected int from 1 to 4294967295, got 0");
    assert_eq!(refused(json!({})), "times: required property is missing");
    assert_eq!(refused(json!({"times": 11})), "too often");
}

#[test]
fn a_user_has_a_session_and_may_do_what_the_test_says() {
    let user = User { uid: "e".into(), ..User::default() };
    let parrot = parrot().with_user(user).with_permitted(&["parrotShout"]);
    let listen = |word: &str| parrot.call("parrotListen", json!({ "word": word })).value();
    assert_eq!(listen("hi"), json!({"before": null, "shouts": true}));
    assert_eq!(listen("")["before"], "hi");
    assert_eq!(listen("ho")["before"], json!(null));
    let parrot = self::parrot();
    let reply = parrot.call("parrotListen", json!({"word": "hi"}));
    assert_eq!((reply.status, reply.info.as_str()), (403, "there is no session to keep this in: log in first"));
    assert_eq!(parrot.call("parrotListen", json!({"word": ""})).value(), json!({"before": null, "shouts": false}));
    // Logging in takes a gateway.
    assert_eq!(parrot.call("parrotLogIn", json!({"word": "ada"})).status, 501);
}
