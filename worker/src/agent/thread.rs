//! The thread of a slot: does one piece of work after another.

use super::Executor;
use super::desk::Desk;
use crate::trainer::{Finished, Inputs};
use search::work::Work;
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

/// Work for the thread, and where its end is told.
pub struct Job {
    pub work: Work,
    pub inputs: Inputs,
    pub desk: Arc<Desk>,
    pub done: oneshot::Sender<Finished>,
}

/// Starts the thread; it ends when the sender is dropped.
pub fn start(slot: u32, executor: Arc<dyn Executor>) -> std::io::Result<mpsc::Sender<Job>> {
    let (sender, jobs) = mpsc::channel::<Job>();
    std::thread::Builder::new().name(format!("slot-{slot}")).stack_size(16 << 20).spawn(move || {
        executor.prepare();
        for job in jobs {
            let finished = executor.execute(&job.work, &job.inputs, job.desk.as_ref());
            // Nobody listens any more when the worker is being torn down.
            let _ = job.done.send(finished);
        }
    })?;
    Ok(sender)
}
