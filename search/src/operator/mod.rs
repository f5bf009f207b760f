//! Operators: parameters and a lowering to primitives, nothing else. One file each, one line in `registry.rs`.
