use super::{
    Closed, Doors, IDLE_MAX, PLACES_MAX, Pin, READ_BACK_MAX, ReadBack, SESSIONS_MAX, Token, WAIT,
    WRONG_ALL_MAX, WRONG_MAX,
};
use crate::entry::Amount;
use crate::server::listen::Place;
use crate::view::Decimal;
use homeostat_record::{Action, Role};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const T0: Duration = Duration::from_secs(1_000);

fn pins() -> Vec<Pin> {
    let pin = |role, secret| Pin::new(role, secret).unwrap();
    vec![pin(Role::User, "2468"), pin(Role::Clinician, "135791")]
}

fn place(number: impl Into<Ipv4Addr>) -> Place {
    Place::of(IpAddr::V4(number.into()))
}

fn here() -> Place {
    place(Ipv4Addr::LOCALHOST)
}

fn token(number: usize) -> Token {
    let mut token = [0; 32];
    token[..8].copy_from_slice(&number.to_be_bytes());
    token
}

#[test]
fn a_secret_opens_its_own_role_alone() {
    let mut doors = Doors::default();
    assert_eq!(doors.sign_in(&pins(), "2468", here(), T0, token(1)), Ok(Role::User));
    assert_eq!(doors.sign_in(&pins(), "135791", here(), T0, token(2)), Ok(Role::Clinician));
    assert_eq!(doors.role(&token(1), T0), Role::User);
    assert_eq!(doors.role(&token(3), T0), Role::Unknown);
    for wrong in ["246", "24680", "2468\0", &"2".repeat(200)] {
        let mut doors = Doors::default();
        let closed = doors.sign_in(&pins(), wrong, here(), T0, token(4));
        assert_eq!(closed, Err(Closed::Wrong), "{wrong:?}");
    }
}

#[test]
fn a_secret_must_be_long_enough_and_have_a_role() {
    assert!(Pin::new(Role::User, "123").is_none());
    assert!(Pin::new(Role::User, &"1".repeat(33)).is_none());
    assert!(Pin::new(Role::User, &"1".repeat(32)).is_some());
    assert!(Pin::new(Role::Unknown, "12345").is_none());
    assert_eq!(format!("{:?}", Pin::new(Role::User, "2468").unwrap()), "Pin(User)");
}

#[test]
fn an_empty_secret_opens_nothing_and_is_no_guess() {
    let mut doors = Doors::default();
    for _ in 0..=WRONG_MAX {
        assert_eq!(doors.sign_in(&pins(), "", here(), T0, token(1)), Err(Closed::Missing));
    }
    assert_eq!(doors.sign_in(&pins(), "2468", here(), T0, token(1)), Ok(Role::User));
}

#[test]
fn guessing_gets_slow_per_place_and_altogether() {
    let mut doors = Doors::default();
    for _ in 0..WRONG_MAX {
        assert_eq!(doors.sign_in(&pins(), "0000", here(), T0, token(1)), Err(Closed::Wrong));
    }
    assert_eq!(doors.sign_in(&pins(), "2468", here(), T0, token(1)), Err(Closed::Wait(WAIT)));
    let other = place([192, 0, 2, 7]);
    assert_eq!(doors.sign_in(&pins(), "2468", other, T0, token(1)), Ok(Role::User));
    assert_eq!(doors.sign_in(&pins(), "2468", here(), T0 + WAIT, token(2)), Ok(Role::User));

    let mut doors = Doors::default();
    for number in 0..WRONG_ALL_MAX {
        let place = place(number);
        assert_eq!(doors.sign_in(&pins(), "0000", place, T0, token(1)), Err(Closed::Wrong));
    }
    assert_eq!(doors.sign_in(&pins(), "2468", other, T0, token(1)), Err(Closed::Wait(WAIT)));
    // MOD-05: strangers cannot keep the screen at the device from taking over.
    assert_eq!(doors.sign_in(&pins(), "2468", here(), T0, token(1)), Ok(Role::User));
}

#[test]
fn who_knows_one_secret_does_not_guess_another_for_nothing() {
    let mut doors = Doors::default();
    for _ in 0..WRONG_MAX {
        assert_eq!(doors.sign_in(&pins(), "0000", here(), T0, token(1)), Err(Closed::Wrong));
        let own = doors.sign_in(&pins(), "2468", here(), T0, token(2));
        assert!(matches!(own, Ok(Role::User) | Err(Closed::Wait(_))));
    }
    assert_eq!(doors.sign_in(&pins(), "0000", here(), T0, token(1)), Err(Closed::Wait(WAIT)));
}

#[test]
fn places_and_sessions_are_bounded() {
    let mut doors = Doors::default();
    for number in 0..200_u32 {
        let place = place(number);
        let now = T0 + WAIT * (number / 20);
        let _ = doors.sign_in(&pins(), "0000", place, now, token(1));
        assert!(doors.guesses.len() <= PLACES_MAX + 1);
    }
    let later = T0 + WAIT * 20;
    for number in 0..SESSIONS_MAX + 5 {
        let now = later + Duration::from_secs(1) * u32::try_from(number).unwrap();
        doors.sign_in(&pins(), "2468", here(), now, token(number)).unwrap();
    }
    assert_eq!(doors.sessions.len(), SESSIONS_MAX);
    assert_eq!(doors.role_idle(&token(0), later), Role::Unknown);
}

#[test]
fn uix_09_a_session_ends_by_itself_and_looking_does_not_keep_it() {
    let mut doors = Doors::default();
    doors.sign_in(&pins(), "2468", here(), T0, token(1)).unwrap();
    let almost = T0 + IDLE_MAX - Duration::from_secs(1);
    assert_eq!(doors.role_idle(&token(1), almost), Role::User);
    assert_eq!(doors.role_idle(&token(1), T0 + IDLE_MAX), Role::Unknown);
    assert_eq!(doors.role(&token(1), almost), Role::User);
    assert_eq!(doors.role(&token(1), T0 + IDLE_MAX), Role::User);
    doors.sign_out(&token(1));
    assert_eq!(doors.role(&token(1), T0 + IDLE_MAX), Role::Unknown);
}

#[test]
fn f_h02_what_was_read_back_is_confirmed_once_and_in_time() {
    let number: Decimal = "1.5".parse().unwrap();
    let amount = Amount { number, action: Action::Confirm, unusual: false };
    let what = ReadBack { entry: "dose".to_owned(), amount };
    let mut doors = Doors::default();
    doors.sign_in(&pins(), "2468", here(), T0, token(1)).unwrap();

    doors.read_back(&token(1), token(8), T0, what.clone());
    assert_eq!(doors.confirmed(&token(1), &token(8), T0), Some(what.clone()));
    assert_eq!(doors.confirmed(&token(1), &token(8), T0), None);

    doors.read_back(&token(1), token(8), T0, what.clone());
    assert_eq!(doors.confirmed(&token(1), &token(9), T0), None);

    doors.read_back(&token(1), token(8), T0, what);
    assert_eq!(doors.confirmed(&token(1), &token(8), T0 + READ_BACK_MAX), None);
}
