//! Reads a result and says how fast and in how much memory: `cargo run --release --example import_speed FILE`.

use std::fs::File;
use std::io::BufReader;
use std::time::Instant;

use headroom_capacity::load_test::import;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file to read")?;
    let file = File::open(&path)?;
    let megabytes = file.metadata()?.len() as f64 / 1e6;
    let begin = Instant::now();
    let test = import(BufReader::with_capacity(1 << 16, file), &path, None)?;
    let seconds = begin.elapsed().as_secs_f64();
    println!("{}", test.text());
    println!("{megabytes:.0} MB in {seconds:.2} s: {:.0} MB/s", megabytes / seconds);
    // Linux only; elsewhere the memory is left out.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    }
    Ok(())
}
