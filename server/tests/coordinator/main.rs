//! The inside of the coordinator on a real Postgres: every invariant has a test that tries to break it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod access;
mod advance;
mod artifacts;
mod connection;
mod control;
#[path = "../support/database.rs"]
mod database;
mod duplicates;
mod finals;
mod leases;
mod limits;
mod lists;
mod outcomes;
mod support;
