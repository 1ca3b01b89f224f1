//! The generated client: in Node, in a browser, and in the eyes of TypeScript.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wicketgate_tests::{Gateway, Setup, browser_dir, generated_specs, node, shape_specs, tsc};

const PROJECT: &str = "[[projects]]\nuid = \"p1\"\n[[projects.actions]]\ntype = \"example\"\nhelloString = \"Ahoy\"\n";

fn gateway() -> Gateway {
    let sites = "[[sites]]\nhost = \"*\"\nroot = \"www\"\nclientRoot = \"client\"\n";
    let actions = "[[actions]]\ntype = \"example\"\n[[actions]]\ntype = \"probe\"\n";
    let client = fs::read(generated_specs().join("client.js")).unwrap();
    let setup = Setup::new().sites_and_actions(&format!("{sites}{actions}{PROJECT}"));
    setup.put("client/client.js", &client);
    // What Node takes for a module by its name.
    setup.put("client/client.mjs", &client);
    setup.start()
}

#[test]
fn it_calls_everything_from_node_in_both_formats() {
    let gateway = gateway();
    let client = gateway.dir().join("client/client.mjs");
    for format in ["json", "msgpack"] {
        let url = format!("http://{}", gateway.address());
        assert_eq!(node("client.mjs", &[client.to_str().unwrap(), &url, format]), "fine\n", "{format}");
    }
}

#[test]
fn it_sends_forms_files_and_headers_and_knows_every_kind_of_reply() {
    let setup = Setup::shapes();
    let client = setup.put("client.mjs", &fs::read(shape_specs().join("client.js")).unwrap());
    let gateway = setup.start();
    let url = format!("http://{}", gateway.address());
    assert_eq!(node("shape.mjs", &[client.to_str().unwrap(), &url]), "fine\n");
    let dir = tempfile::tempdir().unwrap();
    for file in ["good.ts", "tsconfig.json"] {
        fs::copy(browser_dir().join("shape-types").join(file), dir.path().join(file)).unwrap();
    }
    fs::copy(shape_specs().join("client.d.ts"), dir.path().join("client.d.ts")).unwrap();
    assert_eq!(tsc(dir.path()), "");
}

#[test]
fn it_calls_the_gateway_from_a_page_under_its_security_policy() {
    let gateway = gateway();
    gateway.put(
        "www/index.html",
        b"<!doctype html><title>test</title><link rel=icon href=icon.svg><pre></pre><script type=module src=page.js></script>",
    );
    gateway.put("www/icon.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    gateway.put(
        "www/page.js",
        br#"import { Client, WicketgateError, client } from "/gws-client/client.js";
        const lines = [(await client.exampleHello({ color: "blue" })).message];
        const packed = new Client({ format: "msgpack" });
        lines.push((await packed.exampleHttpGetHello({ color: "green" })).message);
        const bytes = (await packed.probeEverything({ picture: new Uint8Array([1, 2]) })).picture;
        lines.push(bytes instanceof Uint8Array, bytes.join());
        const aborted = client.probeSleep({ ms: 30000 }, { signal: AbortSignal.timeout(100) });
        lines.push((await aborted.catch((error) => error)).name);
        const { origin } = location;
        lines.push((await new Client({ url: origin + "/" }).exampleHello({ color: "red" }).catch((e) => e)) instanceof WicketgateError);
        document.querySelector("pre").textContent = lines.join("\n");
        document.title = "done";"#,
    );
    // The browser itself reports the 501 of the last call as an error of the page, so that is caught apart.
    let printed = node("page.mjs", &[&format!("http://{}/", gateway.address()), "501"]);
    let expected =
        "<font color=blue>Hi, Guest</font>\n<font color=green>Hi, Guest</font>\ntrue\n1,2\nTimeoutError\ntrue\n";
    assert_eq!(printed, expected);
}

/// The folder that `make client` has put together.
fn client_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/client");
    assert!(folder.join("swagger-ui/swagger-ui.css").exists(), "target/client/ is incomplete: run `make test`");
    folder
}

