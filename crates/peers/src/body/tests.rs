use super::*;

fn adult() -> Body {
    let person = InsulinPerson {
        subject: "adult#001".to_owned(),
        meals: vec![Meal { minute_of_day: 60, grams: 60.0 }],
        born_minute_of_day: 30,
    };
    Body::new(&PersonSettings::Insulin(person)).unwrap()
}

fn asleep(stimulus: &str) -> Body {
    let person = PropofolPerson { seed: 1, number: 1, stimulus: stimulus.to_owned() };
    Body::new(&PersonSettings::Propofol(person)).unwrap()
}

fn tubing(therapy: Therapy, pump: u32, total: u64) -> Tubing {
    Tubing { therapy, pump, totals: [Billionths(total), Billionths(0)] }
}

fn glucose(body: &Body) -> f64 {
    match body.truth() {
        Truth::Glucose(value) => value.0,
        Truth::Index(_) => unreachable!("a person with diabetes"),
    }
}

#[test]
fn totals_lose_nothing_by_loss_repeats_and_disorder() {
    let of = |total| tubing(Therapy::Insulin, 1, total);
    let (mut each, mut few) = (adult(), adult());
    for body in [&mut each, &mut few] {
        // What the pump gave before it was connected went elsewhere.
        assert!(body.pour(&of(5_000_000_000)));
    }
    for total in 1..=10 {
        assert!(each.pour(&of(5_000_000_000 + total * 20_000_000)));
    }
    for total in [7, 3, 10, 10, 2] {
        few.pour(&of(5_000_000_000 + total * 20_000_000));
    }
    assert!(!few.pour(&tubing(Therapy::Propofol, 1, u64::MAX)));
    for body in [&mut each, &mut few] {
        for _ in 0..240 {
            body.live();
        }
    }
    assert_eq!(each.given()[0], Billionths(200_000_000));
    assert_eq!(each.given(), few.given());
    assert_eq!(glucose(&each).to_bits(), glucose(&few).to_bits());
    assert_eq!(each.age(), Span::from_minutes(240));
}

#[test]
fn a_meal_comes_at_its_minute_of_the_day_and_insulin_lowers_glucose() {
    let (mut fasting, mut dosed) = (adult(), adult());
    let start = glucose(&fasting);
    for body in [&mut fasting, &mut dosed] {
        body.pour(&tubing(Therapy::Insulin, 1, 0));
        for _ in 0..30 {
            body.live();
        }
    }
    // Half an hour without basal insulin and without food.
    assert!((glucose(&fasting) - start).abs() < 3.0);
    dosed.pour(&tubing(Therapy::Insulin, 1, 6_000_000_000));
    for body in [&mut fasting, &mut dosed] {
        for _ in 0..150 {
            body.live();
        }
    }
    assert!(glucose(&fasting) > start + 50.0, "{}", glucose(&fasting));
    assert!(glucose(&dosed) < glucose(&fasting) - 30.0, "{}", glucose(&dosed));
}

#[test]
fn propofol_puts_to_sleep_and_surgery_begins_with_it() {
    let index = |body: &Body| match body.truth() {
        Truth::Index(value) => value.0,
        Truth::Glucose(_) => unreachable!("a person under anaesthesia"),
    };
    let run = |stimulus: &str| {
        let mut body = asleep(stimulus);
        let awake = index(&body);
        body.pour(&tubing(Therapy::Propofol, 2, 0));
        for _ in 0..1_800 {
            body.live();
        }
        assert_eq!(index(&body), awake, "nothing happens before the first drug");
        // 150 mg at once, then 8 mg a minute.
        for second in 0..660_u64 {
            body.pour(&tubing(Therapy::Propofol, 2, 150_000_000 + second * 133_333));
            body.live();
        }
        (awake, index(&body))
    };
    let (awake, quiet) = run("none");
    let (_, surgery) = run("step");
    assert!(awake > 85.0 && quiet < 65.0, "{awake} {quiet}");
    assert!(surgery > quiet + 3.0, "{surgery} against {quiet}");
}

#[test]
fn only_so_many_pumps_are_connected() {
    let mut body = adult();
    for pump in 0..20 {
        assert_eq!(body.pour(&tubing(Therapy::Insulin, pump, 0)), pump < 8);
    }
    assert_eq!(body.connected().count(), 8);
}

#[test]
fn nobody_that_there_is_not() {
    let insulin =
        InsulinPerson { subject: "adult#011".to_owned(), meals: Vec::new(), born_minute_of_day: 0 };
    let refused = |settings| Body::new(&settings).unwrap_err();
    let nobody = refused(PersonSettings::Insulin(insulin.clone()));
    assert_eq!(nobody, BodyError::Subject("adult#011".to_owned()));
    let meals = vec![Meal { minute_of_day: 1_440, grams: 1.0 }];
    let subject = "adult#001".to_owned();
    let meals = InsulinPerson { subject: subject.clone(), meals, ..insulin.clone() };
    let meal = BodyError::Meal { minute: 1_440, grams: 1.0 };
    assert_eq!(refused(PersonSettings::Insulin(meals)), meal);
    let late = InsulinPerson { subject, born_minute_of_day: 1_440, ..insulin };
    assert_eq!(refused(PersonSettings::Insulin(late)), BodyError::Born(1_440));
    let person = PropofolPerson { seed: 1, number: 0, stimulus: "none".to_owned() };
    let none = PersonSettings::Propofol(person.clone());
    assert_eq!(refused(none), BodyError::Number(0));
    let loud = PropofolPerson { number: 1, stimulus: "loud".to_owned(), ..person };
    assert_eq!(refused(PersonSettings::Propofol(loud)), BodyError::Stimulus("loud".to_owned()));
}
