//! Pages into a PDF file, by krilla.

use chrono::{Datelike as _, Timelike as _};
use krilla::SerializeSettings;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb::Color;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::{Accessibility, Archival};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Paint};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use plotters::prelude::IntoDrawingArea as _;

use super::backend::OnPage;
use super::item::{Anchor, Draw, Op, To, fill};
use super::pages::{Page, Pages};
use super::tags::Tree;
use super::{BOTTOM, PAGE, SIDE, TOP, WIDTH};
use crate::chart::{UNIT, draw};
use crate::clean;
use crate::colours::{Ink, Theme};
use crate::document::Document;
use crate::error::{ReportError, Result};
use crate::font::{self, Face};

/// Points in a pixel of a chart.
pub(super) const POINTS: f32 = 0.75;
/// Longest text in the metadata, in characters: PDF/A allows strings of 32,767 bytes.
const MAX_META: usize = 2_000;

/// The embedded faces as krilla has them.
pub(super) struct Fonts([Font; 3]);

impl Fonts {
    fn new() -> Result<Self> {
        let load = |face: Face| {
            Font::new(face.bytes().into(), 0)
                .ok_or_else(|| ReportError::Pdf(format!("font {face:?} is damaged")))
        };
        Ok(Self([load(Face::Regular)?, load(Face::Bold)?, load(Face::Mono)?]))
    }
}

pub(super) fn rgb((r, g, b): (u8, u8, u8)) -> Paint {
    Color::new(r, g, b).into()
}

fn ink(ink: Ink) -> Paint {
    rgb(ink.rgb(Theme::Light))
}

fn solid(paint: Paint) -> Fill {
    Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// Writes text that went through [`font::visible`].
pub(super) fn write(
    surface: &mut Surface<'_>,
    fonts: &Fonts,
    (face, size): (Face, f32),
    at: Point,
    paint: Paint,
    text: &str,
) {
    let glyphs: Vec<KrillaGlyph> = font::shape(face, text)
        .into_iter()
        .map(|g| KrillaGlyph::new(GlyphId::new(g.id), g.advance, g.offset.0, g.offset.1, 0.0, g.range, None))
        .collect();
    surface.set_stroke(None);
    surface.set_fill(Some(solid(paint)));
    surface.draw_glyphs(at, &glyphs, fonts.0[face as usize].clone(), text, size, false);
}

/// Makes the file.
pub(super) fn paint(document: &Document, pages: Pages<'_>, mut tree: Tree) -> Result<Vec<u8>> {
    let fonts = Fonts::new()?;
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_U)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| ReportError::Pdf(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut pdf = krilla::Document::new_with(settings);
    let size =
        PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| ReportError::Pdf("no page size".to_owned()))?;
    let Pages { pages, places } = pages;
    let count = pages.len();
    let place = |anchor: &Anchor| places.get(anchor).copied();
    for (number, page) in pages.into_iter().enumerate() {
        let mut sheet = pdf.start_page_with(size.clone());
        let mut surface = sheet.surface();
        let links = content(&mut surface, &fonts, page, &mut tree, &place);
        footer(&mut surface, &fonts, document, (number + 1, count));
        surface.finish();
        for (annotation, slot) in links {
            let identifier = sheet.add_tagged_annotation(annotation);
            fill(&mut tree, slot, identifier);
        }
        sheet.finish();
    }
    let mut outline = Outline::new();
    for (n, section) in document.sections.iter().enumerate() {
        if let Some(at) = place(&Anchor::Section(n)) {
            outline.push_child(OutlineNode::new(meta(&section.title, "Section"), destination(at)));
        }
    }
    let sources = place(&Anchor::Section(document.sections.len()));
    if let Some(at) = sources {
        outline.push_child(OutlineNode::new("Sources".to_owned(), destination(at)));
    }
    if document.sections.is_empty() && sources.is_none() {
        outline.push_child(OutlineNode::new(meta(&document.title, "Report"), destination((0, 0.0))));
    }
    pdf.set_outline(outline);
    pdf.set_metadata(metadata(document));
    pdf.set_tag_tree(tree.finish());
    pdf.finish().map_err(|error| match error {
        krilla::error::KrillaError::Validation(errors) => ReportError::Pdf(format!("{errors:?}")),
        error => ReportError::Pdf(error.to_string()),
    })
}

fn destination((page, y): (usize, f32)) -> XyzDestination {
    // A little above the text, for air.
    XyzDestination::new(page, Point::from_xy(SIDE, (TOP + y - 8.0).max(0.0)))
}

/// Text of metadata and bookmarks: of bounded length and never empty.
pub(super) fn meta(text: &str, otherwise: &str) -> String {
    let text: String = clean::line(text).chars().take(MAX_META).collect();
    if text.trim().is_empty() { otherwise.to_owned() } else { text }
}

