//! Writes a sample report, every kind of block in it: `cargo run -p headroom-reports --example sample -- out.pdf`.
//!
//! Its numbers are made up, from formulas; nothing in it was measured.

mod charts;
mod document;

fn main() -> headroom_reports::Result<()> {
    let document = document::document();
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        paths = vec!["report.html".to_owned(), "report.pdf".to_owned()];
    }
    for path in paths {
        document.write(&path)?;
        println!("wrote {path}");
    }
    Ok(())
}
