//! Status Changed (0x2B20), Status (0x2B21), Annunciation Status (0x2B22), Features (0x2B23).

use super::codes::{AnnunciationStatus, OperationalState, TherapyState};
use crate::bluetooth::packet::{Packet, Reader, Writer, read_24, write_24};
use crate::bluetooth::{Attribute, Counter, Fault, Protection, Sfloat, Unproven, crc16};

/// How the pump is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// What the therapy is set to.
    pub therapy: TherapyState,
    /// What the pump is able to do.
    pub operational: OperationalState,
    /// What is left in the reservoir, in units.
    pub reservoir: Sfloat,
    /// Bit 0: a reservoir is attached.
    pub flags: u8,
}

impl Status {
    /// Whether a reservoir is attached.
    #[must_use]
    pub const fn reservoir_attached(&self) -> bool {
        self.flags & 1 != 0
    }
}

impl Attribute for Status {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            therapy: input.get()?,
            operational: input.get()?,
            reservoir: input.get()?,
            flags: input.get()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.therapy);
        out.add(&self.operational);
        out.add(&self.reservoir);
        out.add(&self.flags);
    }
}

/// What has changed since somebody looked: bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusChanged(pub u16);

impl StatusChanged {
    /// The state of the therapy.
    pub const THERAPY: u16 = 1;
    /// The operational state.
    pub const OPERATIONAL: u16 = 2;
    /// The reservoir.
    pub const RESERVOIR: u16 = 4;
    /// An annunciation.
    pub const ANNUNCIATION: u16 = 8;
    /// The sum of the day.
    pub const TOTAL_DAILY: u16 = 16;
    /// The basal rate in use.
    pub const ACTIVE_BASAL: u16 = 32;
    /// An active bolus.
    pub const ACTIVE_BOLUS: u16 = 64;
    /// The history.
    pub const HISTORY: u16 = 128;
}

impl Attribute for StatusChanged {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        input.get().map(Self)
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.0);
    }
}

/// What the pump announces, with up to five words whose meaning depends on the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annunciation {
    /// Number of this annunciation.
    pub id: u16,
    /// An [`AnnunciationKind`](super::AnnunciationKind), or a number of the maker's.
    pub kind: u16,
    /// How it stands.
    pub status: AnnunciationStatus,
    /// Additional words; one is there only if all before it are.
    pub words: [Option<u16>; 5],
}

const PRESENT: u8 = 1;
/// The flags of none to five words: an unbroken row of bits above the first.
const WORDS: [u8; 6] = [0, 0b10, 0b110, 0b1110, 0b1_1110, 0b11_1110];

/// There may be no annunciation at all.
impl Attribute for Option<Annunciation> {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let flags: u8 = input.get()?;
        if flags == 0 {
            return Ok(None);
        }
        let words = WORDS.iter().position(|row| flags == PRESENT | row);
        let number = words.ok_or(Fault::Code("flags"))?;
        let mut annunciation = Annunciation {
            id: input.get()?,
            kind: input.get()?,
            status: input.get()?,
            words: [None; 5],
        };
        for slot in annunciation.words.iter_mut().take(number) {
            *slot = Some(input.get()?);
        }
        Ok(Some(annunciation))
    }

    fn write(&self, out: &mut Writer) {
        let Some(annunciation) = self else { return out.put(&[0]) };
        let present = || annunciation.words.iter().map_while(|word| *word);
        let row = WORDS.get(present().count()).copied().unwrap_or(0);
        out.put(&[PRESENT | row]);
        out.add(&annunciation.id);
        out.add(&annunciation.kind);
        out.add(&annunciation.status);
        present().for_each(|word| out.add(&word));
    }
}

/// Bits of [`Features::flags`].
pub mod feature {
    /// Values carry counter and check sum.
    pub const E2E_PROTECTION: u32 = 1;
    /// Basal rates.
    pub const BASAL: u32 = 1 << 1;
    /// Absolute temporary basal rates.
    pub const TBR_ABSOLUTE: u32 = 1 << 2;
    /// Relative temporary basal rates.
    pub const TBR_RELATIVE: u32 = 1 << 3;
    /// Templates of temporary basal rates.
    pub const TBR_TEMPLATE: u32 = 1 << 4;
    /// Fast boluses.
    pub const BOLUS_FAST: u32 = 1 << 5;
    /// Extended boluses.
    pub const BOLUS_EXTENDED: u32 = 1 << 6;
    /// Multiwave boluses.
    pub const BOLUS_MULTIWAVE: u32 = 1 << 7;
    /// Boluses with a delay.
    pub const BOLUS_DELAY: u32 = 1 << 8;
    /// Bolus templates.
    pub const BOLUS_TEMPLATE: u32 = 1 << 9;
    /// The activation type of a bolus.
    pub const BOLUS_ACTIVATION: u32 = 1 << 10;
    /// More than one bond.
    pub const MULTIPLE_BOND: u32 = 1 << 11;
    /// Insulin sensitivity profiles.
    pub const SENSITIVITY: u32 = 1 << 12;
    /// Carbohydrate ratio profiles.
    pub const RATIO: u32 = 1 << 13;
    /// Target profiles.
    pub const TARGET: u32 = 1 << 14;
    /// Insulin on board.
    pub const INSULIN_ON_BOARD: u32 = 1 << 15;
}

/// What the pump can do. On the air the check sum and the counter come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// The insulin's concentration in units per millilitre.
    pub concentration: Sfloat,
    /// Bits of [`feature`].
    pub flags: u32,
}

impl Features {
    /// How this pump protects its values.
    #[must_use]
    pub const fn protection(&self) -> Protection {
        if self.flags & feature::E2E_PROTECTION == 0 {
            Protection::None
        } else {
            Protection::CounterAndCheckSum
        }
    }

    /// Its bytes: check sum and counter first, 0xFFFF and zero for a pump without.
    #[must_use]
    pub fn encode_features(&self, counter: Counter) -> Packet {
        let protected = self.protection() != Protection::None;
        let mut rest = Writer::default();
        rest.put(&[if protected { counter.number() } else { 0 }]);
        self.write(&mut rest);
        let sum = if protected { crc16(rest.bytes()) } else { 0xFFFF };
        let mut out = Writer::default();
        out.add(&sum);
        out.put(rest.bytes());
        out.packet()
    }

    /// The features of these bytes; their own bit says whether the first word is a check sum.
    ///
    /// # Errors
    /// [`Fault`] names the first thing that is wrong.
    pub fn decode_features(bytes: &[u8]) -> Result<Unproven<Self>, Fault> {
        let (sum, rest) = bytes.split_first_chunk::<2>().ok_or(Fault::MissingCheckSum)?;
        let (counter, body) = rest.split_first().ok_or(Fault::Short)?;
        let mut input = Reader::new(body);
        let features: Self = input.get()?;
        input.end()?;
        let sum = u16::from_le_bytes(*sum);
        if features.protection() == Protection::None {
            let absent = sum == 0xFFFF && *counter == 0;
            return if absent {
                Ok(Unproven::new(features, None))
            } else {
                Err(Fault::WrongCheckSum)
            };
        }
        if crc16(rest) != sum {
            return Err(Fault::WrongCheckSum);
        }
        Ok(Unproven::new(features, Some(Counter::of(*counter)?)))
    }
}

impl Attribute for Features {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self { concentration: input.get()?, flags: read_24(input)? })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.concentration);
        write_24(self.flags, out);
    }
}