fn metadata(document: &Document) -> Metadata {
    let at = document.made_at;
    let date = DateTime::new(at.year().clamp(0, 9_999) as u16)
        .month(at.month() as u8)
        .day(at.day() as u8)
        .hour(at.hour() as u8)
        .minute(at.minute() as u8)
        .second(at.second() as u8)
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(meta(&document.shown_title(), "Report"))
        .description(meta(&document.subtitle, "Report"))
        .authors(vec![meta(&document.tenant, "Headroom")])
        .creator("Headroom".to_owned())
        .language("en".to_owned())
        .creation_date(date)
}

type Links = Vec<(Annotation, Option<super::tags::Slot>)>;

/// Draws a page's content, and gives its links, which are added when the drawing has ended.
fn content(
    surface: &mut Surface<'_>,
    fonts: &Fonts,
    page: Page<'_>,
    tree: &mut Tree,
    place: &impl Fn(&Anchor) -> Option<(usize, f32)>,
) -> Links {
    let mut links = Vec::new();
    for (y, Op { draw: drawing, slot }) in page.ops {
        if let Draw::Link { x, y: top, width, height, to, words } = drawing {
            links.extend(
                link((SIDE + x, TOP + y + top, width, height), &to, &words, place).map(|l| (l, slot)),
            );
            continue;
        }
        let tag = match (&drawing, slot) {
            (_, None) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            (Draw::Chart { .. }, _) => ContentTag::Other,
            _ => ContentTag::Span(SpanTag::empty()),
        };
        let identifier = surface.start_tagged(tag);
        one(surface, fonts, drawing, TOP + y, place);
        surface.end_tagged();
        fill(tree, slot, identifier);
    }
    links
}

fn one(
    surface: &mut Surface<'_>,
    fonts: &Fonts,
    drawing: Draw<'_>,
    top: f32,
    place: &impl Fn(&Anchor) -> Option<(usize, f32)>,
) {
    match drawing {
        Draw::Text { x, y, face, size, ink: colour, text } => {
            write(surface, fonts, (face, size), Point::from_xy(SIDE + x, top + y), ink(colour), &text);
        }
        Draw::PageOf { x, y, size, ink: colour, place: anchor } => {
            let text = place(&anchor).map_or_else(String::new, |(page, _)| (page + 1).to_string());
            let x = SIDE + x - font::width(Face::Regular, size, &text);
            write(surface, fonts, (Face::Regular, size), Point::from_xy(x, top + y), ink(colour), &text);
        }
        Draw::Rect { x, y, width, height, ink: colour } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(SIDE + x, top + y, width, height) {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.set_stroke(None);
                surface.set_fill(Some(solid(ink(colour))));
                surface.draw_path(&path);
            }
        }
        Draw::Chart { chart, width, height } => {
            let scale = POINTS / UNIT as f32;
            surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, SIDE, top));
            let size = ((width / scale) as u32, (height / scale) as u32);
            let area = OnPage { surface: &mut *surface, fonts, size }.into_drawing_area();
            // The backend cannot fail, and plotters fails only where it does.
            draw(chart, &area, Theme::Light).ok();
            drop(area);
            surface.pop();
        }
        Draw::Link { .. } => {}
    }
}

fn link(
    (x, y, width, height): (f32, f32, f32, f32),
    to: &To,
    words: &str,
    place: &impl Fn(&Anchor) -> Option<(usize, f32)>,
) -> Option<Annotation> {
    let rect = Rect::from_xywh(x, y, width.max(1.0), height)?;
    let target = match to {
        To::Url(url) => Target::Action(Action::Link(LinkAction::new(url.clone()))),
        To::Place(anchor) => Target::Destination(destination(place(anchor)?).into()),
    };
    Some(Annotation::new_link(LinkAnnotation::new(rect, target), Some(meta(words, "Link"))))
}

/// The line at the foot of a page: what it is from, and its number.
fn footer(surface: &mut Surface<'_>, fonts: &Fonts, document: &Document, (number, count): (usize, usize)) {
    const SIZE: f32 = 8.0;
    let y = PAGE.1 - BOTTOM + 30.0;
    let pages = format!("{number} of {count}");
    let pages_width = font::width(Face::Regular, SIZE, &pages);
    let made = document.made_at.format("%Y-%m-%d %H:%M");
    let from =
        [document.shown_title(), clean::line(&document.tenant).into_owned(), format!("made {made} UTC")];
    let from = from.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let from =
        font::fitted(Face::Regular, SIZE, &font::visible(Face::Regular, &from), WIDTH - pages_width - 24.0);
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
    let style = (Face::Regular, SIZE);
    write(surface, fonts, style, Point::from_xy(SIDE, y), ink(Ink::Text2), &from);
    let right = PAGE.0 - SIDE - pages_width;
    write(surface, fonts, style, Point::from_xy(right, y), ink(Ink::Text2), &pages);
    surface.end_tagged();
}
