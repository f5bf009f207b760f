//! A step of the search: limits, goal, exhaustion, and the questions to the strategy.

use super::Step;
use crate::app::Values;
use crate::engine::ends;
use crate::engine::plan::Ending;
use search::objective::Fitness;
use search::strategy::Proposal;

/// Questions to a strategy in one advance: it may answer with duplicates and infeasible candidates for ever.
const ROUNDS: usize = 200;
/// Candidates refused in a row before the study gives up.
const MOST_REFUSED: u32 = 2000;

impl Step<'_> {
    /// One step of the search phase: either limits end it, or the strategy fills the room.
    pub(super) fn search(&mut self) -> Result<(), String> {
        if let Some(reason) = ends::too_many_failures(self.row, self.row.failed + self.plan.delta.failed) {
            self.plan.ending = Ending::Failed(reason);
            return Ok(());
        }
        self.look_at_goal();
        let mut waits = false;
        for _ in 0..ROUNDS {
            if let Some(limit) = ends::limit(self.row, &self.used, &self.session.memory, self.goal.clone()) {
                return self.end_search(limit);
            }
            let room = ends::room(self.row, &self.used, self.in_flight);
            if room == 0 {
                return Ok(());
            }
            let randomness = self.session.prepared.randomness();
            match self.session.strategy.propose(room, &randomness) {
                Proposal::Finished(reason) => self.session.memory.search_over = Some(reason),
                Proposal::Orders(orders) if !orders.is_empty() => {
                    for order in orders {
                        self.place(order)?;
                    }
                }
                Proposal::Orders(_) | Proposal::Wait => {
                    waits = true;
                    break;
                }
            }
            self.look_at_exhaustion();
            if self.session.memory.refused > MOST_REFUSED {
                let reason = format!("{MOST_REFUSED} candidates in a row broke a constraint or could not be built");
                self.plan.ending = Ending::Failed(reason);
                return Ok(());
            }
        }
        if waits && self.in_flight == 0 {
            return Err("the strategy waits although nothing is in flight".into());
        }
        self.plan.again = !waits;
        Ok(())
    }

    fn end_search(&mut self, limit: ends::Limit) -> Result<(), String> {
        self.plan.cut = limit.cut && self.in_flight > 0;
        if self.in_flight == 0 {
            self.plan.ending = Ending::Final(limit.reason);
        } else if self.row.reason.is_none() {
            self.plan.delta.reason = Some(limit.reason);
        }
        Ok(())
    }

    /// Ends the search when every genotype of a finite space has been tried at full fidelity.
    fn look_at_exhaustion(&mut self) {
        let prepared = &self.session.prepared;
        let tried = self.session.known.count(prepared.document.training.epochs);
        let size = prepared.space.size();
        if self.session.memory.search_over.is_none() && size.finite().is_some() && size.to_string() == tried.to_string()
        {
            self.session.memory.search_over =
                Some(format!("the space is exhausted: all {tried} candidates were tried"));
        }
    }

    /// Whether the best trial is as good as the goal asks.
    fn look_at_goal(&mut self) {
        let [objective] = self.session.prepared.document.objectives.as_slice() else { return };
        let (Some(goal), Some((_, metrics))) = (objective.goal, &self.plan.best) else { return };
        let at_goal = Values::from([(objective.metric.clone(), goal)]);
        let one = std::slice::from_ref(objective);
        if Fitness::of(one, metrics).zip(Fitness::of(one, &at_goal)).is_some_and(|(b, g)| b.values() >= g.values()) {
            self.goal = Some(format!("a trial has reached the goal of {} {goal}", objective.metric));
        }
    }
}
