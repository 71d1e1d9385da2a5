//! The colours of charts and documents: the tokens of Headroom's pages, light and dark.

/// In which colours a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// On white, with its background.
    Light,
    /// On near-black, with its background.
    Dark,
    /// Colours of the page around it, by CSS variables (`--text`, `--series-1`, ...); no background.
    Page,
}

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Background,
    /// Behind callouts and table headers.
    Quiet,
    Line,
    StrongLine,
    Text,
    Text2,
    Accent,
    Grid,
    Mark,
    Red,
    RedBack,
    Amber,
    AmberBack,
    Green,
    GreenBack,
    AccentBack,
    /// The n-th series; the ninth has the first's colour again, so charts stop at eight.
    Series(usize),
    /// A step of the heat ramp, 0 to 8.
    Heat(usize),
}

/// Steps of the heat ramp.
pub(crate) const HEAT_STEPS: usize = 9;
/// Colours of series.
pub(crate) const SERIES: usize = 8;

type Rgb = (u8, u8, u8);

const NAMES: [&str; 33] = [
    "bg",
    "bg-2",
    "line",
    "line-2",
    "text",
    "text-2",
    "accent",
    "grid",
    "mark",
    "red",
    "red-bg",
    "amber",
    "amber-bg",
    "green",
    "green-bg",
    "accent-bg",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
    "series-6",
    "series-7",
    "series-8",
    "heat-0",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
    "heat-5",
    "heat-6",
    "heat-7",
    "heat-8",
];

/// Tokens of the light theme in the order of [`NAMES`]; of the heat ramp only the five that the pages define.
const LIGHT: [u32; 29] = [
    0xff_ffff, 0xf5_f6f8, 0xdc_dfe4, 0x86_8e99, 0x1a_1d21, 0x56_5e69, 0x1a_5bbd, 0xec_eef1, 0x5a_6473,
    0xb3_261e, 0xfc_ebea, 0x85_5300, 0xfd_f3dc, 0x17_703a, 0xe6_f4ea, 0xe8_f0fc, 0x1f_62b8, 0x7d_4ab0,
    0x0a_7d86, 0xa3_477f, 0x6d_5a48, 0x4d_6f8f, 0x3b_3f9c, 0x87_758f, 0xe4_edf8, 0xa9_c8ea, 0x5b_95d3,
    0x22_589f, 0x0a_2450,
];
const DARK: [u32; 29] = [
    0x11_1316, 0x18_1b1f, 0x2c_3138, 0x6f_7985, 0xe7_e9ec, 0x9e_a7b3, 0x82_b4ff, 0x22_262b, 0x98_a2af,
    0xff_9088, 0x3a_1a19, 0xe8_b54a, 0x35_2811, 0x6b_cf88, 0x14_301f, 0x18_2b47, 0x6f_a8f5, 0xbd_93ea,
    0x4f_c4cd, 0xe3_8fc1, 0xc3_ab93, 0x93_b3d0, 0x9e_a2f2, 0xbc_aac4, 0x1a_2736, 0x23_4c7c, 0x3f_80c6,
    0x8d_c0f3, 0xf1_f8ff,
];
const HEAT: usize = 24;

impl Ink {
    fn index(self) -> usize {
        match self {
            Self::Background => 0,
            Self::Quiet => 1,
            Self::Line => 2,
            Self::StrongLine => 3,
            Self::Text => 4,
            Self::Text2 => 5,
            Self::Accent => 6,
            Self::Grid => 7,
            Self::Mark => 8,
            Self::Red => 9,
            Self::RedBack => 10,
            Self::Amber => 11,
            Self::AmberBack => 12,
            Self::Green => 13,
            Self::GreenBack => 14,
            Self::AccentBack => 15,
            Self::Series(n) => 16 + n % SERIES,
            Self::Heat(n) => HEAT + n.min(HEAT_STEPS - 1),
        }
    }

    /// The colour in a theme. For [`Theme::Page`] a stand-in that [`to_variables`] turns into its variable.
    pub(crate) fn rgb(self, theme: Theme) -> Rgb {
        let index = self.index();
        match theme {
            Theme::Light => of(&LIGHT, index),
            Theme::Dark => of(&DARK, index),
            Theme::Page => (0x01, 0x02, index as u8),
        }
    }
}

/// The colour of a token; of the heat ramp every second step is the mean of its neighbours.
fn of(tokens: &[u32; 29], index: usize) -> Rgb {
    let rgb = |i: usize| {
        let [_, r, g, b] = tokens[i].to_be_bytes();
        (r, g, b)
    };
    if index < HEAT {
        return rgb(index);
    }
    let step = index - HEAT;
    let (low, high) = (rgb(HEAT + step / 2), rgb(HEAT + step.div_ceil(2)));
    let mean = |a: u8, b: u8| u8::midpoint(a, b);
    (mean(low.0, high.0), mean(low.1, high.1), mean(low.2, high.2))
}

/// Puts CSS variables in the place of the stand-in colours of [`Theme::Page`].
pub(crate) fn to_variables(svg: &str) -> String {
    let mut out = svg.to_owned();
    for (index, name) in NAMES.iter().enumerate() {
        // Quotes in text are escaped, so a match is always an attribute.
        out = out.replace(&format!("\"#0102{index:02X}\""), &format!("\"var(--{name})\""));
    }
    out
}

/// The tokens as CSS declarations, for a style sheet.
pub(crate) fn declarations(theme: Theme) -> String {
    let tokens = if theme == Theme::Dark { &DARK } else { &LIGHT };
    let mut out = String::new();
    for (index, name) in NAMES.iter().enumerate() {
        let (r, g, b) = of(tokens, index);
        out += &format!("--{name}:#{r:02x}{g:02x}{b:02x};");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, WCAG 2.2.
    fn luminance((r, g, b): Rgb) -> f64 {
        let part = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_series_have_contrast_in_both_themes() {
        for theme in [Theme::Light, Theme::Dark] {
            let back = Ink::Background.rgb(theme);
            for ink in [Ink::Text, Ink::Text2, Ink::Accent, Ink::Red, Ink::Amber, Ink::Green] {
                assert!(contrast(ink.rgb(theme), back) >= 4.5, "{ink:?} in {theme:?}");
            }
            for n in 0..SERIES {
                assert!(contrast(Ink::Series(n).rgb(theme), back) >= 3.0, "series {n} in {theme:?}");
            }
            for (ink, back) in
                [(Ink::Red, Ink::RedBack), (Ink::Amber, Ink::AmberBack), (Ink::Green, Ink::GreenBack)]
            {
                assert!(contrast(ink.rgb(theme), back.rgb(theme)) >= 4.5, "{ink:?} in {theme:?}");
            }
        }
    }

    #[test]
    fn the_heat_ramp_is_monotone() {
        for (theme, sign) in [(Theme::Light, -1.0), (Theme::Dark, 1.0)] {
            let steps: Vec<f64> =
                (0..HEAT_STEPS).map(|n| sign * luminance(Ink::Heat(n).rgb(theme))).collect();
            assert!(steps.is_sorted(), "{steps:?}");
        }
    }

    #[test]
    fn only_attributes_become_variables() {
        let svg = to_variables("<text fill=\"#010204\">#010204 &quot;#010204&quot;</text>");
        assert_eq!(svg, "<text fill=\"var(--text)\">#010204 &quot;#010204&quot;</text>");
    }
}
