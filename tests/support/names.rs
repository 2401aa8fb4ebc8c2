//! Host names that change what they resolve to.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use shared::boxed::Boxed;
use shared::outbound::Names;

/// Names that resolve to what the test says, each answer once; the last one stays.
pub struct Changing(Mutex<Vec<Vec<IpAddr>>>);

impl Changing {
    pub fn of(answers: &[&[&str]]) -> Arc<Self> {
        let addresses = |answer: &&[&str]| {
            answer.iter().map(|address| address.parse().expect("an address")).collect()
        };
        Arc::new(Self(Mutex::new(answers.iter().rev().map(addresses).collect())))
    }
}

impl Names for Changing {
    fn resolve<'a>(&'a self, _: &'a str) -> Boxed<'a, io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().expect("no panic");
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        Box::pin(async { Ok(answer.unwrap_or_default()) })
    }
}
