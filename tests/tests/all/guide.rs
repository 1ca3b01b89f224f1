//! README, "Write an action": its snippets are put where they belong, its commands run, and what they print is compared.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::symlink, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use wicketgate_tests::{build_dir, tsc};

/// What the guide asks for.
enum Step {
    /// A file is written, or appended to.
    File { name: String, append: bool, text: String },
    /// A command is run, and prints this.
    Command { line: String, printed: Vec<String> },
}

/// The steps of the guide, in their order.
fn steps() -> Vec<Step> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let section = readme.split("\n## Write an action\n").nth(1).unwrap().split("\nTo add a plugin").next().unwrap();
    let mut steps = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, name)) => {
                let (append, name) = name.strip_prefix(">> ").map_or((false, name), |name| (true, name));
                let text = block.iter().map(|line| format!("{line}\n")).collect();
                steps.push(Step::File { name: name.to_owned(), append, text });
            }
            None => {
                assert_eq!(info, "console", "a block that nobody checks");
                for line in block {
                    match (line.strip_prefix("$ "), steps.last_mut()) {
                        (Some(command), _) => steps.push(Step::Command { line: command.into(), printed: Vec::new() }),
                        (None, Some(Step::Command { printed, .. })) => printed.push(line.to_owned()),
                        _ => panic!("{line}: what prints this?"),
                    }
                }
            }
        }
    }
    steps
}

/// A shell in which the commands are run one after the other.
struct Shell {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Shell {
    fn start(dir: &Path) -> Self {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "500", "bash"]).current_dir(dir).process_group(0);
        // As it is on a machine that has built the gateway: nothing is downloaded, nothing built twice.
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", build_dir().join("new-plugin"));
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, input, output }
    }

    /// Runs a command, which must succeed; returns what it prints.
    fn run(&mut self, line: &str) -> Vec<String> {
        const END: &str = "--- the command has ended with ";
        writeln!(self.input, "{{ {line}\n}} < /dev/null; echo; echo \"{END}$?\"").unwrap();
        let mut printed = Vec::new();
        loop {
            let mut next = String::new();
            assert!(self.output.read_line(&mut next).unwrap() > 0, "{line}: the shell has ended; {printed:?}");
            let next = next.trim_end_matches('\n').to_owned();
            if let Some(code) = next.strip_prefix(END) {
                assert_eq!(code, "0", "{line}: {printed:#?}");
                printed.retain(|line: &String| !line.is_empty());
                return printed;
            }
            printed.push(next);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.process), Signal::TERM);
        let _ = self.process.wait();
    }
}

/// A folder as that of the gateway's repository, with what has been built.
fn checkout(dir: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let checkout = dir.join("wicketgate");
    fs::create_dir_all(checkout.join("target")).unwrap();
    symlink(root.join("actions"), checkout.join("actions")).unwrap();
    symlink(build_dir(), checkout.join("target/release")).unwrap();
    checkout
}

/// Whether a line is as the guide has it; `…` stands for anything.
fn is_like(printed: &str, told: &str) -> bool {
    match told.split_once('…') {
        Some((start, end)) => printed.starts_with(start) && printed.ends_with(end),
        None => printed == told,
    }
}

#[test]
fn the_guide_does_what_it_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Shell::start(&checkout(dir.path()));
    let folder = dir.path().join("plugins/notes");
    let mut port = String::from("8080");
    for step in steps() {
        match step {
            Step::File { name, append, text } => {
                let text = text.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
                let before = if append { fs::read_to_string(folder.join(&name)).unwrap() } else { String::new() };
                fs::write(folder.join(name), before + &text).unwrap();
            }
            Step::Command { line, printed } if line == "make run" => {
                assert_eq!(printed, [""; 0]);
                shell.run("make run > run.log 2>&1 &");
                port = served_port(&folder.join("run.log"));
            }
            Step::Command { line, printed } => {
                let told = shell.run(&line.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}")));
                let same =
                    told.len() == printed.len() && told.iter().zip(&printed).all(|(one, other)| is_like(one, other));
                assert!(same, "{line}: {told:#?} instead of {printed:#?}");
                if line.starts_with("wicketgate new ") {
                    prepare(&folder);
                }
            }
        }
    }
    // And the types of the client are those that the guide's script uses.
    let project = r#"{"compilerOptions": {"checkJs": true, "strict": true, "noEmit": true, "module": "nodenext", "target": "es2022",
        "lib": ["es2022", "dom"], "types": []}, "files": ["try.mjs"]}"#;
    fs::write(folder.join("tsconfig.json"), project).unwrap();
    assert_eq!(tsc(&folder), "");
}

/// A port that is free, and the versions that these tests were built with.
fn prepare(folder: &Path) {
    let config = folder.join("wicketgate.toml");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("127.0.0.1:8080"));
    fs::write(config, text.replace("127.0.0.1:8080", "127.0.0.1:0")).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Where the gateway says that it listens.
fn served_port(log: &Path) -> String {
    for _ in 0..3000 {
        let told = fs::read_to_string(log).unwrap_or_default();
        if let Some(rest) = told.split("serves http://127.0.0.1:").nth(1) {
            return rest.chars().take_while(char::is_ascii_digit).collect();
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{}", fs::read_to_string(log).unwrap_or_default());
}
