//! Parameters from headers, cookies and forms, and replies of all kinds, tested without a gateway.

#![allow(missing_docs, clippy::unwrap_used)]

use wicketgate_action::{
    prelude::*,
    serde_json::json,
    testing::{File as Sent, Tester},
};

#[params]
pub struct Asked {
    id: u32,
    #[param(header)]
    x_request_id: Option<String>,
    #[param(cookie = "theme")]
    theme: Option<String>,
}

#[params]
pub struct Posted {
    title: String,
    #[param(form)]
    numbers: Vec<i32>,
    picture: Upload,
    #[param(form)]
    more: Uploads,
}

#[response]
pub struct Answer {
    text: String,
}

#[replies]
pub enum Either {
    #[reply(200)]
    Answer(Answer),
    #[reply(409)]
    Taken(String),
}

pub struct Shapes;

#[action(name = "shapes")]
impl Shapes {
    fn configure(_: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_ask(&self, req: &Request, p: Asked) -> Result<Answer> {
        let head = req.head()?;
        Ok(Answer { text: format!("{} {:?} {:?} {}", p.id, p.x_request_id, p.theme, head.method) })
    }

    async fn http_post_send(&self, _req: &Request, mut p: Posted) -> Result<Created<Answer>> {
        let name = p.picture.info().await?.file_name.clone();
        let (picture, mut more) = (p.picture.read(100).await?, Vec::new());
        while let Some(mut file) = p.more.next().await? {
            more.push(file.read(100).await?.len());
        }
        let text = format!("{} {:?} {name:?} {picture:?} {more:?}", p.title, p.numbers);
        Ok(Created::new(Answer { text }).header("Location", "/1"))
    }

    // An upload in a plain `fn` is waited for.
    fn http_post_block(&self, _req: &Request, mut p: Posted) -> Result<String> {
        let picture = tokio::runtime::Handle::current().block_on(p.picture.read(100))?;
        Ok(format!("{} bytes", picture.len()))
    }

    async fn api_either(&self, _req: &Request, p: Asked) -> Result<Either> {
        match p.id {
            0 => Ok(Either::Taken("taken".into())),
            1 => Err(Gone::new("gone").into()),
            _ => Ok(Either::Answer(Answer { text: "free".into() })),
        }
    }
}

use wicketgate_action::tokio;

fn shapes() -> Tester<Shapes> {
    Tester::new(json!({})).unwrap()
}

#[test]
fn headers_and_cookies_are_sent_apart_from_the_body() {
    let shapes = shapes();
    let reply = shapes.call_with("shapesAsk", json!({"id": 1}), &[("X-Request-Id", "7")], &[("theme", "dark")]);
    assert_eq!(reply.value()["text"], "1 Some(\"7\") Some(\"dark\") POST");
    let refused = shapes.call("shapesAsk", json!({"id": 1, "theme": "dark"}));
    assert_eq!(
        (refused.status, refused.info.as_str()),
        (400, "params.theme: unknown property; it belongs to the cookies")
    );
}

#[test]
fn forms_are_posted_with_their_files() {
    let shapes = shapes();
    let files = [
        Sent { field: "picture", name: "a.png", content: b"123456789" },
        Sent { field: "more", name: "b", content: b"" },
        Sent { field: "more", name: "c", content: b"12" },
    ];
    let reply = shapes.post("shapesHttpPostSend", &[("title", "t"), ("numbers", "1"), ("numbers", "2")], &files);
    let expected = "t [1, 2] Some(\"a.png\") [49, 50, 51, 52, 53, 54, 55, 56, 57] [0, 2]";
    assert_eq!((reply.status, &reply.value()["text"]), (201, &json!(expected)));
    assert_eq!(reply.headers, [("Location".to_owned(), "/1".to_owned())]);
    assert_eq!(shapes.post("shapesHttpPostBlock", &[("title", "t")], &files).body, b"9 bytes");
    let missing = shapes.post("shapesHttpPostSend", &[("title", "t")], &[]);
    assert_eq!((missing.status, missing.info.as_str()), (400, "form.picture: required file is missing"));
    let large = [Sent { field: "picture", name: "a", content: &[0; 101] }];
    let refused = shapes.post("shapesHttpPostSend", &[("title", "t")], &large);
    assert_eq!(refused.info, "form.picture: the file is larger than the 100 bytes that are allowed");
    assert_eq!(refused.status, 413);
    assert_eq!(shapes.call("shapesHttpPostSend", json!({})).status, 404);
}

#[test]
fn each_reply_has_its_status() {
    let shapes = shapes();
    for (id, status, body) in [(0, 409, "taken"), (1, 410, "gone"), (2, 200, "{\"text\":\"free\"}")] {
        let reply = shapes.call("shapesEither", json!({ "id": id }));
        assert_eq!((reply.status, reply.body.as_slice()), (status, body.as_bytes()), "{id}");
    }
}
