//! The coordinator: it remembers studies, leases work to workers, advances strategies, and answers over HTTP.

pub mod api;
pub mod app;
pub mod artifact;
pub mod auth;
pub mod cli;
pub mod config;
pub mod dispatch;
pub mod engine;
pub mod loops;
pub mod postgres;
pub mod store;
