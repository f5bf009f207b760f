//! An own Postgres.
