//! CPU time and memory, of the generator and of processes that are watched.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use serde::Serialize;

use crate::error::LoadError;

/// Reads the CPU time that was used. The clocks of CPU time are exact to the moment; `getrusage` may
/// lag behind by a tick of the scheduler, which is longer than compressing a body takes.
pub(crate) struct Cpu;

impl Cpu {
    /// Of this process, user and system.
    pub(crate) fn of_this_process() -> Duration {
        Self::read(libc::CLOCK_PROCESS_CPUTIME_ID)
    }

    /// Of this thread, user and system.
    pub(crate) fn of_this_thread() -> Duration {
        Self::read(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    fn read(clock: libc::clockid_t) -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer is to a `timespec` of ours.
        if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
            return Duration::ZERO;
        }
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
}

/// What a watched process used during a run; with its descendants, if that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcessUse {
    /// The process.
    pub pid: u32,
    /// CPU time in seconds, to a hundredth; `None` if the process ended during the run.
    pub cpu_seconds: Option<f64>,
    /// Resident memory in bytes: at the first sample,
    pub rss_first: u64,
    /// the least,
    pub rss_min: u64,
    /// the most,
    pub rss_max: u64,
    /// and the last that there was. Samples are a second apart.
    pub rss_last: u64,
    /// Samples taken.
    pub samples: u64,
}

/// Watches a process through `/proc`.
#[derive(Debug)]
pub(crate) struct Watch {
    children: bool,
    first_cpu: f64,
    last_cpu: Option<f64>,
    seen: ProcessUse,
}

impl Watch {
    /// Begins to watch. A process that is not there is an error.
    pub(crate) fn begin(pid: u32, children: bool) -> Result<Self, LoadError> {
        let now = sample(pid, children)
            .ok_or_else(|| LoadError::Process { pid, what: "it is not running".to_owned() })?;
        let Sample { cpu_seconds, rss } = now;
        let seen = ProcessUse {
            pid,
            cpu_seconds: None,
            rss_first: rss,
            rss_min: rss,
            rss_max: rss,
            rss_last: rss,
            samples: 1,
        };
        Ok(Self { children, first_cpu: cpu_seconds, last_cpu: Some(cpu_seconds), seen })
    }

    /// Takes a sample.
    pub(crate) fn look(&mut self) {
        let now = sample(self.seen.pid, self.children);
        self.last_cpu = now.map(|one| one.cpu_seconds);
        if let Some(Sample { rss, .. }) = now {
            let seen = &mut self.seen;
            (seen.rss_min, seen.rss_max) = (seen.rss_min.min(rss), seen.rss_max.max(rss));
            (seen.rss_last, seen.samples) = (rss, seen.samples + 1);
        }
    }

    /// CPU time of the last sample; zero of a process that has ended.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.last_cpu.unwrap_or(0.0)
    }

    /// Takes the last sample and says what was used.
    pub(crate) fn end(mut self) -> ProcessUse {
        self.look();
        self.seen.cpu_seconds = self.last_cpu.map(|last| (last - self.first_cpu).max(0.0));
        self.seen
    }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    cpu_seconds: f64,
    rss: u64,
}

/// One process of `/proc`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stat {
    parent: u32,
    own_ticks: u64,
    /// Of children that have ended and were waited for.
    ended_ticks: u64,
    rss_pages: u64,
}

/// Ticks of `/proc/PID/stat` in a second: fixed in the kernel's interface to programs.
const TICKS: f64 = 100.0;

fn sample(pid: u32, children: bool) -> Option<Sample> {
    let own = stat(pid)?;
    let (mut ticks, mut pages) = (own.own_ticks, own.rss_pages);
    if children {
        // A child that ends moves its time to its parent, so the sum of both never falls.
        ticks += own.ended_ticks;
        for one in descendants(pid) {
            ticks += one.own_ticks + one.ended_ticks;
            pages += one.rss_pages;
        }
    }
    Some(Sample { cpu_seconds: ticks as f64 / TICKS, rss: pages * page_size() })
}

fn descendants(root: u32) -> Vec<Stat> {
    let names = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse().ok());
    let all: HashMap<u32, Stat> = pids.filter_map(|pid| Some((pid, stat(pid)?))).collect();
    let is_below = |mut pid: u32| {
        while let Some(one) = all.get(&pid) {
            if one.parent == root {
                return true;
            }
            pid = one.parent;
        }
        false
    };
    all.iter().filter(|(pid, _)| is_below(**pid)).map(|(_, one)| *one).collect()
}

fn stat(pid: u32) -> Option<Stat> {
    read_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The fields behind the name, which is in parentheses and may hold anything.
fn read_stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    // A zombie has no use for anything any more.
    if *fields.first()? == "Z" {
        return None;
    }
    Some(Stat {
        parent: number(1)? as u32,
        own_ticks: number(11)? + number(12)?,
        ended_ticks: number(13)? + number(14)?,
        rss_pages: number(21)?,
    })
}

fn page_size() -> u64 {
    // SAFETY: it takes a number and gives a number.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_from_the_last_parenthesis() {
        let text = "42 (a) b (c)) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 5 0 999 4096000 321 18446744073709551615";
        let stat = Stat { parent: 7, own_ticks: 200, ended_ticks: 50, rss_pages: 321 };
        assert_eq!(read_stat(text), Some(stat));
        assert_eq!(read_stat(&text.replace(") S", ") Z")), None);
        assert_eq!(read_stat("42 (x) S 7"), None);
    }

    #[test]
    fn a_child_counts_with_its_parent_only_when_asked() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let me = std::process::id();
        let pages_of = |children| sample(me, children).unwrap().rss;
        assert!(pages_of(true) > pages_of(false));
        let mut watch = Watch::begin(child.id(), false).unwrap();
        watch.look();
        child.kill().unwrap();
        child.wait().unwrap();
        let used = watch.end();
        assert_eq!((used.cpu_seconds, used.samples), (None, 2));
        let error = Watch::begin(child.id(), false).unwrap_err();
        assert!(error.to_string().ends_with("it is not running"), "{error}");
    }

    #[test]
    fn cpu_time_rises_with_work() {
        let (process, thread) = (Cpu::of_this_process(), Cpu::of_this_thread());
        let mut n = 0_u64;
        while Cpu::of_this_thread() < thread + Duration::from_millis(5) {
            n = std::hint::black_box(n.wrapping_mul(31) + 1);
        }
        assert!(Cpu::of_this_process() >= process + Duration::from_millis(5));
    }
}
