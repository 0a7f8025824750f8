//! The samples: what stands in the files is what a view is, in both directions; and every sample's
//! page keeps the contract of what is always shown.

#[path = "../samples/mod.rs"]
mod samples;

use homeostat_bedside::View;
use homeostat_bedside::render::{Ages, NOT_CLEARED, Visitor, page, sections};
use homeostat_bedside::view::{MODES, mode_name};
use samples::{Therapy, file, sample};
use std::path::PathBuf;

/// Set to write the files instead of comparing them.
const WRITE: &str = "HOMEOSTAT_WRITE_SAMPLES";

fn all() -> impl Iterator<Item = (String, View)> {
    let pairs = Therapy::ALL.into_iter().flat_map(|t| MODES.into_iter().map(move |m| (t, m)));
    pairs.map(|(therapy, mode)| (file(therapy, mode), sample(therapy, mode)))
}

/// JSON that a person can read and compare.
fn a_field_a_line(view: &View) -> String {
    let value = serde_json::to_value(view).unwrap();
    let fields = value.as_object().unwrap().iter();
    let lines: Vec<String> = fields.map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// What a reader sees: the text of the page without its tags and entities.
fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        let words = part.split_once('>').map_or(part, |(_, words)| words);
        text.push_str(words);
    }
    text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"")
}

#[test]
fn the_sample_files_are_the_sample_views() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples");
    for (name, view) in all() {
        let json = a_field_a_line(&view);
        let path = folder.join(&name);
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &json).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept == json, "{name} differs: set {WRITE}=1 if the view was meant to change");
        assert_eq!(serde_json::from_str::<View>(&kept).unwrap(), view, "{name}");
    }
}

#[test]
fn uix_01_every_mode_shows_what_must_always_be_shown() {
    for (name, view) in all() {
        let seen = text(&page(&view, &Visitor::default(), None));
        let mut must = vec![
            NOT_CLEARED.to_owned(),
            mode_name(view.mode.mode).to_owned(),
            view.clock.time_of_day(view.mode.since).unwrap(),
            view.clock.age(view.mode.since).words(),
            view.mode.why.clone(),
            view.mode.doing.clone(),
            view.mode.what_to_do.clone(),
            view.mode.how_to_return.clone(),
            view.controlled.name.clone(),
            view.controlled.value.clone().unwrap_or_else(|| "no value".to_owned()),
            format!("target {}", view.controlled.aim),
            view.device.profile.clone(),
            view.device.record.words.clone(),
            "STOP".to_owned(),
        ];
        must.extend(view.controlled.taken.map(|taken| view.clock.age(taken).words()));
        for channel in &view.channels {
            must.extend([channel.now.clone(), channel.source.clone(), channel.actuator.clone()]);
            let amounts = [&channel.ordered, &channel.accepted, &channel.delivered];
            must.extend(amounts.iter().filter_map(|amount| amount.text.clone()));
            must.extend(channel.totals.iter().map(|total| total.text.clone()));
        }
        must.extend(view.limits.iter().map(|limit| limit.bound.clone()));
        must.extend(view.next.iter().map(|next| next.words.clone()));
        for alarm in &view.alarms.conditions {
            must.extend([alarm.message.clone(), alarm.what_to_do.clone()]);
        }
        for words in must {
            assert!(seen.contains(&words), "{name}: {words:?} is not shown");
        }
    }
}

#[test]
fn act_10_stop_is_a_plain_form_on_every_page_of_every_mode() {
    let form = "<form method=\"post\" action=\"/stop\"";
    for (name, view) in all() {
        let html = page(&view, &Visitor::default(), None);
        assert_eq!(html.matches(form).count(), 1, "{name}");
    }
}

#[test]
fn mod_11_no_two_modes_look_alike_without_colour() {
    let sign = |view: &View| {
        let all = sections(view, Ages::Left);
        let mode = all.into_iter().find(|section| section.id == "mode").unwrap().html;
        let begin = mode.find("<svg").unwrap();
        let end = mode.find("</svg>").unwrap();
        mode[begin..end].to_owned()
    };
    let signs: std::collections::BTreeSet<String> =
        MODES.iter().map(|mode| sign(&sample(Therapy::Insulin, *mode))).collect();
    assert_eq!(signs.len(), MODES.len());
}

#[test]
fn the_same_view_is_the_same_page() {
    for (_, view) in all() {
        let visitor = Visitor::default();
        assert_eq!(page(&view, &visitor, None), page(&view.clone(), &visitor, None));
    }
}
