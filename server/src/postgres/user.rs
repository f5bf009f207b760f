//! Whom the server runs as. Postgres refuses to run as root, so root lends it an unprivileged user.

use anyhow::{Context, Result, ensure};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

/// The user that Postgres runs as, when it is not the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lent(String);

/// An unprivileged user if the process is root.
pub(super) fn lent() -> Option<Lent> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    root.then(|| Lent(if is_known("postgres") { "postgres".into() } else { "nobody".into() }))
}

fn is_known(user: &str) -> bool {
    let prefix = format!("{user}:");
    std::fs::read_to_string("/etc/passwd").is_ok_and(|users| users.lines().any(|line| line.starts_with(&prefix)))
}

impl Lent {
    /// A command that runs a program as this user.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={}", self.0), format!("--regid={}", self.group())]).arg("--clear-groups");
        command.arg(program);
        command
    }

    /// The primary group of `nobody` has another name on Debian.
    fn group(&self) -> &str {
        if self.0 == "nobody" { "nogroup" } else { &self.0 }
    }

    pub fn give(&self, path: &Path) -> Result<()> {
        let owner = format!("{}:{}", self.0, self.group());
        let status = Command::new("chown").arg("-R").arg(owner).arg(path).status().context("running chown")?;
        ensure!(status.success(), "cannot hand {} to user {}", path.display(), self.0);
        Ok(())
    }
}

/// Whether every user may pass through the folder and all above it.
pub(super) fn is_open_to_all(folder: &Path) -> bool {
    folder
        .ancestors()
        .filter(|ancestor| ancestor.exists())
        .all(|ancestor| std::fs::metadata(ancestor).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0))
}
