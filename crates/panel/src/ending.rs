//! What a device that ends leaves to who takes over: the same words as on the page, and what goes on without it.

use homeostat_bedside::view::{At, Channel, Measured, Priority};
use homeostat_record::Mode;

use crate::view::Scene;
use crate::{alarms, delivery, mode, offers};

pub(crate) fn words(scene: &Scene<'_>, controlled: &Measured, figures: &[Measured]) -> Vec<String> {
    let mode = mode::shown(scene);
    let mut lines = vec![format!("The device ends. {}", mode.doing)];
    if !mode.why.is_empty() {
        lines.push(format!("Last: {}", mode.why));
    }
    lines.extend(offers::known(scene, controlled));
    lines.extend(figures.iter().filter_map(figure));
    for channel in delivery::channels(scene) {
        lines.push(runs(scene, &channel));
        lines.push(open(&channel));
    }
    if scene.shown.links.iter().any(|link| link.stopping) {
        lines.push(
            "The pump was told to stop and has not confirmed it: look at the pump.".to_owned(),
        );
    }
    let conditions = alarms::shown(scene).conditions;
    if conditions.is_empty() {
        lines.push("No alarm is open.".to_owned());
    }
    lines.extend(conditions.iter().map(|alarm| {
        let priority = match alarm.priority {
            Priority::High => "high",
            Priority::Medium => "medium",
            Priority::Low => "low",
            Priority::Information => "information",
        };
        format!("Open alarm ({priority}): {}", alarm.message)
    }));
    lines.push(format!("What to do: {}", scene.face.to_do(Mode::Manual)));
    lines
}

/// A figure that the supervisor or the controller computed.
fn figure(figure: &Measured) -> Option<String> {
    let value = figure.value.as_ref()?;
    let space = if figure.unit.is_empty() { "" } else { " " };
    let Measured { name, unit, quality, .. } = figure;
    Some(format!("{name} {value}{space}{unit} ({}).", quality.words))
}

/// What runs at the pump, until when, and what follows.
fn runs(scene: &Scene<'_>, channel: &Channel) -> String {
    let Channel { name, now, source, actuator, .. } = channel;
    let until = scene.memory.ordered.map(|ordered| At::from(ordered.order.expires));
    let left = until.filter(|until| *until > scene.now).map(|until| scene.now.age(until).words());
    let vocabulary = scene.face.vocabulary();
    let then = match scene.face.reverted() {
        Some(steps) => format!("the pump's own programme, {}", vocabulary.manual(steps)),
        None => "what the pump does without an order".to_owned(),
    };
    let until = left.map_or_else(
        || format!("No order is in force: from now on {then}."),
        |left| format!("The last order lives for {left}; then {then}."),
    );
    format!("{name}: {now} ({source}); pump: {actuator}. {until}")
}

/// What is not settled between what was ordered and what was delivered.
fn open(channel: &Channel) -> String {
    let name = &channel.name;
    match channel.uncertain.as_str() {
        "" => format!("{name}: nothing is unreconciled."),
        uncertain => format!("{name}, unreconciled: {uncertain}"),
    }
}
