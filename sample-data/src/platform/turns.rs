//! Whose turn it is: traces that wait for something go on in the order in which
//! they asked.

use std::task::{Context, Poll, Waker};

use super::Platform;
use crate::journeys::Task;
use crate::limits::Ask;
use crate::trace::{Story, Then, Trace};

impl Platform {
    /// Tells a trace as far as it comes.
    pub(crate) fn launch(&mut self, story: impl Future<Output = (Trace, Then)> + Send + 'static) {
        self.tell(Box::pin(story));
    }

    /// Goes on with a trace whose turn has come.
    pub(crate) fn answer(&mut self, story: Story, ask: Ask) {
        let answer = self.resources.take(ask);
        self.scene.desk.answer(answer);
        self.tell(story);
    }

    fn tell(&mut self, mut story: Story) {
        match story.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready((trace, then)) => {
                self.scene.finish(trace);
                then(self);
            }
            Poll::Pending => {
                let ask = self.scene.desk.asked().expect("invariant: a trace only stands still to ask");
                // The second of two pieces of work side by side may ask for something that was
                // due before what the first one asked for; it comes a moment late then.
                self.later(ask.at.max(self.clock), Task::Answer(story, ask));
            }
        }
    }
}
