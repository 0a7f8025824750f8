//! The page as a pure function of a [`View`]: the same view, the same bytes.
//!
//! A page is made of [`sections`] with fixed names. Live updates send the sections that changed,
//! so there is one rendering, and it is tested without a browser. A section that is sent alone
//! leaves its ages unwritten ([`Ages::Left`]): the page's script counts them, and a section that
//! differs by nothing but time need not be sent.

mod act;
mod alarms;
mod delivery;
mod device;
mod measured;
mod mode;
mod page;

pub use page::{NOT_CLEARED, Visitor, page};
pub(crate) use page::{panel, panel_page, role_name};

use crate::view::{At, Length, View};
use maud::{Markup, html};

/// Whether ages are written by the server or left to the page's script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ages {
    /// Written, for a whole page that must read right without a script.
    Written,
    /// Left out.
    Left,
}

/// A part of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The element's identity.
    pub id: &'static str,
    /// The element.
    pub html: String,
}

/// Every section of the page that a view fills, in the order of the page.
#[must_use]
pub fn sections(view: &View, ages: Ages) -> Vec<Section> {
    let painter = Painter { view, ages };
    let parts: [(&'static str, Markup); 11] = [
        ("strip", mode::strip(painter)),
        ("mode", mode::section(painter)),
        ("alarms", alarms::section(painter)),
        ("measured", measured::section(painter)),
        ("next", delivery::next(painter)),
        ("delivery", delivery::section(painter)),
        ("limits", delivery::limits(painter)),
        ("act", act::section(painter)),
        ("history", device::history(painter)),
        ("device", device::section(painter)),
        ("bar-more", page::bar_more(view)),
    ];
    parts.map(|(id, markup)| Section { id, html: markup.into_string() }).into()
}

/// What every section needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painter<'v> {
    pub(crate) view: &'v View,
    pub(crate) ages: Ages,
}

impl Painter<'_> {
    /// How long ago: counted on by the page's script.
    fn age(self, at: At) -> Markup {
        let text = match self.ages {
            Ages::Written => self.view.clock.age(at).words() + " ago",
            Ages::Left => String::new(),
        };
        html! { span.age data-at=(at.0) { (text) } }
    }

    /// How long until then, counted down; `now` from then on.
    fn until(self, at: At) -> Markup {
        let text = match self.ages {
            Ages::Written if at <= self.view.clock.now => "now".to_owned(),
            Ages::Written => format!("in {}", self.view.clock.now.age(at).words()),
            Ages::Left => String::new(),
        };
        html! { span.until data-at=(at.0) { (text) } }
    }

    /// The time of day and how long ago.
    fn since(self, at: At) -> Markup {
        html! { (self.time(at)) " (" (self.age(at)) ")" }
    }

    /// The time of day, or that it is not known.
    fn time(self, at: At) -> Markup {
        match self.view.clock.time_of_day(at) {
            Some(text) => html! { time { (text) } },
            None => html! { "time of day unknown" },
        }
    }

    /// Whether something taken then is older than it may be. A section that is sent alone leaves
    /// it to the script, which must decide it anyway as time goes on.
    fn stale(self, at: Option<At>, after: Length) -> bool {
        let old = |at: At| self.view.clock.age(at) > after;
        self.ages == Ages::Written && at.is_some_and(old)
    }
}

/// A sign and its word: a mark that does not need colour.
fn verdict(well: bool) -> Markup {
    html! {
        @if well { span.sign.well aria-hidden="true" { "\u{2713}" } }
        @else { span.sign.unwell aria-hidden="true" { "!" } }
    }
}

#[cfg(test)]
mod tests;
