//! Running the service: `serve` for many, `up` for one.

use super::local::LocalWorker;
use crate::api::{self, EdgeOptions};
use crate::app::{App, Role};
use crate::auth::Access;
use crate::config::ServerOptions;
use crate::postgres::Embedded;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{self, SignalKind};
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
        let program = if self.workers > 0 { LocalWorker::program()? } else { PathBuf::new() };
        let service = Service::start(&self.server, Access::Open).await?;
        let start =
            |index| LocalWorker::start(&program, &service.url(), &format!("local-{index}"), 1, &self.server.data_dir);
        let workers = (1..=self.workers).map(start).collect::<Result<Vec<_>>>()?;
        println!("Nascent is up: dashboard and API at {}", service.url());
        signal().await?;
        LocalWorker::stop_all(workers).await;
        service.stop().await
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
        let app = match App::open(options.settings(&url), stop.clone()).await {
            Ok(app) => app,
            Err(error) => {
                if let Some(embedded) = embedded {
                    embedded.stop().await?;
                }
                return Err(error.into());
            }
        };
        app.start_loops();
        let edge = EdgeOptions {
            access,
            body_bytes: options.limits.body_bytes,
            patience: Duration::from_secs_f64(options.limits.request_seconds),
        };
        let router = api::router(app.clone(), edge);
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
        exit_at_next_signal();
        tracing::info!("shutting down");
        self.stop.cancel();
        if tokio::time::timeout(self.drain, self.server).await.is_err() {
            tracing::warn!("some requests were still open after {:?}", self.drain);
        }
        if tokio::time::timeout(self.drain, self.app.close()).await.is_err() {
            tracing::warn!("something still used the database after {:?}", self.drain);
        }
        if let Some(embedded) = self.embedded {
            embedded.stop().await?;
        }
        Ok(())
    }
}

/// Waits until somebody wants the program to end (SIGINT, SIGTERM, SIGHUP). From then on another signal exits at once.
pub async fn signal() -> Result<()> {
    next_signal().await?;
    exit_at_next_signal();
    Ok(())
}

async fn next_signal() -> Result<()> {
    let mut terminate = unix::signal(SignalKind::terminate())?;
    let mut hangup = unix::signal(SignalKind::hangup())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt?,
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

fn exit_at_next_signal() {
    tokio::spawn(async {
        if next_signal().await.is_ok() {
            std::process::exit(130);
        }
    });
}
