//! What the documents say.

use headroom_monthly::Kind;

use crate::month::{TENANT, World};
use crate::pdf_reader::Pdf;

/// Text with all runs of spaces as one.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_pdfs_say_what_the_bodies_say() {
    let world = World::new().await;
    for (kind, parts) in [
        (
            Kind::Uptime,
            &[
                "Uptime, October 2026 (UTC)",
                "1 of 1 objectives with a figure missed their targets; 2 have no figure.",
                "Orders missed its target",
                "99.898 %",
                "Wallets: nothing of it was measured in this month.",
                "2026-10-20 03:00",
                "by ada",
                "Times and days are in UTC.",
            ][..],
        ),
        (
            Kind::Slo,
            &[
                "Error budgets, October 2026 (UTC)",
                "1 of 1 objectives consumed more than the month allows; Orders consumed most, 101 %.",
                "Policy platform, step freeze, which freezes releases, held from 2026-10-14 15:00 until now",
                "There are no figures: ",
            ][..],
        ),
        (
            Kind::Audit,
            &[
                "Audit trail, October 2026 (UTC)",
                "9 deeds are on record, and the trail holds.",
                "1 of 1 checkpoints of the month carry a good signature",
                "asked on the phone",
                "cus-9",
            ][..],
        ),
        (
            Kind::Soc2,
            &[
                "Evidence for SOC 2 and ISO 27001, October 2026 (UTC)",
                "does not claim that any control is met",
                "CC7.2",
                "A.8.17",
                "no evidence in this month: Headroom does not measure how well clocks are set",
            ][..],
        ),
    ] {
        let document = world.read(kind, TENANT, "UTC").await.document();
        let html = document.to_html();
        for request in ["<script", "src=\"http", "url(http", "<link", "@import"] {
            assert!(!html.contains(request), "{kind:?} has {request}");
        }
        let pdf = Pdf::read(&document.to_pdf().unwrap());
        let text = squeezed(&pdf.texts().join(" "));
        for part in parts {
            assert!(html.contains(part), "{kind:?} as a page lacks {part:?}");
            // Lines break where the page does.
            let bare = |text: &str| text.replace(' ', "");
            assert!(bare(&text).contains(&bare(part)), "{kind:?} as a PDF lacks {part:?}: {text}");
        }
    }
}
