//! The tables that `files` prints, for README.md.

use crate::{
    cases::Sample,
    client::IDLE,
    rivals::{Kind, Rival},
    server::median,
};

/// A server that was busy for less than this share of its core could have served more.
const BUSY: f64 = 0.9;

/// What was measured of one server in one case, each round; nothing if it takes no part.
pub type Rounds = Vec<Sample>;

/// All that was measured; servers are in the order of `rivals` everywhere.
pub struct Sheet {
    /// The servers.
    pub rivals: Vec<Rival>,
    /// By case: its name, and the rounds of each server.
    pub rows: Vec<(&'static str, Vec<Rounds>)>,
    /// KB of memory per resting connection, by server and round.
    pub idle: Vec<Vec<f64>>,
}

impl Sheet {
    /// Prints requests per second beside nginx: a row for each case, a column for each server but nginx.
    pub fn print_ratios(&self) {
        let others: Vec<usize> = (0..self.rivals.len()).filter(|at| self.rivals[*at].kind != Kind::Nginx).collect();
        let names: Vec<_> = others.iter().map(|at| self.rivals[*at].kind.name()).collect();
        println!("| requests/s, nginx = 1 | {} |\n|---{}|", names.join(" | "), "|---".repeat(names.len()));
        for (name, servers) in &self.rows {
            let ratios: Vec<_> = others.iter().map(|at| self.rate_ratio(servers, *at)).collect();
            println!("| {name} | {} |", ratios.join(" | "));
        }
        let kilobytes =
            |at: usize| self.idle.get(at).cloned().and_then(middle).map_or(none(), |kb| format!("{kb:.1} KB"));
        let nginx = self.nginx().map_or(String::new(), |at| format!(" (nginx: {})", kilobytes(at)));
        let idle: Vec<_> = others.iter().map(|at| kilobytes(*at)).collect();
        println!("| memory per idle connection, of {IDLE}{nginx} | {} |", idle.join(" | "));
        let share = BUSY * 100.0;
        println!(
            "\n\\* A server was busy for less than {share:.0} % of the time: the load was the limit, and CPU says more."
        );
    }

    /// Prints the medians of all figures: a row for each case and server.
    pub fn print_details(&self) {
        println!("| answer | server | requests/s | CPU µs/request | p99 ms | requests/s, nginx = 1 | CPU, nginx = 1 |");
        println!("|---|---|---|---|---|---|---|");
        for (name, servers) in &self.rows {
            for (at, rounds) in servers.iter().enumerate() {
                let of = |figure: fn(&Sample) -> f64| middle(rounds.iter().map(figure).collect());
                let (Some(rate), Some(cpu), Some(p99)) = (of(|it| it.seen.rate), of(|it| it.cpu), of(|it| it.seen.p99))
                else {
                    continue;
                };
                let cpu_ratio = self.ratio(servers, at, |it| it.cpu).unwrap_or(none());
                let (server, ratio) = (self.rivals[at].kind.name(), self.rate_ratio(servers, at));
                println!(
                    "| {name} | {server} | {rate:.0}{} | {cpu:.1} | {p99:.2} | {ratio} | {cpu_ratio} |",
                    star(rounds)
                );
            }
        }
    }

    /// The median over the rounds of a figure beside nginx's in the same round.
    fn ratio(&self, servers: &[Rounds], at: usize, figure: fn(&Sample) -> f64) -> Option<String> {
        let nginx = self.nginx().map_or(&[][..], |nginx| &servers[nginx]);
        let rounds = servers[at].iter().zip(nginx).map(|(own, nginx)| figure(own) / figure(nginx));
        middle(rounds.collect()).map(|ratio| format!("{ratio:.2}"))
    }

    /// Requests per second beside nginx, marked if either could have served more.
    fn rate_ratio(&self, servers: &[Rounds], at: usize) -> String {
        let stars = [Some(at), self.nginx()].into_iter().flatten().map(|at| star(&servers[at]));
        let ratio = self.ratio(servers, at, |it| it.seen.rate);
        ratio.map_or(none(), |ratio| ratio + stars.max().unwrap_or_default())
    }

    fn nginx(&self) -> Option<usize> {
        self.rivals.iter().position(|rival| rival.kind == Kind::Nginx)
    }
}

/// What marks figures that say how much the load generator could take.
fn star(rounds: &[Sample]) -> &'static str {
    if middle(rounds.iter().map(Sample::busy).collect()).is_some_and(|busy| busy < BUSY) { "\\*" } else { "" }
}

/// The middle one, if there are any.
fn middle(values: Vec<f64>) -> Option<f64> {
    (!values.is_empty()).then(|| median(values))
}

/// What stands where nothing was measured.
fn none() -> String {
    "–".into()
}
