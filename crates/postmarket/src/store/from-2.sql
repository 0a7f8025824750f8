-- From schema 2 to 3. All open findings are looked at again: a clock of one that was known to be exploited may be missing.
ALTER TABLE finding ADD COLUMN exploited INTEGER NOT NULL DEFAULT 0;
-- Where it has such a clock, somebody was told: one that was stopped does not start again.
UPDATE finding SET exploited = 1 WHERE EXISTS (
  SELECT 1 FROM clock WHERE clock.finding = finding.id AND clock.body LIKE '%"aware-of-active-exploitation"%'
);
ALTER TABLE decision ADD COLUMN recorded TEXT;
CREATE TABLE matrix (
  digest TEXT PRIMARY KEY, file TEXT NOT NULL, body TEXT NOT NULL, signature BLOB NOT NULL, key BLOB NOT NULL,
  added TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER keep_matrix BEFORE DELETE ON matrix BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER keep_matrix_as_it_is BEFORE UPDATE ON matrix BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
INSERT OR IGNORE INTO unsettled SELECT component FROM finding WHERE open;
