//! `nascent quickstart --exit-when-done`: the command behind `make run`, as a new user sees it.

use anyhow::Result;
use std::process::Command;
use std::time::Duration;
use support::process::{Process, free_port, program, repository};

#[test]
fn the_quickstart_finds_a_network_and_leaves_with_status_0() -> Result<()> {
    let folder = tempfile::Builder::new().prefix("nascent-quickstart").tempdir_in("/tmp")?;
    let mut command = Command::new(program("nascent")?);
    let address = format!("127.0.0.1:{}", free_port()?);
    command
        .args(["quickstart", "--exit-when-done", "--listen", &address, "--data-dir"])
        .arg(folder.path().join("data"));
    command.current_dir(repository()).env_remove("DATABASE_URL");
    let mut quickstart = Process::start(command, &folder.path().join("log"))?;
    let code = quickstart.wait(Duration::from_secs(600))?;
    let log = quickstart.log();
    assert_eq!(code, 0, "{log}");
    for expected in ["http://127.0.0.1", "top-1", "params", "FLOPs", "baseline"] {
        assert!(log.to_lowercase().contains(&expected.to_lowercase()), "no `{expected}` in\n{log}");
    }
    Ok(())
}
