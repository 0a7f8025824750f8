//! The service's codes.

use crate::bluetooth::codes;

codes! {
    /// What a person or a controller has set the therapy to.
    TherapyState: u8 = "therapy state" {
        /// Not known.
        Undetermined = 0x0F,
        /// Stopped: no insulin.
        Stop = 0x33,
        /// Paused: no insulin for the time being.
        Pause = 0x3C,
        /// Running.
        Run = 0x55,
    }

    /// What the pump is able to do.
    OperationalState: u8 = "operational state" {
        /// Not known.
        Undetermined = 0x0F,
        /// Off.
        Off = 0x33,
        /// Standby.
        Standby = 0x3C,
        /// Preparing.
        Preparing = 0x55,
        /// Priming.
        Priming = 0x5A,
        /// Waiting for something to be done.
        Waiting = 0x66,
        /// Ready to infuse.
        Ready = 0x96,
    }

    /// How an annunciation stands.
    AnnunciationStatus: u8 = "annunciation status" {
        /// Not known.
        Undetermined = 0x0F,
        /// Not answered yet.
        Pending = 0x33,
        /// Put off.
        Snoozed = 0x3C,
        /// Answered.
        Confirmed = 0x55,
    }

    /// What is announced. A maker may have others.
    AnnunciationKind: u16 = "annunciation" {
        /// The system has a fault.
        System = 0x000F,
        /// The mechanics have a fault.
        Mechanical = 0x0033,
        /// The line is blocked.
        Occlusion = 0x003C,
        /// The reservoir has a fault.
        Reservoir = 0x0055,
        /// The reservoir is empty.
        ReservoirEmpty = 0x005A,
        /// The reservoir runs low.
        ReservoirLow = 0x0066,
        /// Priming went wrong.
        Priming = 0x0069,
        /// The infusion set is incomplete.
        SetIncomplete = 0x0096,
        /// The infusion set came off.
        SetDetached = 0x0099,
        /// Too little power.
        Power = 0x00A5,
        /// The battery is empty.
        BatteryEmpty = 0x00AA,
        /// The battery runs low.
        BatteryLow = 0x00C3,
        /// The battery is half full.
        BatteryMedium = 0x00CC,
        /// The battery is full.
        BatteryFull = 0x00F0,
        /// Too warm or too cold.
        Temperature = 0x00FF,
        /// The air pressure is out of range.
        AirPressure = 0x0303,
        /// A bolus was cancelled.
        BolusCancelled = 0x030C,
        /// A temporary basal rate is over.
        TbrOver = 0x0330,
        /// A temporary basal rate was cancelled.
        TbrCancelled = 0x033F,
        /// The largest amount was delivered.
        MaximumDelivered = 0x0356,
        /// Date or time is wrong.
        DateTime = 0x0359,
    }

    /// How a temporary basal rate is given.
    TbrType: u8 = "type of temporary basal rate" {
        /// Not known.
        Undetermined = 0x0F,
        /// In units an hour.
        Absolute = 0x33,
        /// As a factor of the programmed rate.
        Relative = 0x3C,
    }

    /// On whose behalf basal insulin is delivered.
    BasalContext: u8 = "basal context" {
        /// Not known.
        Undetermined = 0x0F,
        /// The pump's own programme.
        Device = 0x33,
        /// A remote control.
        RemoteControl = 0x3C,
        /// A controller of automated insulin delivery.
        Controller = 0x55,
    }

    /// The shape of a bolus.
    BolusType: u8 = "bolus type" {
        /// Not known.
        Undetermined = 0x0F,
        /// At once.
        Fast = 0x33,
        /// Spread over a time.
        Extended = 0x3C,
        /// Both.
        Multiwave = 0x55,
    }

    /// Which amount of a bolus is meant.
    BolusValue: u8 = "bolus value" {
        /// As it was programmed.
        Programmed = 0x0F,
        /// What is still to come.
        Remaining = 0x33,
        /// What was delivered.
        Delivered = 0x3C,
    }

    /// What brought a bolus about.
    ActivationType: u8 = "activation type" {
        /// Not known.
        Undetermined = 0x0F,
        /// A person.
        Manual = 0x33,
        /// A recommendation.
        Recommended = 0x3C,
        /// A recommendation that a person changed.
        ManuallyChanged = 0x55,
        /// A controller of automated insulin delivery.
        Controller = 0x5A,
    }

    /// Why a bolus ended.
    BolusEnd: u8 = "end of bolus" {
        /// Not known.
        Undetermined = 0x0F,
        /// All was delivered.
        AmountDelivered = 0x33,
        /// It was cancelled.
        Cancelled = 0x3C,
        /// A fault ended it.
        Aborted = 0x55,
    }

    /// Why a temporary basal rate ended.
    TbrEnd: u8 = "end of temporary basal rate" {
        /// Not known.
        Undetermined = 0x0F,
        /// Its time was over.
        DurationOver = 0x33,
        /// It was cancelled.
        Cancelled = 0x3C,
        /// A fault ended it.
        Aborted = 0x55,
    }

    /// Why the time was recorded.
    RecordingReason: u8 = "recording reason" {
        /// Not known.
        Undetermined = 0x0F,
        /// Somebody set it.
        DateTimeSet = 0x33,
        /// As at regular intervals.
        Periodic = 0x3C,
        /// It was lost.
        DateTimeLost = 0x55,
    }

    /// What a counter of the pump counts, in minutes.
    CounterType: u8 = "counter" {
        /// The life of the pump.
        Lifetime = 0x0F,
        /// The warranty.
        Warranty = 0x33,
        /// The loan.
        Loaner = 0x3C,
        /// The insulin in the reservoir.
        ReservoirInsulin = 0x55,
    }

    /// Which way a counter is read.
    CounterValue: u8 = "counter value" {
        /// What is left.
        Remaining = 0x0F,
        /// What has passed.
        Elapsed = 0x33,
    }

    /// What became of a command. These codes lie close together in the standard itself.
    CommandResult: u8 = "result" {
        /// Done.
        Success = 0x0F,
        /// The pump does not know it.
        NotSupported = 0x70,
        /// The operand has the wrong form.
        InvalidOperand = 0x71,
        /// It could not be finished.
        NotCompleted = 0x72,
        /// The operand is out of range.
        OutOfRange = 0x73,
        /// Not in the present state.
        NotApplicable = 0x74,
        /// The whole is not plausible.
        NotPlausible = 0x75,
        /// There are as many boluses as there may be.
        TooManyBoluses = 0x76,
    }

    /// Commands, and their answers.
    CommandCode: u16 = "command" {
        /// What became of a command.
        Response = 0x0F55,
        /// Set the state of the therapy.
        SetTherapyState = 0x0F5A,
        /// Silence the radio.
        SetFlightMode = 0x0F66,
        /// Put an annunciation off.
        SnoozeAnnunciation = 0x0F69,
        /// It was put off.
        SnoozeAnnunciationResponse = 0x0F96,
        /// Answer an annunciation.
        ConfirmAnnunciation = 0x0F99,
        /// It was answered.
        ConfirmAnnunciationResponse = 0x0FA5,
        /// Set a temporary basal rate.
        SetTbr = 0x0FFF,
        /// Cancel it.
        CancelTbr = 0x1111,
        /// Deliver a bolus.
        SetBolus = 0x114B,
        /// It was begun.
        SetBolusResponse = 0x1177,
        /// Cancel a bolus.
        CancelBolus = 0x1178,
        /// It was cancelled.
        CancelBolusResponse = 0x1187,
        /// Which boluses can be had?
        GetAvailableBoluses = 0x1188,
        /// These.
        GetAvailableBolusesResponse = 0x11B4,
        /// Which is the largest bolus?
        GetMaximumBolus = 0x147D,
        /// This one.
        GetMaximumBolusResponse = 0x1482,
        /// Set the largest bolus.
        SetMaximumBolus = 0x148D,
    }

    /// Questions about the state, and their answers.
    StatusReaderCode: u16 = "question" {
        /// What became of a question.
        Response = 0x0303,
        /// Take flags of "status changed" back.
        ResetStatus = 0x030C,
        /// Which boluses are active?
        GetActiveBoluses = 0x0330,
        /// These.
        GetActiveBolusesResponse = 0x033F,
        /// How does a bolus stand?
        GetActiveBolus = 0x0356,
        /// So.
        GetActiveBolusResponse = 0x0359,
        /// How does the basal delivery stand?
        GetActiveBasal = 0x0365,
        /// So.
        GetActiveBasalResponse = 0x036A,
        /// How much today?
        GetTotalDaily = 0x0395,
        /// So much.
        GetTotalDailyResponse = 0x039A,
        /// How does a counter stand?
        GetCounter = 0x03A6,
        /// So.
        GetCounterResponse = 0x03A9,
        /// How much since the pump was made?
        GetDelivered = 0x03C0,
        /// So much.
        GetDeliveredResponse = 0x03CF,
        /// How much insulin acts still?
        GetInsulinOnBoard = 0x03F3,
        /// So much.
        GetInsulinOnBoardResponse = 0x03FC,
    }

    /// What the history tells of. A maker may have others.
    EventKind: u16 = "event" {
        /// Time from which others are counted.
        ReferenceTime = 0x000F,
        /// How a reference time lies to the one before.
        ReferenceTimeBaseOffset = 0x0033,
        /// A bolus was recommended, first part.
        BolusCalculated1 = 0x003C,
        /// A bolus was recommended, second part.
        BolusCalculated2 = 0x0055,
        /// A bolus was programmed, first part.
        BolusProgrammed1 = 0x005A,
        /// A bolus was programmed, second part.
        BolusProgrammed2 = 0x0066,
        /// A bolus was delivered, first part.
        BolusDelivered1 = 0x0069,
        /// A bolus was delivered, second part.
        BolusDelivered2 = 0x0096,
        /// The delivered basal rate has changed.
        BasalRateChanged = 0x0099,
        /// A temporary basal rate has begun.
        TbrStarted = 0x00A5,
        /// A temporary basal rate has ended.
        TbrEnded = 0x00AA,
        /// A temporary basal rate has changed.
        TbrChanged = 0x00C3,
        /// Another profile was taken into use.
        ProfileActivated = 0x00CC,
        /// A part of the basal profile was changed.
        BasalProfileChanged = 0x00F0,
        /// The sum of a day.
        TotalDaily = 0x00FF,
        /// The state of the therapy has changed.
        TherapyStateChanged = 0x0303,
        /// The operational state has changed.
        OperationalStateChanged = 0x030C,
        /// The reservoir's content has changed.
        ReservoirChanged = 0x0330,
        /// An annunciation has changed, first part.
        AnnunciationChanged1 = 0x033F,
        /// An annunciation has changed, second part.
        AnnunciationChanged2 = 0x0356,
        /// A part of the sensitivity profile was changed.
        SensitivityProfileChanged = 0x0359,
        /// A part of the carbohydrate ratio profile was changed.
        RatioProfileChanged = 0x0365,
        /// A part of the target profile was changed.
        TargetProfileChanged = 0x036A,
        /// Priming has begun.
        PrimingStarted = 0x0395,
        /// Priming has ended.
        PrimingDone = 0x039A,
        /// Records were found to be damaged.
        DataCorruption = 0x03A6,
        /// A mark in the history.
        Pointer = 0x03A9,
        /// A bolus template was changed, first part.
        BolusTemplateChanged1 = 0x03C0,
        /// A bolus template was changed, second part.
        BolusTemplateChanged2 = 0x03CF,
        /// A template of a temporary basal rate was changed.
        TbrTemplateChanged = 0x03F3,
        /// The largest bolus was changed.
        MaximumBolusChanged = 0x03FC,
    }
}
