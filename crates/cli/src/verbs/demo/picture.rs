//! The demo's picture: a chart of glucose over the day in plain characters, and the last words.

use std::fmt::Write as _;

/// Columns of the chart: ten minutes each.
const COLUMNS: usize = 72;
/// Minutes of a column.
const MINUTES: u32 = 10;
/// Rows of the chart, from the highest glucose down.
const ROWS: usize = 13;
/// Glucose of the highest row and of the step between rows, mg/dL.
const TOP: f64 = 280.0;
const STEP: f64 = 20.0;
/// Events that stay on the screen.
const EVENTS: usize = 6;

/// What a moment of the demo shows.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    /// Minute of the day.
    pub(super) minute: u32,
    /// True glucose, mg/dL.
    pub(super) glucose: f64,
    /// What the sensor said, if it said anything.
    pub(super) reading: Option<f64>,
    /// What was ordered, U in five minutes.
    pub(super) ordered: f64,
    /// The mode in words.
    pub(super) mode: &'static str,
    /// A letter for the row of modes.
    pub(super) letter: char,
}

/// The chart with its state.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    begin: u32,
    dots: [[char; COLUMNS]; ROWS],
    modes: [char; COLUMNS],
    doses: [char; COLUMNS],
    moment: Option<Moment>,
    events: Vec<String>,
    colour: bool,
    drawn: bool,
}

impl Picture {
    /// An empty chart from this minute of the day on.
    pub(super) fn new(begin: u32, colour: bool) -> Self {
        Self {
            begin,
            dots: [[' '; COLUMNS]; ROWS],
            modes: [' '; COLUMNS],
            doses: [' '; COLUMNS],
            moment: None,
            events: Vec::new(),
            colour,
            drawn: false,
        }
    }

    /// Adds a moment.
    pub(super) fn add(&mut self, moment: Moment) {
        let column = moment.minute.checked_sub(self.begin).map(|since| (since / MINUTES) as usize);
        if let Some(column) = column.filter(|column| *column < COLUMNS) {
            if let Some(reading) = moment.reading {
                self.dot(reading, column, 'o');
            }
            self.dot(moment.glucose, column, '*');
            self.modes[column] = moment.letter;
            let dose = match moment.ordered {
                none if none <= 0.0 => '.',
                some if some < 0.3 => ':',
                some if some < 1.0 => '|',
                _ => 'I',
            };
            if self.doses[column] != 'I' {
                self.doses[column] = dose;
            }
        }
        self.moment = Some(moment);
    }

    /// Adds words about something that happened.
    pub(super) fn say(&mut self, minute: u32, words: &str) {
        self.events.push(format!("{}  {words}", clock(minute)));
    }

    /// Every event of the day.
    pub(super) fn events(&self) -> &[String] {
        &self.events
    }

    fn dot(&mut self, glucose: f64, column: usize, mark: char) {
        let row = ((TOP - glucose) / STEP + 0.5).floor();
        let row = if row < 0.0 { 0 } else { (row as usize).min(ROWS - 1) };
        if self.dots[row][column] != '*' {
            self.dots[row][column] = mark;
        }
    }

    /// The chart alone.
    pub(super) fn chart(&self) -> String {
        let mut text = String::new();
        for (row, dots) in self.dots.iter().enumerate() {
            let level = TOP - STEP * row as f64;
            let ground = if level == 180.0 || level == 80.0 { '-' } else { ' ' };
            let line: String = dots.iter().map(|c| if *c == ' ' { ground } else { *c }).collect();
            let _ = writeln!(text, "{level:>5.0} {}", self.paint(&line));
        }
        let modes: String = self.modes.iter().collect();
        let doses: String = self.doses.iter().collect();
        let _ = writeln!(text, " dose {doses}");
        let _ = writeln!(text, " mode {modes}");
        let mut hours = String::new();
        for column in (0..COLUMNS).step_by(12) {
            let _ = write!(hours, "{:<12}", clock(self.begin + column as u32 * MINUTES));
        }
        let _ = writeln!(text, "      {}", hours.trim_end());
        text
    }

    fn paint(&self, line: &str) -> String {
        if !self.colour {
            return line.to_owned();
        }
        line.replace('*', "\x1b[1;36m*\x1b[0m").replace('o', "\x1b[33mo\x1b[0m")
    }

    /// The whole screen, drawn over the one before.
    pub(super) fn frame(&mut self) -> String {
        let mut text = String::new();
        if self.drawn {
            let _ = write!(text, "\x1b[{}A", ROWS + 3 + 1 + EVENTS);
        }
        self.drawn = true;
        for line in self.chart().lines() {
            let _ = writeln!(text, "{line}\x1b[K");
        }
        let _ = writeln!(text, "{}\x1b[K", self.now());
        let skipped = self.events.len().saturating_sub(EVENTS);
        let shown = self.events.iter().skip(skipped).map(String::as_str);
        for words in shown.chain(std::iter::repeat("")).take(EVENTS) {
            let words: String = words.chars().take(110).collect();
            let _ = writeln!(text, "{words}\x1b[K");
        }
        text
    }

    fn now(&self) -> String {
        let Some(moment) = &self.moment else { return String::new() };
        let reading = moment.reading.map_or("no reading".to_owned(), |r| format!("sensor {r:.0}"));
        format!(
            "{}  glucose {:.0} mg/dL ({reading}), {:.2} U ordered, {}",
            clock(moment.minute),
            moment.glucose,
            moment.ordered,
            moment.mode
        )
    }
}

/// A minute of the day as people write it.
pub(super) fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60 % 24, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(minute: u32, glucose: f64) -> Moment {
        Moment { minute, glucose, reading: None, ordered: 0.1, mode: "automatic", letter: 'A' }
    }

    #[test]
    fn glucose_stands_at_its_level_and_time_in_its_column() {
        let mut picture = Picture::new(360, false);
        picture.add(moment(360, 180.0));
        picture.add(moment(370, 100.0));
        picture.add(moment(0, 100.0));
        let chart = picture.chart();
        let line = |level: &str| {
            chart.lines().find(|line| line.trim_start().starts_with(level)).expect("it is there")
        };
        assert!(line("180").starts_with("  180 *-"), "{chart}");
        assert!(line("100").starts_with("  100  *"), "{chart}");
        assert!(
            chart.ends_with("06:00       08:00       10:00       12:00       14:00       16:00\n")
        );
    }

    #[test]
    fn values_beyond_the_chart_stand_at_its_edges() {
        let mut picture = Picture::new(0, false);
        for glucose in [-5.0, f64::NAN, 900.0] {
            picture.add(moment(0, glucose));
        }
        assert_eq!(picture.chart().matches('*').count(), 2);
    }
}
