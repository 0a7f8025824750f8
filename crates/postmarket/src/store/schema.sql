-- The store of the post-market office, version 3. History is only ever added to: triggers at the end say so.

-- What holds for the whole store: the maker as JSON, digests of what was last computed with, how far it is settled.
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- Components as matching sees them, each once; the number is the order in which they came.
CREATE TABLE component (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

-- The maker's risk files; the newest of a product holds.
CREATE TABLE risk_file (
  id INTEGER PRIMARY KEY, product TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL, bytes BLOB NOT NULL,
  added TEXT NOT NULL, UNIQUE (product, digest, added)
) STRICT;

-- The maker's own tables of exploitability by severity; decisions replay by the one that they name.
CREATE TABLE matrix (
  digest TEXT PRIMARY KEY, file TEXT NOT NULL, body TEXT NOT NULL, signature BLOB NOT NULL, key BLOB NOT NULL,
  added TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Releases with their bills: the original bytes, deflated (RFC 1951). A release never changes, only how many devices run it; one of
-- the same name with another bill is another one, and only the one that came last has devices.
CREATE TABLE release (
  id INTEGER PRIMARY KEY, digest TEXT NOT NULL, product TEXT NOT NULL, version TEXT NOT NULL,
  file TEXT NOT NULL, form TEXT NOT NULL, bill BLOB NOT NULL,
  -- Numbers of its components, 4 bytes each, little endian.
  components BLOB NOT NULL,
  added TEXT NOT NULL,
  UNIQUE (digest, product, version)
) STRICT;
-- Devices by release; the last row of a release holds.
CREATE TABLE fleet (
  seq INTEGER PRIMARY KEY, release INTEGER NOT NULL REFERENCES release, devices INTEGER NOT NULL, time TEXT NOT NULL
) STRICT;
CREATE INDEX fleet_of_release ON fleet (release, seq);

-- Every feed file that was taken, by which rules it was read, and what became of its records.
CREATE TABLE feed_file (
  seq INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, fetched TEXT NOT NULL, taken TEXT NOT NULL,
  rules TEXT NOT NULL, records INTEGER NOT NULL, rejected INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_file_of_name ON feed_file (name, seq);

-- Advisories in their newest revision, and every revision by its digest.
CREATE TABLE advisory (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
  UNIQUE (origin, name)
) STRICT;
CREATE TABLE revision (
  seq INTEGER PRIMARY KEY, advisory INTEGER NOT NULL, digest TEXT NOT NULL, modified TEXT NOT NULL, file TEXT NOT NULL,
  pointer TEXT NOT NULL, time TEXT NOT NULL
) STRICT;

-- Signs of exploitation and assertions of suppliers, the newest of each asserter. The kind of an attack names its product;
-- it goes when a person withdraws it, and the decisions keep both.
CREATE TABLE signal (
  vulnerability TEXT NOT NULL, kind TEXT NOT NULL, asserter TEXT NOT NULL, since TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (vulnerability, kind, asserter)
) STRICT, WITHOUT ROWID;
CREATE TABLE assertion (
  vulnerability TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (vulnerability, digest)
) STRICT, WITHOUT ROWID;

-- What an advisory says of a component, now and through all its life.
CREATE TABLE verdict (
  advisory INTEGER NOT NULL, component INTEGER NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (advisory, component)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdict_of_component ON verdict (component);
CREATE TABLE verdict_event (
  seq INTEGER PRIMARY KEY, advisory INTEGER NOT NULL, component INTEGER NOT NULL, time TEXT NOT NULL,
  change TEXT NOT NULL, revision TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
-- Components whose findings must be looked at again, because a verdict, a sign or the field changed. Written with the
-- change and taken away with what follows from it, so that a killed process goes on where it stood.
CREATE TABLE unsettled (component INTEGER PRIMARY KEY) STRICT;

-- A finding: one vulnerability in one component of one product, by all its names, as it stands now.
CREATE TABLE finding (
  id INTEGER PRIMARY KEY, component INTEGER NOT NULL, product TEXT NOT NULL, vulnerability TEXT NOT NULL,
  open INTEGER NOT NULL, answer TEXT NOT NULL, class TEXT NOT NULL, releases INTEGER NOT NULL, devices INTEGER NOT NULL,
  -- It is said to be exploited, as far as anybody was told.
  exploited INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX finding_of_component ON finding (component, product);
CREATE TABLE finding_name (
  vulnerability TEXT NOT NULL, finding INTEGER NOT NULL REFERENCES finding, PRIMARY KEY (vulnerability, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_name_of_finding ON finding_name (finding);
CREATE TABLE finding_event (
  seq INTEGER PRIMARY KEY, finding INTEGER NOT NULL REFERENCES finding, time TEXT NOT NULL, change TEXT NOT NULL,
  answer TEXT NOT NULL, class TEXT NOT NULL, releases INTEGER NOT NULL, devices INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX finding_event_of_finding ON finding_event (finding, seq);

-- Decision records, canonical bytes; each names the digest of the one before it.
CREATE TABLE decision (
  seq INTEGER PRIMARY KEY, finding INTEGER NOT NULL REFERENCES finding, digest TEXT NOT NULL UNIQUE, previous TEXT UNIQUE,
  record BLOB NOT NULL, time TEXT NOT NULL,
  -- When its override ends, in seconds since 1970.
  until INTEGER,
  -- When it was kept; time is when it was taken.
  recorded TEXT
) STRICT;
CREATE INDEX decision_of_finding ON decision (finding, seq);

-- Clocks with the row of the table by which they run; starts, corrections and stops as events.
CREATE TABLE clock (
  id INTEGER PRIMARY KEY, finding INTEGER NOT NULL REFERENCES finding, row TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX clock_of_finding ON clock (finding);
CREATE TABLE clock_event (
  seq INTEGER PRIMARY KEY, clock INTEGER NOT NULL REFERENCES clock, kind TEXT NOT NULL CHECK (kind IN ('start', 'stop')),
  time TEXT NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, recorded TEXT NOT NULL
) STRICT;
CREATE INDEX clock_event_of_clock ON clock_event (clock, seq);

-- What waits for a person because a finding began, changed or ended; done when somebody decided.
CREATE TABLE notice (
  id INTEGER PRIMARY KEY, finding INTEGER NOT NULL REFERENCES finding, event INTEGER NOT NULL REFERENCES finding_event,
  queued TEXT NOT NULL, done TEXT
) STRICT;
CREATE INDEX notice_of_finding ON notice (finding);

CREATE TRIGGER keep_release BEFORE DELETE ON release BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_release_as_it_is BEFORE UPDATE ON release BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_fleet BEFORE DELETE ON fleet BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_file BEFORE DELETE ON feed_file BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_revision BEFORE DELETE ON revision BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_verdict BEFORE DELETE ON verdict_event BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_verdict_as_it_is BEFORE UPDATE ON verdict_event BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_finding BEFORE DELETE ON finding BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_event BEFORE DELETE ON finding_event BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_event_as_it_is BEFORE UPDATE ON finding_event BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_decision BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_decision_as_it_is BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_clock BEFORE DELETE ON clock_event BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_clock_as_it_is BEFORE UPDATE ON clock_event BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_matrix BEFORE DELETE ON matrix BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_matrix_as_it_is BEFORE UPDATE ON matrix BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
