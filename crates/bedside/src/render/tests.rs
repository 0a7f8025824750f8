use super::{Ages, Painter, Section, Visitor, page, sections};
use crate::view::{Alarm, AlarmState, At, Audio, Civil, Grade, Length, Priority, View};
use homeostat_record::Role;

fn sample(text: &str) -> View {
    serde_json::from_str(text).unwrap()
}

fn automatic() -> View {
    sample(include_str!("../../samples/insulin/m5.json"))
}

fn section(view: &View, id: &str, ages: Ages) -> String {
    let found = sections(view, ages).into_iter().find(|Section { id: known, .. }| *known == id);
    found.unwrap().html
}

fn shown(view: &View) -> String {
    page(view, &Visitor::default(), None)
}

#[test]
fn a_value_is_stale_after_one_interval_and_says_so() {
    let mut view = automatic();
    let taken = view.controlled.taken.unwrap();
    let limit = view.controlled.stale_after();
    assert_eq!(limit, Length::minutes(6));
    view.clock.now = At(taken.0 + limit.0);
    assert!(!view.controlled.is_stale(&view.clock));
    assert!(!section(&view, "measured", Ages::Written).contains("controlled stale"));
    view.clock.now = At(taken.0 + limit.0 + 1);
    assert!(view.controlled.is_stale(&view.clock));
    let html = section(&view, "measured", Ages::Written);
    assert!(html.contains("variable controlled stale"), "{html}");
    assert!(html.contains("no new value for more than 6 min"));
}

#[test]
fn a_section_without_ages_does_not_change_with_time_alone() {
    let mut later = automatic();
    later.clock.now = At(later.clock.now.0 + 999_000);
    later.clock.civil = later.clock.civil.map(|Civil(civil)| Civil(civil + 999_000));
    assert_eq!(sections(&automatic(), Ages::Left), sections(&later, Ages::Left));
    assert_ne!(sections(&automatic(), Ages::Written), sections(&later, Ages::Written));
}

#[test]
fn what_is_shown_is_text_and_never_markup() {
    let mut view = automatic();
    let evil = "<script>alert(1)</script>\" onload=\"x".to_owned();
    view.therapy.clone_from(&evil);
    view.mode.why.clone_from(&evil);
    view.controlled.value = Some(evil.clone());
    view.chart.summary.clone_from(&evil);
    view.history[0].words.clone_from(&evil);
    view.offers.entries[0].id.clone_from(&evil);
    let html = shown(&view);
    assert!(!html.contains("<script>alert"));
    assert!(!html.contains("\" onload=\""));
}

#[test]
fn mod_11_a_device_that_is_quiet_leaves_the_mode_unknown() {
    let view = automatic();
    let quiet = |millis| Visitor { quiet: Length(millis), ..Visitor::default() };
    assert!(page(&view, &quiet(2_001), None).contains("<body class=\"lost\""));
    assert!(!page(&view, &quiet(2_000), None).contains("<body class=\"lost\""));
}

#[test]
fn alm_01_alarms_stand_by_priority_then_oldest_unanswered() {
    let mut view = sample(include_str!("../../samples/insulin/m8.json"));
    let template = view.alarms.conditions[0].clone();
    let alarm = |id: &str, priority, state, since| Alarm {
        id: id.to_owned(),
        priority,
        state,
        since: At(since),
        ..template.clone()
    };
    view.alarms.conditions = vec![
        alarm("e", Priority::Low, AlarmState::Active, 1),
        alarm("d", Priority::High, AlarmState::Acknowledged, 1),
        alarm("b", Priority::High, AlarmState::AudioPaused, 9),
        alarm("a", Priority::High, AlarmState::Active, 2),
        alarm("c", Priority::High, AlarmState::Latched, 1),
    ];
    let html = section(&view, "alarms", Ages::Left);
    let order: Vec<&str> =
        html.split("data-alarm=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(order, ["a", "b", "c", "d", "e"]);
}

#[test]
fn alm_05_states_of_an_alarm_and_of_the_sound_are_told_in_words() {
    let mut view = sample(include_str!("../../samples/insulin/m8.json"));
    let words = [
        (AlarmState::Active, "active"),
        (AlarmState::AudioPaused, "audio paused"),
        (AlarmState::Acknowledged, "acknowledged"),
        (AlarmState::Latched, "ended, not yet acknowledged"),
    ];
    for (state, words) in words {
        view.alarms.conditions[0].state = state;
        let html = section(&view, "alarms", Ages::Left);
        assert!(html.contains(&format!("<span class=\"alarm-state\">{words}</span>")), "{html}");
        let signalling = html.matches("signalling").count();
        assert_eq!(signalling, 1 + usize::from(state == AlarmState::Active));
    }
    let sounds = [
        (Audio::PausedUntil(view.clock.now), "Audio paused"),
        (Audio::Off, "Audio off"),
        (Audio::Failed, "The alarm sound does not work"),
    ];
    for (audio, words) in sounds {
        view.alarms.audio = audio;
        assert!(section(&view, "alarms", Ages::Left).contains(words));
    }
}

#[test]
fn uix_03_a_limit_is_named_before_it_is_reached() {
    let mut view = automatic();
    let states = [
        (799, false, ""),
        (800, false, "near"),
        (1_000, false, "! reached"),
        (50, true, "! bound"),
    ];
    for (share, binding, words) in states {
        view.limits.truncate(1);
        view.limits[0].share = share;
        view.limits[0].binding = binding;
        let html = section(&view, "limits", Ages::Left);
        assert!(html.contains(&format!("limit-state\">{words}")), "{share}: {html}");
    }
}

#[test]
fn uix_08_quality_is_told_in_words() {
    let mut view = automatic();
    for (grade, words) in
        [(Grade::Good, "good"), (Grade::Reduced, "! reduced"), (Grade::Poor, "!! poor")]
    {
        view.controlled.quality.grade = grade;
        assert!(section(&view, "measured", Ages::Left).contains(&format!("quality {words}")));
    }
}

#[test]
fn an_unknown_time_of_day_and_an_unknown_amount_are_named() {
    let mut view = automatic();
    view.clock.civil = None;
    view.channels[0].accepted.text = None;
    view.channels[0].totals[0].whole = false;
    let html = shown(&view);
    assert!(html.contains("time of day unknown"));
    assert!(html.contains("not known"));
    assert!(html.contains("no independent measurement"));
    assert!(html.contains("At least: the record does not reach back"));
}

#[test]
fn a_fast_clock_is_named() {
    let mut view = automatic();
    assert!(!shown(&view).contains("times faster"));
    view.clock.speed = 1_000;
    assert!(shown(&view).contains("the clock runs 1000 times faster than life"));
}

#[test]
fn ages_and_countdowns_are_written_for_who_has_no_script() {
    let view = automatic();
    let painter = Painter { view: &view, ages: Ages::Written };
    let at = |millis| At(view.clock.now.0 + millis);
    assert!(painter.until(at(0)).into_string().contains(">now<"));
    assert!(painter.until(at(90_000)).into_string().contains(">in 90 s<"));
    assert!(painter.age(At(view.clock.now.0 - 90_000)).into_string().contains(">90 s ago<"));
    assert!(shown(&view).contains("http-equiv=\"refresh\""));
    let signed_in = Visitor { role: Role::Clinician, ..Visitor::default() };
    assert!(page(&view, &signed_in, None).contains("Signed in: clinician"));
}
