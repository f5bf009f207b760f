//! The cluster on disk and the server's process.

use super::binaries;
use super::user::{self, Lent};
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore as _;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) struct Cluster {
    bin: PathBuf,
    /// Holds the cluster, the password and the server's log.
    folder: PathBuf,
    lent: Option<Lent>,
}

impl Cluster {
    pub fn open(data_dir: &Path) -> Result<Cluster> {
        let bin = binaries::find()?.canonicalize()?;
        std::fs::create_dir_all(data_dir).with_context(|| format!("creating {}", data_dir.display()))?;
        let data_dir = data_dir.canonicalize()?;
        let lent = user::lent();
        let folder = match &lent {
            Some(_) if !user::is_open_to_all(&data_dir) => elsewhere(&data_dir),
            _ => data_dir.join("postgres"),
        };
        std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Cluster { bin, folder, lent })
    }

    /// Held while the server is looked for and started, so that two coordinators do not start it twice.
    pub fn lock(&self) -> Result<File> {
        let path = self.folder.join("start.lock");
        let file = File::options().create(true).append(true).open(&path)?;
        file.lock().with_context(|| format!("locking {}", path.display()))?;
        Ok(file)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    /// Makes the cluster if there is none; the password.
    pub fn initialise(&self) -> Result<String> {
        let password_file = self.folder.join("password");
        if self.data().join("PG_VERSION").exists() {
            let password = std::fs::read_to_string(&password_file);
            return Ok(password.with_context(|| format!("reading {}", password_file.display()))?.trim().to_owned());
        }
        let password = new_password()?;
        std::fs::write(&password_file, &password)?;
        std::fs::set_permissions(&password_file, PermissionsExt::from_mode(0o600))?;
        if let Some(lent) = &self.lent {
            lent.give(&self.folder)?;
        }
        let mut initdb = self.command("initdb");
        initdb.arg("-D").arg(self.data()).arg("--pwfile").arg(&password_file);
        initdb.args(["--username=nascent", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]);
        self.run(initdb, "initdb")?;
        Ok(password)
    }

    /// The port of a server that runs on this cluster already.
    pub fn running_port(&self) -> Option<u16> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid: u32 = lines.next()?.trim().parse().ok()?;
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        let port = lines.nth(2)?.trim().parse().ok()?;
        name.trim().starts_with("postgres").then_some(port)
    }

    /// Starts the server on a free port of the loopback.
    pub fn start(&self) -> Result<u16> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c fsync=on"
        );
        let mut pg_ctl = self.command("pg_ctl");
        pg_ctl.arg("-D").arg(self.data()).arg("-l").arg(self.folder.join("server.log"));
        pg_ctl.args(["-w", "-t", "60", "-o", &options, "start"]);
        self.run(pg_ctl, "pg_ctl start")?;
        Ok(port)
    }

    pub fn stop(&self) -> Result<()> {
        let mut pg_ctl = self.command("pg_ctl");
        pg_ctl.arg("-D").arg(self.data()).args(["-m", "fast", "-w", "-t", "30", "stop"]);
        self.run(pg_ctl, "pg_ctl stop")
    }

    fn command(&self, program: &str) -> Command {
        let path = self.bin.join(program);
        match &self.lent {
            Some(lent) => lent.command(&path),
            None => Command::new(path),
        }
    }

    /// Runs to the end; the error carries what the program said. A server started by pg_ctl keeps its outputs, so they go
    /// to a file and not to a pipe that would never end.
    fn run(&self, mut command: Command, what: &str) -> Result<()> {
        let path = self.folder.join("setup.log");
        let log = File::create(&path)?;
        let status =
            command.current_dir("/").stdin(std::process::Stdio::null()).stdout(log.try_clone()?).stderr(log).status();
        if status.with_context(|| format!("running {what}"))?.success() {
            return Ok(());
        }
        let said = std::fs::read_to_string(&path).unwrap_or_default();
        bail!("{what} failed: {}\n(the server's log is {})", said.trim(), self.folder.join("server.log").display())
    }
}

/// A folder that the lent user can reach when the data folder is private to root.
fn elsewhere(data_dir: &Path) -> PathBuf {
    let name = hex::encode(Sha256::digest(data_dir.as_os_str().as_encoded_bytes()));
    PathBuf::from("/var/lib/nascent").join(&name[..16])
}

fn new_password() -> Result<String> {
    let mut bytes = [0u8; 24];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).context("asking the system for random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
