//! Other URLs for commands: the table of `[[mounts]]`, a row for each method and path.

use std::{collections::HashMap, fmt, sync::Arc};

use http::Method;
use matchit::Router;
use percent_encoding::percent_decode_str;
use wicketgate_spec::{
    COMMON, Dialect,
    read::{Lookup, Origin},
    write::Mounted,
};

use super::{
    Place,
    pattern::{Kind, Pattern, Placeholder},
    source::At,
};

/// The table of mounts.
#[derive(Default)]
pub struct Mounts {
    router: Router<usize>,
    pub(super) routes: Vec<Route>,
    /// Their places, by what they match.
    known: HashMap<String, usize>,
}

/// All rows of paths that match the same.
pub(super) struct Route {
    pub(super) pattern: Pattern,
    pub(super) rows: Vec<Arc<Row>>,
    /// The other routes that match some of its paths.
    pub(super) next: Vec<usize>,
}

impl Route {
    /// The row of that method whose kinds hold the values; `others` get those of other methods.
    fn row<'m>(&'m self, method: &Method, values: &[&str], others: &mut Vec<&'m Arc<Row>>) -> Option<&'m Arc<Row>> {
        let fits = |row: &&Arc<Row>| row.placeholders.iter().zip(values).all(|(one, value)| one.kind.holds(value));
        let fitting = || self.rows.iter().filter(fits);
        let found = fitting().find(|row| row.method == *method);
        if found.is_none() {
            others.extend(fitting());
        }
        found
    }
}

/// What stands for a slash and the like in a path is decoded once.
fn decoded(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned()).collect()
}

/// A command under another URL.
#[derive(Debug)]
pub struct Row {
    /// Where it stands.
    pub place: Place,
    /// The path with its placeholders, such as `/articles/{id}`.
    pub path: String,
    /// The method; GET stands for HEAD as well.
    pub method: Method,
    /// The command.
    pub command: String,
    /// In the order of the path.
    pub placeholders: Vec<Placeholder>,
    /// Placeholders with a value of their own, and that value.
    pub settled: Vec<(String, String)>,
    /// Where the parameters are; `None`: all in the body.
    pub lookups: Option<Vec<Lookup>>,
    /// How errors are told.
    pub errors: Dialect,
    /// The protocol that has to be asked for by `Upgrade`.
    pub upgrade: Option<String>,
}

/// What a request with a body has to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Whatever it carries is not looked at.
    Nothing,
    /// A value in JSON or MsgPack.
    Value,
    /// A form.
    Form,
}

/// What the table says of a method and a path.
pub enum Found<'m> {
    /// This row answers, with these values of its placeholders.
    Row(&'m Arc<Row>, Vec<String>),
    /// Other methods have a row: these.
    Others(Vec<&'m Arc<Row>>),
}

impl Row {
    /// What a request has to carry.
    #[must_use]
    pub fn takes(&self) -> Takes {
        let Some(lookups) = &self.lookups else { return Takes::Value };
        let has = |origin: &Origin| lookups.iter().any(|lookup| lookup.origin == *origin);
        match (has(&Origin::Form), has(&Origin::Body)) {
            (true, _) => Takes::Form,
            (false, true) => Takes::Value,
            (false, false) => Takes::Nothing,
        }
    }

    /// The row as documents have it.
    #[must_use]
    pub fn documented(&self) -> Mounted<'_> {
        let is_common = |name: &&str| COMMON.contains(name);
        let others = self.placeholders.iter().map(|one| one.name.as_str()).filter(is_common).collect();
        let format = |one: &Placeholder| if let Kind::Format(format) = one.kind { Some(format.name()) } else { None };
        let formats = self.placeholders.iter().filter_map(|one| Some((one.name.as_str(), format(one)?))).collect();
        Mounted {
            path: self.path.clone(),
            method: self.method.as_str(),
            command: &self.command,
            lookups: self.lookups.as_deref(),
            settled: self.settled.iter().map(|(name, _)| name.as_str()).collect(),
            others,
            formats,
            errors: self.errors,
            is_upgrade: self.upgrade.is_some(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Mounts {
    /// Whether there is any row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.routes.iter().flat_map(|route| &route.rows)
    }

    /// What answers that method at that path, in which `/ % ? #` and controls of a segment are percent-encoded: of all rows
    /// that match it, by kinds and method as well, the most special one.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let found = self.router.at(path).ok()?;
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        let first = &self.routes[*found.value];
        let values: Vec<_> = found.params.iter().map(|(_, value)| value).collect();
        let mut others = Vec::new();
        if let Some(row) = first.row(wanted, &values, &mut others) {
            return Some(Found::Row(row, decoded(&values)));
        }
        // Its paths are others' as well, which know this one's method or kind perhaps.
        for next in &first.next {
            let next = &self.routes[*next];
            let Some(values) = next.pattern.values(path) else { continue };
            if let Some(row) = next.row(wanted, &values, &mut others) {
                return Some(Found::Row(row, decoded(&values)));
            }
        }
        if others.is_empty() { None } else { Some(Found::Others(others)) }
    }

    /// Notes for each route which others match paths of it, the most special one first. To be called when all rows are there.
    pub(super) fn complete(&mut self) {
        let next: Vec<_> = super::overlaps::all(&self.routes);
        for (route, next) in self.routes.iter_mut().zip(next) {
            route.next = next;
            // A kind says more than none.
            route.rows.sort_by_key(|row| row.placeholders.iter().filter(|one| one.kind == Kind::Any).count());
        }
    }

    pub(super) fn add(&mut self, at: &At<'_, '_>, pattern: Pattern, row: Row) {
        let route = pattern.route();
        if let Some(known) = self.known.get(&route) {
            let rows = &mut self.routes[*known].rows;
            let kinds = |row: &Row| row.placeholders.iter().map(|one| one.kind).collect::<Vec<_>>();
            match rows.iter().find(|other| other.method == row.method && kinds(other) == kinds(&row)) {
                Some(other) => {
                    at.wrong(format!("`{row}` is the same as `{other}` ({}); one of them has to go", other.place));
                }
                None => rows.push(Arc::new(row)),
            }
            return;
        }
        match self.router.insert(route.clone(), self.routes.len()) {
            Ok(()) => {
                self.known.insert(route, self.routes.len());
                self.routes.push(Route { pattern, rows: vec![Arc::new(row)], next: Vec::new() });
            }
            Err(matchit::InsertError::Conflict { with }) => {
                let other = self.known.get(&with).map(|known| &self.routes[*known].rows[0]);
                let other = other.map_or(format!("`{with}`"), |other| format!("`{other}` ({})", other.place));
                at.wrong(format!("`{row}` collides with {other}: no path could tell which one is meant"));
            }
            Err(e) => at.wrong(format!("`{row}` is no path that can be matched: {e}")),
        }
    }
}
