//! The service over real HTTP on a real Postgres, one file per resource.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod access;
mod app;
mod artifacts;
mod catalogue;
mod command;
#[path = "../support/database.rs"]
mod database;
mod edge;
mod events;
mod health;
mod latencies;
mod openapi;
mod runs;
mod spaces;
mod studies;
mod tokens;
mod trials;
mod work;
