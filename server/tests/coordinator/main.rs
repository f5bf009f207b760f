//! The inside of the coordinator on a real Postgres: every invariant has a test that tries to break it.

mod access;
mod advance;
mod artifacts;
mod control;
mod duplicates;
mod finals;
mod leases;
mod limits;
mod lists;
mod outcomes;
mod support;
