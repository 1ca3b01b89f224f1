//! `wicketgate new`

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::say;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The crate's name, such as `my-maps`: the folder is called so too, and the action `myMaps`
    name: String,
    /// The folder to make it in
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Where the SDK's source is (`actions/sdk` of the gateway's repository), instead of a published version
    #[arg(long, value_name = "DIR", conflicts_with = "sdk_version")]
    sdk_path: Option<PathBuf>,
    /// The version of the published SDK
    #[arg(long, value_name = "VERSION", default_value = env!("CARGO_PKG_VERSION"))]
    sdk_version: String,
}

/// The crate's files. `@…@` stands for what differs.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("../../templates/plugin/Cargo.toml")),
    ("src/lib.rs", include_str!("../../templates/plugin/lib.rs")),
    ("wicketgate.toml", include_str!("../../templates/plugin/wicketgate.toml")),
    ("Makefile", include_str!("../../templates/plugin/Makefile")),
    ("README.md", include_str!("../../templates/plugin/README.md")),
    (".gitignore", "/target\n"),
];

/// Makes the folder and all of its files, or nothing.
pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let name = &arguments.name;
    let action = action_name(name)?;
    let sdk = match &arguments.sdk_path {
        Some(path) => format!("path = {:?}", sdk_path(path)?),
        None => format!("version = {:?}", arguments.sdk_version),
    };
    let folder = arguments.dir.join(name);
    if folder.exists() {
        bail!("{} is there already; choose another name, or another folder with --dir", folder.display());
    }
    // With a word behind it that keeps it apart from all else in the file.
    let type_name = action[..1].to_ascii_uppercase() + &action[1..] + "Action";
    let filled = |text: &str| {
        let values = [
            ("crate", name.as_str()),
            ("lib", &name.replace('-', "_")),
            ("action", &action),
            ("Type", &type_name),
            ("sdk", &sdk),
        ];
        values.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("@{key}@"), value))
    };
    for (file, text) in FILES {
        let path = folder.join(file);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, filled(text)));
        written.with_context(|| format!("{} can't be written", path.display())).inspect_err(|_| {
            // What is there would be in the way of another try.
            let _ = fs::remove_dir_all(&folder);
        })?;
    }
    let next = match arguments.sdk_path {
        Some(_) => "`make run` there builds and serves it, README.md says the rest",
        None => "it needs the SDK from the registry; give --sdk-path to use one of your own",
    };
    say(format_args!("{}: made; {next}", folder.display()))
}

/// The action's name: the crate's, in camelCase.
fn action_name(name: &str) -> Result<String> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    // Cargo takes no crate of these names.
    if ["self", "crate", "super", "core", "std", "alloc", "test"].contains(&name) {
        bail!("`{name}` means something else in Rust; choose another name");
    }
    let mut words = name.split('-');
    if name.len() > 40 || !name.split('-').all(is_word) {
        bail!(
            "`{name}` is no name for a plugin: write small letters, digits and hyphens, such as `my-maps`, 40 at most"
        );
    }
    let first = words.next().unwrap_or_default().to_owned();
    Ok(words.fold(first, |name, word| name + &word[..1].to_ascii_uppercase() + &word[1..]))
}

/// The SDK's folder, by a path that holds from anywhere.
fn sdk_path(path: &Path) -> Result<PathBuf> {
    let manifest = path.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).with_context(|| format!("--sdk-path: {}", manifest.display()))?;
    if !text.contains("name = \"wicketgate-action\"") {
        bail!("--sdk-path: {} is not the SDK, which is in `actions/sdk` of the gateway's repository", path.display());
    }
    Ok(path.canonicalize()?)
}
