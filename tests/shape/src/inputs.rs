//! What is asked for: parameters from everywhere.

use std::collections::BTreeMap;

use wicketgate_action::prelude::*;

/// An article's number, and what else can be said of how to read it
#[params]
pub(crate) struct ReadParams {
    /// article number
    #[param(path)]
    pub(crate) id: u32,
    /// all of it
    #[param(query)]
    #[serde(default)]
    pub(crate) verbose: bool,
    /// names the request
    #[param(header)]
    pub(crate) x_request_id: Option<String>,
    /// the session elsewhere
    #[param(cookie = "session-token")]
    pub(crate) token: Option<String>,
}

/// Parameters of the query
#[params]
pub(crate) struct QueryParams {
    /// one number
    #[param(query)]
    pub(crate) num: i32,
    /// another one
    #[param(query)]
    #[serde(default = "seven")]
    pub(crate) other: u8,
    /// words
    #[param(query)]
    pub(crate) words: Vec<String>,
    /// numbers
    #[param(query)]
    #[serde(default = "one_and_two")]
    pub(crate) numbers: Vec<i64>,
    /// a bool
    #[param(query)]
    pub(crate) flag: Option<bool>,
    /// a day
    #[param(query)]
    #[schemars(extend("format" = "date"))]
    pub(crate) day: Option<String>,
}
fn seven() -> u8 {
    7
}
fn one_and_two() -> Vec<i64> {
    vec![1, 2]
}

/// Parameters of headers
#[params]
pub(crate) struct HeaderParams {
    /// a number
    #[param(header)]
    pub(crate) x_num: i32,
    /// words
    #[param(header = "X-My_Words")]
    pub(crate) words: Vec<String>,
    /// a text
    #[param(header)]
    #[serde(default)]
    pub(crate) x_text: String,
}

/// Parameters of cookies
#[params]
pub(crate) struct CookieParams {
    /// a number
    #[param(cookie)]
    pub(crate) num_of_it: i32,
    /// a text
    #[param(cookie = "session-token")]
    pub(crate) token: Option<String>,
    /// what no plugin gets to see
    #[param(cookie = "auth")]
    pub(crate) secret: Option<String>,
}

/// Parameters from everywhere
#[params]
pub(crate) struct MixedParams {
    /// from the path, where it is mounted
    pub(crate) id: u32,
    /// from the query
    #[param(query)]
    pub(crate) verbose: Option<bool>,
    /// from a header
    #[param(header)]
    pub(crate) if_match: Option<String>,
    /// from a cookie
    #[param(cookie)]
    pub(crate) theme: Option<String>,
    /// from the body
    pub(crate) title: String,
    /// from the body
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// from the body
    pub(crate) place: Option<Place>,
}

/// A place
#[params]
pub(crate) struct Place {
    /// its name
    pub(crate) name: String,
    /// where it is
    pub(crate) at: (f64, f64),
}

/// What a form holds
#[params]
pub(crate) struct FormParams {
    /// a text
    pub(crate) title: String,
    /// a number
    pub(crate) num: Option<i32>,
    /// numbers
    #[param(form)]
    pub(crate) numbers: Vec<i32>,
    /// from the query
    #[param(query)]
    pub(crate) lang: Option<String>,
}

/// A form with a file
#[params]
pub(crate) struct UploadParams {
    /// a text
    pub(crate) title: String,
    /// the picture
    #[schemars(length(max = 3_000_000_000_u64))]
    pub(crate) picture: Upload,
}

/// A form with a file that is small
#[params]
pub(crate) struct SmallParams {
    /// the picture
    #[schemars(length(max = 1000))]
    pub(crate) picture: Upload,
    /// more of them
    #[schemars(length(max = 3))]
    #[param(form)]
    pub(crate) more: Uploads,
}

/// Two files
#[params]
pub(crate) struct TwoParams {
    /// the first
    pub(crate) first: Upload,
    /// the second
    pub(crate) second: Upload,
    /// whether the second is read first
    #[serde(default)]
    pub(crate) reversed: bool,
}

/// A number and a text, from wherever
#[params]
pub(crate) struct PairParams {
    /// a number
    pub(crate) num: i32,
    /// a text
    pub(crate) text: String,
}

/// The same from headers
#[params]
pub(crate) struct HeaderPair {
    /// a number
    #[param(header = "num")]
    pub(crate) num: i32,
    /// a text
    #[param(header = "text")]
    pub(crate) text: String,
}

/// The same from cookies
#[params]
pub(crate) struct CookiePair {
    /// a number
    #[param(cookie)]
    pub(crate) num: i32,
    /// a text
    #[param(cookie)]
    pub(crate) text: String,
}

/// What a device is told
#[params]
pub(crate) struct RelayParams {
    /// which interface
    pub(crate) api: String,
    /// what to do
    pub(crate) command: String,
    /// with what
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
}

/// One of several
#[params]
#[serde(tag = "kind")]
pub(crate) enum OneOf {
    /// a circle
    Circle {
        /// how large
        radius: f64,
    },
    /// a text
    Text {
        /// which
        text: String,
    },
}

/// A path of files
#[params]
pub(crate) struct FileParams {
    /// all that follows
    #[param(path)]
    pub(crate) file: String,
}

/// A day
#[params]
pub(crate) struct DayParams {
    /// the day
    #[param(path)]
    pub(crate) day: String,
}

/// What was sent, as the handler saw it
#[response]
pub(crate) struct Seen {
    /// the parameters
    pub(crate) saw: String,
}

/// The request as a handler is told of it
#[response]
pub(crate) struct HeadSeen {
    /// the method
    pub(crate) method: String,
    /// the path
    pub(crate) path: String,
    /// the query
    pub(crate) query: Option<String>,
    /// the mount
    pub(crate) route: Option<String>,
    /// the command
    pub(crate) command: String,
    /// all headers
    pub(crate) headers: BTreeMap<String, String>,
}

/// A file that has arrived
#[response]
pub(crate) struct Arrived {
    /// the field
    pub(crate) title: String,
    /// the file's own name
    pub(crate) file_name: Option<String>,
    /// its media type
    pub(crate) content_type: Option<String>,
    /// how many bytes
    pub(crate) bytes: u64,
    /// in how many chunks
    pub(crate) chunks: u64,
    /// what all of them add up to
    pub(crate) sum: u64,
}

impl Arrived {
    /// Reads a file to its end.
    pub(crate) async fn of(title: String, file: &mut Upload) -> Result<Self> {
        let info = file.info().await?.clone();
        let (file_name, content_type) = (info.file_name, info.content_type);
        let mut arrived = Self { title, file_name, content_type, bytes: 0, chunks: 0, sum: 0 };
        while let Some(chunk) = file.chunk().await? {
            arrived.bytes += chunk.len() as u64;
            arrived.chunks += 1;
            arrived.sum += chunk.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        }
        Ok(arrived)
    }
}
