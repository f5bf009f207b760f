//! `LISTEN`/`NOTIFY` between coordinators. Messages are gathered for a moment and sent outside of any transaction that
//! matters: a notification inside a commit makes all committers of the database wait for one another. Each coordinator
//! says every second that it is there, and one that is alone says no more than that.

use super::bus::Message;
use super::driver::jitter;
use crate::app::App;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use std::time::{Duration, Instant};
use uuid::Uuid;

const CHANNEL: &str = "nascent";
/// How long messages are gathered.
const GATHER: Duration = Duration::from_millis(20);
/// How often a coordinator says that it is there, and for how long the others believe it.
const GREETING: Duration = Duration::from_secs(1);
const MEMORY: Duration = Duration::from_secs(5);
/// Postgres refuses payloads of 8,000 bytes.
const LONGEST: usize = 7_900;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[derive(Serialize, Deserialize)]
struct Envelope {
    from: Uuid,
    message: Message,
}

/// Sends what the bus has gathered, and now and then that this coordinator is there.
pub(super) async fn notify(app: App) {
    let mut greetings = tokio::time::interval(GREETING);
    loop {
        let greet = tokio::select! {
            _ = app.stop.cancelled() => return,
            _ = app.bus.outgoing.notified() => false,
            _ = greetings.tick() => true,
        };
        if greet {
            app.bus.look_for_company(MEMORY);
            send(&app, &greeting(app.bus.origin)).await;
            continue;
        }
        tokio::time::sleep(GATHER).await;
        let message = app.bus.take_outbox();
        if !message.is_empty() {
            send(&app, &payloads(app.bus.origin, message)).await;
        }
    }
}

async fn send(app: &App, payloads: &[String]) {
    let sent = sqlx::query("SELECT pg_notify($1, p) FROM UNNEST($2::text[]) AS p")
        .bind(CHANNEL)
        .bind(payloads)
        .execute(&app.relaxed)
        .await;
    if let Err(error) = sent {
        tracing::warn!(%error, "other coordinators could not be notified; they look by themselves");
    }
}

/// An empty message: its sender is there.
fn greeting(from: Uuid) -> Vec<String> {
    serde_json::to_string(&Envelope { from, message: Message::default() }).into_iter().collect()
}

/// Cuts a message into payloads that Postgres takes. An event that is too long alone is left out.
fn payloads(from: Uuid, message: Message) -> Vec<String> {
    let Message { work, studies, events } = message;
    let mut parts = vec![Message { work, studies: Default::default(), events: Vec::new() }];
    for study in studies {
        add(&mut parts, 45, |part| {
            part.studies.insert(study);
        });
    }
    for event in events {
        let length = serde_json::to_string(&event).map_or(usize::MAX, |text| text.len());
        if length < LONGEST / 2 {
            add(&mut parts, length, |part| part.events.push(event));
        }
    }
    let envelopes = parts.into_iter().filter(|part| !part.is_empty()).map(|message| Envelope { from, message });
    envelopes.filter_map(|e| serde_json::to_string(&e).ok()).filter(|text| text.len() < LONGEST).collect()
}

fn add(parts: &mut Vec<Message>, length: usize, change: impl FnOnce(&mut Message)) {
    let used = |part: &Message| serde_json::to_string(part).map_or(usize::MAX, |text| text.len());
    let full = parts.last().is_none_or(|part| used(part).saturating_add(length) > LONGEST - 200);
    if full {
        parts.push(Message::default());
    }
    if let Some(part) = parts.last_mut() {
        change(part);
    }
}

/// Receives from the others; comes back with growing pauses when the connection breaks.
pub(super) async fn listen(app: App) {
    let mut pause = Duration::from_millis(100);
    loop {
        let began = Instant::now();
        tokio::select! {
            _ = app.stop.cancelled() => return,
            result = receive(&app) => if let Err(error) = result {
                tracing::warn!(%error, "the listening connection broke");
            }
        }
        pause =
            if began.elapsed() > LONGEST_PAUSE { Duration::from_millis(100) } else { (pause * 2).min(LONGEST_PAUSE) };
        tokio::select! {
            _ = app.stop.cancelled() => return,
            _ = tokio::time::sleep(jitter(pause)) => {}
        }
    }
}

async fn receive(app: &App) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(&app.settings.database_url).await?;
    listener.listen(CHANNEL).await?;
    send(app, &greeting(app.bus.origin)).await;
    loop {
        let notification = listener.recv().await?;
        match serde_json::from_str::<Envelope>(notification.payload()) {
            Ok(envelope) if envelope.from == app.bus.origin => {}
            // Who was just started must not wait for the next greeting to know of this one.
            Ok(envelope) => {
                if app.bus.receive(envelope.message) {
                    send(app, &greeting(app.bus.origin)).await;
                }
            }
            Err(error) => tracing::warn!(%error, "an unreadable notification was ignored"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::EventView;

    #[test]
    fn a_long_message_is_cut_and_nothing_is_lost() {
        let event = |n: usize| EventView {
            id: Some(n as i64),
            study_id: Uuid::from_u128(n as u128),
            trial_id: None,
            kind: "trial".into(),
            data: serde_json::json!({ "state": "completed", "metrics": { "top1": 0.5 } }),
        };
        let studies = (0..300u128).map(Uuid::from_u128).collect();
        let message = Message { work: true, studies, events: (0..200).map(event).collect() };
        let payloads = payloads(Uuid::nil(), message.clone());
        assert!(payloads.iter().all(|p| p.len() < 8_000));
        let mut whole = Message::default();
        for payload in payloads {
            let part: Envelope = serde_json::from_str(&payload).unwrap();
            whole.work |= part.message.work;
            whole.studies.extend(part.message.studies);
            whole.events.extend(part.message.events);
        }
        assert_eq!(whole, message);
    }
}
