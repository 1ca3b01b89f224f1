//! Requests to gateways with mounts: the rows of their tables, and what is asked of which.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    request::Load,
    server::{Figures, Result, median, run, write_config},
};

/// How many rows each gateway has, and what that is called.
pub const TABLES: [(usize, &str); 3] = [(0, "no rows"), (10, "10 rows"), (10_000, "10,000 rows")];

/// The number that paths have which are in all tables.
const SHARED: usize = 1667;

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];
const HELLO: Load<'_> =
    Load { path: "/_", headers: JSON, body: br#"{"cmd":"exampleHello","params":{"color":"blue"}}"# };
const READ: Load<'_> = Load { path: "/_", headers: JSON, body: br#"{"cmd":"shapeRead","params":{"id":5}}"# };
const LITERAL: Load<'_> = Load { path: "/fixed-01667/first", headers: &[], body: b"" };
const ONE: Load<'_> = Load { path: "/articles-01667/5", headers: &[], body: b"" };
const TWO: Load<'_> = Load { path: "/devices-01667/light/dim", headers: &[], body: b"" };

/// A request to one of the gateways, and what was measured of it.
pub struct Asked {
    /// Its name.
    pub name: &'static str,
    /// The request.
    pub load: Load<'static>,
    /// Which of [`TABLES`] the gateway has.
    pub table: usize,
    /// By wrk.
    pub rounds: Vec<Figures>,
    /// By callgrind.
    pub instructions: f64,
}

impl Asked {
    /// All of them, in groups; what is measured is compared with the first of each.
    #[must_use]
    pub fn groups() -> Vec<Vec<Self>> {
        let asked = |name, load, table| Self { name, load, table, rounds: Vec::new(), instructions: 0.0 };
        let both = |name, load| [1, 2].map(|table| asked(name, load, table)).into();
        vec![
            [0, 1, 2].map(|table| asked("exampleHello by `POST /_`", HELLO, table)).into(),
            both("`GET /fixed-01667/first`", LITERAL),
            both("`GET /articles-01667/{id}`", ONE),
            both("`GET /devices-01667/{api}/{command}`", TWO),
            vec![asked("shapeRead by `POST /_`", READ, 1), asked("shapeRead by `GET /articles-01667/{id}`", ONE, 1)],
        ]
    }

    /// A row of the table, beside the first of the group.
    #[must_use]
    pub fn row(&self, first: &Self) -> String {
        let (rate, rates) = self.beside(first, |round| round.rate);
        let (cpu, cpus) = self.beside(first, |round| round.cpu);
        let (count, counts) = (self.instructions, self.instructions / first.instructions);
        let (name, table) = (self.name, TABLES[self.table].1);
        format!("| {name} | {table} | {rate:.0} | {rates:.3} | {cpu:.1} | {cpus:.3} | {count:.0} | {counts:.3} |")
    }

    /// The median over the rounds, and that of the ratios.
    fn beside(&self, first: &Self, of: fn(&Figures) -> f64) -> (f64, f64) {
        let ratios = self.rounds.iter().zip(&first.rounds).map(|(own, first)| of(own) / of(first));
        (median(self.rounds.iter().map(of).collect()), median(ratios.collect()))
    }
}

/// So many rows, with paths of three shapes in turn.
fn rows(count: usize) -> String {
    let first = if count / 3 > SHARED { 0 } else { SHARED - 1 };
    let row = |row: usize| {
        let number = first + row / 3;
        match row % 3 {
            0 => format!("path = \"/fixed-{number:05}/first\"\nGET = \"shapeRecord\"\n"),
            1 => format!("path = \"/articles-{number:05}/{{id}}\"\nGET = \"shapeRead\"\n"),
            _ => format!(
                "path = \"/devices-{number:05}/{{api}}/{{command}}\"\nGET = \"shapeRelay\"\nrest = \"parameters\"\n"
            ),
        }
    };
    (0..count).map(|number| format!("[[mounts]]\n{}", row(number))).collect()
}

/// The configuration of a gateway with so many rows, in a folder of its own, with the specs of the plugins.
///
/// # Errors
/// If it can't be written, or the gateway does not take it.
pub fn configure(program: &Path, plugins: &Path, scratch: &Path, count: usize) -> Result<PathBuf> {
    let folder = scratch.join(count.to_string());
    fs::create_dir_all(&folder)?;
    let more = format!("[[actions]]\ntype = \"shape\"\n[server.limits]\nupload = \"2GB\"\n{}", rows(count));
    let config = write_config(plugins, &folder, &more)?;
    run(Command::new(program).arg("spec").arg("--config").arg(&config).stdout(Stdio::null()))?;
    Ok(config)
}
