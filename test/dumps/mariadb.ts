/** MariaDB with everything that a careless dump loses. */
import type { Case } from './conformance.ts'
import type { Server } from './rig.ts'

const ROOT = 'root-Pa$$"word'
const APP = "it's a `pass\\word"

const CLIENT = [
  'mariadb',
  '-h127.0.0.1',
  '--batch',
  '--raw',
  '--skip-column-names',
  '--default-character-set=utf8mb4',
]

const sql = (server: Server, input: string, as = { user: 'root', password: ROOT }) =>
  server.run([...CLIENT, `-u${as.user}`], { input, env: { MYSQL_PWD: as.password } })
const sqlLater = (server: Server, input: string) =>
  server.later([...CLIENT, '-uroot'], { input, env: { MYSQL_PWD: ROOT } })

const FILL = String.raw`
USE shop;
CREATE TABLE kinds (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  words LONGTEXT CHARACTER SET utf8mb4, latin VARCHAR(50) CHARACTER SET latin1, raw LONGBLOB, bits BIT(9), whole DECIMAL(65,30), real_ DOUBLE, single FLOAT,
  day DATE, moment DATETIME(6), stamp TIMESTAMP(6) NULL, span TIME(3), year_ YEAR, choice ENUM('a','it''s','é'), many SET('x','y','z'),
  doc JSON, place POINT, address INET6, key_ UUID, twice BIGINT AS (CHAR_LENGTH(latin)) STORED, never INT INVISIBLE DEFAULT 7, INDEX (moment), FULLTEXT (words)
) ENGINE=InnoDB COMMENT='it''s; -- a "comment"';
INSERT INTO kinds (words, latin, raw, bits, whole, real_, single, day, moment, stamp, span, year_, choice, many, doc, place, address, key_) VALUES
 ('😀 \' " \\ \n \r \t ; -- DELIMITER //', 'é', 0x00FF0A0D1A275C22, b'100000001', 12345678901234567890123456789012345.123456789012345678901234567890, 1.7976931348623157e308, 1.17549e-38, '9999-12-31', '2026-10-25 02:30:00.123456', '2026-03-29 01:30:00.999999', '-838:59:59.000', 2155, 'it''s', 'x,z', '{"a": [1, null, "\\u00e9"]}', POINT(1.5, -2.5), '::ffff:192.0.2.1', UUID()),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('', '', '', b'0', 0, -0.0, 0, '1000-01-01', '1000-01-01 00:00:00', '1970-01-01 00:00:01', '00:00:00', 0, 'a', '', '{}', POINT(0, 0), '::', UUID());
INSERT INTO kinds (words, raw) VALUES (REPEAT('long 😀 ', 300000), REPEAT(UNHEX('00FF'), 2000000));
INSERT INTO kinds (words, raw) SELECT MD5(seq), UNHEX(SHA2(seq, 512)) FROM seq_1_to_20000;
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; INSERT INTO kinds (id, words) VALUES (0, 'zero'); SET sql_mode = DEFAULT;
CREATE TABLE parent (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE child (id INT PRIMARY KEY, parent INT, CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE, CHECK (id > 0));
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);
CREATE TABLE ${'`'}odd ${'``'}name; é${'`'} (${'`'}a b${'`'} INT) PARTITION BY HASH (${'`'}a b${'`'}) PARTITIONS 3;
INSERT INTO ${'`'}odd ${'``'}name; é${'`'} VALUES (1), (NULL);
CREATE TABLE versioned (a INT) WITH SYSTEM VERSIONING; INSERT INTO versioned VALUES (1);
CREATE SEQUENCE numbers START WITH 1000 INCREMENT BY 10; SELECT NEXTVAL(numbers);
CREATE VIEW seen AS SELECT id, words FROM kinds WHERE raw IS NOT NULL;
CREATE TABLE log (at TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6), what TEXT);
DELIMITER //
CREATE TRIGGER told AFTER INSERT ON parent FOR EACH ROW BEGIN INSERT INTO log (what) VALUES (CONCAT('it''s ', NEW.id)); END//
CREATE PROCEDURE greet(IN who TEXT) COMMENT 'é' BEGIN SELECT CONCAT('hello ; ', who); END//
CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 02:00:00' DO BEGIN DELETE FROM log WHERE at < NOW(); END//
DELIMITER ;
CREATE ROLE editors; GRANT SELECT, INSERT ON shop.* TO editors; GRANT editors TO shop@'%'; SET DEFAULT ROLE editors FOR shop@'%';
CREATE USER 'o''dd'@'10.%' IDENTIFIED BY 'x' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 7; GRANT SELECT (words), UPDATE (words) ON shop.kinds TO 'o''dd'@'10.%';
CREATE USER reader@'%' IDENTIFIED BY 'read'; GRANT EXECUTE ON PROCEDURE shop.greet TO reader@'%' WITH GRANT OPTION;
ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
`

