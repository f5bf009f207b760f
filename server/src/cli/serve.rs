//! Running the service: `serve` for many, `up` for one.

use crate::api::{self, EdgeOptions};
use crate::app::{App, Role};
use crate::auth::Access;
use crate::config::ServerOptions;
use crate::postgres::Embedded;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// Run the service with bearer tokens.
#[derive(Args, Debug)]
pub struct Serve {
    #[command(flatten)]
    server: ServerOptions,
}

/// Run the service for yourself: no tokens, loopback only.
#[derive(Args, Debug)]
pub struct Up {
    #[command(flatten)]
    server: ServerOptions,

    /// Workers to start beside the service
    #[arg(long, default_value_t = 0)]
    workers: u32,
}

impl Serve {
    pub async fn run(self) -> Result<()> {
        let service = Service::start(&self.server, Access::Tokens).await?;
        service.first_admin_token().await?;
        println!("Nascent listens on {}", service.url());
        service.until_told().await
    }
}

impl Up {
    pub async fn run(self) -> Result<()> {
        if !self.server.listen.ip().is_loopback() {
            bail!("`up` asks for no tokens and so listens on loopback only; use `serve` for {}", self.server.listen);
        }
        let service = Service::start(&self.server, Access::Open).await?;
        let mut workers = Vec::new();
        for index in 1..=self.workers {
            workers.push(start_worker(&service.url(), &format!("local-{index}"), 1, &self.server.data_dir)?);
        }
        println!("Nascent is up: dashboard and API at {}", service.url());
        service.until_told().await
    }
}

/// A running service.
pub struct Service {
    app: App,
    embedded: Option<Embedded>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    address: std::net::SocketAddr,
    /// Ends the HTTP server; cancelled after the loops were told to stop.
    stop: CancellationToken,
    drain: Duration,
}

impl Service {
    pub async fn start(options: &ServerOptions, access: Access) -> Result<Service> {
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("cannot listen on {}; choose another address with --listen", options.listen))?;
        let address = listener.local_addr()?;
        let (embedded, url) = match &options.database_url {
            Some(url) => (None, url.clone()),
            None => {
                let embedded = Embedded::start(&options.data_dir).await?;
                let url = embedded.url();
                (Some(embedded), url)
            }
        };
        let stop = CancellationToken::new();
        let app = App::open(options.settings(&url), stop.clone()).await?;
        app.start_loops();
        let router = api::router(app.clone(), EdgeOptions { access, body_bytes: options.limits.body_bytes });
        let ending = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(ending).await });
        tracing::info!(%address, "listening");
        let drain = Duration::from_secs_f64(options.limits.drain_seconds);
        Ok(Service { app, embedded, server, address, stop, drain })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An installation without tokens could be used by nobody: its first start prints an administrator's.
    async fn first_admin_token(&self) -> Result<()> {
        if self.app.token_list().await?.is_empty() {
            let (_, secret) = self.app.token_create("first administrator", Role::Admin).await?;
            println!("First start: this administrator's token is shown once.\n  {secret}");
        }
        Ok(())
    }

    /// Serves until a signal comes; a second one exits at once.
    pub async fn until_told(self) -> Result<()> {
        signal().await?;
        self.stop().await
    }

    /// Stops leasing, lets open requests end, stops the loops, closes the database.
    pub async fn stop(self) -> Result<()> {
        tokio::spawn(async {
            if signal().await.is_ok() {
                std::process::exit(130);
            }
        });
        tracing::info!("shutting down");
        self.stop.cancel();
        if tokio::time::timeout(self.drain, self.server).await.is_err() {
            tracing::warn!("some requests were still open after {:?}", self.drain);
        }
        self.app.close().await;
        if let Some(embedded) = self.embedded {
            embedded.stop().await?;
        }
        Ok(())
    }
}

/// Waits for SIGINT or SIGTERM.
pub async fn signal() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Starts a worker beside this program; it is killed when the handle is dropped.
pub fn start_worker(url: &str, name: &str, slots: usize, data_dir: &Path) -> Result<Child> {
    let program = beside("nascent-worker")?;
    let log = data_dir.join(format!("{name}.log"));
    let file = std::fs::File::create(&log).with_context(|| format!("creating {}", log.display()))?;
    Command::new(&program)
        .args(["run", "--url", url, "--name", name, "--slots", &slots.to_string(), "--threads", "1"])
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}", program.display()))
}

fn beside(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    if path.is_file() {
        return Ok(path);
    }
    bail!("{} is missing: build it with `make build`", path.display())
}
