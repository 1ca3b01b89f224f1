//! Requests to be repeated.

use std::{fs, path::PathBuf};

use crate::server::Result;

/// A request.
#[derive(Clone, Copy)]
pub struct Load<'a> {
    /// Where it goes.
    pub path: &'a str,
    /// Its headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body; without one it is a GET.
    pub body: &'a [u8],
}

impl Load<'_> {
    /// The load as a script for wrk.
    pub fn script(&self, file: PathBuf) -> Result<PathBuf> {
        let Self { path, headers, body } = self;
        let body: String = body.iter().map(|byte| format!("\\{byte:03}")).collect();
        let headers: String =
            headers.iter().map(|(name, value)| format!("wrk.headers[\"{name}\"] = \"{value}\"\n")).collect();
        let method = self.method();
        fs::write(
            &file,
            format!("wrk.method = \"{method}\"\nwrk.path = \"{path}\"\n{headers}wrk.body = \"{body}\"\n"),
        )?;
        Ok(file)
    }

    /// The load as one request.
    pub fn request(&self) -> Vec<u8> {
        let Self { path, headers, body } = self;
        let (method, length) = (self.method(), body.len());
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {length}\r\n") };
        [format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n").as_bytes(), body].concat()
    }

    fn method(&self) -> &'static str {
        if self.body.is_empty() { "GET" } else { "POST" }
    }
}
