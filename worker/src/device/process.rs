//! Settings that only a process's environment can make, because libraries read them when they are loaded.

use std::ffi::OsString;
use std::process::Command;

/// Says that the environment is set; a second start would change nothing.
const MARK: &str = "NASCENT_PROCESS_TUNED";

/// Values for variables that the user has not set.
///
/// - OpenMP's threads wait for each other at the end of every operation by spinning for milliseconds. Where other
///   processes want the cores too (a server, a second worker), the spinning keeps the awaited thread from running, and a
///   training step was measured to take seven times as long. A short spin costs nothing on an idle machine.
/// - Activations are megabytes each. By default glibc returns them to the system after every use and gets them back as
///   pages that have to be zeroed: a sixth of a training step. Kept memory is bounded by the step's peak.
const SETTINGS: [(&str, &str); 5] = [
    ("GOMP_SPINCOUNT", "10000"),
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "17179869184"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

/// Starts the program anew, in the same process, with the settings in its environment; returns if they are there.
/// If it cannot be started anew it goes on as it is: slower, not wrong.
pub fn tune_process() {
    if cfg!(target_os = "linux") && std::env::var_os(MARK).is_none() {
        restart();
    }
}

#[cfg(unix)]
fn restart() {
    use std::os::unix::process::CommandExt as _;
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| OsString::from("nascent-worker"));
    let mut command = Command::new(program);
    command.arg0(name).args(arguments).env(MARK, "1");
    let waits = std::env::var_os("OMP_WAIT_POLICY").is_some();
    for (variable, value) in
        missing(|variable| std::env::var_os(variable).is_some() || (waits && variable.starts_with("GOMP")))
    {
        command.env(variable, value);
    }
    let error = command.exec();
    eprintln!("nascent-worker: the process could not be tuned ({error}); training may be slower");
}

#[cfg(not(unix))]
fn restart() {}

/// The settings that `decided` does not know.
fn missing(decided: impl Fn(&str) -> bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    SETTINGS.into_iter().filter(move |(variable, _)| !decided(variable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_has_set_stays() {
        let left: Vec<&str> =
            missing(|variable| variable == "MALLOC_ARENA_MAX").map(|(variable, _)| variable).collect();
        assert_eq!(left.len(), SETTINGS.len() - 1);
        assert!(!left.contains(&"MALLOC_ARENA_MAX"));
    }
}
