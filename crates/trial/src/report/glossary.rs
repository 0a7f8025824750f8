//! Words that the reports use.

/// Terms and meanings, in the order of their first use.
pub(super) const GLUCOSE: [(&str, &str); 13] = [
    ("TIR", "time in range: share of time from 70 to 180 mg/dL (3.9 to 10.0 mmol/L), both ends in"),
    ("TITR", "time in tight range: 70 to 140 mg/dL (3.9 to 7.8 mmol/L)"),
    ("Level 1 and 2", "low is level 1 below 70 and level 2 below 54 mg/dL; high above 180 and 250"),
    (
        "GMI",
        "glucose management indicator: 3.31 + 0.02392 \u{d7} mean glucose, in per cent of HbA1c",
    ),
    ("CV", "standard deviation over mean; at most 36 % is called stable"),
    ("LBGI, HBGI", "low and high blood glucose index (Kovatchev): mean risk of lows and of highs"),
    ("GRI", "glycaemia risk index: 3.0 very low + 2.4 low + 1.6 very high + 0.8 high, at most 100"),
    ("MAGE", "mean amplitude of excursions beyond one standard deviation, rises and falls"),
    ("AGP", "ambulatory glucose profile: all days laid over one another, as percentiles by time"),
    (
        "CVGA",
        "control-variability grid: each patient's lowest against highest glucose, zones A to E",
    ),
    ("Episode", "at least 15 minutes beyond a limit; ends after 15 minutes back"),
    ("Sensor active", "share of the period for which there are readings; the consensus asks 70 %"),
    (
        "Consensus targets",
        "TIR over 70 %; below 70 under 4 %, 54 under 1 %; above 180 under 25 %, 250 under 5 %",
    ),
];

/// Terms of anaesthesia.
pub(super) const HYPNOSIS: [(&str, &str); 9] = [
    ("Index", "bispectral index of hypnosis: 100 awake, 40 to 60 adequate, 0 flat"),
    (
        "True index",
        "what the person's effect site and the stimulus give at this moment; the monitor shows it later",
    ),
    (
        "MDPE, MDAPE",
        "median performance error (bias) and median of its size (inaccuracy), % of the target",
    ),
    ("Wobble", "median distance of the performance error from its median"),
    ("Divergence", "slope of the size of the performance error over time"),
    (
        "Global score",
        "(MDAPE + wobble) over the fraction of time in 40\u{2013}60; smaller is better",
    ),
    ("Nadir, undershoot", "lowest index of the induction, and how far it lies below 45"),
    ("Settled", "time from which the index stays within 5 (or 10) of the target until maintenance"),
    ("Ce", "concentration of propofol at its effect site"),
];

/// Terms of the loop itself.
pub(super) const LOOP: [(&str, &str); 4] = [
    ("Automatic", "the loop has full authority within the guard's limits"),
    ("Limited", "the loop may reduce delivery, not exceed the background"),
    ("Background", "the pre-agreed delivery that runs when the loop may not decide"),
    ("Guard", "the part that admits, reduces or refuses every order, whatever proposed it"),
];