#[test]
fn a_newcomer_calls_a_command_on_the_page_and_sees_the_answer() {
    let folder = client_folder();
    let sites = format!("[[sites]]\nhost = \"*\"\nclientRoot = {folder:?}\n[[actions]]\ntype = \"example\"\n");
    let gateway = Setup::new().sites_and_actions(&sites).start();
    let (url, picture) = (format!("http://{}/gws-client/", gateway.address()), gateway.dir().join("page.png"));
    for (scheme, width) in [("light", "1280"), ("dark", "400")] {
        let printed = node("explore.mjs", &[&url, picture.to_str().unwrap(), scheme, width]);
        assert_eq!(printed, "<font color=blue>Hi, Guest</font>\n");
        assert!(fs::metadata(&picture).unwrap().len() > 10_000);
    }
}

/// Copies the TypeScript project, but for one of its files, beside the generated types.
fn types_without(left_out: &str, dir: &Path) {
    for entry in fs::read_dir(browser_dir().join("types")).unwrap().map(Result::unwrap) {
        if entry.file_name() != left_out {
            fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
        }
    }
    fs::copy(generated_specs().join("client.d.ts"), dir.join("client.d.ts")).unwrap();
}

#[test]
fn right_calls_pass_the_type_checker() {
    let dir = tempfile::tempdir().unwrap();
    types_without("bad.ts", dir.path());
    assert_eq!(tsc(dir.path()), "");
}

#[test]
fn every_wrong_call_is_an_error_of_the_type_checker_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    types_without("good.ts", dir.path());
    let told = tsc(dir.path());
    let text = fs::read_to_string(dir.path().join("bad.ts")).unwrap();
    let wrong: Vec<_> =
        (1..).zip(text.lines()).filter(|(_, line)| line.ends_with("// wrong")).map(|(number, _)| number).collect();
    let line = |error: &str| error.split_once("bad.ts(")?.1.split(',').next()?.parse::<i32>().ok();
    let mut found: Vec<_> =
        told.lines().filter(|line| !line.starts_with(' ')).map(|error| line(error).unwrap()).collect();
    found.dedup();
    assert_eq!(found, wrong, "{told}");
}

#[test]
fn it_logs_in_from_a_page_which_never_sees_the_cookie() {
    let setup = Setup::new()
        .sites_and_actions(
            "[[sites]]\nroot = \"www\"\nclientRoot = \"client\"\n[[actions]]\ntype = \"example\"\n\
             [[projects]]\nuid = \"p1\"\naccess = \"allow user, deny all\"\n",
        )
        .users(&[("ada", "['editor']")])
        .methods(&["web"]);
    setup.put("client/client.js", &fs::read(generated_specs().join("client.js")).unwrap());
    setup.put(
        "www/index.html",
        b"<!doctype html><title>test</title><link rel=icon href=icon.svg><pre></pre><script type=module src=page.js></script>",
    );
    setup.put("www/icon.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    let script = r#"import { client } from "/gws-client/client.js";
        const hello = () => client.exampleHello({ color: "blue", projectUid: "p1" }).then((r) => r.message, (e) => e.status);
        const lines = [await hello()];
        lines.push((await client.authLogin({ username: "ada", password: "wrong" }).catch((e) => e)).info);
        lines.push((await client.authLogin({ username: "ada", password: "PASSWORD" })).user.roles.join());
        lines.push(await hello(), JSON.stringify(document.cookie), (await client.authCheck({})).user.uid);
        lines.push((await client.authLogout({})).user, await hello());
        document.querySelector("pre").textContent = lines.join("\n");
        document.title = "done";"#;
    setup.put("www/page.js", script.replace("PASSWORD", wicketgate_tests::PASSWORD).as_bytes());
    let gateway = setup.start();
    let printed = node("page.mjs", &[&format!("http://{}/", gateway.address()), "403"]);
    let expected = "403\nthe user name or the password is wrong\neditor,user,all\n<font color=blue>Hi, The ada</font>\n\"\"\nada\n\n403\n";
    assert_eq!(printed, expected);
}
