//! `wicketgate check --access`: who may use what.

use super::say;
use crate::{
    app,
    auth::User,
    config::{ADMIN, BUILT_IN_ROLES, Config, Mistakes, Provider},
    webapp::Plan,
};

/// Prints a table: a line for each command, in the application and in each project; a column for each role.
pub(super) fn print(config: &Config) -> anyhow::Result<()> {
    let plan = app::plan(config).map_err(|mistake| Mistakes(vec![mistake]))?;
    let columns: Vec<_> = roles(config).into_iter().map(|role| (somebody(&role), role)).collect();
    table(config, &plan, &columns)
}

/// The same with one column, for that user.
pub(super) fn print_for(config: &Config, plan: &Plan, user: &User) -> anyhow::Result<()> {
    table(config, plan, &[(user.clone(), format!("{} ({})", user.uid, user.roles.join(", ")))])
}

fn table(config: &Config, plan: &Plan, columns: &[(User, String)]) -> anyhow::Result<()> {
    let places = std::iter::once(None).chain(config.projects.iter().map(|project| Some(project.uid.as_str())));
    let mut rows = vec![["project", "command"].map(str::to_owned).to_vec()];
    rows[0].extend(columns.iter().map(|(_, name)| name.clone()));
    for place in places {
        for command in plan.commands(place) {
            let decision = |user| if plan.permits(command, place, user) { "allow" } else { "deny" }.to_owned();
            let mut row = [place.unwrap_or("-"), command].map(str::to_owned).to_vec();
            row.extend(columns.iter().map(|(user, _)| decision(user)));
            rows.push(row);
        }
    }
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        say(cells.join("  ").trim_end())?;
    }
    Ok(())
}

/// Somebody who has no other role than that and what comes with it.
fn somebody(role: &str) -> User {
    match role {
        "guest" => User::guest(),
        "user" => User::known("somebody", "", &[], Default::default()),
        role => User::known("somebody", "", &[role.to_owned()], Default::default()),
    }
}

/// Guests and users, then all roles that rules, users or the list of roles name, then admins.
fn roles(config: &Config) -> Vec<String> {
    let rules = config.all_actions().map(|(_, action)| &action.access);
    let rules = rules.chain(config.projects.iter().map(|project| &project.access)).chain([&config.access]);
    let of_rules = rules.flat_map(|access| access.roles());
    let of_users = config.auth.providers.iter().flat_map(|provider| match provider {
        Provider::File(users) => &users[..],
        Provider::Sql(_) => &[],
    });
    let of_users = of_users.flat_map(|user| user.roles.iter().map(String::as_str));
    let listed = config.auth.roles.iter().flatten().map(String::as_str);
    let mut own: Vec<_> = of_rules.chain(of_users).chain(listed).map(str::to_owned).collect();
    own.retain(|role| !BUILT_IN_ROLES.contains(&role.as_str()));
    own.sort();
    own.dedup();
    ["guest", "user"].map(str::to_owned).into_iter().chain(own).chain([ADMIN.to_owned()]).collect()
}
