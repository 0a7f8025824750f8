//! The profile's bytes.

use super::world::{bytes_of, profile, settings};
use crate::{Carbohydrate, Glucose, Milliunits, Minutes, PerMille, Settings, SettingsError, Years};
use homeostat_record::{Span, Steps};
use proptest::prelude::*;

#[test]
fn every_figure_is_found_where_the_published_page_puts_it() {
    let read = settings();
    assert_eq!(read.person.age, Years(40));
    assert_eq!(read.person.daily_dose, Milliunits(50_000));
    assert_eq!(read.person.basal_per_hour, Milliunits(1_200));
    assert_eq!(read.person.carbohydrate_per_unit, Carbohydrate(10_000));
    assert_eq!(read.person.fall_per_unit, Glucose(30_000));
    assert_eq!(read.levels.target, Glucose(110_000));
    assert_eq!(read.levels.suspend, Glucose(80_000));
    assert_eq!(read.levels.hard_low, Glucose(60_000));
    assert_eq!(read.levels.resume, Glucose(70_000));
    assert_eq!(read.levels.stop_most, Minutes(120));
    assert_eq!(read.levels.stop_without_data, Minutes(40));
    assert_eq!(read.bounds.period, Span::from_minutes(5));
    assert_eq!(read.bounds.cycle, Steps(2_000));
    assert_eq!(read.bounds.hour, Steps(2_250));
    assert_eq!(read.bounds.four_hours, Steps(4_000));
    assert_eq!(read.bounds.day, Steps(10_000));
    assert_eq!(read.bounds.on_board, Steps(2_500));
    assert_eq!(read.bounds.automatic, Milliunits(1_200));
    assert_eq!(read.bounds.meal_share, PerMille(1_000));
    assert_eq!(read.bounds.carbohydrate, Carbohydrate(150_000));
    assert_eq!(read.bounds.carbohydrate_repeat, Minutes(15));
    assert_eq!((read.action.duration, read.action.peak), (Minutes(360), Minutes(75)));
    assert_eq!(read.sensing.age_most, Span::from_minutes(10));
    assert_eq!(read.sensing.range_low, Glucose(40_000));
    assert_eq!(read.sensing.range_high, Glucose(400_000));
    assert_eq!(read.sensing.flat_window, Minutes(45));
    assert_eq!((read.sensing.noise_heavy, read.sensing.quality_poor), (3, 30));
    assert_eq!((read.sensing.warm_up, read.sensing.life), (Minutes(60), Minutes(21_600)));
    assert_eq!(read.sensing.gap, Span::from_seconds(660));
    assert_eq!((read.sensors[0], read.sensors[1], read.pumps[0]), (Some(7), None, Some(9)));
    assert_eq!(read.control.ratio_least, PerMille(700));
    assert_eq!(read.control.ratio_most, PerMille(1_200));
    assert_eq!(read.control.absorption, Minutes(180));
    assert_eq!(read.control.correction_share, PerMille(150));
}

#[test]
fn other_spellings_and_other_structures_are_refused() {
    let good = bytes_of(&profile());
    let refused = |bytes: &[u8]| Settings::from_profile(bytes) == Err(SettingsError::Malformed);
    for length in 0..good.len() {
        assert!(refused(&good[..length]));
    }
    let mut longer = good.clone();
    longer.push(0);
    assert!(refused(&longer));
    let mut spelled = good.clone();
    spelled.splice(2..3, [0x18, 0x02]);
    assert!(refused(&spelled), "a long spelling of 2");
    let mut other = profile();
    other[0][1] = 2;
    assert!(refused(&bytes_of(&other)), "another therapy");
    let mut none = profile();
    none[8].clear();
    assert!(refused(&bytes_of(&none)), "no sensor");
    let mut five = profile();
    five[9] = std::vec![1, 2, 3, 4, 5];
    assert!(refused(&bytes_of(&five)), "five pumps");
    for (values, accepted) in [(64, true), (65, false)] {
        for list in [11, 12] {
            let mut tuned = profile();
            tuned[list] = std::vec![70_000; values];
            assert_eq!(refused(&bytes_of(&tuned)), !accepted, "{values} tuning values");
        }
    }
}

#[test]
fn both_formats_are_read_and_neither_in_the_others_shape() {
    let present = profile();
    let mut old = profile();
    old[0][0] = 1;
    old.pop();
    assert_eq!(Settings::from_profile(&bytes_of(&old)), Ok(settings()));
    for (sections, format) in [(&present, 1), (&old, 2), (&present, 0), (&present, 3)] {
        let mut other = sections.clone();
        other[0][0] = format;
        let refused = Settings::from_profile(&bytes_of(&other));
        assert_eq!(refused, Err(SettingsError::Malformed), "format {format}");
    }
}

#[test]
fn figures_that_would_mislead_are_refused() {
    for (section, index, value, error) in [
        (1, 4, 0, SettingsError::Zero),
        (1, 5, 0, SettingsError::Zero),
        (4, 0, 0, SettingsError::Zero),
        (5, 0, 0, SettingsError::Zero),
        (3, 2, 90, SettingsError::Levels),
        (3, 0, 79, SettingsError::Levels),
    ] {
        let mut changed = profile();
        changed[section][index] = value;
        assert_eq!(Settings::from_profile(&bytes_of(&changed)), Err(error));
    }
    let mut changed = profile();
    changed[6][2] = 180;
    let refused = crate::InsulinOpinion::from_profile(&bytes_of(&changed));
    assert_eq!(refused, Err(SettingsError::Action));
}

proptest! {
    #[test]
    fn any_bytes_are_a_profile_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = crate::InsulinOpinion::from_profile(&bytes);
    }

    #[test]
    fn a_damaged_profile_is_another_one_or_is_refused(position in 0_usize..400, flip in 1_u8..=255) {
        let mut bytes = bytes_of(&profile());
        let position = position % bytes.len();
        bytes[position] ^= flip;
        let _ = crate::InsulinOpinion::from_profile(&bytes);
    }
}
