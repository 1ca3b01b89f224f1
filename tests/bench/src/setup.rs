//! How each server is set up: one worker, no access log, gzip for clients that ask for it, and connections that are kept.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    place::Place,
    running::Ports,
    server::{Result, run},
};

/// What a server is started with.
pub(crate) struct Setup<'a> {
    pub(crate) program: &'a Path,
    pub(crate) place: &'a Place,
    /// Its own folder.
    pub(crate) folder: &'a Path,
    pub(crate) ports: Ports,
}

impl Setup<'_> {
    /// The gateway, with its specs written.
    pub(crate) fn gateway(&self) -> Result<Vec<Command>> {
        let Place { www, certificate, key, plugins, .. } = self.place;
        let Ports { plain, tls } = self.ports;
        let config = self.write(
            "wicketgate.toml",
            &format!(
                "[server]\ndataDir = \"data\"\n\
                 listen = [\"127.0.0.1:{plain}\", {{ address = \"127.0.0.1:{tls}\", tls = true }}]\n\
                 [plugins]\ndir = {plugins:?}\nspecs = \"specs\"\n\
                 [[sites]]\nhost = \"*\"\nroot = {www:?}\n\
                 [[sites.certificates]]\ncert = {certificate:?}\nkey = {key:?}\n"
            ),
        )?;
        let command = |name| {
            let mut command = Command::new(self.program);
            command.args([name, "--config", &config]);
            command
        };
        run(command("spec").stdout(Stdio::null()))?;
        Ok(vec![command("serve")])
    }

    /// nginx, with one worker, and `more` for its files.
    pub(crate) fn nginx(&self, more: &str) -> Result<Vec<Command>> {
        let Place { www, certificate, key, .. } = self.place;
        let Ports { plain, tls } = self.ports;
        // Else its worker is another user, who may not read here.
        let user = if fs::metadata("/proc/self")?.uid() == 0 { "user root;" } else { "" };
        let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = kinds.iter().map(|kind| format!("{kind}_temp_path {kind}; ")).collect();
        let config = self.write(
            "nginx.conf",
            &format!(
                "{user} daemon off; master_process on; worker_processes 1; worker_rlimit_nofile 20000;\n\
                 pid nginx.pid; error_log stderr crit;\n\
                 events {{ worker_connections 8192; }}\n\
                 http {{\n\
                 types {{ text/html html; text/plain txt; }}\n\
                 access_log off; {temporary}\n\
                 sendfile on; gzip on; {more}\n\
                 keepalive_timeout 75s; keepalive_requests 1000000000;\n\
                 ssl_certificate {certificate:?}; ssl_certificate_key {key:?}; ssl_protocols TLSv1.2 TLSv1.3;\n\
                 server {{ listen 127.0.0.1:{plain}; listen 127.0.0.1:{tls} ssl http2; root {www:?}; }}\n\
                 }}\n"
            ),
        )?;
        let mut command = Command::new(self.program);
        // Relative paths are below the prefix, which ends with a slash.
        command.arg("-p").arg(self.folder.join("")).args(["-e", "stderr", "-c", &config]);
        Ok(vec![command])
    }

    /// Caddy, with one processor.
    pub(crate) fn caddy(&self) -> Result<Vec<Command>> {
        let Place { www, certificate, key, .. } = self.place;
        let Ports { plain, tls } = self.ports;
        let config = self.write(
            "Caddyfile",
            &format!(
                "{{\nadmin off\nauto_https off\nservers {{\nprotocols h1 h2\n}}\n}}\n\
                 (files) {{\nbind 127.0.0.1\nroot * {www:?}\nencode gzip zstd\nfile_server\n}}\n\
                 http://:{plain} {{\nimport files\n}}\n\
                 https://:{tls} {{\ntls {certificate:?} {key:?}\nimport files\n}}\n"
            ),
        )?;
        let mut command = Command::new(self.program);
        command.args(["run", "--adapter", "caddyfile", "--config", &config]).env("GOMAXPROCS", "1");
        command.envs(["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, self.folder)));
        Ok(vec![command])
    }

    /// static-web-server: twice, since it speaks TLS or not.
    pub(crate) fn static_web_server(&self) -> Vec<Command> {
        let Place { www, certificate, key, .. } = self.place;
        let command = |port: u16| {
            let mut command = Command::new(self.program);
            command.args(["--host=127.0.0.1", "--threads-multiplier=1", "--compression=true", "--log-level=error"]);
            command.arg(format!("--port={port}")).arg("--root").arg(www);
            command.arg("--config-file").arg(self.folder.join("none.toml"));
            command
        };
        let mut tls = command(self.ports.tls);
        tls.arg("--http2=true").arg("--http2-tls-cert").arg(certificate).arg("--http2-tls-key").arg(key);
        vec![command(self.ports.plain), tls]
    }

    /// The floor.
    pub(crate) fn bare(&self) -> Vec<Command> {
        let mut command = Command::new(self.program);
        command.arg(self.ports.plain.to_string());
        vec![command]
    }

    /// Writes a file into the server's folder; returns its path.
    fn write(&self, name: &str, text: &str) -> Result<String> {
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        Ok(file.display().to_string())
    }
}
