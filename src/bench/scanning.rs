//! The scan of a refurbisher: sanitisation begins, and stops.

use std::collections::VecDeque;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::client::Ask;
use crate::bench::person::Person;
use crate::clock::Clock;

/// A scan to be made.
#[derive(Clone, Debug)]
pub(super) struct Step {
    code: String,
    begins: bool,
    id: Uuid,
}

impl Step {
    pub(super) fn body(&self) -> Value {
        let (action, data) = if self.begins {
            ("start_sanitisation", json!({}))
        } else {
            ("stop_sanitisation", json!({"reason": "tool_failed"}))
        };
        json!({"scan_id": self.id, "code": self.code, "action": action, "data": data})
    }
}

/// Devices of a workshop whose sanitisation begins and stops, in turn.
#[derive(Debug)]
pub(super) struct Scanning {
    pub(super) who: Person,
    /// Code, and whether its sanitisation has begun.
    pub(super) devices: VecDeque<(String, bool)>,
    pub(super) clock: Clock,
}

impl Scanning {
    pub(super) fn next(&mut self, count: usize) -> std::vec::IntoIter<Step> {
        let mut steps = Vec::new();
        for _ in 0..count.min(self.devices.len()) {
            if let Some((code, begun)) = self.devices.pop_front() {
                steps.push(Step {
                    code: code.clone(),
                    begins: !begun,
                    id: self.clock.new_id(),
                });
                self.devices.push_back((code, !begun));
            }
        }
        steps.into_iter()
    }

    pub(super) fn ask(&self, step: &Step) -> Ask {
        self.who.post("/api/v1/scans", &step.body(), "\"recorded\"")
    }
}
