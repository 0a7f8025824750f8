//! Feature (0x2AA8), Status (0x2AA9), Session Start Time (0x2AAA), Session Run Time (0x2AAB).

use crate::bluetooth::packet::{Packet, Reader, Writer, read_24, write_24};
use crate::bluetooth::{Attribute, Counter, Fault, Protection, Unproven};

/// Bit of [`Feature::features`]: values carry the check sum.
pub const FEATURE_E2E_CRC: u32 = 1 << 12;
/// What stands in place of the check sum of a device that has none.
const NO_CHECK_SUM: u16 = 0xFFFF;

/// What the monitor can do: twenty-four bits, then the type of the sample and where it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Bits, of which [`FEATURE_E2E_CRC`] decides on every other decoder's protection.
    pub features: u32,
    /// Type of the sample: 1 to 10; 9 is interstitial fluid.
    pub sample: u8,
    /// Place of the sample: 1 to 5, or 15 when it is not available; 5 is subcutaneous tissue.
    pub place: u8,
}

impl Feature {
    /// How this monitor protects its values.
    #[must_use]
    pub const fn protection(&self) -> Protection {
        if self.features & FEATURE_E2E_CRC == 0 { Protection::None } else { Protection::CheckSum }
    }

    /// Its bytes: the check sum, or 0xFFFF for a monitor without.
    #[must_use]
    pub fn encode_feature(&self) -> Packet {
        if self.protection() == Protection::CheckSum {
            return self.encode(Protection::CheckSum, Counter::FIRST);
        }
        let mut out = Writer::default();
        self.write(&mut out);
        out.add(&NO_CHECK_SUM);
        out.packet()
    }

    /// The features of these bytes; their own bit says whether the last word is a check sum.
    ///
    /// # Errors
    /// [`Fault`] names the first thing that is wrong.
    pub fn decode_feature(bytes: &[u8]) -> Result<Unproven<Self>, Fault> {
        let (body, last) = bytes.split_last_chunk::<2>().ok_or(Fault::MissingCheckSum)?;
        let shown = Self::decode(body, Protection::None)?;
        if shown.shown().protection() == Protection::CheckSum {
            return Self::decode(bytes, Protection::CheckSum);
        }
        if u16::from_le_bytes(*last) != NO_CHECK_SUM {
            return Err(Fault::WrongCheckSum);
        }
        Ok(shown)
    }
}

impl Attribute for Feature {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let features = read_24(input)?;
        let both: u8 = input.get()?;
        let (sample, place) = (both & 0xF, both >> 4);
        if !(1..=10).contains(&sample) {
            return Err(Fault::Code("sample"));
        }
        if !matches!(place, 1..=5 | 15) {
            return Err(Fault::Code("place"));
        }
        Ok(Self { features, sample, place })
    }

    fn write(&self, out: &mut Writer) {
        write_24(self.features, out);
        out.add(&(self.place << 4 | self.sample & 0xF));
    }
}

/// How the monitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Minutes since the session began.
    pub minutes: u16,
    /// The three octets of the annunciation, the first lowest.
    pub annunciation: u32,
}

impl Attribute for Status {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self { minutes: input.get()?, annunciation: read_24(input)? })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.minutes);
        write_24(self.annunciation, out);
    }
}

/// When the session began, in civil time; for people and records only (TIM-01). Zero is unknown for
/// year, month and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStart {
    /// 1582 to 9999, or zero.
    pub year: u16,
    /// 1 to 12, or zero.
    pub month: u8,
    /// 1 to 31, or zero.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// Quarters of an hour from universal time, -48 to 56; -128 is unknown.
    pub zone: i8,
    /// Daylight saving in quarters of an hour: 0, 2, 4, 8; 255 is unknown.
    pub daylight: u8,
}

impl Attribute for SessionStart {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let start = Self {
            year: input.get()?,
            month: input.get()?,
            day: input.get()?,
            hour: input.get()?,
            minute: input.get()?,
            second: input.get()?,
            zone: input.get()?,
            daylight: input.get()?,
        };
        let sound = |holds: bool, field| if holds { Ok(()) } else { Err(Fault::Range(field)) };
        sound(matches!(start.year, 0 | 1582..=9999), "year")?;
        sound(start.month <= 12, "month")?;
        sound(start.day <= 31, "day")?;
        sound(start.hour <= 23, "hour")?;
        sound(start.minute <= 59, "minute")?;
        sound(start.second <= 59, "second")?;
        sound(matches!(start.zone, -48..=56 | -128), "zone")?;
        sound(matches!(start.daylight, 0 | 2 | 4 | 8 | 255), "daylight")?;
        Ok(start)
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.year);
        out.put(&[self.month, self.day, self.hour, self.minute, self.second]);
        out.add(&self.zone);
        out.add(&self.daylight);
    }
}

/// How long a session of this sensor lasts, in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRunTime(pub u16);

impl Attribute for SessionRunTime {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        input.get().map(Self)
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.0);
    }
}
