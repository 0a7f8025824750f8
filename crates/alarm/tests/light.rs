//! The lights as an eye finds them.

use homeostat_alarm::{Colour, Light};
use homeostat_record::{Priority, Span};

/// Flashes per 1,000 seconds and thousandths of the time lit, as seen by looking each 10 ms.
fn seen(light: Light) -> (u64, u64) {
    let look = |step: u64| light.lit(Span::from_millis(step * 10));
    let lit = (0..100_000).filter(|step| look(*step)).count() as u64;
    let begun = (1..100_000).filter(|step| look(*step) && !look(step - 1)).count() as u64;
    (begun, lit / 100)
}

#[test]
fn alm_03_lights_flash_as_the_register_says() {
    let of = |priority| Light::of(priority).unwrap();
    assert_eq!(Light::of(Priority::None), None);
    let (high, medium, low) = (of(Priority::High), of(Priority::Medium), of(Priority::Low));
    assert_eq!(
        [high, medium, low].map(|light| light.colour),
        [Colour::Red, Colour::Yellow, Colour::Cyan]
    );
    let (frequency, duty) = seen(high);
    assert!((1_400..=2_800).contains(&frequency) && (200..=600).contains(&duty));
    let (frequency, duty) = seen(medium);
    assert!((400..=800).contains(&frequency) && (200..=600).contains(&duty));
    assert_eq!(seen(low), (0, 1_000), "steady");
}
