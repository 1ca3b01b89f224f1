//! What an author's command takes and answers, row by row as the document on handlers promises it. Where it is answered
//! otherwise, the reason is told here; C4 and the like are how conflicts between the documents were resolved.
//!
//! Input: `inputs.rs`
//!  1. A parameter without a source is one of the query by GET, converted to its type; a default makes it optional.
//!  2. Of a repeated scalar the first counts, as documented; in the `rest` of a query the last (C9).
//!  3. Answered otherwise: what is missing or can't be converted is 400, and never 500, for it is the caller's mistake (C5).
//!  4. A list collects repeats and converts each; without any it is empty, or its default; no document calls it required.
//!  5. A query counts for POST as well.
//!  6. A placeholder of the path reaches the parameter of its name, typed, and one without such a parameter is refused by
//!     `check`.
//!  7. A JSON body needs its media type, else 415. Answered otherwise: parameters such as `charset` do not count, and `+json`
//!     and MsgPack are taken as well (C7).
//!  8. A body that can't be read, or has another shape, is 400. It is the mount that says how errors are told, by `errors`.
//!  9. `application/vnd.x+json` is taken everywhere and can't be demanded; nobody checks a type where no body is read.
//! 10. A body may be a map.
//! 11. Answered otherwise: JSON is read strictly, so that neither a text becomes a number nor an unknown name is ignored (C4).
//! 12. A header is called like its field, with `-` for `_`; the first counts; typed; a default makes it optional; missing: 400
//!     (C5).
//! 13. A header may have another name.
//! 14. A cookie is called like its field, or has another name; missing: 400 (C5).
//! 15. Cookies are set by `.cookie(Cookie::new(…))`, as many as there are: `HttpOnly; Secure; SameSite=Lax` unless said
//!     otherwise, and `Cookie::removal` deletes.
//! 16. A form is posted alone, and a wrong field is 400. Answered otherwise: another media type is 415, as for JSON (C7), and
//!     forms in parts are taken too.
//! 17. The request itself is `req.head()`, of which no document knows.
//! 18. So are the route, the method and the command's name. There is no injection by type: what several commands take is
//!     a struct that is flattened into their own, and its inputs are documented as theirs.
//!
//! Output: `replies.rs`
//! 19. Nothing is 204 without a type.
//! 20. 204 may have headers.
//! 21. A text is `text/plain`.
//! 22. Bytes are `application/octet-stream`.
//! 23. A record is JSON, or MsgPack for those who prefer that.
//! 24. A reply has the status that its type says.
//! 25. One of several is an enum marked `#[replies]`; each status is documented.
//! 26. Whatever can be returned can be raised; it is documented only if it is declared as well.
//! 27. A status of the author's own is sent and documented.
//! 28. A reply in its raw form is a `Content`, of any status and type; it is documented as what it is, a content.
//! 29. A shorthand of the author's own is a type marked `#[replies]` with a `From`; there is no registry of them.
//! 30. An unknown path is 404; a known one by another method 405 with `Allow`. A POST to nowhere is 400: see `destiny.rs`.
//!
//! Routes and documents: `documents.rs`
//! 31. A row of `[[mounts]]` is path, method and command; a command is named by its action and method, and may have
//!     several rows.
//! 32. Its name is the operation's id. Answered otherwise: its comment's first line is the summary, not the name in
//!     capitals.
//! 33. `openapi.json` (3.1) is a file, which `wicketgate spec` writes to wherever it is to be served from, with a tag for
//!     each action. Nothing is left out of it, and its viewers are everybody's own.
//! 34. It says where each parameter is, whether it is required, and what it is made of.
//! 35. The session cookie is a security scheme; whoever may not is 403.
//! 36. It is valid: no null where a text belongs, no 404 that is called OK, no id twice. HEAD goes without saying.
//!     More in `openapi_mounts`.

mod documents;
mod inputs;
mod replies;

use serde_json::Value;
use wicketgate_tests::{Gateway, Reply, Setup, request};

const ROWS: &str = r#"
[[mounts]]
path = "/articles/{id}"
GET = "shapeRead"
PUT = "shapeMixed"
[[mounts]]
path = "/text/{id}"
PUT = "shapeMixed"
errors = "text"
[[mounts]]
path = "/query"
GET = "shapeQuery"
POST = "shapeQuery"
[[mounts]]
path = "/words"
GET = "shapeHttpEither"
POST = "shapeHttpPostForm"
[[mounts]]
path = "/devices/{api}/{command}"
POST = "shapeRelay"
rest = "parameters"
[[mounts]]
path = "/numbers"
POST = "shapeMap"
[[mounts]]
path = "/headers"
GET = "shapeHttpGetHeaders"
[[mounts]]
path = "/cookies"
GET = "shapeHttpGetCookies"
[[mounts]]
path = "/head"
PATCH = "shapeHead"
[[mounts]]
path = "/page"
GET = "shapeHttpGetPage"
"#;

const JSON: &str = "Content-Type: application/json";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// The row of the table, and a request: method, target, headers and body.
type Asked = (u8, &'static str, &'static str, &'static [&'static str], &'static str);

fn start() -> Gateway {
    Setup::shapes().append(ROWS).start()
}

/// What a reply says: what the handler saw, all that is wrong, or the body as it is.
fn said(reply: &Reply) -> String {
    if reply.header("content-type") != Some("application/json") {
        return String::from_utf8_lossy(&reply.body).into_owned();
    }
    let value = reply.value();
    let (saw, error) = (value["saw"].as_str(), &value["error"]);
    let told =
        |detail: &Value| format!("{}: {}", detail["path"].as_str().unwrap(), detail["problem"].as_str().unwrap());
    match (saw, error["details"].as_array(), error["info"].as_str()) {
        (Some(saw), _, _) => saw.to_owned(),
        (_, Some(details), _) => details.iter().map(told).collect::<Vec<_>>().join("; "),
        (_, _, Some(info)) => info.to_owned(),
        _ => value.to_string(),
    }
}

fn hold(cases: &[(Asked, u16, &str)]) {
    let gateway = start();
    for ((row, method, target, headers, body), status, expected) in cases {
        let reply = gateway.raw(&request(method, target, headers, body.as_bytes()));
        assert_eq!((reply.status, said(&reply).as_str()), (*status, *expected), "row {row}: {method} {target} {body}");
    }
    gateway.assert_well();
}
