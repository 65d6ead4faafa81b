-- What was put into somebody's zone and not taken away yet: a killed daemon finds it again.
CREATE TABLE txt_records (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name, value)
) STRICT;
