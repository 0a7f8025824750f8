//! The signed profile's bytes, read by the opinion's own decoder.
//!
//! The structure is published: an array of eleven sections of unsigned numbers below 2^32 in
//! canonical CBOR; format 2 has two lists of tuning values where format 1 had one. Only heads of
//! arrays (major type 4) and of unsigned numbers (major type 0) can occur, each in its shortest
//! form, so the decoder is a reader of heads.

use crate::settings::{
    Bounds, Carbohydrate, Control, DEVICES, Glucose, InsulinAction, Levels, Milliunits, Minutes,
    PerMille, Person, Sensing, Settings, SettingsError, Years,
};
use homeostat_record::{Span, Steps};

/// Tuning values that a list may hold.
const TUNING: u64 = 64;
/// Major types of CBOR.
const NUMBER: u8 = 0;
const ARRAY: u8 = 4;

impl Settings {
    /// Reads the settings from the canonical bytes of a profile.
    ///
    /// # Errors
    /// [`SettingsError`] when the bytes are not such a profile or its figures cannot be worked
    /// with. Ranges are the business of the first decoder; this one refuses what would mislead
    /// the opinion.
    pub fn from_profile(bytes: &[u8]) -> Result<Self, SettingsError> {
        let settings = parse(&mut Reader(bytes)).ok_or(SettingsError::Malformed)?;
        settings.check()?;
        Ok(settings)
    }
}

fn parse(reader: &mut Reader<'_>) -> Option<Settings> {
    reader.array(11)?;
    let [format @ 1..=2, 1, _] = reader.section::<3>()? else { return None };
    let [age, _, daily, basal, ratio, fall] = reader.section::<6>()?;
    let [_, _, _, _] = reader.section::<4>()?;
    let [target, suspend, hard_low, resume, _, _, _, _, stop_most, without_data, _] =
        reader.section::<11>()?;
    let [period, ..] = reader.section::<19>()?;
    let delivery = reader.section::<16>()?;
    let [_, duration, peak] = reader.section::<3>()?;
    let sensing = reader.section::<31>()?;
    reader.array(2)?;
    let sensors = reader.devices()?;
    let pumps = reader.devices()?;
    if [sensors, pumps].iter().any(|devices| devices.first().is_none_or(Option::is_none)) {
        return None;
    }
    let [ratio_least, ratio_most, _, _, _, absorption, correction_share, _] =
        reader.section::<8>()?;
    if format == 2 {
        reader.array(2)?;
        reader.tuning()?;
    }
    reader.tuning()?;
    reader.end()?;
    let glucose = Glucose::from_milligrams_per_decilitre;
    Some(Settings {
        person: Person {
            age: Years(age),
            daily_dose: Milliunits(daily),
            basal_per_hour: Milliunits(basal),
            carbohydrate_per_unit: Carbohydrate(ratio),
            fall_per_unit: Glucose(fall),
        },
        levels: Levels {
            target: glucose(target),
            suspend: glucose(suspend),
            hard_low: glucose(hard_low),
            resume: glucose(resume),
            stop_most: Minutes(stop_most),
            stop_without_data: Minutes(without_data),
        },
        bounds: bounds(daily, period, delivery),
        action: InsulinAction { duration: Minutes(duration), peak: Minutes(peak) },
        sensing: sensing_of(sensing),
        sensors,
        pumps,
        control: Control {
            ratio_least: PerMille(ratio_least),
            ratio_most: PerMille(ratio_most),
            absorption: Minutes(absorption),
            correction_share: PerMille(correction_share),
        },
    })
}

fn bounds(daily: u32, period: u32, section: [u32; 16]) -> Bounds {
    let [step, cycle, hour, four_hours, day, on_board, automatic, meal, ..] = section;
    let [.., label, _, _, carbohydrate, repeat] = section;
    let share = |per_mille| Settings::share_of_day(daily, per_mille, step);
    let label = Settings::share_of_day(label, 1_000, step);
    Bounds {
        step: Milliunits(step),
        period: Span::from_seconds(period.into()),
        cycle: Steps::or_less(share(cycle), label),
        hour: share(hour),
        four_hours: share(four_hours),
        day: share(day),
        on_board: share(on_board),
        automatic: Milliunits(automatic),
        meal_share: PerMille(meal),
        carbohydrate: Carbohydrate(carbohydrate.saturating_mul(1_000)),
        carbohydrate_repeat: Minutes(repeat),
    }
}

fn sensing_of(section: [u32; 31]) -> Sensing {
    let [_, age_most, range_low, range_high, _, _, flat_window, _, _, _, noise_heavy, ..] = section;
    let [.., quality_poor, _, warm_up, life, _, gap, _, _, _, _, _, _, _, _] = section;
    Sensing {
        age_most: Span::from_seconds(age_most.into()),
        range_low: Glucose::from_milligrams_per_decilitre(range_low),
        range_high: Glucose::from_milligrams_per_decilitre(range_high),
        flat_window: Minutes(flat_window),
        noise_heavy,
        quality_poor,
        warm_up: Minutes(warm_up),
        life: Minutes(life),
        gap: Span::from_seconds(gap.into()),
    }
}

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    /// One head in its shortest form: major type and argument.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, mut rest) = self.0.split_first()?;
        let (major, short) = (first >> 5, first & 0x1F);
        let (argument, least) = match short {
            0..=23 => (u64::from(short), 0),
            24 => (u64::from(u8::from_be_bytes(take(&mut rest)?)), 24),
            25 => (u64::from(u16::from_be_bytes(take(&mut rest)?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(take(&mut rest)?)), 1 << 16),
            _ => return None,
        };
        self.0 = rest;
        (argument >= least).then_some((major, argument))
    }

    pub(crate) fn array(&mut self, length: u64) -> Option<()> {
        (self.head()? == (ARRAY, length)).then_some(())
    }

    pub(crate) fn number(&mut self) -> Option<u32> {
        match self.head()? {
            (NUMBER, value) => u32::try_from(value).ok(),
            _ => None,
        }
    }

    /// An array of exactly `N` numbers.
    pub(crate) fn section<const N: usize>(&mut self) -> Option<[u32; N]> {
        self.array(u64::try_from(N).ok()?)?;
        let mut numbers = [0; N];
        for slot in &mut numbers {
            *slot = self.number()?;
        }
        Some(numbers)
    }

    /// An array of up to four identities.
    pub(crate) fn devices(&mut self) -> Option<[Option<u32>; DEVICES]> {
        let (ARRAY, length @ 0..=4) = self.head()? else { return None };
        let mut devices = [None; DEVICES];
        for slot in devices.iter_mut().take(usize::try_from(length).ok()?) {
            *slot = Some(self.number()?);
        }
        Some(devices)
    }

    /// A controller's own numbers, which nobody else reads.
    pub(crate) fn tuning(&mut self) -> Option<()> {
        let (ARRAY, length @ 0..=TUNING) = self.head()? else { return None };
        for _ in 0..length {
            self.number()?;
        }
        Some(())
    }

    /// Nothing follows.
    pub(crate) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// The next `N` bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}