const TELL = `
SELECT * FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop';
SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' ORDER BY TABLE_NAME, ORDINAL_POSITION;
SELECT TABLE_NAME, TABLE_TYPE, ENGINE, CREATE_OPTIONS, IF(TABLE_TYPE = 'SEQUENCE', '', TABLE_COLLATION), TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' ORDER BY 1;
SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = 'shop' AND CARDINALITY < 0;
SELECT CONSTRAINT_NAME, TABLE_NAME, REFERENCED_TABLE_NAME, DELETE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop';
SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop' ORDER BY 1;
SELECT ROUTINE_NAME, ROUTINE_DEFINITION, ROUTINE_COMMENT, DEFINER, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop' ORDER BY 1;
SELECT EVENT_NAME, EVENT_DEFINITION, STARTS, STATUS, DEFINER, TIME_ZONE FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop';
SELECT TRIGGER_NAME, ACTION_STATEMENT, DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop';
SELECT TABLE_NAME, VIEW_DEFINITION, DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop';
SELECT PREVIOUS VALUE FOR shop.numbers; SELECT next_not_cached_value, increment FROM shop.numbers;
CHECKSUM TABLE shop.kinds, shop.parent, shop.child, shop.\`odd \`\`name; é\`, shop.log EXTENDED;
SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, words, latin, HEX(raw), HEX(bits), whole, real_, single, day, moment, UNIX_TIMESTAMP(stamp), span, year_, choice, many, doc, ST_AsText(place), address, key_, twice, never))) FROM shop.kinds;
SELECT a FROM shop.versioned;
SELECT User, Host, is_role FROM mysql.user WHERE User NOT IN ('root', 'mariadb.sys', 'PUBLIC', 'healthcheck') ORDER BY 1, 2;
SHOW CREATE USER shop@'%'; SHOW CREATE USER 'o''dd'@'10.%'; SHOW CREATE USER reader@'%';
SHOW GRANTS FOR shop@'%'; SHOW GRANTS FOR 'o''dd'@'10.%'; SHOW GRANTS FOR reader@'%'; SHOW GRANTS FOR editors;
`

export const mariadb = (image: () => string): Case => ({
  name: 'mariadb',
  wish: () => ({
    engine: 'mariadb',
    image: image(),
    database: 'shop',
    account: { user: 'shop', password: APP },
    env: {
      MARIADB_ROOT_PASSWORD: ROOT,
      MARIADB_DATABASE: 'shop',
      MARIADB_USER: 'shop',
      MARIADB_PASSWORD: APP,
    },
    args: ['mariadbd', '--innodb-buffer-pool-size=64M', '--max-allowed-packet=64M'],
    ready: (server) => sql(server, 'SELECT 1'),
  }),
  fill: (server) => void sql(server, FILL),
  tell: (server) => sql(server, TELL),
  spoil: (server) =>
    void sql(
      server,
      "USE shop; DROP TRIGGER told; DROP PROCEDURE greet; DELETE FROM kinds WHERE id > 100; CREATE TABLE later (a INT); DROP VIEW seen; REVOKE ALL PRIVILEGES, GRANT OPTION FROM reader@'%'; GRANT DROP ON shop.* TO reader@'%'; DROP USER 'o''dd'@'10.%'; ALTER DATABASE shop CHARACTER SET latin1;",
    ),
  gone: (server) =>
    sql(
      server,
      "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA='shop' AND TABLE_NAME='later'",
    ).trim() === '',
  signIn: (server) =>
    sql(server, 'SELECT COUNT(*) FROM shop.parent', { user: 'shop', password: APP }).trim() === '1',
  broken:
    'DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; USE shop; CREATE TABLE a (a INT);\nTHIS IS NOT SQL;\nCREATE TABLE b (b INT);\n-- Dump completed on now\n',
  stoppedAtOnce: (server) =>
    sql(
      server,
      "SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA='shop'",
    ).trim() === 'a',
  write: (server, many) =>
    sqlLater(
      server,
      `CREATE TABLE IF NOT EXISTS shop.pairs (a INT, b INT) ENGINE=InnoDB; CREATE TABLE IF NOT EXISTS shop.zpairs (a INT, b INT) ENGINE=InnoDB; ${Array.from({ length: many }, (_, n) => `START TRANSACTION; INSERT INTO shop.pairs VALUES (${n},${n}); INSERT INTO shop.zpairs VALUES (${n},${n}); COMMIT;`).join('\n')}`,
    ),
  even: (server) =>
    sql(server, 'SELECT (SELECT COUNT(*) FROM shop.pairs) - (SELECT COUNT(*) FROM shop.zpairs)').trim() ===
    '0',
})
