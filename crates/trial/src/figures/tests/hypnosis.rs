//! What a person's anaesthetic shows of its alarms.

use super::*;

fn told(alarms: &[(i64, &str)]) -> String {
    let alarms = alarms.iter().map(|(at, cause)| (Seconds(*at), (*cause).to_owned())).collect();
    let trace = HypnosisTrace { span: Seconds(3_600), alarms, ..HypnosisTrace::default() };
    hypnosis_trace_figure(&trace, "one").inline("")
}

#[test]
fn sim_14_an_alarm_is_told_on_paper_and_a_cause_that_repeats_has_one_line() {
    let drawn = told(&[(65, "too deep"), (600, "no index"), (1_200, "too deep")]);
    assert!(drawn.contains(">A  min 1:05, 20:00  alarm: too deep</text>"), "{drawn}");
    assert!(drawn.contains(">B  min 10:00  alarm: no index</text>"), "{drawn}");
    let letters = |letter: &str| drawn.matches(&format!(">{letter}</text>")).count();
    assert_eq!((letters("A"), letters("B"), letters("C")), (2, 1, 0));
}

#[test]
fn sim_14_many_alarms_of_one_cause_stay_one_line() {
    let many: Vec<(i64, &str)> = (0..12).map(|minute| (60 * minute, "too deep")).collect();
    let drawn = told(&many);
    let line = "7:00 and 4 more  alarm: too deep</text>";
    assert!(drawn.contains(line), "{drawn}");
    assert_eq!(drawn.matches("alarm: too deep</text>").count(), 1);
}

#[test]
fn sim_14_the_highest_rate_stands_above_its_panel() {
    let rate = vec![(Seconds(0), 139.0), (Seconds(60), 6.0)];
    let trace = HypnosisTrace { span: Seconds(3_600), rate, ..HypnosisTrace::default() };
    let drawn = hypnosis_trace_figure(&trace, "one").inline("");
    assert!(drawn.contains("x=\"58\" y=\"240\">up to 139 mg/kg/h</text>"), "{drawn}");
}
