//! Bounds and periods.

use clap::Args;

#[derive(Args, Clone, Debug)]
pub struct LimitOptions {
    /// Database connections for durable work
    #[arg(long, env = "NASCENT_CONNECTIONS", default_value_t = 16)]
    pub connections: u32,

    /// Longest artifact that is accepted, bytes
    #[arg(long, env = "NASCENT_ARTIFACT_BYTES", default_value_t = 8 << 30)]
    pub artifact_bytes: u64,

    /// Longest other request body that is accepted, bytes
    #[arg(long, env = "NASCENT_BODY_BYTES", default_value_t = 4 << 20)]
    pub body_bytes: usize,

    /// How long a lease lasts without a report
    #[arg(long, env = "NASCENT_LEASE_SECONDS", default_value_t = 60.0)]
    pub lease_seconds: f64,

    /// How often workers are asked to report
    #[arg(long, env = "NASCENT_HEARTBEAT_SECONDS", default_value_t = 10.0)]
    pub heartbeat_seconds: f64,

    /// How long a request may take, long polls and artifacts apart
    #[arg(long, env = "NASCENT_REQUEST_SECONDS", default_value_t = 30.0)]
    pub request_seconds: f64,

    /// How long a graceful shutdown waits for open requests
    #[arg(long, env = "NASCENT_DRAIN_SECONDS", default_value_t = 10.0)]
    pub drain_seconds: f64,
}
