//! Replicas that are asked for, start, and serve; nodes that start when replicas find no room.

/// How replicas come up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Startup {
    /// Seconds from a replica's placement on a node until it serves.
    pub replica_seconds: u32,
    /// The nodes; none means that there is always room.
    pub nodes: Option<Nodes>,
}

/// The nodes that replicas run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nodes {
    /// Replicas that fit on one.
    pub replicas: u32,
    /// Seconds from asking for a node until replicas are placed on it.
    pub start_seconds: u32,
    /// Seconds for which a node that is not needed is kept; the cluster autoscaler's default is 600.
    pub idle_seconds: u32,
}

/// The replicas of one service.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    startup: Startup,
    asked: u32,
    ready: u32,
    /// Replicas that start, as (second in which they serve, how many), the earliest first.
    starting: Vec<(i64, u32)>,
    /// Places on nodes that are up or asked for, as (second from which they take replicas, how many).
    places: Vec<(i64, u32)>,
    idle_since: Option<i64>,
}

impl Fleet {
    /// `replicas` that serve, on nodes that just hold them.
    pub(crate) fn serving(replicas: u32, startup: Startup) -> Self {
        let places =
            startup.nodes.map(|n| (i64::MIN, replicas.div_ceil(n.replicas.max(1)) * n.replicas.max(1)));
        Self {
            startup,
            asked: replicas,
            ready: replicas,
            starting: Vec::new(),
            places: places.into_iter().collect(),
            idle_since: None,
        }
    }

    pub(crate) fn asked(&self) -> u32 {
        self.asked
    }

    pub(crate) fn ready(&self) -> u32 {
        self.ready
    }

    /// Lets the clock reach `now`.
    pub(crate) fn advance(&mut self, now: i64) {
        let up = self.starting.iter().take_while(|(at, _)| *at <= now).count();
        self.ready += self.starting.drain(..up).map(|(_, count)| count).sum::<u32>();
        self.release_nodes(now);
    }

    /// Asks for a number of replicas at `now`. What is too many goes at once, those that start first.
    pub(crate) fn ask(&mut self, now: i64, replicas: u32) {
        while self.asked < replicas {
            let placed = self.place(now);
            let serves = placed + i64::from(self.startup.replica_seconds);
            let at = self.starting.partition_point(|(s, _)| *s <= serves);
            match self.starting.get_mut(at.wrapping_sub(1)).filter(|(s, _)| *s == serves) {
                Some((_, count)) => *count += 1,
                None => self.starting.insert(at, (serves, 1)),
            }
            self.asked += 1;
        }
        while self.asked > replicas {
            match self.starting.last_mut() {
                Some((_, count)) => {
                    *count -= 1;
                    if *count == 0 {
                        self.starting.pop();
                    }
                }
                None => self.ready -= 1,
            }
            self.asked -= 1;
        }
        self.advance(now);
    }

    /// The second in which one more replica is placed, with a new node when no other has room.
    fn place(&mut self, now: i64) -> i64 {
        let Some(nodes) = self.startup.nodes else { return now };
        let mut taken = self.asked;
        for (from, room) in &self.places {
            if taken < *room {
                return now.max(*from);
            }
            taken -= room;
        }
        let from = now + i64::from(nodes.start_seconds);
        self.places.push((from, nodes.replicas.max(1)));
        from
    }

    /// Gives up the nodes that have not been needed for as long as they are kept, the newest first.
    fn release_nodes(&mut self, now: i64) {
        let Some(nodes) = self.startup.nodes else { return };
        let room: u32 = self.places.iter().map(|(_, room)| room).sum();
        let size = nodes.replicas.max(1);
        if room.saturating_sub(self.asked) < size {
            self.idle_since = None;
            return;
        }
        let since = *self.idle_since.get_or_insert(now);
        if now - since < i64::from(nodes.idle_seconds) {
            return;
        }
        let mut spare = (room - self.asked) / size * size;
        while spare > 0 {
            let Some((_, last)) = self.places.last_mut() else { break };
            let gone = spare.min(*last);
            *last -= gone;
            spare -= gone;
            if *last == 0 {
                self.places.pop();
            }
        }
        self.idle_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_beyond_the_nodes_wait_for_one() {
        let nodes = Nodes { replicas: 4, start_seconds: 90, idle_seconds: 600 };
        let mut fleet = Fleet::serving(3, Startup { replica_seconds: 20, nodes: Some(nodes) });
        fleet.ask(0, 6);
        let ready_at = |fleet: &mut Fleet, now| {
            fleet.advance(now);
            fleet.ready()
        };
        assert_eq!((fleet.asked(), fleet.ready()), (6, 3));
        assert_eq!(ready_at(&mut fleet, 20), 4, "one found room");
        assert_eq!(ready_at(&mut fleet, 109), 4);
        assert_eq!(ready_at(&mut fleet, 110), 6, "node and replica, one after the other");
        fleet.ask(200, 3);
        assert_eq!(ready_at(&mut fleet, 700), 3);
        fleet.ask(700, 5);
        assert_eq!(ready_at(&mut fleet, 720), 5, "the node was kept");
        fleet.ask(720, 3);
        fleet.advance(1320);
        fleet.ask(1320, 5);
        assert_eq!(ready_at(&mut fleet, 1340), 4, "the node was given up");
    }

    #[test]
    fn what_starts_is_given_up_first() {
        let mut fleet = Fleet::serving(2, Startup { replica_seconds: 60, nodes: None });
        fleet.ask(0, 5);
        fleet.ask(15, 3);
        assert_eq!((fleet.asked(), fleet.ready()), (3, 2));
        fleet.advance(60);
        assert_eq!(fleet.ready(), 3);
    }
}
